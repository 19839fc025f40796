"""A line that is being drawn: what is done, what is to come, the head, and where it leaves."""

import numpy as np
from matplotlib.path import Path

from course_utils.page.axes import dark, typeset


class Edge:
    """The mark where a line in ax leaves it, in its colour; iterating gives it."""

    def __init__(self, ax, color):
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        look = {"color": dark(color), "fontsize": 10, "zorder": 4, "bbox": box}
        self.to_axes = ax.transScale + ax.transLimits
        self.mark = ax.annotate("", (0, 0), (0, 0), "axes fraction", "offset points", **look)

    def __iter__(self):
        return iter((self.mark,))

    def leave(self, points, name, t=None, beyond=None):
        """Mark where the line that is seen leaves on its way to point t, by default the farthest,
        by its name of x and y; return whether that lies beyond. beyond: as `beyond` says."""
        places, out, hidden = beyond or self.beyond(points)
        t = abs(out).max(axis=1).argmax() if t is None else t
        self.far = abs(out[t]).max()
        self.mark.set_visible(self.far > 0)
        if self.far == 0:
            return False
        way = 1e4 * np.where(hidden, np.nan, places)[: t + 1]
        ends = Path(way).cleaned(remove_nans=True, clip=(0, 0, 1e4, 1e4)).vertices / 1e4
        end = ends[-2] if len(ends) > 1 else places[t] - out[t]
        side, right = np.argmax(abs(end - 0.5)), end[0] > 0.6
        words = ("◀▶", "▼▲")[side][int(end[side] > 0.5)], typeset(name(*points[t]))
        ha, va = np.where((right, end[1] > 0.5), ("right", "top"), ("left", "bottom"))
        self.mark.xy = np.clip(end - (0.012 if right else -0.012, 0), 0.02, 0.98)
        self.mark.set(text=" ".join(words[:: -1 if right else 1]), ha=ha, va=va)
        return True

    def beyond(self, points):
        """Return places in the axes, how far beyond its edges they are, and which amid others."""
        places = np.clip(self.to_axes.transform(points), -1e6, 1e6)
        out = np.nan_to_num(places - np.clip(places, 0, 1))
        gone = np.pad(out.any(axis=1), 1)
        return places, out, (gone[:-2] & gone[1:-1] & gone[2:])[:, np.newaxis]


class Trail(Edge):
    """One line in ax, in a method's look; one that fades has dots, and fainter older parts."""

    secret = False  # whether what is to come is hidden

    def __init__(self, ax, style, fades=False):
        super().__init__(ax, style["color"])
        look = {"linewidth": 1.3 if fades else 1.8, **style, "marker": ""}
        look |= {"linestyle": "-"} if fades else {}
        ages = (0.4, 0.55, 0.75, 1) if fades else (1,)
        self.done = [ax.plot([], [], **look, alpha=age, zorder=2)[0] for age in ages]
        (self.dots,) = ax.plot([], [], ".", c=style["color"], alpha=0.8, zorder=2.1, visible=fades)
        (self.rest,) = ax.plot([], [], **look, alpha=0.3, zorder=1.8)
        head = {"markersize": 6 if fades else 8, "linestyle": "", "zorder": 3}
        (self.head,) = ax.plot([], [], **style | head, markeredgewidth=2, clip_on=False)

    def __iter__(self):
        return iter((*self.done, self.dots, self.rest, self.head, self.mark))

    def move(self, points, t, name):
        """Show a line of points, done until number t, None for all; name is as in `leave`."""
        t = min(np.inf if t is None else t, end := len(points) - 1)
        places, out, hidden = beyond = self.beyond(points)
        gaps = np.hypot(*np.diff((places - out)[: t + 1], axis=0).T)
        way = np.nan_to_num(np.append(0, gaps)).cumsum()
        joints = np.searchsorted(way, np.linspace(0, way[-1], len(self.done) + 1))
        line = np.where(hidden & (len(self.done) > 1), np.nan, points)
        self.rest.set_data(*line[t:].T)
        self.rest.set_visible(t < end and not self.secret)
        self.head.set_data(*points[t : t + 1].T)
        self.head.set_visible(not self.leave(points, name, t, beyond))
        for part, first, last in zip(self.done, joints, joints[1:], strict=False):
            part.set_data(*line[first : last + 1].T)
        self.dots.set_data(*line[: t + 1].T)
        self.dots.set_markersize(min(4, 1.2 + 120 / max(end, 1)))


def spread(edges):
    """Move marks apart, what lies farther out nearer to the edge, best to where no line is."""
    taken = []
    for mark in (e.mark for e in sorted(edges, key=lambda e: -e.far) if e.mark.get_visible()):
        mark.set_y(0)
        box = mark.get_window_extent().padded(2)
        step = box.height * (-1.05 if mark.xy[1] > 0.5 else 1.05)
        free = [box.translated(0, places * step) for places in range(25)]
        free = [b for b in free if not any(map(b.overlaps, taken))]
        lines = [line for line in mark.axes.lines if line.get_visible() and line.zorder > 1.5]
        paths = [line.get_transform().transform_path(line.get_path()) for line in lines]
        clear = [b for b in free[:3] if not any(path.intersects_bbox(b, False) for path in paths)]
        taken.append((clear or free)[0])
        mark.set_y((taken[-1].y0 - box.y0) * 72 / mark.figure.dpi)
