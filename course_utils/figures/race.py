"""Several paths on one surface at the same update: who leads, and who is down first."""

import numpy as np

from course_utils.best_rate import LEVEL, down_at
from course_utils.figures.paths import draw_surface
from course_utils.figures.style import looks, new_figure, scale


def draw_runners(ax, names, animated=False):
    """Return a line and its head per name, still empty; the head has the method's marker."""
    runners = {}
    for name, style in zip(names, looks(names), strict=True):
        line = style | {"marker": "", "animated": animated, "zorder": 2}
        head = style | {"linestyle": "", "markeredgewidth": 2 * scale(), "animated": animated}
        size = 12 if style["marker"] == "." else 7
        runners[name] = (
            ax.plot([], [], **line)[0],
            ax.plot([], [], **head, markersize=size * scale(), zorder=3)[0],
        )
    return runners


def move_runners(runners, curves, t):
    """Show curves, a dict of names and arrays of shape (2, k + 1), up to update t."""
    for name, (line, head) in runners.items():
        so_far = curves[name][:, : t + 1]
        line.set_data(so_far)
        head.set_data(so_far[:, -1:])


def path_curves(descents):
    """Return the paths of a race, to `move_runners`."""
    return {name: descent.positions.T for name, descent in descents.items()}


def height_curves(descents):
    """Return the heights of a race over the updates, as parts of the height at the start."""
    return {
        name: np.array([np.arange(len(descent.losses)), _relative(descent)])
        for name, descent in descents.items()
    }


def _relative(descent):
    heights = descent.losses - descent.surface.lowest
    return np.maximum(heights / heights[0], 1e-300)


def frame_heights(ax, steps):
    """Give ax the axes of a race's heights, with the level below which a path is down."""
    ax.axhline(LEVEL, color="0.3", linestyle=":")
    ax.set(xlim=(0, steps), ylim=(1e-8, 1e2), yscale="log", xlabel="updates")
    ax.set_title("height, start = 1")


def draw_cursor(ax, animated=False):
    """Return a vertical line, at 0, that marks an update."""
    return ax.axvline(0, color="0.5", linewidth=1.2 * scale(), animated=animated, zorder=1)


def race_figure(label, descents, t=None):
    """Return a figure of a race on one surface after update t: paths, and heights beside them.

    label: the surface's. descents: as from `best_rate.race`. t: at least 0; None for the last.
    """
    steps = max(len(descent.losses) for descent in descents.values()) - 1
    t = steps if t is None else t
    if not 0 <= t <= steps:
        raise ValueError(f"t must be from 0 to {steps}, got {t!r}")

    def draw(figure):
        left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
        draw_surface(left, next(iter(descents.values())).surface, arrows=False)
        frame_heights(right, steps)
        move_runners(draw_runners(left, descents), path_curves(descents), t)
        move_runners(draw_runners(right, descents), height_curves(descents), t)
        draw_cursor(right).set_xdata([t, t])
        draw_legend(figure, right, descents)

    figure = new_figure(10, 4.6, draw)
    figure.description = describe_race(label, descents, t)
    return figure


def draw_legend(figure, ax, names):
    """Name each line and its marker above the figure; ax is one of its axes."""
    handles = [
        ax.plot([], [], **style, markersize=6 * scale(), label=name)[0]
        for name, style in zip(names, looks(names), strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=5 if scale() == 1 else 3)


def describe_race(label, descents, t):
    """Return who leads after update t, by height, and whose path is down by then.

    Heights below 1e-8 of the start's, which the picture does not show, count as equal.
    """
    heights = {name: max(_relative(each)[: t + 1][-1], 1e-8) for name, each in descents.items()}
    lowest = min(heights.values())
    first = [name for name in heights if heights[name] == lowest]
    least = f"less than {lowest:g}" if lowest == 1e-8 else f"{lowest:.2g}"
    lead = f"lowest {', '.join(first)}, at {least} of the start's height"
    if t == 0:
        lead = "all at the start"
    counts = {name: down_at(descent) for name, descent in descents.items()}
    down = sorted((name for name in counts if counts[name] <= t), key=lambda name: counts[name])
    told = ", ".join(f"{name} at {counts[name]:.0f}" for name in down) or "nobody yet"
    settings = ", ".join(f"{name} {each.optimizer.lr:.2g}" for name, each in descents.items())
    return (
        f"{label[0].upper()}{label[1:]}, update {t}: {lead}. "
        f"Down for good, below {LEVEL:g} of it: {told}. Learning rates: {settings}."
    )
