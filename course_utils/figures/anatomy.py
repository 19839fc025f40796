"""One update taken apart: gradient, what is remembered, and the step that comes of both."""

from dataclasses import dataclass

import numpy as np

from course_utils.figures.describe import describe_settings, effective_rate
from course_utils.figures.paths import draw_path, draw_surface
from course_utils.figures.style import look, new_figure
from course_utils.optimizers import Nesterov

ARROWS = {
    "downhill": {"color": "0.6", "linestyle": ":", "linewidth": 1.5},
    "remembered": {"color": "#CC79A7", "linestyle": "--", "linewidth": 2.5},
    "push": {"color": "#0072B2", "linestyle": "-.", "linewidth": 8, "alpha": 0.4},
    "update": {"color": "#D55E00", "linestyle": "-", "linewidth": 3.5},
}
"""The look of each arrow. `downhill` is the direction of −gradient."""


@dataclass(frozen=True)
class Anatomy:
    """Update t of a descent, as pairs (x, y).

    position, gradient: before the update. update: by how much the position changes. It is the sum
    of push, the part that this gradient brings, and remembered, the part from earlier ones.
    """

    position: np.ndarray
    gradient: np.ndarray
    push: np.ndarray
    remembered: np.ndarray
    update: np.ndarray


def anatomy(descent, t):
    """Return the `Anatomy` of update t (from 1) of a single descent without noise."""
    if not 1 <= t < len(descent.positions):
        raise ValueError(f"t must be from 1 to {len(descent.positions) - 1}, got {t}")
    gradient = descent.gradients[t - 1]
    update = descent.positions[t] - descent.positions[t - 1]
    share = 1 - descent.optimizer.beta1 if "m" in descent.state else 1.0
    if isinstance(descent.optimizer, Nesterov):
        share += descent.optimizer.momentum
    push = -effective_rate(descent)[t] * share * gradient
    remembered = update - push if _remembers(descent) else np.zeros(2)
    remembered[np.abs(remembered) < 1e-12 * np.abs(update).max()] = 0
    return Anatomy(descent.positions[t - 1], gradient, push, remembered, update)


def _remembers(descent):
    return bool({"m", "v"} & set(descent.state))


def draw_arrows(ax, descent, animated=False):
    """Give ax the frame for the arrows of a descent's updates and return them, by name."""
    arrows = {}
    for name, style in ARROWS.items():
        if name == "remembered" and not _remembers(descent):
            continue
        arrows[name] = ax.annotate(
            "",
            xy=(0, 0),
            xytext=(0, 0),
            arrowprops={"arrowstyle": "-|>", "mutation_scale": 16, "shrinkA": 0, "shrinkB": 0}
            | style,
            animated=animated,
        )
        ax.plot([], [], **style, label=name)
    ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
    ax.set_title("this update, enlarged", y=0.9)
    ax.set(xticks=[0], yticks=[0], xticklabels=[], yticklabels=[])
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2)
    return arrows


def move_arrows(arrows, parts):
    """Let the arrows show an `Anatomy`, the longest with length 1; push follows on remembered."""
    tails = {"push": parts.remembered}
    tips = {
        "remembered": parts.remembered,
        "push": parts.remembered + parts.push,
        "update": parts.update,
    }
    size = max(np.abs([*tips.values()]).max(), 1e-300)
    steepness = max(np.hypot(*parts.gradient), 1e-300)
    tips["downhill"] = -parts.gradient / steepness * size
    for name, arrow in arrows.items():
        arrow.arrow_patch.set_visible(bool(np.any(tips[name])))
        arrow.xy = tips[name] / size
        arrow.set_position(tails.get(name, np.zeros(2)) / size)


def describe_anatomy(descent, t):
    """Return one sentence with the numbers of update t."""
    parts = anatomy(descent, t)
    kept = f"remembered {_pair(parts.remembered)} + " if parts.remembered.any() else ""
    return (
        f"{describe_settings(descent.optimizer)}, update {t} of {len(descent.losses) - 1}: "
        f"at {_pair(parts.position)} the gradient is {_pair(parts.gradient)}; "
        f"{kept}push {_pair(parts.push)} = update {_pair(parts.update)}."
    )


def _pair(vector):
    x, y = vector + 0.0  # no minus zero
    return f"({x:.3g}, {y:.3g})"


def anatomy_figure(descent, t):
    """Return a figure of update t of a descent: where it is on the path, and its arrows."""

    def draw(figure):
        left, right = figure.subplots(1, 2, width_ratios=(1.75, 1))
        draw_surface(left, descent.surface, arrows=False)
        draw_path(left, descent, look(type(descent.optimizer).__name__))
        draw_position(left).set_data(*descent.positions[t - 1 : t].T)
        move_arrows(draw_arrows(right, descent), anatomy(descent, t))

    figure = new_figure(10, 4.2, draw)
    figure.description = describe_anatomy(descent, t)
    return figure


def draw_position(ax, animated=False):
    """Return a ring, nowhere yet, that marks a position."""
    return ax.plot(
        [], [], "o", markersize=14, markerfacecolor="none", color="0", animated=animated
    )[0]
