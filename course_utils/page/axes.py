"""Axes that fit what they show: their ends, their numbers, and names at the ends of lines."""

import re

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import NullFormatter
from matplotlib.transforms import offset_copy


def limits(values, yscale, reach):
    """Return an axis's round ends, near values within reach: powers of ten, or linear with 0."""
    values = values[np.isfinite(values) & (np.abs(values) < reach[1])]
    if yscale == "linear":
        low, high = values.min(initial=0), values.max(initial=1e-3)
        unit = 5 * 10.0 ** np.floor(np.log10(0.12 * (high - low)))
        return unit * np.floor(1.1 * low / unit), unit * np.ceil(1.1 * high / unit)
    values = values[values > reach[0]]
    low, high = (values.min(), values.max()) if len(values) else (0.1, 10)
    return 10.0 ** np.floor(np.log10(low)), 10.0 ** np.ceil(np.log10(high * 1.0001))


def power_ticks(axis):
    """Label a logarithmic axis at powers of ten only, the long ones as 10⁻⁴ (quicker than TeX)."""
    power = lambda x, _: f"{x:g}" if 0.005 < x < 500 else typeset(f"{x:.0e}")[2:]  # noqa: E731
    axis.set(major_formatter=power, minor_formatter=NullFormatter())


def typeset(words):
    """Return words with their numbers as axes have them: −0.56 for -0.56, 2·10⁻⁶ for 2e-06."""
    words = re.sub(r"(?<![\w.)])-(?=\d)", "−", words)
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return re.sub(r"(?<=\d)e([-+]\d+)", lambda e: "·10" + str(int(e[1])).translate(raised), words)


def name_ends(lines, texts=(), first=False):
    """Write each line's label where it ends, or before its first point; return the texts, apart.

    lines: of one axes with its limits. texts: an earlier call's, to be moved.
    """
    ax = lines[0].axes
    at, away, side = (0, -9, "right") if first else (-1, 9, "left")
    beside = offset_copy(ax.transAxes, ax.figure, x=away, units="points")
    look = {"ha": side, "va": "center", "transform": beside}
    finite = (line.get_xydata()[np.isfinite(line.get_ydata())] for line in lines)
    corner = ax.get_xlim()[0], ax.get_ylim()[1]
    ends = [points[at] if len(points) else corner for points in finite]
    x, y = (ax.transScale + ax.transLimits).transform(ends).T
    x[(y < 0) | (y > 1)] = 1  # what has left the axes is named at their edge
    x[x > x.max() - 0.06] = x.max()  # one under another
    texts = texts or [ax.text(0, 0, typeset(line.get_label()), **look) for line in lines]
    gap = 1.3 * texts[0].get_fontsize() / 72 * ax.figure.dpi / ax.bbox.height
    for group in (x > x.max() - 0.3), (x <= x.max() - 0.3):  # those ends are far from these
        y[group] = apart(y[group], gap)
    for text, line, *place in zip(texts, lines, x, y, strict=True):
        look = tuple(place), dark(line.get_color())
        if (text.get_position(), text.get_color()) != look:  # else a page gets it once more
            text.set(position=look[0], color=look[1])
    return texts


def dark(color):
    """Return a line's colour for words beside it, dark enough to be read."""
    return tuple(np.multiply(0.7, to_rgb(color)))


def apart(y, gap):
    """Return heights, shares of the axes, near those of y and apart by at least a gap."""
    order, steps = np.argsort(y, kind="stable"), gap * np.arange(len(y))
    free = np.clip(y, 0, 1)[order] - steps  # must not fall; half is made up upwards, half down
    level = (np.maximum.accumulate(free) + np.minimum.accumulate(free[::-1])[::-1]) / 2
    return (np.clip(level, gap / 2, 1 - gap * (len(y) - 0.5)) + steps)[np.argsort(order)]
