"""A surface from the side, lit, that a hand can turn."""

from itertools import pairwise
from time import monotonic

import numpy as np
from contourpy import contour_generator
from matplotlib.collections import PathCollection
from matplotlib.colors import LightSource, LinearSegmentedColormap, to_rgba_array
from matplotlib.path import Path

from course_utils.ground.map import STAR, mesh, relief
from course_utils.page.picture import Grab

LIT = LinearSegmentedColormap.from_list("lit", ("#FFF", "#DFEAF3", "#A9C4DA", "#6E97BD", "#3F6A98"))
CLEAR, INK, VIEW = (0, 0, 0, 0), (0.35, 0.5, 0.63, 1), (30, 60)


class Solid:
    """A surface as a body in axes of its own; views are by how many degrees it is turned, and from
    how many above it is seen."""

    def __init__(self, surface):
        self.surface, self.unit = surface, np.ptp(surface.xlim) / 2
        self.corner = np.array([1, np.ptp(surface.ylim) / 2 / self.unit])
        self.height, self.power, self.name = relief(surface)
        self.cloths = [self.cloth(side) for side in (0, 1)]
        self.view, self.held, self.hand, self.heard = VIEW, (0, 0, *VIEW), (9, 9), 0.0

    def frame(self, ax):
        """Give ax room for all views; return what a hand turns it by."""
        wide, high = np.outer(np.hypot(*self.corner) * np.array((1.1, 0.85)), (-1, 1))
        ax.set(xlim=wide, ylim=high, aspect="equal")
        ax.axis("off")
        return Grab(ax, ("turn", "tilt"), self.turned)

    def turned(self, x, y):
        """Return the view once what is near has gone with a hand, from where it took hold."""
        leap, pause = np.hypot(*np.subtract((x, y), self.hand)), monotonic() - self.heard
        if leap > 0.05 and pause > 0.3:
            self.held = x, y, *self.view
        self.hand, self.heard, (left, low, turn, tilt) = (x, y), monotonic(), self.held
        turn = (turn - 57 * (x - left) + 180) % 360 - 180
        return {"turn": round(turn), "tilt": round(tilt - 57 * (y - low))}

    def draw(self, ax, view):
        """Draw a view, from which on others know what is seen where."""
        surface, self.view = self.surface, view
        (c, up), (s, flat) = np.cos(np.radians(view)), np.sin(np.radians(view))
        self.onto = np.array([(c, -s * flat), (s, c * flat), (0, 0.6 * up)])
        self.eye = np.array((s, -c)), flat / up
        x, y = self.corner * np.where((s >= 0, c <= 0), 1, -1)  # the nearest
        side, way = (0, np.sign(x)) if abs(s) > abs(c) else (1, np.sign(y))
        pieces = sorted(self.cloths[side], key=lambda piece: way * piece[0] + piece[1])
        _, _, points, faces, lines, widths = zip(*pieces, strict=True)
        look = {"facecolor": np.array(faces), "edgecolor": np.array(lines), "linewidth": widths}
        paths = [Path(each @ self.onto) for each in points]
        ax.add_collection(PathCollection(paths, **look, clip_on=False), autolim=False)
        ax.plot(*self.seen(surface.minima).T, **STAR)
        edges = [(-x, y, -0.5), (x, y, -0.5), (x, -y, -0.5), (x, -y, 0.5)] @ self.onto
        ax.plot(*edges.T, color="0.6", linewidth=1, zorder=0, clip_on=False)
        top = f"f = {surface(*mesh(surface, 49, 37)).max():.3g}"
        ends = (f"{surface.lowest:.3g}", top) if self.name == "f" else ("", "log f")
        places = [*(edges[1:3] + edges[:2]) / 2, *edges[2:]]
        for name, at in zip(("x", "y", *ends), places, strict=True):
            away = at - (0, 0, -0.5) @ self.onto
            x, y = at + 0.06 * np.sign(away)
            name = ax.text(x, y, name, va="center", ha="left" if away[0] > 0 else "right")
        name.set(ha="center", position=edges[3] + (0, 0.12))

    def seen(self, points):
        """Return where points of the map are in the picture, nan where the surface hides them."""
        (way, rise), far = self.eye, np.linspace(0, 2, 100)[1:, np.newaxis]
        solid = self.lifted(points)
        between = np.reshape(points, (-1, 1, 2)) + self.unit * far * way
        x, y, z = self.lifted(between).T.reshape(3, len(solid), -1)
        inside = (abs(x) <= 1) & (abs(y) <= self.corner[1])
        hidden = inside & (z > solid[:, 2:] + 0.05 + rise / 0.6 * far.T)
        return np.where(hidden.any(axis=1, keepdims=True), np.nan, solid @ self.onto)

    def downhill(self, at):
        """Return the ends, in the picture, of an arrow straight down the surface from a point."""
        slope = np.array(self.surface.gradient(*at))
        tail, near = self.lifted([at, at - 1e-4 * self.unit * slope / max(np.hypot(*slope), 1e-99)])
        way = (near - tail) / max(np.linalg.norm(near - tail), 1e-99)
        return self.seen(at)[0], (tail + 0.35 * way) @ self.onto

    def lifted(self, points):
        """Return points of the map on the surface, which is 2 wide and 1 high, around 0."""
        points, frame = np.reshape(points, (-1, 2)), [self.surface.xlim, self.surface.ylim]
        flat = (points - np.mean(frame, axis=1)) / self.unit
        return np.column_stack([flat, self.height(*points.T) - 0.5])

    def cloth(self, side):
        """Return the surface, lit, with lines of height, in strips across x (side 0) or y (1): of
        each outline its place there, how much later it is drawn, points, colours and width."""
        (x, y), fine, pieces = mesh(self.surface, 49, 37), mesh(self.surface, 145, 109), []
        steps = x[0, 1] - x[0, 0], y[1, 0] - y[0, 0]
        light = LightSource(160, 45).hillshade(self.height(x, y), 0.6 * self.unit, *steps)
        dark = np.clip(0.62 * self.height(x, y) ** self.power + 0.38 * (1 - light), 0.06, 0.999)
        kinds = {"fill_type": "ChunkCombinedOffset", "line_type": "ChunkCombinedNan"}
        chunk, finer = (((0, cells), (cells, 0))[side] for cells in (2, 6))
        fill = contour_generator(x, y, dark, chunk_size=chunk, **kinds)
        draw = contour_generator(*fine, self.height(*fine) ** self.power, chunk_size=finer, **kinds)
        for low, high in pairwise(np.linspace(0, 1, 21)):
            for points, ends in zip(*fill.filled(low, high), strict=True):
                if points is not None:
                    points = np.insert(points, ends[1:-1].astype(int), np.nan, axis=0)
                    pieces.append((0, points, LIT(low), LIT(low), 0.4))
        for level in np.linspace(0, 1, 15)[1:]:
            lines = (points for points in draw.lines(level)[0] if points is not None)
            pieces += [(1 / 12, points, CLEAR, INK, 0.6) for points in lines]
        cloth = []
        for later, points, *colours, width in pieces:
            solid, look = self.lifted(points), (*to_rgba_array(colours), width)
            cloth.append((np.nanmean(solid[:, side]), later, solid, *look))
        return cloth
