"""Learning-rate schedules over the updates, and what each makes of the loss."""

from copy import copy

import numpy as np

from course_utils.experiments.methods import METHODS
from course_utils.experiments.schedules import compare_schedules, constant, cosine, step, warm_up
from course_utils.lab.describe import describe_settings
from course_utils.lab.ground import draw_surface
from course_utils.lab.style import looks
from course_utils.optimizer import with_settings
from course_utils.page.axes import apart, limits, power_ticks
from course_utils.page.controls import choice, log_slider, slider, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Parts, Picture
from course_utils.surfaces import Ravine

BASIS = {"color": "0.55", "linewidth": 4, "linestyle": "-"}
"""The look of the first schedule, with which the others are compared: wide, under all of them."""

SCHEDULES = {"step": step, "cosine": cosine, "warm-up": warm_up}
"""The schedules that can be chosen, each made by one number of updates."""

NOISY, EXACT = (1e-4, 40), (1e-12, 20)
"""The ends of the live loss axis with noise and without."""


class Schedules(Picture):
    """A run's last tenth on the map, the factors, the mean losses; records: `ScheduleComparison`s.

    Of two schedules the second has its method's look. live: whether the axis of the loss has room
    for what an explorer shows, and not for the first record alone.
    """

    size = (10.4, 3.9)

    def __init__(self, comparison, live=False):
        self.first, self.live = comparison, live

    def frame(self, figure):
        figure.get_layout_engine().set(rect=(0, 0, 0.97, 1))  # room for a mark behind a name
        grid = figure.add_gridspec(2, 2, width_ratios=(1.7, 1), height_ratios=(1, 1.7))
        above, factors = figure.add_subplot(grid[:, 0]), figure.add_subplot(grid[0, 1])
        losses = figure.add_subplot(grid[1, 1], sharex=factors)
        near, zoom = copy(self.first.surface), np.array([-0.2, 0.2])
        x, y = near.minima[0]
        near.xlim, near.ylim = x + zoom * np.ptp(near.xlim), y + zoom * np.ptp(near.ylim)
        draw_surface(above, near)
        steps = len(next(iter(self.first.factors.values())))
        self.last = steps + 1 - max(1, steps // 10)
        above.set_title(f"one run, its last {steps + 1 - self.last} updates as dots", loc="left")
        factors.set(ylim=(-0.05, 1.08), xlim=(0, steps), yticks=(0, 0.5, 1))
        factors.set_title("factor of the learning rate", loc="left")
        factors.tick_params(labelbottom=False)
        losses.set(yscale="log", xlabel="updates")
        power_ticks(losses.yaxis)
        parts = Parts(axes=(factors, losses), ways=[], clouds=[], lines=([], []), names=([], []))
        _, *others = looks(self.first.factors).values()
        for place, look in enumerate((BASIS, *others)):
            color = look["color"]
            dots = {"color": color, "zorder": 4 + place, "markersize": 5 if place else 9}
            parts.clouds += above.plot([], [], "o", **dots, mec="white", mew=0.5)
            parts.ways += above.plot([], [], color=color, linewidth=0.8, alpha=0.25 * bool(place))
            for ax, lines, names in zip(parts.axes, parts.lines, parts.names, strict=True):
                lines += ax.plot([], [], **{"linewidth": 2} | look | {"marker": ""})
                beside = {"transform": ax.transAxes, "va": "center", "fontsize": 11}
                names.append(ax.text(1.02, 0.5, "", color=color, **beside))
        return parts

    def ground(self, comparison):
        kind, noisy = type(comparison.optimizer), bool(comparison.noise)
        return *_names(comparison), kind, comparison.runs, noisy

    def lay(self, parts, comparison):
        if len(comparison.factors) == 2:
            name = type(comparison.optimizer).__name__
            style = looks({name: comparison})[name]
            for artists in (parts.ways, parts.clouds, *parts.lines, *parts.names):
                artists[1].set_color(style["color"])
            for lines in parts.lines:
                lines[1].set_linestyle(style["linestyle"])
        heights = np.concatenate([*comparison.losses.values()]) - comparison.surface.lowest
        ends = limits(heights, "log", (1e-14, 10 * heights[0]))
        parts.axes[1].set_ylim((NOISY if comparison.noise else EXACT) if self.live else ends)
        parts.axes[1].set_title("mean loss f" if comparison.runs > 1 else "loss f", loc="left")

    def show(self, parts, comparison):
        for place, (label, factors) in enumerate(comparison.factors.items()):
            heights = np.maximum(comparison.losses[label] - comparison.surface.lowest, 1e-300)
            path = comparison.paths[label]
            parts.ways[place].set_data(*path[: self.last + 1].T)
            parts.clouds[place].set_data(*path[self.last :].T)
            bends = np.flatnonzero(np.diff(factors, 2, prepend=np.nan, append=np.nan))
            parts.lines[0][place].set_data(bends + 1, factors[bends])
            parts.lines[1][place].set_data(np.arange(len(heights)), heights)
        for ends in zip(parts.axes, parts.lines, parts.names, strict=True):
            _name_ends(*ends, _names(comparison))
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
    """Return the schedules' labels without their numbers: "step every 100" changes too often."""
    return [label.partition(" ")[0] for label in comparison.factors]


def _name_ends(ax, lines, names, words):
    """Put words beside the ends of lines, not on each other, with a mark where a line has left."""
    pixels = ax.transData.transform([(0, line.get_ydata()[-1]) for line in lines])[:, 1]
    high = np.nan_to_num((pixels - ax.bbox.y0) / ax.bbox.height, nan=2, posinf=2)
    places = apart(high, 17 / ax.bbox.height)
    for name, word, at, place in zip(names, words, high, places, strict=True):
        name.set(text=word + (" ▲" if at > 1 else " ▼" if at < 0 else ""), y=place)


def schedules_figure(comparison):
    """Return a figure of a `ScheduleComparison`: a run's end, the factors, the mean losses.

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
        "lr": log_slider("lr", methods[first].lr),
        "updates": whole_slider("schedule's updates", steps // 3, 1, steps),
        "noise": slider("noise", 0.5, 0, 2, 0.05, 0.1),
    }
    follow = {"method": lambda method: {"lr": methods[method].lr}}
    return Explorer(lambda first: Schedules(first, True), compute, controls, follow=follow)
