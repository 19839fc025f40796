"""The ground that paths walk on: surfaces from the side and from above, and where they slope."""

from itertools import pairwise, product
from time import monotonic

import numpy as np
from contourpy import contour_generator
from matplotlib.collections import PathCollection
from matplotlib.colors import LightSource, LinearSegmentedColormap, to_rgba_array
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from course_utils.experiments.anatomy import angle_to_minimum, directions
from course_utils.lab.style import GRADIENT
from course_utils.page.controls import slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Grab, Parts, Picture
from course_utils.surfaces import Ravine

DOWNHILL = {"color": GRADIENT, "linestyle": "-", "linewidth": 3}
TO_MINIMUM = {"color": "0.35", "linestyle": "--", "linewidth": 2}  # both from one point

GROUND = LinearSegmentedColormap.from_list("ground", ("#FCFDFE", "#E3EDF4", "#C0D5E4", "#97B7CF"))
HALO = withStroke(linewidth=3, foreground=GROUND(0.2))
LIT = LinearSegmentedColormap.from_list("lit", ("#FFF", "#DFEAF3", "#A9C4DA", "#6E97BD", "#3F6A98"))
CLEAR, INK, VIEW = (0, 0, 0, 0), (0.35, 0.5, 0.63, 1), (30, 60)
CONTOUR, SLOPE = "#7F9FB8", "#7E93A5"
"""The colours of heights, of the lines between them and of the arrows downhill: no method's."""

START = {"color": "0.1", "marker": "o", "markersize": 11, "fillstyle": "none", "zorder": 4}
START |= {"linestyle": "", "clip_on": False}
STAR = START | {"marker": "*", "markersize": 13}
"""The looks of a start and a minimum, through which what has come there is seen."""

BESIDE = np.array([*product((6, 10, 15, 22, 32, 45), (0.5, 0.3, 0.7, 0, 1), (2, -2, 1, -1, 4))]).T
BEYOND = np.array([*product((12, 18, 26), (1, 0.7, 0.4), (0, 0.5, -0.5, 1, -1, 2, -2))]).T
"""Where a name may stand, the best first: pixels from its arrow, share of the way along it, and
eighths of a turn from the arrow's way."""


def surface_key(surface):
    """Return what tells a surface from others, to be compared."""
    frame = surface.xlim, surface.ylim  # which may be set in the surface only when asked for
    return type(surface), frame, tuple(sorted(vars(surface).items()))


def draw_anew(ax, before, draw, *args):
    """Let draw(ax, *args) draw in place of the artists from before; return its artists."""
    for artist in before:
        if artist in ax.get_children():  # contours take their numbers with them
            artist.remove()
    others = set(ax.get_children())
    draw(ax, *args)
    return [artist for artist in ax.get_children() if artist not in others]


def lay_ground(parts, surface):
    """Draw a surface into `parts.map`, in place of another one; return its artists."""
    key = surface_key(surface)
    if getattr(parts, "surface", None) != key:
        before, parts.surface = getattr(parts, "ground", ()), key
        parts.ground = draw_anew(parts.map, before, draw_surface, surface)
    return parts.ground


def draw_surface(ax, surface):
    """Draw a surface as contours, crowded towards its minima."""
    (x, y), levels = _mesh(surface, 161, 161), np.linspace(0, 1, 15)
    height, power, _ = _relief(surface)
    shade = height(x, y) ** power
    ax.contourf(x, y, shade, levels=levels, colors=GROUND(levels[:-1] / levels[-2]), zorder=0)
    ax.contour(x, y, shade, levels=levels[1:], colors=CONTOUR, linewidths=0.5, zorder=0.5)
    ax.plot(*np.transpose(surface.minima), **STAR)
    ax.set(xlim=surface.xlim, ylim=surface.ylim, xlabel="x", ylabel="y")
    ax.set_aspect("equal", anchor="N")
    ax.locator_params(nbins=5)
    ax.grid(False)


def _mesh(surface, columns, rows):
    return np.meshgrid(np.linspace(*surface.xlim, columns), np.linspace(*surface.ylim, rows))


def _relief(surface):
    """Return height as drawn, by its logarithm where most is very low, as a function of x and y,
    the power of it that is its shade, and its name."""

    def above(x, y):
        return np.maximum(surface(x, y) - surface.lowest, 0)

    low, quarter, top = np.quantile(above(*_mesh(surface, 161, 161)), (0.02, 0.25, 1))
    if isinstance(surface, Ravine) or top < 40 * quarter:
        return lambda x, y: above(x, y) / top, 0.5, "f"
    return lambda x, y: np.log1p(above(x, y) / low) / np.log1p(top / low), 1, "log f"


class Surfaces(Picture):
    """A surface, lit, that a hand can turn, and from above; records are it and maybe degrees: by
    which it is turned, and from how far above it is seen."""

    size = (10.4, 4.4)

    def __init__(self, record):
        self.surface, *_ = record
        self.height, self.power, self.name = _relief(self.surface)
        self.held, self.hand, self.heard = (0, 0, *VIEW), (9, 9), 0.0

    def frame(self, figure):
        solid, above = figure.subplots(1, 2, width_ratios=(1, 1.1))
        surface, top = self.surface, self.surface(*_mesh(self.surface, 49, 37)).max()
        draw_surface(above, surface)
        above.set_anchor("C")
        above.set_title(f"${surface.formula}$", pad=14)
        self.corner = np.array([1, np.ptp(surface.ylim) / np.ptp(surface.xlim)])
        self.cloths = [self.cloth(side) for side in (0, 1)]
        ends = (f"{surface.lowest:.3g}", f"f = {top:.3g}") if self.name == "f" else ("", "log f")
        wide, high = np.outer(np.hypot(*self.corner) * np.array((1.1, 0.85)), (-1, 1))
        solid.set(xlim=wide, ylim=high, aspect="equal")
        solid.axis("off")
        return Parts(
            edges=solid.plot([], [], color="0.6", linewidth=1, zorder=0, clip_on=False)[0],
            cloth=solid.add_collection(PathCollection([], clip_on=False), autolim=False),
            stars=solid.plot([], [], **STAR)[0],
            names=[solid.text(0, 0, name, va="center") for name in ("x", "y", *ends)],
            grabs=[Grab(solid, ("turn", "tilt"), self.turned)],
        )

    def turned(self, x, y):
        """Return the view once what is near has gone with a hand, from where it took hold."""
        leap, pause = np.hypot(*np.subtract((x, y), self.hand)), monotonic() - self.heard
        if leap > 0.05 and pause > 0.3:
            self.held = x, y, *self.view
        self.hand, self.heard, (left, low, turn, tilt) = (x, y), monotonic(), self.held
        turn = (turn - 57 * (x - left) + 180) % 360 - 180
        return {"turn": round(turn), "tilt": round(tilt - 57 * (y - low))}

    def show(self, parts, record):
        surface, self.view = self.surface, record[1:] or VIEW
        (c, up), (s, flat) = np.cos(np.radians(self.view)), np.sin(np.radians(self.view))
        view = np.array([(c, -s * flat), (s, c * flat), (0, 0.6 * up)])
        x, y = self.corner * np.where((s >= 0, c <= 0), 1, -1)  # the nearest
        side, way = (0, np.sign(x)) if abs(s) > abs(c) else (1, np.sign(y))
        pieces = sorted(self.cloths[side], key=lambda piece: way * piece[0] + piece[1])
        _, _, points, faces, lines, widths = zip(*pieces, strict=True)
        parts.cloth.set_paths([Path(each @ view) for each in points])
        parts.cloth.set(facecolor=np.array(faces), edgecolor=np.array(lines), linewidth=widths)
        stars = [at for at in surface.minima if not self.covered(at, np.array((s, -c)), flat / up)]
        parts.stars.set_data(*(self.lifted(stars) @ view).T)
        edges = [(-x, y, -0.5), (x, y, -0.5), (x, -y, -0.5), (x, -y, 0.5)] @ view
        parts.edges.set_data(*edges.T)
        for name, at in zip(parts.names, [*(edges[1:3] + edges[:2]) / 2, *edges[2:]], strict=True):
            away = at - (0, 0, -0.5) @ view
            name.set(ha="left" if away[0] > 0 else "right", position=at + 0.06 * np.sign(away))
        name.set(ha="center", position=edges[3] + (0, 0.12))
        (left, right), (low, high) = surface.xlim, surface.ylim
        lowest = " and ".join(f"({x:g}, {y:g})" for x, y in surface.minima)
        seen = " Turned by {:g}°, seen from {:g}° above.".format(*self.view) if record[1:] else ""
        return (
            f"The surface {surface.name} over x from {left:g} to {right:g} "
            f"and y from {low:g} to {high:g}, lowest at {lowest}.{seen}"
        )

    def covered(self, place, way, rise):
        """Return whether the surface hides a place on it from an eye that looks down this way."""
        far = np.linspace(0, 2, 100)[1:, np.newaxis]
        x, y, z = self.lifted(place + far * way * np.ptp(self.surface.xlim) / 2).T
        inside = (abs(x) <= 1) & (abs(y) <= self.corner[1])
        return np.any(inside & (z > self.lifted(place)[0, 2] + 0.05 + rise / 0.6 * far[:, 0]))

    def lifted(self, points):
        """Return points of the map on the surface, which is 2 wide and 1 high, around 0."""
        points, frame = np.reshape(points, (-1, 2)), [self.surface.xlim, self.surface.ylim]
        flat = (points - np.mean(frame, axis=1)) / (np.ptp(self.surface.xlim) / 2)
        return np.column_stack([flat, self.height(*points.T) - 0.5])

    def cloth(self, side):
        """Return the surface, lit, with lines of height, in strips across x (side 0) or y (1): of
        each outline its place there, how much later it is drawn, points, colours and width."""
        (x, y), fine, pieces = _mesh(self.surface, 49, 37), _mesh(self.surface, 145, 109), []
        steps, unit = (x[0, 1] - x[0, 0], y[1, 0] - y[0, 0]), np.ptp(self.surface.xlim) / 2
        light = LightSource(160, 45).hillshade(self.height(x, y), 0.6 * unit, *steps)
        dark = np.clip(0.62 * self.height(x, y) ** self.power + 0.38 * (1 - light), 0.001, 0.999)
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


class Field(Picture):
    """−gradient all over a surface, and two directions from a point; records are such pairs."""

    size = (10.4, 4.6)

    def __init__(self, record):
        self.surface, _ = record

    def frame(self, figure):
        ax = figure.subplots()
        draw_surface(ax, self.surface)
        x, y = (line[1:-1, 1:-1] for line in _mesh(self.surface, 13, 8))
        gx, gy = self.surface.gradient(x, y)
        self.scale = np.hypot(gx, gy).max() / (0.075 * np.ptp(self.surface.xlim))
        true = {"angles": "xy", "scale_units": "xy"}  # in true proportion
        ax.quiver(x, y, -gx, -gy, **true, scale=self.scale, color=SLOPE, width=0.002)
        named = {"−gradient": DOWNHILL, "to the minimum": TO_MINIMUM}
        head = {"arrowstyle": "-|>", "mutation_scale": 18, "shrinkA": 0, "shrinkB": 0}
        middle = {"ha": "center", "va": "center", "path_effects": [HALO]}
        figure.get_layout_engine().set(h_pad=0.12)  # for a dot on the frame
        dots = ax.plot([], [], "o", [], [], "o", color="0.1", clip_on=False, in_layout=False)
        dots[1].set(markersize=13, fillstyle="none")
        return Parts(
            map=ax,
            arrows=[ax.annotate("", (0, 0), (0, 0), arrowprops=head | s) for s in named.values()],
            names=[ax.text(0, 0, name, color=named[name]["color"], **middle) for name in named],
            arc=ax.plot([], [], color="0")[0],
            dots=dots,
            angle=ax.text(0, 0, "", **middle),
            grabs=[Grab(ax, ("x", "y"))],
        )

    def show(self, parts, record):
        surface, point = record[0], np.array(record[1], float)
        gx, gy = surface.gradient(*point)
        at = f"At ({point[0]:g}, {point[1]:g}) the gradient is ({gx:.3g}, {gy:.3g})"
        for dot in parts.dots:
            dot.set_data(*point[:, np.newaxis])
        flat = not (gx or gy) or tuple(point) == surface.minima[0]
        for artist in (*parts.arrows, *parts.names, parts.angle, parts.arc):
            artist.set_visible(not flat)
        if flat:
            return f"{at}: flat, nothing leads downhill."
        ways, unit = np.array(directions(surface, point)), np.ptp(surface.xlim)
        steep = np.clip(2.5 * np.hypot(gx, gy) / self.scale, 0.06 * unit, 0.45 * unit)
        far = np.hypot(*np.subtract(surface.minima[0], point))
        for arrow, length, way in zip(parts.arrows, (steep, far), ways, strict=True):
            arrow.xy = point + length * way
            arrow.set(position=point, visible=length > 0.02 * unit)  # not all of it within the ring
        turn = np.linspace(*np.unwrap(np.arctan2(*ways.T[::-1])), 41)
        around = min(0.065 * unit, 0.7 * steep, 0.7 * far) * np.array([np.cos(turn), np.sin(turn)])
        parts.arc.set_data(*(point + around.T).T)
        parts.angle.set_text(f"{angle_to_minimum(surface, point):.0f}°")
        tips = *(arrow.xy for arrow in parts.arrows), point + around[:, 20]
        named = [(*each, point) for each in zip((*parts.names, parts.angle), tips, strict=True)]
        name_arrows(parts.map, named, [point, *surface.minima], spots=BEYOND)
        return f"{at}; −gradient is {parts.angle.get_text()} off the way to the minimum."


def name_arrows(ax, arrows, marks, crowd=(), spots=BESIDE):
    """Put names beside their arrows, off each other, heads and marks, best off shafts and crowd.

    arrows: a name, tip and tail for each. marks, crowd: points. spots: as `BESIDE`.
    """
    pixel, shares = np.ptp(ax.get_xlim()) / ax.bbox.width, np.linspace(0, 1, 15)[:, np.newaxis]
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    light = [*crowd, *(at for _, tip, tail in arrows for at in tail + shares * (tip - tail))]
    heavy = [*marks, *(tip for _, tip, _ in arrows)]
    boxes = [(at, (0, 0), 1) for at in light] + [(at, (11 * pixel,) * 2, 99) for at in heavy]
    gaps, along, turns = spots
    for text, tip, tail in sorted(arrows, key=lambda each: np.hypot(*(each[1] - each[2]))):
        box, way = text.get_window_extent(ax.figure.canvas.get_renderer()), tip - tail
        half = np.array([box.width / 2 + 2, box.height / 2 + 1]) * pixel
        turn = np.arctan2(*way[::-1]) + turns * np.pi / 4
        side = np.column_stack([np.cos(turn), np.sin(turn)])
        side *= gaps[:, np.newaxis] * pixel + half / abs(side).max(axis=1, keepdims=True)
        places = np.clip(tail + np.outer(along, way) + side, low + half, high - half)
        middles, halves, weights = map(np.array, zip(*boxes, strict=True))
        covered = np.all(abs(places[:, np.newaxis] - middles) < half + halves, axis=2)
        cost = covered @ weights + np.arange(len(places)) / 20
        text.set_position(places[np.argmin(cost)])
        boxes.append((places[np.argmin(cost)], half, 99))


def explore_surface(surface):
    """Return an `Explorer` of a surface from the side, to be turned by hand, and from above."""
    controls = {
        "turn": slider("turn", VIEW[0], -180, 180, 1, 15, unit="°"),
        "tilt": slider("tilt", VIEW[1], 10, 70, 1, 5, unit="°"),
    }
    return Explorer(Surfaces, lambda turn, tilt: (surface, turn, tilt), controls)


def explore_field(surface, point=None):
    """Return an `Explorer` of −gradient at a point of a surface, at first its start or (x, y)."""
    x, y = point or surface.start
    ends = ("x", x, surface.xlim), ("y", y, surface.ylim)
    controls = {name: slider(name, at, *both, 0.01, 0.5) for name, at, both in ends}
    return Explorer(Field, lambda x, y: (surface, (x, y)), controls)
