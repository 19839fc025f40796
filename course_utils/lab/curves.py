"""Curves over the updates, or over anything else."""

import numpy as np

from course_utils.lab.style import looks
from course_utils.page.axes import name_ends
from course_utils.page.picture import Picture


class Curves(Picture):
    """One or more curves; records are they, x, marks as `curves_figure` takes them, what `set`s."""

    def show(self, parts, record):
        (curves, x, marks, axes), ax, lines = record, parts.still.subplots(), []
        marks = marks if isinstance(marks, dict) else dict.fromkeys(marks, "")
        for label, style in looks(curves).items():
            values = curves[label]
            positions, every = range(len(values)) if x is None else x, max(1, len(values) // 12)
            lines += ax.plot(positions, values, **style, label=label, markevery=every)
        for mark, words in marks.items():
            ax.axvline(mark, color="0.3", linestyle=":")
            ax.text(mark, 1.02, words, transform=ax.get_xaxis_transform(), ha="center", color="0.3")
        ax.margins(x=0.01)
        ax.set(**axes)
        ax.set_title(axes["title"], pad=24 if any(marks.values()) else None)
        low, high = ax.get_ylim()
        if len(lines) > 1 and all(low <= y <= high for one in lines for y in one.get_ydata()[-1:]):
            name_ends(lines)
        elif len(lines) > 1:
            parts.still.legend(handles=lines, loc="outside right upper")
        finite = {label: np.asarray(v)[np.isfinite(v)] for label, v in curves.items()}
        ends = [f"{label} from {v[0]:.3g} to {v[-1]:.3g}" for label, v in finite.items() if len(v)]
        return f"{axes['title'] or axes['ylabel']}, over {axes['xlabel']}: {'; '.join(ends)}."


def mark_ends(lines, names, gap=None):
    """Move visible names to the ends of lines as `name_ends` does, with a mark where one left."""
    shown = [(line, name) for line, name in zip(lines, names, strict=True) if name.get_visible()]
    name_ends(*zip(*shown, strict=True), gap=gap)
    for line, name in shown:
        (low, high), end = line.axes.get_ylim(), [*line.get_ydata()[-1:], np.inf][0]
        name.set_text(line.get_label() + (" ▲" if end > high else " ▼" if end < low else ""))


def curves_figure(
    curves, x=None, title="", xlabel="updates", ylabel="", log=False, ylim=None, marks=()
):
    """Return a figure of one or more curves.

    curves: dict of labels and one-dimensional arrays; a label that is an optimizer's name gets
        that optimizer's look. x: where they are drawn, 0, 1, 2, … by default.
    log: whether the y-axis is logarithmic. ylim: its limits, or None for those of the data.
    marks: numbers on the x-axis at which a dotted line is drawn, or a dict of them and words.
    """
    axes = {"yscale": "log" if log else "linear", "title": title}
    axes |= {"xlabel": xlabel, "ylabel": ylabel, "ylim": ylim}
    return Curves().still((curves, x, marks, axes))
