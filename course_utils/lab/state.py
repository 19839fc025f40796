"""What an optimizer remembers, drawn over the updates."""

from dataclasses import dataclass

import numpy as np

from course_utils.experiments.anatomy import check_single, correction, effective_rate
from course_utils.experiments.methods import method_of
from course_utils.lab.describe import describe_descent
from course_utils.lab.picture import Picture
from course_utils.lab.style import scale

X, Y = {"color": "#0072B2", "linestyle": "-"}, {"color": "#D55E00", "linestyle": "--"}
"""The two coordinates: x solid blue, y dashed red."""


@dataclass(frozen=True)
class Panel:
    """One small diagram: its title, its y-axis, and how to get its lines from a descent.

    series(descent) returns an array of shape (k + 1, 2), for x and y, or (k + 1,) for both.
    lines: pairs of label and look.
    """

    title: str
    series: object
    ylim: tuple[float, float]
    yscale: str = "log"
    lines: tuple[tuple[str, dict], ...] = (("x", X), ("y", Y))

    def draw(self, ax):
        """Give ax its frame and return one line per label, still empty, and the legend."""
        lines = [
            ax.plot([], [], **style, label=label, linewidth=1.8 * scale())[0]
            for label, style in self.lines
        ]
        ax.set(title=self.title, ylim=self.ylim, yscale=self.yscale, xlabel="updates")
        close = {"handlelength": 1.6, "columnspacing": 1, "borderpad": 0.1, "borderaxespad": 0.1}
        legend = ax.legend(loc="upper right", ncols=len(lines), **close)
        legend.set(frame_on=True)  # on its own ground, above the lines
        legend.get_frame().set(alpha=1, linewidth=0)
        return [*lines, legend]

    def move(self, lines, descent):
        """Let the lines show what this descent's optimizer remembered."""
        rows = self.series(descent)
        if self.yscale == "log":
            rows = np.where(rows > 0, rows, np.nan)
        for line, values in zip(lines, rows.reshape(len(rows), -1).T, strict=True):
            line.set_data(np.arange(len(values)), values)


RATE = Panel("effective learning rate", effective_rate, (1e-3, 1e2))
PANELS = {
    "velocity": Panel("velocity v", lambda descent: descent.state["v"], (-3, 3), "linear"),
    "h": Panel("h", lambda descent: descent.state["h"], (1e-4, 1e6)),
    "rate": RATE,
    "m": Panel("m", lambda descent: descent.state["m"], (-2, 4.5), "linear"),
    "v": Panel("v", lambda descent: descent.state["v"], (1e-6, 1e2)),
    "correction": Panel(
        "bias correction of lr",
        lambda d: np.append(np.nan, correction(d.optimizer, np.arange(1, d.updates + 1))),
        (0.05, 12),
        lines=(("x and y", {"color": "0"}),),
    ),
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
            name = type(descent.optimizer).__name__
            raise ValueError(
                f"descent must be of an optimizer that remembers something, got {name}"
            )
        axes = parts.still.subplots(1, len(panels), squeeze=False)[0]
        for panel, ax in zip(panels, axes, strict=True):
            panel.move(panel.draw(ax)[:-1], descent)
            ax.set_xlim(0, max(1, descent.updates))
        return describe_descent(descent)


def state_figure(descent):
    """Return a figure of what the optimizer of a single descent remembered, over the updates."""
    return States().still(descent)
