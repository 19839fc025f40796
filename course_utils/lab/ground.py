"""The ground that paths walk on: surfaces from the side and from above, and where they slope."""

from functools import partial
from itertools import product

import numpy as np
from matplotlib.colors import LightSource, LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from course_utils.experiments.anatomy import angle_to_minimum, directions
from course_utils.lab.style import GRADIENT, looks
from course_utils.page.controls import slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Grab, Parts, Picture

DOWNHILL = {"color": GRADIENT, "linestyle": "-", "linewidth": 3}
TO_MINIMUM = {"color": "0.35", "linestyle": "--", "linewidth": 2}
"""The look of the two directions that start at one point."""

GROUND = LinearSegmentedColormap.from_list("ground", ("#FCFDFE", "#E3EDF4", "#C0D5E4", "#97B7CF"))
CONTOUR, SLOPE = "#7F9FB8", "#7E93A5"
"""The colours of heights, of the lines between them and of the arrows downhill: no method's."""

BESIDE = np.array([*product((6, 10, 15, 22, 32, 44, 60), (0.5, 0.3, 0.7, 0, 1), (2, -2, 1, -1))]).T
BEYOND = np.array([*product((12, 18, 26), (1, 0.7, 0.4), (0, 0.5, -0.5, 1, -1, 2, -2))]).T
"""Where a name may stand, the best first: pixels from its arrow, share of the way along it, and
eighths of a turn from the arrow's way."""


def surface_key(surface):
    """Return what tells a surface from others, to be compared."""
    frame = surface.xlim, surface.ylim  # which may be set in the surface only when asked for
    return type(surface), frame, tuple(sorted(vars(surface).items()))


def draw_anew(ax, before, draw):
    """Let draw() draw into ax in place of the artists from before; return its artists."""
    for artist in before:
        if artist in ax.get_children():  # contours take their numbers with them
            artist.remove()
    others = set(ax.get_children())
    draw()
    return [artist for artist in ax.get_children() if artist not in others]


def lay_ground(parts, surface):
    """Draw a surface into `parts.map`, in place of another one; return its artists."""
    key = surface_key(surface)
    if getattr(parts, "surface", None) != key:
        draw = partial(draw_surface, parts.map, surface)
        parts.surface, before = key, getattr(parts, "ground", ())
        parts.ground = draw_anew(parts.map, before, draw)
    return parts.ground


def draw_surface(ax, surface, arrows=False):
    """Draw a surface as contours, crowded towards its minima; arrows downhill all of one length."""
    (x, y), levels = _mesh(surface, 161, 161), np.linspace(0, 1, 15)
    _, shade, _ = _relief(surface, x, y)
    ax.contourf(x, y, shade, levels=levels, colors=GROUND(levels[:-1] / levels[-2]), zorder=0)
    ax.contour(x, y, shade, levels=levels[1:], colors=CONTOUR, linewidths=0.5, zorder=0.5)
    if arrows:
        x, y = (line[1:-1, 1:-1] for line in _mesh(surface, 13, 13))  # none on the frame
        gx, gy = surface.gradient(x, y)
        length = np.hypot(gx, gy) + 1e-300
        ax.quiver(x, y, -gx / length, -gy / length, color=SLOPE, width=0.0025, scale=32, zorder=1)
    for minimum in surface.minima:
        ax.plot(*minimum, marker="*", color="0.15", markersize=11, zorder=3)
    ax.set(xlim=surface.xlim, ylim=surface.ylim, aspect="equal", xlabel="x", ylabel="y")
    ax.locator_params(nbins=5)
    ax.grid(False)


def _mesh(surface, columns, rows):
    return np.meshgrid(np.linspace(*surface.xlim, columns), np.linspace(*surface.ylim, rows))


def _relief(surface, x, y):
    """Return height as drawn, by its logarithm where most is very low, its shade, and its name."""
    height = np.maximum(surface(x, y) - surface.lowest, 0)
    low, quarter, top = np.quantile(height, (0.02, 0.25, 1))
    if top < 40 * quarter:
        return height / top, np.sqrt(height / top), "f"
    height = np.log1p(height / low) / np.log1p(top / low)
    return height, height, "log f"


class Surfaces(Picture):
    """A surface, lit, and from above; records are pairs of it and a `Descent` on it, or None."""

    size = (10.4, 4.8)

    def show(self, parts, record):
        surface, descent = record
        solid, above = parts.still.subplots(1, 2, width_ratios=(1.3, 1))
        draw_surface(above, surface, arrows=descent is None)
        if descent:
            (look,) = looks({type(descent.optimizer).__name__: descent}).values()
            above.plot(*descent.positions.T, **look, markersize=3, linewidth=1.3)
            start, reach = descent.positions[0], np.ptp(surface.xlim) / 9
            if np.any(surface.gradient(*start)):
                tip = start + reach * directions(surface, start)[0]
                draw_arrow(above, DOWNHILL, start, tip, head=12)
        above.set_title(f"${surface.formula}$", pad=14)
        _drape(solid, above, surface)
        (left, right), (low, high) = surface.xlim, surface.ylim
        lowest = " and ".join(f"({x:g}, {y:g})" for x, y in surface.minima)
        return (
            f"The surface {surface.name} over x from {left:g} to {right:g} "
            f"and y from {low:g} to {high:g}, lowest at {lowest}."
        )


def _drape(ax, above, surface):
    """Draw a surface, lit, with what `above` shows laid over it, from its right front corner."""
    ax.figure.dpi *= 2
    ax.figure.canvas.draw()
    (left, low), (right, high) = above.get_window_extent().get_points().astype(int)
    cloth = np.asarray(ax.figure.canvas.buffer_rgba())[::-1][low + 3 : high, left + 3 : right, :3]
    ax.figure.dpi /= 2
    rows, columns, _ = cloth.shape
    x, y = _mesh(surface, columns + 1, rows + 1)
    height, _, name = _relief(surface, x, y)
    light = LightSource(160, 45).hillshade(0.6 * height, dx=2 / columns, dy=2 / columns)
    lit = cloth / 255 * (1 - (1 - light[:-1, :-1, np.newaxis]) * (0.42, 0.3, 0.18))  # blue shadows
    x, y = (2 * (each - each[0, 0]) / np.ptp(surface.xlim) for each in (x, y))
    view, deep = np.array([(0.87, 0.5, 0), (-0.39, 0.68, 0.38)]), y.max()
    ax.pcolormesh(*np.tensordot(view, (x, y, height), 1)[:, ::-1], lit[::-1], zorder=2)  # far first
    edges = view @ [(0, 2, 2, 2), (0, 0, deep, deep), (0, 0, 0, 1)]
    ax.plot(*edges, color="0.6", linewidth=1)
    middles = (edges[:, 1:] + edges[:, :-1]).T / 2
    for letter, at in zip(("x", "y", name), middles, strict=True):
        ax.text(*at, f" {letter} ", ha="right" if letter == "x" else "left", va="top")
    ax.set_aspect("equal")
    ax.axis("off")


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
        longest = 0.075 * np.ptp(self.surface.xlim)  # in true proportion
        true = {"angles": "xy", "scale_units": "xy", "scale": np.hypot(gx, gy).max() / longest}
        ax.quiver(x, y, -gx, -gy, **true, color=SLOPE, width=0.002)
        named = {"−gradient": DOWNHILL, "to the minimum": TO_MINIMUM}
        middle = {
            "ha": "center",
            "va": "center",
            "path_effects": [withStroke(linewidth=3, foreground=GROUND(0.2))],
        }
        figure.get_layout_engine().set(h_pad=0.12)  # for a dot on the frame
        dots = ax.plot([], [], "o", [], [], "o", color="0.1", clip_on=False, in_layout=False)
        dots[1].set(markersize=13, fillstyle="none")
        return Parts(
            map=ax,
            arrows=[draw_arrow(ax, style, head=18) for style in named.values()],
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
        ways, reach = np.array(directions(surface, point)), np.ptp(surface.xlim) / 6
        for arrow, way in zip(parts.arrows, reach * ways, strict=True):
            arrow.set_position(point)
            arrow.xy = point + way
        turn = np.linspace(*np.unwrap(np.arctan2(*ways.T[::-1])), 41)
        around = reach * np.transpose([np.cos(turn), np.sin(turn)])
        parts.arc.set_data(*(point + 0.4 * around).T)
        parts.angle.set_text(f"{angle_to_minimum(surface, point):.0f}°")
        tips = *(arrow.xy for arrow in parts.arrows), point + 0.4 * around[20]
        named = [(*each, point) for each in zip((*parts.names, parts.angle), tips, strict=True)]
        name_arrows(parts.map, named, [point, *surface.minima], spots=BEYOND)
        return f"{at}; −gradient is {parts.angle.get_text()} off the way to the minimum."


def name_arrows(ax, arrows, marks, crowd=(), lens=None, spots=BESIDE):
    """Put names beside their arrows, off each other, heads and marks, best off shafts and crowd.

    arrows: a name, tip and tail for each. marks, crowd: points. lens: the middle and the radius of
    a circle to stay in, or None.
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
        if lens:
            cost += 40 * (np.hypot(*(abs(places - lens[0]) + half).T) > lens[1])
        text.set_position(places[np.argmin(cost)])
        boxes.append((places[np.argmin(cost)], half, 99))


def draw_arrow(ax, style, tail=(0, 0), tip=(0, 0), head=16):
    """Draw an arrow and return it."""
    shape = {"arrowstyle": "-|>", "mutation_scale": head, "shrinkA": 0, "shrinkB": 0}
    return ax.annotate("", xy=tip, xytext=tail, arrowprops=shape | style)


def surface_figure(surface, descent=None):
    """Return a figure of a surface from the side and from above, maybe with a path on it."""
    return Surfaces().still((surface, descent))


def field_figure(surface, point):
    """Return a figure of −gradient all over a surface, and of two directions from one point.

    point: (x, y), where the gradient is not zero.
    """
    return Field((surface, point)).still((surface, point))


def explore_field(surface, point=None):
    """Return an `Explorer` of −gradient at a point of a surface, at first its start or (x, y)."""
    x, y = point or surface.start
    controls = {
        "x": slider("x", x, *surface.xlim, 0.01, 0.5),
        "y": slider("y", y, *surface.ylim, 0.01, 0.5),
    }
    return Explorer(Field, lambda x, y: (surface, (x, y)), controls)
