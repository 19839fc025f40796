"""What an optimizer remembers, drawn over the updates."""

from dataclasses import dataclass, replace

import numpy as np

from course_utils.figures.describe import correction, describe_descent, effective_rate
from course_utils.figures.style import new_figure, scale

X, Y = {"color": "#0072B2", "linestyle": "-"}, {"color": "#D55E00", "linestyle": "--"}
"""The two coordinates: x solid blue, y dashed red."""


@dataclass(frozen=True)
class Panel:
    """One small diagram: its title, its y-axis, and how to get its lines from a descent.

    series(descent) returns one array per label; labels are drawn in the styles given.
    """

    title: str
    labels: tuple[str, ...]
    styles: tuple[dict, ...]
    series: object
    ylim: tuple[float, float]
    yscale: str = "log"

    def draw(self, ax, animated=False):
        """Give ax its frame and return one line per label, still empty."""
        lines = [
            ax.plot([], [], **style, label=label, linewidth=1.8 * scale(), animated=animated)[0]
            for label, style in zip(self.labels, self.styles, strict=True)
        ]
        ax.set(title=self.title, ylim=self.ylim, yscale=self.yscale, xlabel="updates")
        close = {"handlelength": 1.6, "columnspacing": 1, "borderpad": 0.1, "borderaxespad": 0.1}
        legend = ax.legend(loc="upper right", ncols=len(lines), **close)
        legend.set(animated=animated, frame_on=True)  # on its own ground, above the lines
        legend.get_frame().set(alpha=1, linewidth=0)
        return lines

    def move(self, lines, descent):
        """Let the lines show what this descent's optimizer remembered."""
        for line, values in zip(lines, self.series(descent), strict=True):
            if self.yscale == "log":
                values = np.where(values > 0, values, np.nan)
            line.set_data(np.arange(len(values)), values)


def _columns(array):
    return array[:, 0], array[:, 1]


def _correction(descent):
    t = np.arange(1, len(descent.losses))
    return (np.concatenate([[np.nan], correction(descent.optimizer, t)]),)


RATE = Panel(
    "effective learning rate",
    ("x", "y"),
    (X, Y),
    lambda descent: _columns(effective_rate(descent)),
    (1e-3, 1e2),
)
_H = Panel("h", ("x", "y"), (X, Y), lambda descent: _columns(descent.state["h"]), (1e-4, 1e6))

_V = Panel("v", ("x", "y"), (X, Y), lambda descent: _columns(descent.state["v"]), (1e-6, 1e2))
_VELOCITY = replace(_V, title="velocity v", ylim=(-3, 3), yscale="linear")
_M = Panel(
    "m", ("x", "y"), (X, Y), lambda descent: _columns(descent.state["m"]), (-2, 4.5), "linear"
)
_CORRECTION = Panel(
    "bias correction of lr", ("x and y",), ({"color": "0"},), _correction, (0.05, 12)
)

PANELS = {
    "SGD": (),
    "Momentum": (_VELOCITY,),
    "AdaGrad": (_H, RATE),
    "RMSProp": (_H, RATE),
    "Adam": (_M, _V, _CORRECTION),
    "UncorrectedAdam": (_M, _V),
    "Nesterov": (_VELOCITY,),
    "AdamW": (_M, _V, _CORRECTION),
}
"""The diagrams that show the state of each optimizer."""


def state_figure(descent):
    """Return a figure of what the optimizer of a single descent remembered, over the updates."""
    name = type(descent.optimizer).__name__
    panels = PANELS[name]
    if not panels:
        raise ValueError(f"descent must be of an optimizer that remembers something, got {name}")

    def draw(figure):
        for panel, ax in zip(
            panels, figure.subplots(1, len(panels), squeeze=False)[0], strict=True
        ):
            panel.move(panel.draw(ax), descent)
            ax.set_xlim(0, max(1, len(descent.losses) - 1))

    figure = new_figure(10, 3.2, draw)
    figure.description = describe_descent(descent)
    return figure
