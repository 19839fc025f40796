"""Curves over the updates, or over anything else."""

import numpy as np

from course_utils.lab.picture import Picture
from course_utils.lab.style import looks


class Curves(Picture):
    """One or more curves; records are dicts of labels and one-dimensional arrays."""

    size = (9, 4)

    def __init__(self, x, marks, **axes):
        self.x, self.marks, self.axes = x, marks, axes

    def show(self, parts, curves):
        ax, axes = parts.still.subplots(), self.axes
        for label, style in looks(curves).items():
            values = curves[label]
            positions = np.arange(len(values)) if self.x is None else self.x
            ax.plot(positions, values, **style, label=label, markevery=max(1, len(values) // 12))
        for mark in self.marks:
            ax.axvline(mark, color="0.3", linestyle=":")
        ax.set(**axes)
        if len(curves) > 1:
            ax.legend(loc="best")
        finite = {label: np.asarray(v)[np.isfinite(v)] for label, v in curves.items()}
        ends = [f"{label} from {v[0]:.3g} to {v[-1]:.3g}" for label, v in finite.items() if len(v)]
        return f"{axes['title'] or axes['ylabel']}, over {axes['xlabel']}: {'; '.join(ends)}."


def curves_figure(
    curves, x=None, title="", xlabel="updates", ylabel="", log=False, ylim=None, marks=()
):
    """Return a figure of one or more curves.

    curves: dict of labels and one-dimensional arrays; a label that is an optimizer's name gets
        that optimizer's look. x: where they are drawn, 0, 1, 2, … by default.
    log: whether the y-axis is logarithmic. ylim: its limits, or None for those of the data.
    marks: numbers on the x-axis at which a dotted line is drawn.
    """
    texts = {"title": title, "xlabel": xlabel, "ylabel": ylabel}
    axis = {"yscale": "log" if log else "linear", "ylim": ylim}
    return Curves(x, marks, **texts, **axis).still(curves)
