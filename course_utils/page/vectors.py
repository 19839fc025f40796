"""What matplotlib draws, kept as outlines and looks that a page's canvas draws again, sharp."""

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path


class Vectors(RendererBase):
    """A renderer for matplotlib's artists that draws nothing, and notes what they ask for.

    looks: a dict for each shape, in order: how many points are its, and colours, width and dash
        (in the page's pixels), the box that it is clipped to; for a text what it says, its size
        and its place; for markers the radius, or how many of the first points outline one of them.
    points: the points of all shapes, arrays of rows (x, y), y downwards; a row of nan lifts the
        pen.
    """

    def __init__(self, figure):
        super().__init__()
        self.size, self.dpi = figure.bbox.size, figure.dpi
        self.looks, self.points = [], [np.empty((0, 2))]

    def get_canvas_width_height(self):
        return self.size

    def points_to_pixels(self, points):
        return points * self.dpi / 72

    def add(self, other):
        """Add all that another one has noted."""
        self.looks += other.looks
        self.points += other.points

    def data(self):
        """Return all points, x and y in turn, as the bytes of float32."""
        return np.concatenate(self.points).astype("<f4").tobytes()

    def draw_path(self, gc, path, transform, rgbFace=None):
        points = _outline(path, transform)
        points[:, 1] = self.size[1] - points[:, 1]
        self._note(gc, points, rgbFace)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        at = trans.transform(path.vertices)
        at[:, 1] = self.size[1] - at[:, 1]
        if marker_path.codes is not None and Path.CURVE4 in marker_path.codes:  # a circle
            radius = np.ptp(marker_trans.transform(marker_path.vertices)[:, 0]) / 2
            self._note(gc, at, rgbFace, radius=round(float(radius), 2))
        else:
            stamp = _outline(marker_path, marker_trans) * (1, -1)
            self._note(gc, np.concatenate([stamp, at]), rgbFace, stamp=len(stamp))

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        if ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)  # as outlines
            return
        width, _, _ = self.get_text_width_height_descent(s, prop, ismath)
        align = mtext.get_horizontalalignment() if mtext else "left"
        along = width * {"left": 0, "center": 0.5, "right": 1}[align]
        turned = np.radians(angle)
        place = x + along * np.cos(turned), y - along * np.sin(turned)
        size = self.points_to_pixels(prop.get_size_in_points())
        weight = prop.get_weight()
        look = {"text": s, "size": round(size, 2), "align": align, "angle": angle}
        self._note(gc, np.array([place]), gc.get_rgb(), **look, bold=weight in ("bold", 700))

    def _note(self, gc, points, face, **look):
        if width := 0 if "text" in look else self.points_to_pixels(gc.get_linewidth()):
            look |= {"stroke": _colour(gc, gc.get_rgb()), "width": round(width, 2)}
            dash = gc.get_dashes()[1]
            if dash is not None and len(dash):
                look["dash"] = [round(self.points_to_pixels(length), 2) for length in dash]
            if (cap := str(gc.get_capstyle())) != "butt":
                look["cap"] = "square" if cap == "projecting" else cap
        if face is not None:
            look["fill"] = _colour(gc, face)
        if (box := gc.get_clip_rectangle()) is not None:
            left, low, width, height = box.bounds
            clip = left, self.size[1] - low - height, width, height
            look["clip"] = [round(each, 1) for each in clip]
        self.looks.append(look | {"points": len(points)})
        self.points.append(points)


def _outline(path, transform):
    """Return a path's points, its parts divided by rows of nan, its curves as short lines."""
    if path.codes is None:
        return transform.transform(path.vertices)
    parts = []
    for part in path.to_polygons(transform, closed_only=False):
        parts += [part, [(np.nan, np.nan)]]
    return np.concatenate(parts[:-1]) if parts else np.empty((0, 2))


def _colour(gc, colour):
    own = colour[3] if len(colour) > 3 else 1
    return to_hex((*colour[:3], gc.get_alpha() if gc.get_forced_alpha() else own), keep_alpha=True)
