"""Learning-rate schedules over the updates, and what each makes of the loss."""

import numpy as np

from course_utils.experiments.methods import METHODS
from course_utils.experiments.schedules import compare_schedules, constant, cosine, step, warm_up
from course_utils.lab.describe import describe_settings
from course_utils.lab.explorer import Explorer, choice, slider, whole_slider
from course_utils.lab.ground import draw_surface
from course_utils.lab.picture import Parts, Picture
from course_utils.lab.style import looks, scale
from course_utils.optimizer import with_settings
from course_utils.surfaces import Ravine

BASIS = {"color": "0.75", "linewidth": 5, "linestyle": "-"}
"""The look of the first schedule, with which the others are compared: wide, under all of them."""

SCHEDULES = {"step": step, "cosine": cosine, "warm-up": warm_up}
"""The schedules that can be chosen, each made by one number of updates."""

NOISY, EXACT = (1e-4, 1e-2, 1, 1e2), (1e-14, 1e-10, 1e-6, 1e-2, 1e2)
"""The ticks of the live loss axis with noise and without."""


class Schedules(Picture):
    """One of the paths, the factors and the mean losses; records are `ScheduleComparison`s.

    Of two schedules the second has its method's look.
    """

    def __init__(self, comparison):
        self.first = comparison

    def frame(self, figure):
        figure.get_layout_engine().set(wspace=0.06)  # room for the label 1e-14
        grid = figure.add_gridspec(2, 2, width_ratios=(1.4, 1))
        above = figure.add_subplot(grid[:, 0])
        factors, losses = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
        draw_surface(above, self.first.surface)
        steps = len(next(iter(self.first.factors.values())))
        factors.set(ylim=(-0.03, 1.05), title="factor of the learning rate")
        losses.set(yscale="log")
        for ax in (factors, losses):
            ax.set(xlim=(0, steps), xlabel="updates")
        parts = Parts(map=above, axes=losses, paths=[], factors=[], losses=[])
        _, *others = looks(self.first.factors).values()
        for look in (BASIS, *others):
            size = {"markersize": 5 * scale(), "linewidth": look.get("linewidth", 2) * scale()}
            style = look | size | {"markevery": max(1, steps // 8)}
            parts.factors += factors.plot([], [], **style)
            parts.losses += losses.plot([], [], **style)
            parts.paths += above.plot([], [], color=look["color"], linewidth=1.5 * scale())
        return parts

    def ground(self, comparison):
        kind, noisy = type(comparison.optimizer), bool(comparison.noise)
        return tuple(_names(comparison)), kind, comparison.runs, noisy

    def lay(self, parts, comparison):
        labels = _names(comparison)
        if len(labels) == 2:
            name = type(comparison.optimizer).__name__
            style = looks({name: comparison})[name]
            for line in (parts.factors[1], parts.losses[1]):
                line.set(**style)
            parts.paths[1].set_color(style["color"])
        box = {"loc": "lower right", "ncols": 2, "frameon": True, "framealpha": 0.9}
        parts.map.legend(parts.factors, labels, **box)
        ticks = NOISY if comparison.noise else EXACT
        title = "mean loss f" if comparison.runs > 1 else "loss f"
        parts.axes.set(ylim=(ticks[0], ticks[-1]), yticks=ticks, title=title)

    def show(self, parts, comparison):
        for place, (label, factors) in enumerate(comparison.factors.items()):
            heights = np.maximum(comparison.losses[label] - comparison.surface.lowest, 1e-300)
            parts.paths[place].set_data(*comparison.paths[label].T)
            parts.factors[place].set_data(np.arange(1, len(factors) + 1), factors)
            parts.losses[place].set_data(np.arange(len(heights)), heights)
        runs = f"mean of {comparison.runs} runs" if comparison.runs > 1 else "one run"
        ends = [
            f"{f'{end:.2g}' if np.isfinite(end) else 'out of sight'} ({label})"
            for label, end in comparison.ends.items()
        ]
        lead = ""
        if len(comparison.factors) == 2:
            lr = comparison.optimizer.lr * factors
            lead = f"With the schedule {label} lr goes from {lr[0]:.3g} to {lr[-1]:.3g}. "
        return (
            f"{lead}{describe_settings(comparison.optimizer)}, noise {comparison.noise:g}, {runs}: "
            f"f in the last tenth of {len(factors)} updates: {', '.join(ends)}."
        )


def _names(comparison):
    """Return the schedules' labels without their numbers, as for a legend: "step every 100"."""
    return [label.partition(" ")[0] for label in comparison.factors]


def schedules_figure(comparison):
    """Return a figure of a `ScheduleComparison`: one of the paths, the factors, the mean losses.

    The first schedule is drawn as the one that the others are compared with.
    """
    return Schedules(comparison).still(comparison)


def explore_schedules(steps=300, runs=100, methods=None):
    """Return an `Explorer` of a method with a schedule on the noisy ravine, over a constant rate.

    Another method starts from its own learning rate. Without noise one run stands for all, and the
    axis of the loss reaches further down.

    steps: number of updates, at least 10.
    runs: how many runs to average, at least 1.
    methods: a dict of names and optimizers to choose from, the reader's own too; all of the
        course's if None.
    """
    if methods is None:
        methods = {name: METHODS[name].optimizer for name in METHODS if name != "UncorrectedAdam"}
    surface = Ravine()

    def compute(method, schedule, lr, updates, noise):
        optimizer = with_settings(methods[method], lr=lr)
        how = "every" if schedule == "step" else "over"
        both = {"constant": constant, f"{schedule} {how} {updates}": SCHEDULES[schedule](updates)}
        many = runs if noise else 1
        return compare_schedules(optimizer, both, steps, noise, many, surface=surface)

    first = next(iter(methods))
    controls = {
        "method": choice("method", methods, first),
        "schedule": choice("schedule", SCHEDULES, "step"),
        "lr": slider("lr", -3, 1, methods[first].lr, 0.01, log=True),
        "updates": whole_slider("schedule's updates", 1, steps, steps // 3),
        "noise": slider("noise", 0, 2, 0.5, 0.05),
    }
    follow = {"method": lambda method: {"lr": methods[method].lr}}
    return Explorer(Schedules, compute, controls, follow=follow)
