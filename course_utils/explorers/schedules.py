"""Schedules to choose and sliders for them: the learning rate, the path and the mean loss."""

import numpy as np
from matplotlib import rc_context

from course_utils.explorers.base import Explorer, choice, slider, whole_slider
from course_utils.figures.paths import draw_surface
from course_utils.figures.schedules import (
    describe_schedules,
    draw_factors,
    draw_mean_losses,
    loss_title,
    schedule_looks,
)
from course_utils.figures.style import DRAWING, look, new_figure, scale
from course_utils.optimizers import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from course_utils.schedules import compare_schedules, constant, cosine, step, warm_up
from course_utils.surfaces import Ravine

METHODS = {
    type(each).__name__: each
    for each in (
        SGD(0.95),
        Momentum(0.1),
        AdaGrad(1.5),
        RMSProp(0.1),
        Adam(0.3),
        Nesterov(0.1),
        AdamW(0.3),
    )
}
"""What can be chosen, at the learning rates of the other lessons."""

SCHEDULES = {"step": step, "cosine": cosine, "warm-up": warm_up}
"""The schedules that can be chosen, each made by one number of updates."""

NOISY, EXACT = (1e-4, 1e-2, 1, 1e2), (1e-14, 1e-10, 1e-6, 1e-2, 1e2)
"""The ticks of the loss axis with noise and without."""


class ScheduleExplorer(Explorer):
    """A method with a schedule on the noisy ravine, over the same method at a constant rate.

    Shown are one of `runs` paths, the factor of the learning rate, and the mean loss of the runs.
    Another method starts from its own learning rate. Without noise one run stands for all, and the
    axis of the loss reaches further down.

    steps: number of updates, at least 10.
    runs: how many runs to average, at least 1.
    """

    def __init__(self, steps=300, runs=100):
        self.surface, self.steps, self.runs = Ravine(), steps, runs
        controls = {
            "method": choice("method", METHODS, "SGD"),
            "schedule": choice("schedule", SCHEDULES, "step"),
            "lr": _lr_slider("SGD"),
            "updates": whole_slider("schedule's updates", 1, steps, steps // 3),
            "noise": slider("noise", 0, 2, 0.5, 0.05),
        }
        controls["method"].observe(self._take_its_lr, "value")
        super().__init__(new_figure(10.4, 4.6, self._draw), controls)

    def comparison(self):
        """Return the `ScheduleComparison` that the controls ask for."""
        values = {name: control.value for name, control in self.controls.items()}
        optimizer = type(METHODS[values["method"]])(lr=values["lr"])
        name = values["schedule"]
        schedules = {"constant": constant, name: SCHEDULES[name](values["updates"])}
        runs = self.runs if values["noise"] else 1
        return compare_schedules(optimizer, schedules, self.steps, values["noise"], runs)

    def refresh(self):
        self._wear_its_look()
        comparison = self.comparison()
        self._frame_loss(comparison)
        for place, label in enumerate(comparison.factors):
            path, factor, loss = self.lines[place]
            path.set_data(*comparison.paths[label].T)
            factor.set_ydata(comparison.factors[label])
            loss.set_ydata(comparison.losses[label])
        lr, factors = comparison.optimizer.lr, comparison.factors[label]
        how = "every" if label == "step" else "over"
        self.show(
            f"{label.capitalize()} {how} {self.controls['updates'].value} updates: "
            f"lr {lr * factors[0]:.3g} at first, {lr * factors[-1]:.3g} at last. "
            f"{describe_schedules(comparison)}"
        )

    def _wear_its_look(self):
        style = look(self.controls["method"].value)
        path, factor, loss = self.lines[1]
        if factor.get_color() != style["color"]:
            path.set(color=style["color"])
            factor.set(**style)
            loss.set(**style)
            with rc_context(self.live.figure.style):
                self._explain()
            self.live.redraw()

    def _frame_loss(self, comparison):
        title = loss_title(comparison.runs)
        ticks = NOISY if comparison.noise else EXACT
        if (self.loss_axes.get_title(), self.loss_axes.get_ylim()[0]) != (title, ticks[0]):
            self.loss_axes.title.set_text(title)
            self.loss_axes.set(ylim=(ticks[0], ticks[-1]), yticks=ticks)
            self.live.redraw()

    def _take_its_lr(self, change):
        fresh, old = _lr_slider(change.new), self.controls["lr"]
        with DRAWING, old.hold_sync():
            quiet, self._quiet = self._quiet, True
            old.min, old.value = fresh.min, fresh.value
            self._quiet = quiet

    def _draw(self, figure):
        figure.get_layout_engine().set(wspace=0.06)  # room for the label 1e-14
        grid = figure.add_gridspec(2, 2, width_ratios=(1.4, 1))
        self.map = figure.add_subplot(grid[:, 0])
        draw_surface(self.map, self.surface, arrows=False)
        empty = dict.fromkeys(("constant", "schedule"), np.full(self.steps + 1, np.nan))
        paths = [
            self.map.plot([], [], color=style["color"], linewidth=1.5 * scale(), animated=True)[0]
            for style in schedule_looks(empty).values()
        ]
        top, bottom = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
        factors = draw_factors(top, {k: v[1:] for k, v in empty.items()}, animated=True)
        losses = draw_mean_losses(bottom, empty, animated=True)
        top.set_xlim(0, self.steps)
        self.loss_axes = bottom
        bottom.set(xlim=(0, self.steps), title=loss_title(self.runs))
        bottom.set(ylim=(NOISY[0], NOISY[-1]), yticks=NOISY)
        self.lines = list(zip(paths, factors.values(), losses.values(), strict=True))
        self._explain()

    def _explain(self):
        handles = [factor for _, factor, _ in self.lines]
        self.map.legend(handles=handles, loc="lower right", ncols=2, frameon=True, framealpha=0.9)


def _lr_slider(method):
    return slider("lr", -3, 1, METHODS[method].lr, 0.01, log=True)
