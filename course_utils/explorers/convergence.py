"""The (learning rate, momentum) plane with a cursor, and the path that its setting takes."""

from matplotlib import rc_context

from course_utils.convergence import measured_rate, rate_plane
from course_utils.explorers.base import Explorer, slider
from course_utils.figures.convergence import (
    add_scale,
    describe_rate,
    draw_rates,
    draw_theory,
    move_best,
    rate_colours,
)
from course_utils.figures.paths import (
    draw_ground,
    draw_loss,
    draw_path,
    frame_loss,
    move_loss,
    move_path,
)
from course_utils.figures.style import look, new_figure, scale
from course_utils.optimizers import Momentum
from course_utils.surfaces import Ravine
from course_utils.training import descend

SIDE = 50
"""Rows and columns of the map: enough for a picture, few enough to follow a slider."""

UPDATES = 600
"""Over which rates are measured here, for the same reason."""

STEPS = 100
"""Updates of the path that is drawn."""


class ConvergenceExplorer(Explorer):
    """Measured rates over lr and momentum; sliders move a cursor, whose path is beside them.

    lr, momentum: where the cursor is at first, 0.01 to 2.1 and 0 to 0.99; the article's Momentum
        by default. Momentum 0 is SGD.
    condition_number: that of the ravine at first, 1 to 1000; the article's by default.
    """

    def __init__(self, lr=0.1, momentum=0.9, condition_number=20.0):
        self.surface = Ravine(condition_number)
        controls = {
            "lr": slider("lr", 0.01, 2.1, lr, 0.01),
            "momentum": slider("momentum", 0, 0.99, momentum, 0.01),
            "condition": slider("condition κ", 0, 3, condition_number, 0.02, True, ".4g"),
        }
        for control, value in zip(controls.values(), (lr, momentum, condition_number), strict=True):
            if control.value != value:
                raise ValueError(f"{control.description} must be on its slider, got {value!r}")
        super().__init__(new_figure(10.4, 5, self._draw), controls)

    def refresh(self):
        value = {name: control.value for name, control in self.controls.items()}
        if value["condition"] != self.surface.condition_number:
            self._change_surface(Ravine(value["condition"]))
        ball = Momentum(value["lr"], value["momentum"])
        descent = descend(self.surface, ball, steps=STEPS)
        self.cursor.set_data([ball.lr], [ball.momentum])
        move_path(self.path, descent)
        move_loss(self.loss, descent)
        rate = measured_rate(self.surface, ball, UPDATES)
        self.show(describe_rate(self.surface, ball, rate))

    def _change_surface(self, surface):
        self.surface = surface
        self.plane = self._plane()
        self.image.set_data(rate_colours(self.plane))
        move_best(self.marks, surface)
        with rc_context(self.live.figure.style):
            self.valley = self._draw_valley(self.valley)

    def _plane(self):
        return rate_plane(self.surface, SIDE, SIDE, UPDATES)

    def _draw(self, figure):
        grid = figure.add_gridspec(2, 2, width_ratios=(1.15, 1), height_ratios=(1.1, 1))
        rates = figure.add_subplot(grid[:, 0])
        self.map = figure.add_subplot(grid[0, 1])
        losses = figure.add_subplot(grid[1, 1])
        self.plane = self._plane()
        self.image = draw_rates(rates, self.plane)
        self.marks = draw_theory(rates, self.surface)
        add_scale(figure, rates)
        _moving([self.image, *rates.lines, *rates.texts])
        self.cursor = rates.plot(
            [],
            [],
            "P",
            markersize=13 * scale(),
            color="#D55E00",
            markeredgecolor="1",
            markeredgewidth=1.5,
            label="cursor",
            clip_on=False,
            animated=True,
            zorder=5,
        )[0]
        figure.legend(loc="outside lower center", ncols=4, columnspacing=1, handletextpad=0.3)
        self.valley = self._draw_valley()
        self.path = draw_path(self.map, None, look("Momentum"), animated=True)
        self.loss = draw_loss(losses, None, look("Momentum"), animated=True)
        frame_loss(losses, STEPS)

    def _draw_valley(self, before=()):
        return _moving(draw_ground(self.map, self.surface, before, arrows=False))


def _moving(artists):
    """Let a list of artists be drawn anew in each picture, and return it."""
    for artist in artists:
        artist.set_animated(True)
    return artists
