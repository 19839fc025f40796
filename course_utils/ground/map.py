"""A surface from above: its map, with what marks a start and a minimum."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from course_utils.surfaces import Ravine

GROUND = LinearSegmentedColormap.from_list("ground", ("#FCFDFE", "#E3EDF4", "#C0D5E4", "#97B7CF"))
CONTOUR = "#7F9FB8"
"""The colours of heights and of the lines between them: no method's."""

START = {"color": "0.1", "marker": "o", "markersize": 11, "fillstyle": "none", "zorder": 4}
START |= {"linestyle": "", "clip_on": False}
STAR = START | {"marker": "*", "markersize": 13}
"""The looks of a start and a minimum, through which what has come there is seen."""


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
    (x, y), levels = mesh(surface, 161, 161), np.linspace(0, 1, 15)
    height, power, _ = relief(surface)
    shade = height(x, y) ** power
    ax.contourf(x, y, shade, levels=levels, colors=GROUND(levels[:-1] / levels[-2]), zorder=0)
    ax.contour(x, y, shade, levels=levels[1:], colors=CONTOUR, linewidths=0.5, zorder=0.5)
    ax.plot(*np.transpose(surface.minima), **STAR)
    ax.set(xlim=surface.xlim, ylim=surface.ylim, xlabel="x", ylabel="y")
    ax.set_aspect("equal", anchor="N")
    ax.locator_params(nbins=5)
    ax.grid(False)


def mesh(surface, columns, rows):
    return np.meshgrid(np.linspace(*surface.xlim, columns), np.linspace(*surface.ylim, rows))


def relief(surface):
    """Return height as drawn, by its logarithm where most is very low, as a function of x and y,
    the power of it that is its shade, and its name."""

    def above(x, y):
        return np.maximum(surface(x, y) - surface.lowest, 0)

    low, quarter, top = np.quantile(above(*mesh(surface, 161, 161)), (0.02, 0.25, 1))
    if isinstance(surface, Ravine) or top < 40 * quarter:
        return lambda x, y: above(x, y) / top, 0.5, "f"
    return lambda x, y: np.log1p(above(x, y) / low) / np.log1p(top / low), 1, "log f"
