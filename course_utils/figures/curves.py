"""Curves over the updates, or over anything else."""

import numpy as np

from course_utils.figures.style import looks, new_figure


def curves_figure(
    curves, x=None, title="", xlabel="updates", ylabel="", log=False, ylim=None, marks=()
):
    """Return a figure of one or more curves.

    curves: dict of labels and one-dimensional arrays; a label that is an optimizer's name gets
        that optimizer's look. x: where they are drawn, 0, 1, 2, … by default.
    log: whether the y-axis is logarithmic. ylim: its limits, or None for those of the data.
    marks: numbers on the x-axis at which a dotted line is drawn.
    """

    def draw(figure):
        ax = figure.subplots()
        for (label, values), style in zip(curves.items(), looks(curves), strict=True):
            positions = np.arange(len(values)) if x is None else x
            every = max(1, len(values) // 12)
            ax.plot(positions, values, **style, label=label, markevery=every)
        for mark in marks:
            ax.axvline(mark, color="0.3", linestyle=":")
        ax.set(title=title, yscale="log" if log else "linear")
        if ylim is not None:
            ax.set_ylim(ylim)
        ax.set_xlabel(xlabel)
        ax.set_ylabel(ylabel)
        if len(curves) > 1:
            ax.legend(loc="best")

    figure = new_figure(9, 4, draw)
    finite = {label: np.asarray(v)[np.isfinite(v)] for label, v in curves.items()}
    ends = [f"{label} from {v[0]:.3g} to {v[-1]:.3g}" for label, v in finite.items() if len(v)]
    figure.description = f"{title or ylabel}, over {xlabel}: {'; '.join(ends)}."
    return figure
