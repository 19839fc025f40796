"""What an optimizer remembers, drawn over the updates."""

from dataclasses import dataclass

import numpy as np

from course_utils.experiments.anatomy import check_single, correction, effective_rate
from course_utils.experiments.methods import method_of
from course_utils.lab.describe import describe_descent
from course_utils.lab.style import LIGHT, X, Y
from course_utils.optimizers import AdaGrad
from course_utils.page.axes import limits, name_ends, power_ticks
from course_utils.page.picture import Picture
from course_utils.page.trail import Edge, spread

ONE = (("", {"color": "0.1"}),)
GUIDE = {"color": "0.45", "linestyle": ":", "linewidth": 1.6}


@dataclass(frozen=True)
class Panel:
    """One small diagram: its title, its y-axis, and how to get its lines from a descent.

    series(descent) returns an array of shape (k + 1, 2), for x and y, or (k + 1,) for both.
    lines: pairs of label and look. guide: like series, what to compare them with, maybe empty; and
        its name.
    """

    title: str
    series: object
    yscale: str = "log"
    lines: tuple[tuple[str, dict], ...] = (("x", X), ("y", Y))
    guide: object = lambda descent: np.empty(0)
    guide_name: str = ""

    def draw(self, ax):
        """Give ax its frame; return its lines, still empty, and their names."""
        ax.set(yscale=self.yscale, xlabel="updates")
        ax.set_title(self.title, loc="left", fontsize=11)
        if self.yscale == "log":
            power_ticks(ax.yaxis)
        lines = [ax.plot([], [], **look, linewidth=1.8, label=name)[0] for name, look in self.lines]
        look = {"color": "0.35", "fontsize": 10, "ha": "center", "va": "top", "bbox": LIGHT}
        told = ax.annotate("", (0, 0), (0, -4), textcoords="offset points", **look)
        names = name_ends(lines) if len(lines) > 1 else ()
        edges = [Edge(ax, line.get_color()) for line in lines]
        return lines, names, edges, ax.plot([], [], **GUIDE)[0], told

    def fit(self, ax, descents):
        """Give ax ends that lie near what it shows of descents."""
        both = self.series, self.guide
        values = np.concatenate([np.ravel(rows(each)) for each in descents for rows in both])
        ax.set_ylim(limits(values, self.yscale, (1e-9, 1e9)))

    def move(self, drawn, descent):
        """Let the lines show what this descent's optimizer remembered."""
        lines, names, edges, guide, told = drawn
        rows = self.series(descent)
        if self.yscale == "log":
            rows = np.where(rows > 0, rows, np.nan)
        for line, edge, values in zip(lines, edges, rows.reshape(len(rows), -1).T, strict=True):
            line.set_data(np.arange(len(values)), values)
            edge.leave(line.get_xydata(), lambda _, value: f"{value:.3g}")
        if names:
            name_ends(lines, names)
        if len(values := self.guide(descent)):
            middle = len(values) // 2
            guide.set_data(np.arange(len(values)), values)
            told.xy = middle, values[middle]  # which alone does not make it stale
            told.set(text=self.guide_name.format(values[middle]), position=(0, -4))
        spread(edges)


def _inverse_root(descent):
    """Return 1/√t from AdaGrad's first rate of y on, what a gradient of one size would make."""
    if type(descent.optimizer) is not AdaGrad or not descent.updates:
        return np.empty(0)
    first = effective_rate(descent)[1, 1]
    return first / np.sqrt(np.maximum(np.arange(descent.updates + 1), 1))


def _dip(descent):
    return np.full(descent.updates + 1, np.fmin.reduce(_corrections(descent)))


def _corrections(descent):
    return np.append(np.nan, correction(descent.optimizer, np.arange(descent.updates) + 1))


RATE = Panel("effective learning rate", effective_rate, guide=_inverse_root, guide_name="~ 1/√t")
PANELS = {
    "velocity": Panel("velocity v", lambda descent: descent.state["v"], "linear"),
    "h": Panel("h", lambda descent: descent.state["h"]),
    "rate": RATE,
    "m": Panel("m", lambda descent: descent.state["m"], "linear"),
    "v": Panel("v", lambda descent: descent.state["v"]),
    "correction": Panel("bias correction", _corrections, "log", ONE, _dip, "lowest: {:.2f}"),
}
"""The diagrams by name, as `experiments.methods` names them for each method."""


def panels_of(descent):
    """Return the panels for what the optimizer of a descent remembers.

    A method's own; of another class what it keeps under the article's names: h, m and v, which
    beside m is an average of squares and alone a velocity.
    """
    method, kept = method_of(descent.optimizer), descent.state
    names = method.panels if method else [name for name in ("h", "m", "v") if name in kept]
    if not method and "m" not in kept:
        names = ["velocity" if name == "v" else name for name in names]
    return tuple(PANELS[name] for name in names)


class States(Picture):
    """The state panels of one optimizer beside each other; records are single descents."""

    size = (10, 3.2)

    def show(self, parts, descent):
        check_single(descent)
        if not (panels := panels_of(descent)):
            expected = "descent must be of an optimizer that remembers something"
            raise ValueError(f"{expected}, got {type(descent.optimizer).__name__}")
        axes = parts.still.subplots(1, len(panels), squeeze=False)[0]
        for panel, ax in zip(panels, axes, strict=True):
            ax.set_xlim(0, max(1, descent.updates))
            drawn = panel.draw(ax)
            panel.fit(ax, [descent])
            panel.move(drawn, descent)
        return describe_descent(descent)


state_figure = States().still
