"""Curves over the updates, or over anything else."""

import numpy as np

from course_utils.lab.style import LIGHT, OTHERS, SOLID, looks, plain_ticks
from course_utils.page.axes import name_ends, power_ticks
from course_utils.page.picture import Picture
from course_utils.page.trail import Edge


class Curves(Picture):
    """One or more curves; records are they, x, marks with words, the title, and what `set`s."""

    size = (10.4, 4.2)

    def show(self, parts, record):
        (curves, x, marks, title, axes), ax, lines = record, parts.still.subplots(), []
        for label, style in looks(curves).items():
            values, dots = curves[label], not style["linestyle"]
            every = 1 if dots else 0.1 if "xscale" in axes else max(1, len(values) // 12)
            look = style | {"label": "● " * dots + label, "markevery": every}
            lines += ax.plot(x[: len(values)], values, **look)
            if style in OTHERS:  # its name tells it apart
                lines[-1].set(**SOLID, marker="o", markersize=5, markevery=[-1])
        ax.margins(x=0.01)
        ax.set(**axes)
        (left, right), (low, high), pad = ax.get_xlim(), ax.get_ylim(), None
        look, above = {"color": "0.3", "linestyle": ":", "linewidth": 1.2}, ax.get_xaxis_transform()
        for mark, words in marks.items():
            if isinstance(mark, tuple):
                (at, up), corner = mark, {"marker": "o", "markersize": 4, "markevery": [1]}
                ax.plot([left, at, at], [up, up, low], **look, **corner)
                side = 1 if at < (left + right) / 2 else -1  # where there is more room
                beside = {"textcoords": "offset points", "ha": "left" if side > 0 else "right"}
                ax.annotate(words, mark, (7 * side, 7), **beside, color="0.3", bbox=LIGHT)
            else:
                ax.axvline(mark, **look)
                ax.text(mark, 1.02, words, ha="center", color="0.3", transform=above)
                pad = 24 if words else pad
        ax.set(xlim=(left, right), ylim=(low, high))
        ax.set_title(title, loc="left", pad=pad)
        for axis in (each for each in (ax.xaxis, ax.yaxis) if each.get_scale() == "log"):
            power_ticks(axis)
        if ax.get_yscale() == "log" and high < 1000 * low:
            plain_ticks(ax)
        for line in lines:
            gone = (y := line.get_ydata()) != np.clip(y, low, high)
            if (gone & ~np.isnan(y)).any() and not gone[-1]:  # it comes back
                Edge(ax, line.get_color()).leave(line.get_xydata(), lambda _, value: f"{value:.2g}")
        if len(lines) > 1:
            mark_ends(lines, name_ends(lines))
        finite = {label: np.asarray(v)[np.isfinite(v)] for label, v in curves.items()}
        ends = [f"{label} from {v[0]:.3g} to {v[-1]:.3g}" for label, v in finite.items() if len(v)]
        return f"{title}, over {axes['xlabel']}: {'; '.join(ends)}."


def mark_ends(lines, names):
    """Move visible names to the ends of lines as `name_ends` does, with a mark where one left."""
    shown = [(line, name) for line, name in zip(lines, names, strict=True) if name.get_visible()]
    name_ends(*zip(*shown, strict=True))
    for line, name in shown:
        (low, high), end = line.axes.get_ylim(), [*line.get_ydata()[-1:], np.inf][0]
        name.set_text(line.get_label() + (" ▲" if end > high else " ▼" if end < low else ""))


def curves_figure(curves, x=None, title="", xlabel="updates", log=False, ylim=None, marks=()):
    """Return a figure of one or more curves.

    curves: dict of labels and one-dimensional arrays, not longer than x; a label that is an
        optimizer's name gets that optimizer's look. x: where they are drawn, or 0, 1, 2, …
    log: "y" or True for a logarithmic y-axis, "x" for such an x-axis, "xy" for both. ylim: the
        y-axis's limits.
    marks: where dotted lines are: numbers x, or points (x, y); or a dict of them and words.
    """
    x = range(max(map(len, curves.values()))) if x is None else x
    scales = {f"{axis}scale": "log" for axis in ("y" if log is True else log or "")}
    axes = scales | {"xlabel": xlabel, "ylim": ylim}
    marks = marks if isinstance(marks, dict) else dict.fromkeys(marks, "")
    return Curves().still((curves, x, marks, title, axes))
