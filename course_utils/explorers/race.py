"""A race of the five methods over one surface after another, to play, pause and scrub."""

import ipywidgets as widgets
from matplotlib import rc_context

from course_utils.best_rate import METHODS, RACES, race
from course_utils.explorers.base import Explorer, choice, whole_slider
from course_utils.figures.paths import draw_ground
from course_utils.figures.race import (
    describe_race,
    draw_cursor,
    draw_legend,
    draw_runners,
    frame_heights,
    height_curves,
    move_runners,
    path_curves,
)
from course_utils.figures.style import new_figure

STEPS = 300
_NAMES = [type(method).__name__ for method in METHODS]


class RaceExplorer(Explorer):
    """A choice of surface, and a race on it: each method at its own best learning rate.

    surface: the label of the one to start with, of `best_rate.RACES`.
    """

    def __init__(self, surface="ravine"):
        if surface not in RACES:
            raise ValueError(f"surface must be one of {', '.join(RACES)}, got {surface!r}")
        self._known = {}  # races already run
        self._drawn = surface
        self.play = widgets.Play(
            min=0,
            max=STEPS,
            interval=100,
            tooltip="play or pause the race, or go back to its start",
        )
        controls = {
            "surface": choice("surface", RACES, surface),
            "update": whole_slider("update", 0, STEPS, 0),
        }
        controls["surface"].style.button_width = "9em"  # for the longest name
        widgets.jslink((self.play, "value"), (controls["update"], "value"))
        super().__init__(new_figure(10.4, 4.6, self._draw), controls, self.play)

    def descents(self):
        """Return the race on the chosen surface."""
        label = self.controls["surface"].value
        if label not in self._known:
            self._known[label] = race(RACES[label], STEPS)
        return self._known[label]

    def refresh(self):
        label, t = (control.value for control in self.controls.values())
        descents = self.descents()
        if label != self._drawn:
            self._drawn = label
            with rc_context(self.live.figure.style):
                self.ground = draw_ground(self.map, RACES[label], self.ground, arrows=False)
            self.live.redraw()
        move_runners(self.paths, path_curves(descents), t)
        move_runners(self.heights, height_curves(descents), t)
        self.cursor.set_xdata([t, t])
        self.show(describe_race(label, descents, t))

    def _draw(self, figure):
        self.map, right = figure.subplots(1, 2, width_ratios=(1.75, 1))
        self.ground = draw_ground(self.map, RACES[self._drawn], arrows=False)
        self.paths = draw_runners(self.map, _NAMES, animated=True)
        frame_heights(right, STEPS)
        self.cursor = draw_cursor(right, animated=True)
        self.heights = draw_runners(right, _NAMES, animated=True)
        draw_legend(figure, right, _NAMES)
