"""What matplotlib draws, kept as outlines and looks that a page's canvas draws again, sharp."""

from functools import lru_cache

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path

_hex = lru_cache(to_hex)


class Vectors(RendererBase):
    """A renderer for matplotlib's artists that draws nothing, and notes what they ask for.

    shapes: in order, pairs of a look and points. A look is a dict of colours, width and dash (in
        the page's pixels), the box that it is clipped to; for a text what it says, its size and
        its place; for markers the radius, or how many of the first points outline one of them.
        Points are rows (x, y), y downwards; a row of nan lifts the pen.
    """

    def __init__(self, figure):
        super().__init__()
        self.size, self.dpi = figure.bbox.size, figure.dpi
        self.get_canvas_width_height = lambda: self.size
        self.get_text_width_height_descent = lru_cache(4096)(super().get_text_width_height_descent)

    def points_to_pixels(self, points):
        return points * self.dpi / 72

    def note(self, draw):
        """Return the shapes of what draw draws with this renderer."""
        self.shapes = []
        draw(self)
        return self.shapes

    def draw_path(self, gc, path, transform, rgbFace=None):
        self._note(gc, _outline(path, transform), rgbFace)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        at = trans.transform(path.vertices)
        if marker_path is Path.unit_circle():
            self._note(gc, at, rgbFace, radius=round(float(marker_trans.get_matrix()[0, 0]), 2))
        else:
            stamp = np.add(_outline(marker_path, marker_trans), (0, self.size[1]))
            self._note(gc, np.concatenate([stamp, at]), rgbFace, stamp=len(stamp))

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        if ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)  # as outlines
            return
        width, _, _ = self.get_text_width_height_descent(s, prop, ismath)
        align = str(mtext.get_horizontalalignment()) if mtext else "left"
        along = width * {"left": 0, "center": 0.5, "right": 1}[align]
        turned = np.radians(angle)
        place = x + along * np.cos(turned), self.size[1] - y + along * np.sin(turned)
        size, bold = self.points_to_pixels(prop.get_size_in_points()), prop.get_weight() == "bold"
        look = {"text": s, "size": round(size, 2), "align": align, "angle": angle, "bold": bold}
        self._note(gc, np.array([place]), gc.get_rgb(), **look)

    def _note(self, gc, points, face, **look):
        if width := 0 if "text" in look else self.points_to_pixels(gc.get_linewidth()):
            look |= {"stroke": _colour(gc, gc.get_rgb()), "width": round(width, 2)}
            if dash := gc.get_dashes()[1]:
                look["dash"] = tuple(round(self.points_to_pixels(each), 2) for each in dash)
            if (cap := gc.get_capstyle()) != "butt":
                look["cap"] = "square" if cap == "projecting" else cap
        if face is not None:
            look["fill"] = _colour(gc, face)
        if (box := gc.get_clip_rectangle()) is not None:
            left, low, width, height = box.bounds
            clip = left, self.size[1] - low - height, width, height
            look["clip"] = tuple(round(float(length), 1) for length in clip)
        self.shapes.append((look, (0, self.size[1]) + points * (1, -1)))


def packed(shapes, numbers):
    """Return a page's shares of shapes: the looks, each once, also those before, kept in numbers;
    as bytes of float32 of each shape its look's number and what follows: points, and letters."""
    rows = [np.empty((0, 2))]
    for look, points in shapes:
        if words := look.get("text"):  # which change too often to be part of a look
            letters = [*map(ord, words), 0][: len(words) + len(words) % 2]
            points, look = np.append(points, np.reshape(letters, (-1, 2)), 0), look | {"text": ""}
        number = numbers.setdefault(tuple(look.items()), len(numbers))
        rows += [[(number, len(points))], points]
    return [dict(look) for look in numbers], np.concatenate(rows).astype("<f4").tobytes()


def _outline(path, transform):
    """Return a path's points, its parts divided by rows of nan, its curves as short lines."""
    if path.codes is None:
        return transform.transform(path.vertices)
    parts = []
    for part in path.to_polygons(transform, closed_only=False):
        parts += [part, [(np.nan, np.nan)]]
    return np.concatenate(parts[:-1]) if parts else np.empty((0, 2))


def _colour(gc, colour):
    return _hex((*colour[:3], gc.get_alpha() if gc.get_forced_alpha() else [*colour, 1][3]), True)
