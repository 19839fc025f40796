"""What an optimizer remembers, drawn over the updates."""

from dataclasses import dataclass

import numpy as np

from course_utils.experiments.anatomy import correction, effective_rate
from course_utils.experiments.methods import method_of
from course_utils.lab.style import LIGHT, X, Y
from course_utils.optimizers import SGD, AdaGrad, RMSProp
from course_utils.page.axes import limits, name_ends, power_ticks
from course_utils.page.trail import Edge, spread
from course_utils.surfaces import Ravine

ONE = ((" ", {"color": "0.1"}),)


def frame_diagram(ax, title="loss f", yscale="log"):
    """Give ax the axes of what changes from update to update."""
    ax.set(yscale=yscale, xlabel="updates")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_title(title, loc="left", fontsize=12)
    if yscale == "log":
        power_ticks(ax.yaxis)
        room = ax.yaxis.get_tick_space
        ax.yaxis.get_tick_space = lambda: int(1.6 * room())  # also low ones get three


@dataclass(frozen=True)
class Panel:
    """One small diagram: its title, its y-axis, and how to get its lines from a descent.

    series(descent) returns an array of shape (k + 1, 2), for x and y, or (k + 1,) for both.
    lines: pairs of label and look. guides(descent) returns what to compare them with, at most two:
        words, a colour, values, and the update at which the words stand.
    """

    title: str
    series: object
    yscale: str = "log"
    lines: tuple[tuple[str, dict], ...] = (("x", X), ("y", Y))
    guides: object = lambda descent: ()

    def draw(self, ax):
        """Give ax its frame; return its lines, still empty, and their names."""
        frame_diagram(ax, self.title, self.yscale)
        lines = [ax.plot([], [], **look, linewidth=1.8, label=name)[0] for name, look in self.lines]
        look = {"fontsize": 10, "textcoords": "offset points", "bbox": LIGHT}
        told = [ax.annotate("", (0, 0), (0, 0), **look) for _ in "ab"]
        dots = [ax.plot([], [], ":", linewidth=1.6)[0] for _ in told]
        return lines, name_ends(lines), [Edge(ax, line.get_color()) for line in lines], dots, told

    def ends(self, descent):
        """Return ends of the y-axis that lie near what is shown of a descent."""
        guides = [values for *_, values, _ in self.guides(descent)]
        values = np.concatenate([self.series(descent).ravel(), *guides])
        return limits(values, self.yscale, (1e-9, 1e9))

    def move(self, drawn, descent):
        """Let the lines show what this descent's optimizer remembered."""
        lines, names, edges, *guides = drawn
        rows = self.series(descent)
        if self.yscale == "log":
            rows = np.where(rows > 0, rows, np.nan)
        for line, edge, values in zip(lines, edges, rows.reshape(len(rows), -1).T, strict=True):
            line.set(data=(np.arange(len(values)), values), marker="o" * (len(values) < 3))
            line.set(linewidth=1.8 if len(values) < 200 else 1.2, clip_on=len(values) > 2)
            edge.leave(line.get_xydata(), lambda _, value: f"{value:.3g}")
        name_ends(lines, names)
        guides = zip(*guides, self.guides(descent), strict=False)
        for line, told, (words, color, values, at) in guides:
            line.set(data=(np.arange(len(values)), values), color=color)
            told.xy = at, values[at]  # which alone does not make it stale
            lower = values[at] < np.fmin.reduce(rows[-1 if at else 1 :], axis=None, initial=np.inf)
            va, up = ("top", -4) if lower else ("bottom", 2)
            told.set(text=words, color=color, position=(0, up), ha="right" if at else "left", va=va)
        spread(edges)


def _compared(descent):
    """Return 1/√t from AdaGrad's first rate of y on, what a gradient of one size would make; of
    SGD and RMSProp the edges 2/curvature on a ravine along the axes."""
    kind, surface, count = type(descent.optimizer), descent.surface, descent.updates + 1
    if kind is AdaGrad and descent.updates:
        falling = effective_rate(descent)[1, 1] / np.sqrt(np.append(np.nan, np.arange(1, count)))
        return [("~ 1/√t", "0.4", falling, count // 5 or 1)]
    if kind not in (SGD, RMSProp) or not isinstance(surface, Ravine) or surface.rotation:
        return []
    edges = zip("xy", (X, Y), 2 / np.array(surface.curvature(0.0, 0.0)), strict=True)
    at, whole = descent.steps, np.ones(descent.steps + 1)
    found = [(f"edge of {n}: {e:.3g}", one["color"], e * whole, at) for n, one, e in edges]
    return found[kind is SGD :]  # that of y is the first to be passed


def _peak(descent):
    largest, count = np.fmax.reduce(_divisors(descent)), descent.updates
    return [(f"up to ÷ {largest:.2f}", "0.4", np.full(count + 1, largest), count)]


def _divisors(descent):
    return np.append(np.nan, 1 / correction(descent.optimizer, np.arange(descent.updates) + 1))


RATE = Panel("effective learning rate lr/√h", effective_rate, guides=_compared)
LR = Panel("lr", lambda each: np.append(np.nan, each.lr), "linear", ONE, _compared)
PANELS = {
    "velocity": Panel("velocity v", lambda descent: descent.state["v"], "linear"),
    "h": Panel("h", lambda descent: descent.state["h"]),
    "rate": RATE,
    "m": Panel("m", lambda descent: descent.state["m"], "linear"),
    "v": Panel("v", lambda descent: descent.state["v"]),
    "correction": Panel("bias correction", _divisors, "log", ONE, _peak),
}
"""The diagrams by name, as `experiments.methods` names them for each method."""


def panels_of(descent):
    """Return the panels for what a descent's optimizer remembers: a method's own; another class's
    for what it calls h, m and v, which beside m is an average of squares and alone a velocity."""
    method, kept = method_of(descent.optimizer), descent.state
    own = ["velocity" if n == "v" and "m" not in kept else n for n in "hmv" if n in kept]
    return tuple(PANELS[name] for name in (method.panels if method else own))
