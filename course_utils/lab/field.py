"""Where a surface slopes: −gradient at a point, and the way to the minimum."""

from itertools import product

import numpy as np
from matplotlib.patheffects import withStroke

from course_utils.experiments.anatomy import angle_to_minimum, directions
from course_utils.ground.map import GROUND, draw_surface, mesh
from course_utils.lab.style import DOWNHILL
from course_utils.page.controls import slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Grab, Parts, Picture

TO_MINIMUM = {"color": "0.35", "linestyle": "--", "linewidth": 2}
HALO, SLOPE = withStroke(linewidth=3, foreground=GROUND(0.2)), "#7E93A5"

BESIDE = np.array([*product((6, 10, 15, 22, 32, 45), (0.5, 0.3, 0.7, 0, 1), (2, -2, 1, -1, 4))]).T
BEYOND = np.array([*product((12, 18, 26), (1, 0.7, 0.4), (0, 0.5, -0.5, 1, -1, 2, -2))]).T
"""Where a name may stand, the best first: pixels from its arrow, share of the way along it, and
eighths of a turn from the arrow's way."""


class Field(Picture):
    """−gradient all over a surface, and two directions from a point; records are such pairs."""

    size = (10.4, 4.6)

    def __init__(self, record):
        self.surface, _ = record

    def frame(self, figure):
        ax = figure.subplots()
        draw_surface(ax, self.surface)
        x, y = (line[1:-1, 1:-1] for line in mesh(self.surface, 13, 8))
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


def explore_field(surface, point=None):
    """Return an `Explorer` of −gradient at a point of a surface, at first its start or (x, y)."""
    x, y = point or surface.start
    ends = ("x", x, surface.xlim), ("y", y, surface.ylim)
    controls = {name: slider(name, at, *both, 0.01, 0.5) for name, at, both in ends}
    return Explorer(Field, lambda x, y: (surface, (x, y)), controls)
