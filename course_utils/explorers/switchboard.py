"""Switches for what the classic picture of five paths depends on."""

from math import log10

from matplotlib import rc_context

from course_utils.best_rate import METHODS
from course_utils.explorers.base import Explorer, choice, slider, whole_slider
from course_utils.figures.paths import (
    draw_ground,
    draw_loss,
    draw_path,
    frame_loss,
    move_loss,
    move_path,
)
from course_utils.figures.race import draw_legend
from course_utils.figures.style import looks, new_figure
from course_utils.figures.switchboard import HEIGHTS, describe_switches, thin_out
from course_utils.switchboard import RATE_CHOICES, TERRAINS, Switches, descents

_NAMES = [type(method).__name__ for method in METHODS]


class SwitchboardExplorer(Explorer):
    """The paths and losses of all five methods, and a control for each of the `Switches`.

    switches: where the controls stand at first. A control that has nothing to act on, like the
    valley's direction on a saddle, can't be moved.
    """

    def __init__(self, switches=None):
        at = switches or Switches()
        self._drawn = at
        controls = {
            "terrain": choice("start on", TERRAINS, at.terrain),
            "rates": choice("learning rates", RATE_CHOICES, at.rates),
            "rotation": slider("turned by", 0, 90, at.rotation, 1, format=".0f"),
            "condition": slider("condition κ", 0, 3, at.condition, 0.02, True, ".4g"),
            "noise": slider("noise", 0, 1, at.noise, 0.05),
            "lr": slider("one lr", -3, 1, at.lr, log10(5) / 14, log=True),  # has 0.1 and 0.5
            "decay_rate": choice("RMSProp's decay", (0.99, 0.9), at.decay_rate),
            "steps": whole_slider("updates", 10, 300, at.steps),
        }
        super().__init__(new_figure(10.4, 4.6, self._draw), controls)

    @property
    def switches(self):
        """The `Switches` as the controls stand."""
        return Switches(**{name: control.value for name, control in self.controls.items()})

    def refresh(self):
        switches = self.switches
        self._fit(switches)
        for name, descent in descents(switches).items():
            move_path(self.paths[name], descent)
            move_loss(self.losses[name], descent)
        thin_out([*self.paths.values(), *self.losses.values()], switches.steps)
        self.show(describe_switches(switches))

    def _fit(self, switches):
        """Follow the controls that change more than the moving lines."""
        for name in ("rotation", "condition"):
            self.controls[name].disabled = switches.terrain != "valley"
        self.controls["lr"].disabled = switches.rates != "one"
        drawn, self._drawn = self._drawn, switches
        if _ground(drawn) != _ground(switches):
            with rc_context(self.live.figure.style):
                self.ground = draw_ground(self.map, switches.surface, self.ground)
            self.live.redraw()
        if drawn.steps != switches.steps:
            self.loss_axes.set_xlim(0, switches.steps)
            self.live.redraw()

    def _draw(self, figure):
        figure.get_layout_engine().set(rect=(0.03, 0, 0.955, 1))  # room for a wider map's label
        self.map, self.loss_axes = figure.subplots(1, 2, width_ratios=(1.75, 1))
        self.ground = draw_ground(self.map, self._drawn.surface)
        frame_loss(self.loss_axes, self._drawn.steps)
        self.loss_axes.set_ylim(HEIGHTS)
        draw_legend(figure, self.loss_axes, _NAMES)
        styles = dict(zip(_NAMES, looks(_NAMES), strict=True))
        self.paths = {
            name: draw_path(self.map, None, style, animated=True) for name, style in styles.items()
        }
        self.losses = {
            name: draw_loss(self.loss_axes, None, style, animated=True)
            for name, style in styles.items()
        }


def _ground(switches):
    """Return all that the map depends on."""
    return switches.terrain, switches.rotation, switches.condition
