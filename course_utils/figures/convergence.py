"""The (learning rate, momentum) plane: rates as a heat map, theory drawn over it."""

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm
from matplotlib.patheffects import withStroke

from course_utils.convergence import (
    best_momentum,
    best_sgd,
    predicted_rate,
    stability_edge,
    updates_per_digit,
)
from course_utils.figures.describe import describe_settings
from course_utils.figures.style import new_figure, scale

LEVELS = (0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.997, 0.999, 1)
"""Where the colour changes. Most of the plane is close to 1, so the steps get smaller there."""

DIVERGES = "0.82"
"""The colour of a rate of 1 or more."""

_NORM = BoundaryNorm(LEVELS, len(LEVELS), extend="max")
_COLOURS = colormaps["viridis_r"].resampled(len(LEVELS) - 1).with_extremes(over=DIVERGES)


def draw_rates(ax, plane):
    """Draw a `RatePlane` as a heat map in bands and return the image."""
    right, top = plane.lr[-1] + plane.lr[0] / 2, plane.momentum[-1] + plane.momentum[1] / 2
    image = ax.imshow(
        rate_colours(plane),
        origin="lower",
        extent=(plane.lr[0] / 2, right, -plane.momentum[1] / 2, top),
        aspect="auto",
        interpolation="nearest",
    )
    ax.set(xlim=(0, right), ylim=(-plane.momentum[1] / 2, top))
    ax.set(xlabel="lr", ylabel="momentum", title="measured rate per update")
    ax.grid(False)
    return image


def rate_colours(plane):
    """Return the colours of a plane's measured rates, bytes of shape (rows, columns, 4)."""
    return _COLOURS(_NORM(plane.measured), bytes=True)


def draw_contours(ax, plane):
    """Draw where the measured rate passes each of `LEVELS`, with numbers, and hatch from 1 on."""
    rate = np.minimum(plane.measured, 2)
    ax.contourf(
        plane.lr, plane.momentum, rate, levels=[1, 3], colors="none", hatches=["///"], zorder=1
    )
    lines = ax.contour(
        plane.lr, plane.momentum, rate, levels=LEVELS[1:-1], colors="1", linewidths=0.8
    )
    outline = withStroke(linewidth=3 * scale(), foreground="0.15")
    for number in ax.clabel(lines, fmt="%g", fontsize=10 * scale(), colors="1"):
        lr, momentum = number.get_position()
        number.set_path_effects([outline])
        number.set_visible(lr < 0.9 * stability_edge(plane.surface, momentum) and momentum < 0.95)


def draw_theory(ax, surface):
    """Draw the predicted stability edge and the best settings; return the marks of the latter."""
    ends = np.array([0.0, 0.999])
    ax.text(0.97, 0.04, "diverges", transform=ax.transAxes, ha="right", backgroundcolor=DIVERGES)
    ax.plot(
        stability_edge(surface, ends),
        ends,
        color="#D55E00",
        linestyle="--",
        linewidth=3,
        label="edge 2(1 + momentum)/L",
    )
    marks = []
    for label, marker, size in (("best setting", "*", 18), ("best SGD", "o", 10)):
        marks += ax.plot(
            [],
            [],
            marker,
            markersize=size * scale(),
            color="1",
            markeredgecolor="0",
            markeredgewidth=1.5,
            label=label,
            clip_on=False,
            zorder=4,
        )
    move_best(marks, surface)
    return marks


def move_best(marks, surface):
    """Put the marks of `draw_theory` where another ravine has its best settings."""
    ball = best_momentum(surface)
    marks[0].set_data([ball.lr], [ball.momentum])
    marks[1].set_data([best_sgd(surface).lr], [0])


def add_scale(figure, ax):
    """Draw the colours' meaning beside ax."""
    bar = figure.colorbar(ScalarMappable(_NORM, _COLOURS), ax=ax, ticks=LEVELS, extend="max")
    bar.ax.set_yticklabels([f"{level:g}" for level in LEVELS])


def plane_figure(plane):
    """Return a figure of a `RatePlane`: the measured rates, and over them what theory predicts."""

    def draw(figure):
        ax = figure.subplots()
        draw_rates(ax, plane)
        draw_contours(ax, plane)
        draw_theory(ax, plane.surface)
        add_scale(figure, ax)
        figure.legend(loc="outside lower center", ncols=3, columnspacing=1, handletextpad=0.3)

    figure = new_figure(9, 5.6, draw)
    figure.description = describe_plane(plane)
    return figure


def describe_plane(plane):
    """Return one sentence on the best measured and predicted settings and how far they differ."""
    surface = plane.surface
    ball, sgd = best_momentum(surface), best_sgd(surface)
    row, column = np.unravel_index(np.argmin(plane.measured), plane.measured.shape)
    return (
        f"Rates measured at {plane.measured.size:,} settings on the ravine with condition number "
        f"{surface.condition_number:.4g}: best {plane.measured.min():.3f} at "
        f"lr {plane.lr[column]:.3g}, momentum {plane.momentum[row]:.3g}; predicted best "
        f"{predicted_rate(surface, ball):.3f} at lr {ball.lr:.3g}, momentum {ball.momentum:.3g}; "
        f"SGD's best {predicted_rate(surface, sgd):.3f} at lr {sgd.lr:.3g}. From "
        f"lr = 2(1 + momentum)/L on it diverges; measured and predicted rates differ by at most "
        f"{plane.largest_difference:.4f}."
    )


def describe_rate(surface, optimizer, measured):
    """Return one sentence on an optimizer's measured rate beside the predicted one.

    measured: what `measured_rate` returns for them.
    """
    predicted = predicted_rate(surface, optimizer)
    edge = stability_edge(surface, getattr(optimizer, "momentum", 0.0))
    best = best_momentum(surface)
    digit = f"a further digit takes {updates_per_digit(measured):.3g} updates; "
    return (
        f"Condition number {surface.condition_number:.4g}, {describe_settings(optimizer)}: an "
        f"update multiplies the distance by {measured:.4f}, predicted {predicted:.4f}; "
        f"{digit if measured < 0.99995 else ''}from lr {edge:.3g} on it does not converge. "
        f"Best here: {describe_settings(best)}, factor {predicted_rate(surface, best):.4f}."
    )
