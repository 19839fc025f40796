"""Paths on their surface from the side, and with SGD what each update makes of x and of y."""

import numpy as np
from matplotlib.artist import setp

from course_utils.ground.solid import VIEW, Solid
from course_utils.lab.field import name_arrows
from course_utils.lab.paths import Paths, explore_descent, first_of
from course_utils.lab.style import COORDINATES, DOWNHILL, GRADIENT, LIGHT
from course_utils.lab.surface import views
from course_utils.page.explorer import Explorer
from course_utils.page.trail import Trail
from course_utils.surfaces import Ravine


class Hill(Paths):
    """Paths, and beside their map its surface from the side, with the paths and an arrow downhill
    from the first one's head; of SGD alone, in a valley along the axes, the contraction factors.
    Records are `Walks`, about a view."""

    board, tall = 1.0, 0.6

    def __init__(self, walks):
        super().__init__(walks, live=True)
        surface, kinds = first_of(walks.descents).surface, [*walks.descents]
        self.solid = Solid(surface)
        self.draw_board = self.solid.draw
        self.factors = kinds == ["SGD"] and isinstance(surface, Ravine) and not surface.rotation

    def places(self, figure):
        rows, heights = ("bm;b0;f0", (1.5, 0.75, 0.2)) if self.factors else ("bm;b0", (1.5, 1))
        axes = figure.subplot_mosaic(rows, height_ratios=heights)
        self.line = axes.get("f")
        return axes

    def frame(self, figure):
        parts, head = super().frame(figure), DOWNHILL | {"arrowstyle": "-|>", "mutation_scale": 16}
        parts.grabs = [self.solid.frame(parts.board), *parts.grabs]
        parts.trails = {n: Trail(parts.board, s, True) for n, s in self.styles.items()}
        parts.arrow = parts.board.annotate("", (0, 0), (0, 0), arrowprops=head | {"shrinkA": 0})
        middle = {"fontsize": 10, "ha": "center", "va": "center"}
        parts.word = parts.board.text(0, 0, "downhill", color=GRADIENT, bbox=LIGHT, **middle)
        if self.factors:
            self.line.set(xlim=(-1.3, 1.3), ylim=(-1, 1), xticks=(-1, 0, 1), yticks=())
            self.line.set_title("factor at each update (grey: it grows)", loc="left", fontsize=12)
            for left in -1.3, 1:
                self.line.axvspan(left, left + 0.3, color="0.85", linewidth=0)
            letters = [COORDINATES[n] | {"marker": f"${n}$", "linestyle": ""} for n in "xy"]
            parts.factors = [self.line.plot([], [], ms=11, **look)[0] for look in letters]
        return parts

    def ground(self, walks):
        return *super().ground(walks), walks.about

    def show(self, parts, walks):
        for label, descent in walks.descents.items():
            parts.trails[label].move(self.solid.seen(descent.positions), walks.t, lambda *_: "")
        first = first_of(walks.descents)
        tail, tip = self.solid.downhill(first.positions[min(walks.t, first.updates)])
        parts.arrow.xy = tip
        stars = [at for at in self.solid.seen(first.surface.minima) if np.isfinite(at).all()]
        far = all(np.hypot(*(at - tail)) > 0.15 for at in stars)  # else it would cover the star
        setp((parts.arrow, parts.word), visible=far and parts.board.viewLim.contains(*tail))
        name_arrows(parts.board, [(parts.word, tip, tail)], stars)  # only what is seen has a size
        parts.arrow.set_position(tail)
        if self.factors:
            sizes = 1 - first.optimizer.lr * np.array(first.surface.curvature(0.0, 0.0))
            for letter, size in zip(parts.factors, sizes.clip(-1.25, 1.25), strict=True):
                letter.set_data([size], [0])
        turned = " Turned by {:g}°, seen from {:g}° above.".format(*walks.about)
        return super().show(parts, walks) + turned * (walks.about != VIEW)


def explore_hill(*optimizers, surface=None, steps=30):
    """Return an `Explorer` as `explore_descent` does, of one or two optimizers, with the paths also
    on the surface from the side, which a hand can turn."""
    if len(optimizers) > 2:
        raise ValueError(f"optimizers must be one or two, got {len(optimizers)}")
    flat = explore_descent(*optimizers, surface=surface, steps=steps)

    def compute(turn, tilt, **values):
        return flat.compute(**values)._replace(about=(turn, tilt))

    return Explorer(Hill, compute, flat.controls | views())
