"""Surfaces seen from above and from the side, and paths on them."""

import numpy as np

from course_utils.figures.describe import describe_descent
from course_utils.figures.style import looks, new_figure, scale


def draw_surface(ax, surface, arrows=True):
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


def draw_ground(ax, surface, before=(), arrows=True):
    """Draw a surface into ax, in place of the artists of the one before, and return its artists."""
    for artist in before:
        artist.remove()
    others = set(ax.get_children())
    draw_surface(ax, surface, arrows)
    return [artist for artist in ax.get_children() if artist not in others]


def draw_path(ax, descent, style, label=None, animated=False):
    """Draw a path into ax and return its line. A diverging one leaves the picture and ends."""
    line = ax.plot(
        [], [], **style, label=label, markersize=4 * scale(), animated=animated, zorder=2
    )[0]
    if descent is not None:
        move_path(line, descent)
    return line


def move_path(line, descent):
    """Give the line that `draw_path` returned another path to show."""
    line.set_data(descent.positions[:, 0], descent.positions[:, 1])


def draw_loss(ax, descent, style, label=None, animated=False):
    """Draw the height above the minimum after each update into ax and return the line."""
    line = ax.plot([], [], **style, label=label, markersize=3 * scale(), animated=animated)[0]
    if descent is not None:
        move_loss(line, descent)
    return line


def move_loss(line, descent):
    """Give the line that `draw_loss` returned another descent to show."""
    height = np.maximum(descent.losses - descent.surface.lowest, 1e-300)
    line.set_data(np.arange(len(height)), height)


def frame_loss(ax, steps):
    """Give ax the axes of a loss: logarithmic, over `steps` updates."""
    ax.set(xlim=(0, steps), ylim=(1e-8, 1e3), yscale="log", xlabel="updates", title="loss f")


def surface_figure(surface):
    """Return a figure of a surface: in 3-D, and from above with the direction downhill."""

    def draw(figure):
        solid = figure.add_subplot(1, 2, 1, projection="3d")
        x, y = _mesh(surface, 61)
        solid.plot_surface(x, y, surface(x, y), cmap="Blues", edgecolor="0.4", linewidth=0.15)
        solid.set(xlabel="x", ylabel="y", zlabel="f")
        solid.set_box_aspect((2, 1.2, 1), zoom=0.85)
        solid.view_init(elev=35, azim=-65)
        solid.locator_params(nbins=5)
        draw_surface(figure.add_subplot(1, 2, 2), surface)
        figure.suptitle(f"${surface.formula}$")

    figure = new_figure(10, 4.2, draw)
    figure.description = (
        f"The surface {surface.name} over x from {surface.xlim[0]:g} to {surface.xlim[1]:g} and "
        f"y from {surface.ylim[0]:g} to {surface.ylim[1]:g}, lowest at "
        + " and ".join(f"({x:g}, {y:g})" for x, y in surface.minima)
        + "."
    )
    return figure


def descent_figure(descents):
    """Return a figure of paths on their surface, and of the loss beside it.

    descents: one `Descent`, or a dict of labels and descents on the same surface. A label that is
        an optimizer's name gets that optimizer's look.
    """
    if not isinstance(descents, dict):
        descents = {type(descents.optimizer).__name__: descents}

    def draw(figure):
        left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
        draw_surface(left, next(iter(descents.values())).surface)
        for (label, descent), style in zip(descents.items(), looks(descents), strict=True):
            draw_path(left, descent, style, label)
            draw_loss(right, descent, style)
        frame_loss(right, max(2, *(len(descent.losses) - 1 for descent in descents.values())))
        if len(descents) > 1:
            columns = min(len(descents), 5 if scale() == 1 else 3)
            figure.legend(loc="outside upper center", ncols=columns)

    figure = new_figure(10, 4.2 if len(descents) > 1 else 3.8, draw)
    figure.description = " ".join(describe_descent(descent) for descent in descents.values())
    return figure


def _mesh(surface, points):
    return np.meshgrid(np.linspace(*surface.xlim, points), np.linspace(*surface.ylim, points))
