"""A surface to turn by hand."""

import numpy as np

from course_utils.ground.map import draw_anew, draw_surface
from course_utils.ground.solid import VIEW, Solid
from course_utils.lab.style import COORDINATES
from course_utils.page.controls import slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Parts, Picture


class Surfaces(Picture):
    """A surface from the side, and from above, with its profiles through the lowest point, along x
    and along y; records are it and a view."""

    size = (10.4, 4.4)

    def __init__(self, record):
        self.solid, surface = Solid(record[0]), record[0]
        x, y = np.linspace(*surface.xlim, 101), np.linspace(*surface.ylim, 101)
        (low_x, low_y), *_ = surface.minima
        self.profiles = {"x": (x, np.full(101, low_y)), "y": (np.full(101, low_x), y)}

    def frame(self, figure):
        side, above = figure.subplots(1, 2, width_ratios=(1, 1.1))
        draw_surface(above, self.solid.surface)
        for name, line in self.profiles.items():
            above.plot(*line, **COORDINATES[name])
        above.set_anchor("C")
        above.set_title(f"${self.solid.surface.formula}$", pad=14)
        return Parts(side=side, still=[], grabs=[self.solid.frame(side)])

    def ground(self, record):
        return record[1:]

    def lay(self, parts, record):
        parts.still = draw_anew(parts.side, parts.still, self.draw, record[1:])
        return parts.still

    def draw(self, ax, view):
        self.solid.draw(ax, view)
        for name, line in self.profiles.items():
            ax.plot(*self.solid.seen(np.transpose(line)).T, **COORDINATES[name])

    def show(self, parts, record):
        surface, *view = record
        (left, right), (low, high) = surface.xlim, surface.ylim
        lowest = " and ".join(f"({x:g}, {y:g})" for x, y in surface.minima)
        return (
            f"The surface {surface.name} over x from {left:g} to {right:g} and y from {low:g} to "
            f"{high:g}, lowest at {lowest}. Turned by {view[0]:g}°, seen from {view[1]:g}° above."
        )


def views():
    """Return controls of a view."""
    return {
        "turn": slider("turn", VIEW[0], -180, 180, 1, 15, unit="°"),
        "tilt": slider("tilt", VIEW[1], 10, 70, 1, 5, unit="°"),
    }


def explore_surface(surface):
    """Return an `Explorer` of a surface from the side, to be turned by hand, and from above."""
    return Explorer(Surfaces, lambda turn, tilt: (surface, turn, tilt), views())
