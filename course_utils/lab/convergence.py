"""The (learning rate, momentum) plane: rates as a heat map, theory drawn over it."""

from functools import lru_cache

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import BoundaryNorm
from matplotlib.patheffects import withStroke

from course_utils.descent import descend
from course_utils.experiments import convergence as theory
from course_utils.lab.describe import describe_settings
from course_utils.lab.paths import Paths, Walks
from course_utils.lab.style import plain
from course_utils.optimizers import Momentum
from course_utils.page.controls import log_slider, share_slider, slider, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Grab
from course_utils.surfaces import Ravine

LEVELS = (0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.997, 0.999, 1)
"""Where the colour changes. Most of the plane is close to 1, so the steps get smaller there."""

DIVERGES = "0.82"  # The colour of a rate of 1 or more.

ROWS, COLUMNS, UPDATES, STEPS = 7, 12, 600, 100
"""Of the live map: rows and columns of dots, updates in which rates are measured, the path's."""

NORM = BoundaryNorm(LEVELS, len(LEVELS), extend="max")
COLOURS = colormaps["viridis_r"].resampled(len(LEVELS) - 1).with_extremes(over=DIVERGES)
_OUTLINE = withStroke(linewidth=3, foreground="0.15")


class PlaneAndPath(Paths):
    """Rates as theory predicts them, dots in the colours of measured ones, a cursor, and beside it
    that setting's path; records are `Walks`, about a `RatePlane`."""

    board, tall = 1.0, 0.9

    def frame(self, figure):
        parts = super().frame(figure)
        cross = {"markersize": 13, "markeredgecolor": "1", "markeredgewidth": 1.5, "zorder": 5}
        (parts.mark,) = parts.board.plot([], [], "P", color="#E53935", clip_on=False, **cross)
        parts.timed[0].set_ylim(1e-10, 1e2)
        parts.grabs = [Grab(parts.board, ("lr", "momentum"), self.picked), *parts.grabs]
        return parts

    def places(self, figure):
        return figure.subplot_mosaic("bm;b0", width_ratios=(1, 1.2), height_ratios=(1.9, 1))

    def picked(self, lr, momentum):
        """Return the settings under a hand, near the star the star's."""
        best = theory.best_momentum(self.shown.surface)
        if np.hypot((lr - best.lr) / 2, momentum - best.momentum) < 0.03:
            lr, momentum = best.lr, best.momentum
        return {"lr": round(lr, 3), "momentum": round(momentum, 3)}

    def draw_board(self, ax, plane):
        draw_plane(ax, plane)

    def show(self, parts, walks):
        super().show(parts, walks)
        (descent,), t = walks.descents.values(), walks.t
        surface, ball = descent.surface, descent.optimizer
        rate = theory.measured_rate(surface, ball, UPDATES)
        parts.mark.set_data([ball.lr], [ball.momentum])
        best = theory.best_momentum(surface)
        (x, y), last = descent.positions[0], min(t, descent.updates)
        now = f" Update {last} from ({x:g}, {y:g}): f = {plain(descent.losses[last])}."
        digit = f"a further digit takes {plain(theory.updates_per_digit(rate))} updates; "
        return (
            f"Condition number {surface.condition_number:.4g}, {describe_settings(ball)}: an "
            f"update multiplies the distance by {rate:.4f}, predicted "
            f"{theory.predicted_rate(surface, ball):.4f}; {digit if rate < 0.99995 else ''}from lr "
            f"{theory.stability_edge(surface, ball.momentum):.3g} on it does not converge. "
            f"Best, the star: {describe_settings(best)}, factor "
            f"{theory.predicted_rate(surface, best):.4f}."
            f"{now if t < STEPS or (x, y) != surface.start else ''}"
        )


def draw_plane(ax, plane):
    """Fill the plane with predicted rates, with lines at `LEVELS`; the measured ones are dots."""
    surface = plane.surface
    ball, sgd = theory.best_momentum(surface), theory.best_sgd(surface)
    ax.set(xlim=(0, plane.lr[-1] * 1.03), ylim=(-0.01, 1), xlabel="lr", ylabel="momentum")
    ax.set_title("factor per update (dots: measured)", loc="left")
    ax.locator_params(nbins=5)
    ax.grid(False)
    lr, momentum = np.linspace(0, ax.get_xlim()[1], 201)[1:], np.linspace(*ax.get_ylim(), 151)
    every = Momentum(lr, momentum[:, np.newaxis].clip(0, 0.9999))
    rates = lr, momentum, theory.predicted_rate(surface, every)
    ax.contourf(*rates, levels=LEVELS, cmap=COLOURS, norm=NORM, extend="max")
    lines = ax.contour(*rates, levels=LEVELS[1:-1], colors="1", linewidths=0.8)
    for number in ax.clabel(lines, fmt="%g", fontsize=10, colors="1", inline=False):
        lr, momentum = number.get_position()
        share = lr / theory.stability_edge(surface, max(momentum, 0))
        clear = momentum < 0.97 and abs(momentum - ball.momentum) > 0.06
        number.set(rotation=0, path_effects=[_OUTLINE], visible=0.04 < share < 0.9 and clear)
    (lr, momentum), colours = np.meshgrid(plane.lr, plane.momentum), COLOURS(NORM(plane.measured))
    for colour in np.unique(colours.reshape(-1, 4), axis=0):
        here = (colours == colour).all(axis=-1)
        dots = {"color": colour, "mec": "1", "mew": 0.7, "markersize": 5, "zorder": 2}
        ax.plot(lr[here], momentum[here], "o", **dots)
    foot, top = theory.stability_edge(surface, np.array([0, 0.9999]))
    ax.text(plane.lr[-1] * 0.99, 0.25, "diverges\n(dots too)", ha="right", backgroundcolor=DIVERGES)
    ax.plot((foot, top), (0, 0.9999), color="0.1", linewidth=2.5, label="edge")
    style = {"color": "1", "markeredgecolor": "0", "markeredgewidth": 1.5, "clip_on": False}
    ax.plot(ball.lr, ball.momentum, "*", markersize=18, label="best setting", zorder=4, **style)
    ax.plot(sgd.lr, 0, "D", markersize=9, label="best SGD", zorder=4, **style)
    apart = ball.lr > 0.8  # else the best setting is nearly SGD
    light = {"color": "1", "path_effects": [_OUTLINE], "ha": "right" if apart else "center"}
    light |= {"va": "center_baseline", "textcoords": "offset points"}
    ax.annotate("best setting", (ball.lr, ball.momentum), (-14, 0) if apart else (0, 16), **light)
    ax.annotate("best SGD", (sgd.lr, 0), (-12, 14), visible=apart, **light)
    along = {"rotation": np.degrees(np.arctan2(1, top - foot)), "transform_rotates_text": True}
    along |= {"rotation_mode": "anchor", "ha": "center", "va": "center", "linespacing": 1.9}
    ax.text((foot + top) / 2, 0.5, "\nedge 2(1 + momentum)/L", **along)


def explore_plane():
    """Return an `Explorer` of rates over lr and momentum, of which 0 is SGD, with a cursor and the
    path beside it, at first that of the article's ravine and Momentum."""
    controls = {
        "lr": slider("lr", 0.1, 0.01, 2.1, 0.01, 0.05),
        "momentum": share_slider("momentum", 0.9, high=0.99),
        "condition": log_slider("condition κ", 20.0, 1, 1000),
        "start x": slider("start x", -7, -10, 10, 0.01, 0.5, opens=True),
        "start y": slider("start y", 2, -5, 5, 0.01, 0.5),
        "update": whole_slider("look at update", STEPS, 0, STEPS, play=150),
    }

    @lru_cache(1)
    def plane(condition):
        return theory.rate_plane(Ravine(condition), ROWS, COLUMNS, UPDATES)

    def compute(lr, momentum, condition, update, **start):
        rates, ball = plane(condition), Momentum(lr, momentum)
        best = theory.best_momentum(rates.surface)
        if np.allclose((lr, momentum), (best.lr, best.momentum), rtol=0, atol=0.005):
            ball = best  # so sharp that rounded it is no longer the best
        walk = descend(rates.surface, ball, [*start.values()], STEPS)
        return Walks({"Momentum": walk}, update, rates)

    return Explorer(PlaneAndPath, compute, controls)
