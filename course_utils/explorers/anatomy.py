"""Play, pause and scrub through a descent, one update at a time."""

import ipywidgets as widgets

from course_utils.explorers.base import Explorer, whole_slider
from course_utils.figures.anatomy import (
    anatomy,
    describe_anatomy,
    draw_arrows,
    draw_position,
    move_arrows,
)
from course_utils.figures.paths import draw_path, draw_surface
from course_utils.figures.style import look, new_figure


class AnatomyExplorer(Explorer):
    """The path so far on the left, the arrows of one update on the right, its numbers below.

    descent: a single `Descent` without noise.
    """

    def __init__(self, descent):
        self.descent = descent
        updates = len(descent.losses) - 1
        if updates < 1:
            raise ValueError("descent must have at least one update, got none")
        self.play = widgets.Play(value=1, min=1, max=updates, interval=500)
        controls = {"update": whole_slider("update", 1, updates, 1)}
        widgets.jslink((self.play, "value"), (controls["update"], "value"))
        super().__init__(new_figure(10.4, 4.2, self._draw), controls, self.play)

    def refresh(self):
        t = self.controls["update"].value
        x, y = self.descent.positions[: t + 1].T
        self.path.set_data(x, y)
        self.here.set_data(x[-2:-1], y[-2:-1])
        move_arrows(self.arrows, anatomy(self.descent, t))
        self.show(describe_anatomy(self.descent, t))

    def _draw(self, figure):
        left, right = figure.subplots(1, 2, width_ratios=(1.75, 1))
        draw_surface(left, self.descent.surface, arrows=False)
        style = look(type(self.descent.optimizer).__name__)
        draw_path(left, self.descent, style | {"alpha": 0.15})
        self.path = draw_path(left, None, style, animated=True)
        self.here = draw_position(left, animated=True)
        self.arrows = draw_arrows(right, self.descent, animated=True)
