"""Draw the README's moving picture: make picture"""

from pathlib import Path

import numpy as np
from PIL import Image

from course_utils import Ravine, descend
from course_utils.experiments import METHODS, five
from course_utils.lab.curves import SOLID
from course_utils.page.axes import name_ends, plain_ticks
from course_utils.page.picture import new_figure

FILE = Path(__file__).parents[1] / "docs" / "five_paths.gif"
STEPS, BETWEEN = 30, 3  # updates, and moments for each
START, MOVE, END = 900, 70, 5000  # how long the first, a later and the last moment stay, in ms
DENSITY = 1.4  # 1,400 pixels across


def main(file=FILE):
    first, *others = frames()
    stay = [START, *[MOVE] * (len(others) - 1), END]
    file.parent.mkdir(exist_ok=True)
    first.save(file, "GIF", save_all=True, append_images=others, duration=stay, loop=0)


def frames():
    """Return the picture at each moment, as images of one palette."""
    updates, moments = np.arange(STEPS + 1), np.arange(STEPS * BETWEEN + 1) / BETWEEN
    runs = []
    with new_figure((10, 4)) as figure:
        figure.set_dpi(100 * DENSITY)
        above, beside = figure.subplots(1, 2, width_ratios=(1.75, 1))
        draw_ravine(above)
        beside.set(yscale="log", xlim=(-0.5, STEPS + 1), xlabel="updates", title="loss f")
        for name, optimizer in five().items():
            descent, look = descend(Ravine(), optimizer, steps=STEPS), METHODS[name].look | SOLID
            path = np.array([np.interp(moments, updates, each) for each in descent.positions.T])
            loss = np.array([moments, np.exp(np.interp(moments, updates, np.log(descent.losses)))])
            runs += [draw(above, path, look), draw(beside, loss, look, name)]
        plain_ticks(beside)
        losses = [line for line, _, _ in runs[1::2]]
        names = name_ends(losses)
        shots = [shot(figure)]  # the end, which lays it out with room for the names
        for moment in range(1, len(moments) + 1):
            for line, head, curve in runs:
                line.set_data(curve[:, :moment])
                head.set_data(curve[:, moment - 1 : moment])
            name_ends(losses, names)
            shots.append(shot(figure))
    end, *shots = shots
    frequent = sorted(end.getcolors(end.width * end.height), reverse=True)[:192]
    rare = end.quantize(64, Image.Quantize.MAXCOVERAGE).getpalette()
    colours, palette = (
        [part for _, colour in frequent for part in colour] + rare,
        Image.new("P", (1, 1)),
    )
    palette.putpalette(colours)
    found = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in shots]
    paper = 3 * found[0].getpixel((0, 0))
    colours[paper : paper + 3] = end.getpixel((0, 0))  # which the quantizing has tinted
    for each in found:
        each.putpalette(colours)
    return found


def draw_ravine(ax):
    """Draw the part of the ravine that the paths cross, from above."""
    ravine, (x, y) = Ravine(), np.meshgrid(np.linspace(-8, 2.5, 121), np.linspace(-2.7, 2.7, 121))
    levels = np.linspace(0, np.sqrt(ravine(x, y).max()), 12) ** 2
    ax.contourf(x, y, ravine(x, y), levels=levels, cmap="Blues", alpha=0.55)
    ax.contour(x, y, ravine(x, y), levels=levels[1:], colors="0.55", linewidths=0.5)
    ax.plot(0, 0, marker="*", color="0.15", markersize=11)
    ax.set(aspect="equal", xlabel="x", ylabel="y", xticks=range(-8, 3, 2), yticks=range(-2, 3))
    ax.set_title("five methods on f(x, y) = x²/20 + y²")
    ax.grid(visible=False)


def draw(ax, curve, look, name=None):
    """Return a curve's line, with a marker at each update, its head, and the curve."""
    line = ax.plot(*curve, **look, label=name, markevery=BETWEEN, markersize=3.5, linewidth=1.5)[0]
    mark = look | {"linestyle": "", "markersize": 13 if look["marker"] == "." else 8}
    return line, ax.plot(*curve[:, -1:], **mark, markeredgewidth=2, zorder=4)[0], curve


def shot(figure):
    """Return a figure as it is now, as an image."""
    figure.draw_styled(figure.canvas)
    return Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])


if __name__ == "__main__":
    main()
