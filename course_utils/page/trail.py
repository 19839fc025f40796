"""A line that is being drawn: what is done, what is to come, the head, and where it leaves."""

import numpy as np

from course_utils.page.axes import dark


class Edge:
    """The mark where a line in ax leaves it, in the line's colour; iterating gives it."""

    def __init__(self, ax, color, left=0.02):
        self.left = left  # no mark stands farther to the left, as a share of the axes
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        look = {"color": dark(color), "fontsize": 10, "zorder": 4, "bbox": box}
        self.mark = ax.annotate("", (0, 0), (0, 0), "axes fraction", "offset points", **look)

    def __iter__(self):
        return iter((self.mark,))

    def leave(self, points, name):
        """Mark the point farthest beyond the edge, by its name of x and y; return whether any."""
        places, out = self.beyond(points)
        self.far = abs(out).max(initial=0)
        self.mark.set(visible=out.any(), text="")
        if out.any():
            far = np.argmax(abs(out).max(axis=1))
            self.mark.xy, (across, up) = np.clip(places[far], (self.left, 0.02), 0.98), out[far]
            sign = "◀▶"[int(across > 0)] if abs(across) > abs(up) else "▼▲"[int(up > 0)]
            ha, va = np.where(self.mark.xy > 0.5, ("right", "top"), ("left", "bottom"))
            self.mark.set(text=f"{sign} {name(*points[far])}", position=(0, 0), ha=ha, va=va)
        return out.any()

    def beyond(self, points):
        """Return places in the axes, and by how much they lie beyond its edges."""
        to_axes = self.mark.axes.transScale + self.mark.axes.transLimits
        places = np.clip(to_axes.transform(points), -1e6, 1e6)
        return places, np.nan_to_num(places - np.clip(places, 0, 1))


class Trail(Edge):
    """One line in ax, in a method's look; one that fades has dots, and fainter older parts."""

    secret = False  # whether what is to come is hidden

    def __init__(self, ax, style, fades=False):
        colour = {"color": style["color"]}
        super().__init__(ax, **colour, left=0.02 if fades else 0.98)  # of a curve beside its name
        look = {"linewidth": 1.3 if fades else 1.8, **style, "marker": ""}
        if fades:
            look |= {"linestyle": "-", "marker": ".", "markersize": 4}
        ages = (0.4, 0.5, 0.65, 0.8, 1) if fades else (1,)
        self.done = [ax.plot([], [], **look, alpha=age, zorder=2)[0] for age in ages]
        (self.rest,) = ax.plot([], [], **look | {"marker": ""}, alpha=0.3, zorder=1.8)
        head = {"marker": style["marker"], "markersize": 8, "linestyle": "", "zorder": 3}
        (self.head,) = ax.plot([], [], **colour, **head, markeredgewidth=2, clip_on=False)

    def __iter__(self):
        return iter((*self.done, self.rest, self.head, self.mark))

    def move(self, points, t, name):
        """Show a line of points, done until number t, None for all; name is as in `leave`."""
        end = len(points) - 1
        t = end if t is None else min(t, end)
        line, joints = points, [0, t]
        if len(self.done) > 1:
            places, out = self.beyond(points)
            way = np.append(0, np.hypot(*np.diff((places - out)[: t + 1], axis=0).T).cumsum())
            joints = np.searchsorted(way, np.linspace(0, way[-1], len(self.done) + 1))
            gone = np.pad(out.any(axis=1), 1)  # ways out there
            line = np.where((gone[:-2] & gone[1:-1] & gone[2:])[:, np.newaxis], np.nan, points)
        self.rest.set(data=line[t:].T, visible=t < end and not self.secret)
        self.head.set(data=points[t : t + 1].T, visible=not self.leave(points[t : t + 1], name))
        for part, first, last in zip(self.done, joints, joints[1:], strict=False):
            part.set_data(*line[first : last + 1].T)
            part.set_markersize(min(4, 1.2 + 120 / max(end, 1)))


def spread(edges):
    """Move marks apart, what lies farther out nearer to the edge, best to where no line is."""
    taken, at_edges = [], {}  # boxes, and those by how high their edge is
    for mark in (e.mark for e in sorted(edges, key=lambda e: -e.far) if e.mark.get_text()):
        mark.set_position((0, 0))
        box, own = mark.get_window_extent().padded(2), at_edges.setdefault(mark.xy[1], [])
        step = box.height * (-1.05 if mark.xy[1] > 0.5 else 1.05)
        free = [box.translated(0, places * step) for places in range(25)]
        met = [place for place, each in enumerate(free) if any(map(each.overlaps, own))]
        free = [b for b in free[max(met, default=-1) + 1 :] if not any(map(b.overlaps, taken))]
        lines = [line for line in mark.axes.lines if line.get_visible() and line.zorder > 1.5]
        paths = [line.get_transform().transform_path(line.get_path()) for line in lines]
        clear = [b for b in free[:3] if not any(path.intersects_bbox(b, False) for path in paths)]
        own.append((clear or free)[0])
        taken.append(own[-1])
        mark.set_position((0, (own[-1].y0 - box.y0) * 72 / mark.figure.dpi))
