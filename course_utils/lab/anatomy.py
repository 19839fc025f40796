"""One update taken apart: gradient, what is remembered, and the step that comes of both."""

import numpy as np

from course_utils.experiments.anatomy import step_parts
from course_utils.lab.describe import describe_settings
from course_utils.lab.explorer import Explorer, whole_slider
from course_utils.lab.ground import draw_arrow, draw_surface
from course_utils.lab.picture import Parts, Picture
from course_utils.lab.style import looks, scale

ARROWS = {
    "downhill": {"color": "0.6", "linestyle": ":", "linewidth": 1.5},
    "remembered": {"color": "#CC79A7", "linestyle": "--", "linewidth": 2.5},
    "decay": {"color": "#009E73", "linestyle": (0, (5, 1, 1, 1)), "linewidth": 2.5},
    "push": {"color": "#0072B2", "linestyle": "-.", "linewidth": 8, "alpha": 0.4},
    "update": {"color": "#D55E00", "linestyle": "-", "linewidth": 3.5},
}
"""The look of each arrow. `downhill` is the direction of −gradient."""


class Steps(Picture):
    """The path of a descent so far, and the arrows of one update; records are updates, from 1.

    What is remembered, then the decay, then the push, lead one after the other to the update.
    """

    size = (10.4, 4.2)

    def __init__(self, descent):
        self.descent = descent

    def frame(self, figure):
        above, beside = figure.subplots(1, 2, width_ratios=(1.75, 1))
        draw_surface(above, self.descent.surface)
        name = type(self.descent.optimizer).__name__
        walk = looks({name: self.descent})[name] | {"markersize": 4 * scale(), "zorder": 2}
        above.plot(*self.descent.positions.T, **walk, alpha=0.15)
        first = step_parts(self.descent, 1)
        arrows = {
            name: draw_arrow(beside, style, name)
            for name, style in ARROWS.items()
            if getattr(first, name, first) is not None
        }
        beside.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
        beside.set_title("this update, enlarged", y=0.9)
        beside.set(xticks=[0], yticks=[0], xticklabels=[], yticklabels=[])
        beside.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2)
        return Parts(
            path=above.plot([], [], **walk)[0],
            here=above.plot([], [], "o", markersize=14, markerfacecolor="none", color="0")[0],
            arrows=arrows,
        )

    def show(self, parts, t):
        x, y = self.descent.positions[: t + 1].T
        parts.path.set_data(x, y)
        parts.here.set_data(x[-2:-1], y[-2:-1])
        step = step_parts(self.descent, t)
        terms = {name: getattr(step, name) for name in ("remembered", "decay", "push")}
        terms = {name: term for name, term in terms.items() if term is not None}
        _move(parts.arrows, step, terms)
        told = " + ".join(
            f"{name} {_pair(term)}" for name, term in terms.items() if name == "push" or term.any()
        )
        return (
            f"{describe_settings(self.descent.optimizer)}, update {t} of {self.descent.updates}: "
            f"at {_pair(step.position)} the gradient is {_pair(step.gradient)}; "
            f"{told}{' = ' if told else ''}update {_pair(step.update)}."
        )


def _move(arrows, step, terms):
    """Let the arrows show a `Step`, the longest with length 1; each term follows on the last."""
    tails, tips, at = {}, {"update": step.update}, np.zeros(2)
    for name, term in terms.items():
        tails[name] = at
        tips[name] = at = at + term
    size = max(np.abs([*tips.values()]).max(), 1e-300)
    steepness = max(np.hypot(*step.gradient), 1e-300)
    tips["downhill"] = -step.gradient / steepness * size
    for name, arrow in arrows.items():
        tail = tails.get(name, np.zeros(2))
        arrow.arrow_patch.set_visible(bool(np.any(tips[name] != tail)))
        arrow.xy = tips[name] / size
        arrow.set_position(tail / size)


def _pair(vector):
    x, y = vector + 0.0  # no minus zero
    return f"({x:.3g}, {y:.3g})"


def anatomy_figure(descent, t):
    """Return a figure of update t of a descent: where it is on the path, and its arrows."""
    return Steps(descent).still(t)


def explore_anatomy(descent):
    """Return an `Explorer` that plays a single `Descent`, one update at a time."""
    if descent.updates < 1:
        raise ValueError("descent must have at least one update, got none")
    controls = {"update": whole_slider("update", 1, descent.updates, 1, interval=500)}
    return Explorer(Steps(descent), lambda update: update, controls)
