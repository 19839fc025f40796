"""The (learning rate, momentum) plane: rates as a heat map, theory drawn over it."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm
from matplotlib.patheffects import withStroke

from course_utils.checked import check_number
from course_utils.descent import Descent, descend
from course_utils.experiments.convergence import (
    RatePlane,
    best_momentum,
    best_sgd,
    measured_rate,
    predicted_rate,
    rate_plane,
    stability_edge,
    updates_per_digit,
)
from course_utils.experiments.methods import METHODS
from course_utils.lab.describe import describe_settings
from course_utils.lab.explorer import Explorer, slider
from course_utils.lab.ground import lay_ground, surface_key
from course_utils.lab.paths import draw_track, frame_loss
from course_utils.lab.picture import Parts, Picture
from course_utils.lab.style import scale
from course_utils.optimizers import Momentum
from course_utils.surfaces import Ravine

LEVELS = (0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.997, 0.999, 1)
"""Where the colour changes. Most of the plane is close to 1, so the steps get smaller there."""

DIVERGES = "0.82"
"""The colour of a rate of 1 or more."""

SIDE, UPDATES, STEPS = 50, 600, 100
"""Of the live map: its rows and columns, and the updates over which rates are measured, few enough
to follow a slider; and the updates of the path beside it."""

_NORM = BoundaryNorm(LEVELS, len(LEVELS), extend="max")
_COLOURS = colormaps["viridis_r"].resampled(len(LEVELS) - 1).with_extremes(over=DIVERGES)


class Plane(Picture):
    """Rates with contours, and what theory predicts over them; records are `RatePlane`s."""

    size = (9, 5.6)

    def show(self, parts, plane):
        figure, ax = parts.still, parts.still.subplots()
        draw_rates(ax, plane)
        _draw_contours(ax, plane)
        draw_theory(ax, plane.surface)
        _add_scale(ax)
        figure.legend(loc="outside lower center", ncols=3, columnspacing=1, handletextpad=0.3)
        surface, lowest = plane.surface, plane.measured.min()
        ball, sgd = best_momentum(surface), best_sgd(surface)
        row, column = np.unravel_index(np.argmin(plane.measured), plane.measured.shape)
        return (
            f"Rates measured at {plane.measured.size:,} settings on the ravine with condition "
            f"number {surface.condition_number:.4g}: best {lowest:.3f} at "
            f"lr {plane.lr[column]:.3g}, momentum {plane.momentum[row]:.3g}; predicted best "
            f"{predicted_rate(surface, ball):.3f} at lr {ball.lr:.3g}, momentum "
            f"{ball.momentum:.3g}; SGD's best {predicted_rate(surface, sgd):.3f} at lr "
            f"{sgd.lr:.3g}. From lr = 2(1 + momentum)/L on it diverges; measured and predicted "
            f"rates differ by at most {plane.largest_difference:.4f}."
        )


class Cursor(NamedTuple):
    """A setting on the plane: the plane, the descent that it makes, and its measured rate."""

    plane: RatePlane
    descent: Descent
    rate: float


class PlaneAndPath(Picture):
    """The plane with a cursor, and beside it the path of that setting; records are `Cursor`s."""

    size = (10.4, 5)

    def __init__(self, cursor):
        self.first = cursor.plane

    def frame(self, figure):
        grid = figure.add_gridspec(2, 2, width_ratios=(1.15, 1), height_ratios=(1.1, 1))
        rates = figure.add_subplot(grid[:, 0])
        above, losses = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
        image = draw_rates(rates, self.first)
        best = draw_theory(rates, self.first.surface)
        over = [*rates.lines, *rates.texts]
        _add_scale(rates)
        cross = {"markersize": 13 * scale(), "markeredgecolor": "1", "markeredgewidth": 1.5}
        cross |= {"color": "#D55E00", "clip_on": False, "zorder": 5, "label": "cursor"}
        (mark,) = rates.plot([], [], "P", **cross)
        figure.legend(loc="outside lower center", ncols=4, columnspacing=1, handletextpad=0.3)
        frame_loss(losses, STEPS)
        return Parts(
            map=above,
            still=(image, best, over),
            cursor=mark,
            track=draw_track(above, losses, METHODS["Momentum"].look),
        )

    def ground(self, cursor):
        return surface_key(cursor.plane.surface)

    def lay(self, parts, cursor):
        image, best, over = parts.still
        image.set_data(rate_colours(cursor.plane))
        move_best(best, cursor.plane.surface)
        return [image, *over, *lay_ground(parts, cursor.plane.surface)]

    def show(self, parts, cursor):
        surface, ball, rate = cursor.plane.surface, cursor.descent.optimizer, cursor.rate
        parts.cursor.set_data([ball.lr], [ball.momentum])
        parts.track.move(cursor.descent)
        best = best_momentum(surface)
        digit = f"a further digit takes {updates_per_digit(rate):.3g} updates; "
        return (
            f"Condition number {surface.condition_number:.4g}, {describe_settings(ball)}: an "
            f"update multiplies the distance by {rate:.4f}, predicted "
            f"{predicted_rate(surface, ball):.4f}; {digit if rate < 0.99995 else ''}from lr "
            f"{stability_edge(surface, ball.momentum):.3g} on it does not converge. "
            f"Best here: {describe_settings(best)}, factor {predicted_rate(surface, best):.4f}."
        )


def draw_rates(ax, plane):
    """Draw a `RatePlane` as a heat map in bands and return the image."""
    left, right = plane.lr[0] / 2, plane.lr[-1] + plane.lr[0] / 2
    low, high = -plane.momentum[1] / 2, plane.momentum[-1] + plane.momentum[1] / 2
    cells = {"extent": (left, right, low, high), "aspect": "auto", "interpolation": "nearest"}
    image = ax.imshow(rate_colours(plane), origin="lower", **cells)
    ax.set(xlim=(0, right), ylim=(low, high), xlabel="lr", ylabel="momentum")
    ax.set_title("measured rate per update")
    ax.grid(False)
    return image


def rate_colours(plane):
    """Return the colours of a plane's measured rates, bytes of shape (rows, columns, 4)."""
    return _COLOURS(_NORM(plane.measured), bytes=True)


def _draw_contours(ax, plane):
    """Draw where the measured rate passes each of `LEVELS`, with numbers, and hatch from 1 on."""
    rates = plane.lr, plane.momentum, np.minimum(plane.measured, 2)
    ax.contourf(*rates, levels=[1, 3], colors="none", hatches=["///"], zorder=1)
    lines = ax.contour(*rates, levels=LEVELS[1:-1], colors="1", linewidths=0.8)
    outline = withStroke(linewidth=3 * scale(), foreground="0.15")
    for number in ax.clabel(lines, fmt="%g", fontsize=10 * scale(), colors="1"):
        lr, momentum = number.get_position()
        number.set_path_effects([outline])
        number.set_visible(lr < 0.9 * stability_edge(plane.surface, momentum) and momentum < 0.95)


def draw_theory(ax, surface):
    """Draw the predicted stability edge and the best settings; return the marks of the latter."""
    ends = np.array([0.0, 0.999])
    ax.text(0.97, 0.04, "diverges", transform=ax.transAxes, ha="right", backgroundcolor=DIVERGES)
    edge = {"color": "#D55E00", "linestyle": "--", "linewidth": 3}
    ax.plot(stability_edge(surface, ends), ends, **edge, label="edge 2(1 + momentum)/L")
    style = {"color": "1", "markeredgecolor": "0", "markeredgewidth": 1.5, "clip_on": False}
    marks = [
        ax.plot([], [], marker, markersize=size * scale(), label=label, zorder=4, **style)[0]
        for label, marker, size in (("best setting", "*", 18), ("best SGD", "o", 10))
    ]
    move_best(marks, surface)
    return marks


def move_best(marks, surface):
    """Put the marks of `draw_theory` where another ravine has its best settings."""
    ball = best_momentum(surface)
    marks[0].set_data([ball.lr], [ball.momentum])
    marks[1].set_data([best_sgd(surface).lr], [0])


def _add_scale(ax):
    """Draw the colours' meaning beside ax."""
    colours = ScalarMappable(_NORM, _COLOURS)
    ax.figure.colorbar(colours, ax=ax, ticks=LEVELS, extend="max", format="%g")


plane_figure = Plane().still


def explore_plane(lr=0.1, momentum=0.9, condition_number=20.0):
    """Return an `Explorer` of rates over lr and momentum, with a cursor and the path beside it.

    lr, momentum: where the cursor is at first, 0.01 to 2.1 and 0 to 0.99; the article's Momentum
        by default. Momentum 0 is SGD.
    condition_number: that of the ravine at first, 1 to 1000; the article's by default.
    """
    check_number("lr", lr, "from 0.01 to 2.1", lambda value: 0.01 <= value <= 2.1)
    controls = {
        "lr": slider("lr", 0.01, 2.1, lr, 0.01),
        "momentum": slider("momentum", 0, 0.99, momentum, 0.01),
        "condition": slider("condition κ", 0, 3, condition_number, 0.02, True, ".4g"),
    }

    @lru_cache(1)
    def plane(condition):
        return rate_plane(Ravine(condition), SIDE, SIDE, UPDATES)

    def compute(lr, momentum, condition):
        rates, ball = plane(condition), Momentum(lr, momentum)
        rate = measured_rate(rates.surface, ball, UPDATES)
        return Cursor(rates, descend(rates.surface, ball, steps=STEPS), rate)

    return Explorer(PlaneAndPath, compute, controls)
