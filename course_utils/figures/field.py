"""Where the gradient points: the field of −gradient, and the way to the minimum."""

import numpy as np

from course_utils.figures.paths import draw_surface
from course_utils.figures.style import new_figure, scale

DOWNHILL = {"color": "#D55E00", "linestyle": "-", "linewidth": 3}
TO_MINIMUM = {"color": "#000000", "linestyle": "--", "linewidth": 2}
"""The look of the two directions that start at one point."""


def directions(surface, point):
    """Return two arrays (x, y) of length 1: along −gradient, and from point to the first minimum.

    point: (x, y), where the gradient is not zero.
    """
    downhill = -np.array(surface.gradient(*point), dtype=float)
    to_minimum = np.subtract(surface.minima[0], point)
    return downhill / np.hypot(*downhill), to_minimum / np.hypot(*to_minimum)


def angle_to_minimum(surface, point):
    """Return by how many degrees, 0 to 180, −gradient misses the way to the first minimum."""
    (ax, ay), (bx, by) = directions(surface, point)
    return float(np.degrees(np.arctan2(abs(ax * by - ay * bx), ax * bx + ay * by)))


def draw_field(ax, surface):
    """Draw −gradient over ax as arrows in true proportion, the longest of length 1.5."""
    x, y = np.meshgrid(np.linspace(*surface.xlim, 13)[1:-1], np.linspace(*surface.ylim, 7)[1:-1])
    gx, gy = surface.gradient(x, y)
    longest = np.hypot(gx, gy).max()
    return ax.quiver(
        x, y, -gx, -gy, angles="xy", scale_units="xy", scale=longest / 1.5, color="0.3", width=0.003
    )


def draw_direction(ax, point, direction, style, label):
    """Draw an arrow of length 3.5 that starts at point."""
    ax.annotate(
        "",
        xy=np.add(point, 3.5 * np.asarray(direction)),
        xytext=point,
        arrowprops={"arrowstyle": "-|>", "mutation_scale": 18, "shrinkA": 0, "shrinkB": 0} | style,
    )
    ax.plot([], [], **style, label=label)


def field_figure(surface, point):
    """Return a figure of −gradient all over a surface, and of two directions from one point.

    point: (x, y), where the gradient is not zero.
    """
    gx, gy = surface.gradient(*point)
    angle = f"{angle_to_minimum(surface, point):.0f}°"

    def draw(figure):
        ax = figure.subplots()
        draw_surface(ax, surface, arrows=False)
        draw_field(ax, surface)
        ways = zip(directions(surface, point), (DOWNHILL, TO_MINIMUM), strict=True)
        for (way, style), label in zip(ways, ("−gradient", "to the minimum"), strict=True):
            draw_direction(ax, point, way, style, label)
        ax.plot(*point, "o", color="0", markersize=8 * scale())
        figure.suptitle(f"gradient ({gx:.3g}, {gy:.3g}): −gradient is {angle} off the minimum")
        figure.legend(loc="outside lower center", ncols=2)

    figure = new_figure(9, 5.4, draw)
    figure.description = (
        f"At ({point[0]:g}, {point[1]:g}) the gradient is ({gx:.3g}, {gy:.3g}); "
        f"−gradient is {angle} off the way to the minimum."
    )
    return figure
