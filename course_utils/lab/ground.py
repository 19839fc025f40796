"""The ground that paths walk on: surfaces from the side and from above, and where they slope."""

import numpy as np

from course_utils.experiments.anatomy import angle_to_minimum, directions
from course_utils.lab.picture import Picture
from course_utils.lab.style import scale

DOWNHILL = {"color": "#D55E00", "linestyle": "-", "linewidth": 3}
TO_MINIMUM = {"color": "#000000", "linestyle": "--", "linewidth": 2}
"""The look of the two directions that start at one point."""


def surface_key(surface):
    """Return what tells a surface from others, to be compared."""
    frame = surface.xlim, surface.ylim  # which may be set in the surface only when asked for
    return type(surface), frame, tuple(sorted(vars(surface).items()))


def lay_ground(parts, surface, arrows=False):
    """Draw a surface into `parts.map`, in place of the last one; return its artists."""
    for artist in getattr(parts, "ground", ()):
        artist.remove()
    others = set(parts.map.get_children())
    draw_surface(parts.map, surface, arrows)
    parts.ground = [artist for artist in parts.map.get_children() if artist not in others]
    return parts.ground


def draw_surface(ax, surface, arrows=False):
    """Draw a surface as filled contours, with its minima and the direction downhill.

    The contours crowd towards the lowest height, as the square of equal steps. The arrows show
    where −gradient points, not how long it is.
    """
    x, y = _mesh(surface, 121)
    height = surface(x, y) - surface.lowest
    levels = np.linspace(0, np.sqrt(height.max()), 15) ** 2
    ax.contourf(x, y, height, levels=levels, cmap="Blues", alpha=0.55, zorder=0)
    ax.contour(x, y, height, levels=levels[1:], colors="0.55", linewidths=0.5, zorder=0.5)
    if arrows:
        x, y = _mesh(surface, 11)
        gx, gy = surface.gradient(x, y)
        length = np.hypot(gx, gy)
        length[length == 0] = 1
        ax.quiver(x, y, -gx / length, -gy / length, color="0.45", width=0.003, scale=28, zorder=1)
    for minimum in surface.minima:
        ax.plot(*minimum, marker="*", color="0.15", markersize=11 * scale(), zorder=3)
    ax.set(xlim=surface.xlim, ylim=surface.ylim, aspect="equal", xlabel="x", ylabel="y")
    ax.locator_params(nbins=5)
    ax.grid(False)


def _mesh(surface, points):
    return np.meshgrid(np.linspace(*surface.xlim, points), np.linspace(*surface.ylim, points))


class Surfaces(Picture):
    """A surface in 3-D, and from above with the direction downhill; records are surfaces."""

    size = (10, 4.2)

    def show(self, parts, surface):
        figure = parts.still
        solid = figure.add_subplot(1, 2, 1, projection="3d")
        x, y = _mesh(surface, 61)
        solid.plot_surface(x, y, surface(x, y), cmap="Blues", edgecolor="0.4", linewidth=0.15)
        solid.set(xlabel="x", ylabel="y", zlabel="f")
        solid.set_box_aspect((2, 1.2, 1), zoom=0.85)
        solid.view_init(elev=35, azim=-65)
        solid.locator_params(nbins=5)
        draw_surface(figure.add_subplot(1, 2, 2), surface, arrows=True)
        figure.suptitle(f"${surface.formula}$")
        (left, right), (low, high) = surface.xlim, surface.ylim
        lowest = " and ".join(f"({x:g}, {y:g})" for x, y in surface.minima)
        return (
            f"The surface {surface.name} over x from {left:g} to {right:g} "
            f"and y from {low:g} to {high:g}, lowest at {lowest}."
        )


class Field(Picture):
    """−gradient all over a surface, and two directions from a point; records are such pairs."""

    size = (9, 5.4)

    def show(self, parts, record):
        surface, point = record
        figure, ax = parts.still, parts.still.subplots()
        draw_surface(ax, surface)
        (left, right), (low, high) = surface.xlim, surface.ylim
        x, y = np.meshgrid(np.linspace(left, right, 13)[1:-1], np.linspace(low, high, 7)[1:-1])
        gx, gy = surface.gradient(x, y)
        true = {"angles": "xy", "scale_units": "xy", "scale": np.hypot(gx, gy).max() / 1.5}
        ax.quiver(x, y, -gx, -gy, **true, color="0.3", width=0.003)  # the longest has length 1.5
        downhill, to_minimum = directions(surface, point)
        draw_arrow(ax, DOWNHILL, "−gradient", point, point + 3.5 * downhill, head=18)
        draw_arrow(ax, TO_MINIMUM, "to the minimum", point, point + 3.5 * to_minimum, head=18)
        gx, gy = surface.gradient(*point)
        angle = f"{angle_to_minimum(surface, point):.0f}°"
        ax.plot(*point, "o", color="0", markersize=8 * scale())
        figure.suptitle(f"gradient ({gx:.3g}, {gy:.3g}): −gradient is {angle} off the minimum")
        figure.legend(loc="outside lower center", ncols=2)
        return (
            f"At ({point[0]:g}, {point[1]:g}) the gradient is ({gx:.3g}, {gy:.3g}); "
            f"−gradient is {angle} off the way to the minimum."
        )


def draw_arrow(ax, style, label, tail=(0, 0), tip=(0, 0), head=16):
    """Draw an arrow, and an empty line of its look for a legend; return the arrow."""
    shape = {"arrowstyle": "-|>", "mutation_scale": head, "shrinkA": 0, "shrinkB": 0}
    ax.plot([], [], **style, label=label)
    return ax.annotate("", xy=tip, xytext=tail, arrowprops=shape | style)


surface_figure = Surfaces().still


def field_figure(surface, point):
    """Return a figure of −gradient all over a surface, and of two directions from one point.

    point: (x, y), where the gradient is not zero.
    """
    return Field().still((surface, point))
