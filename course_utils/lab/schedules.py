"""Learning-rate schedules over the updates, and what each makes of the loss."""

from copy import copy
from functools import lru_cache

import numpy as np
from matplotlib.artist import setp
from matplotlib.patches import Rectangle

from course_utils.experiments.methods import METHODS
from course_utils.experiments.schedules import compare_schedules, constant, cosine, step, warm_up
from course_utils.ground.map import lay_ground
from course_utils.lab.curves import mark_ends
from course_utils.lab.describe import describe_settings
from course_utils.lab.paths import stage
from course_utils.lab.state import frame_diagram
from course_utils.lab.style import LIGHT
from course_utils.optimizer import with_settings
from course_utils.page.axes import dark, limits, name_ends
from course_utils.page.controls import Choice, log_slider, slider, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Grab, Parts, Picture
from course_utils.page.trail import Edge

BASIS = {"color": "0.6", "linewidth": 4}
SLIM = {"linewidth": 1.8, "marker": "v", "markersize": 8, "markevery": []}
"""The looks of the first schedule, wide, under all of the others, and of those."""

COLOURS = {"step": "#795548", "cosine": "#C9A227", "warm-up": "#6A4FB3"}
OTHERS = "#78909C", "#9E9D24", "#D81B60", "#00ACC1"
"""Colours by the first words of labels, and of other schedules by their places; no method's."""

SCHEDULES = {"step": step, "cosine": cosine, "warm-up": warm_up}  # Each of a number of updates.

NOISY, EXACT = (1e-4, 40), (1e-12, 20)  # The ends of the live loss axis with noise and without.


class Schedules(Picture):
    """A map for each schedule with all runs on it, the factors, the mean losses.

    Records: a `ScheduleComparison`, and with which update the tenth ends whose mean is told. With
    noise the maps show where every run is then, enlarged; else the path. That tenth can be dragged.
    live: whether the loss has room for all that an explorer shows.
    """

    def __init__(self, comparison, live=False):
        self.live, self.steps = live, len(next(iter(comparison.factors.values())))
        self.count, self.schedules = max(1, self.steps // 10), len(comparison.factors)
        self.size = 10.4, 2.5 + 2.2 * ((self.schedules + 1) // 2)

    def frame(self, figure):
        figure.get_layout_engine().set(rect=(0, 0, 0.97, 0.97))  # room for a mark and titles
        rows, styles = (self.schedules + 1) // 2, [BASIS] + (self.schedules - 1) * [SLIM]
        grid = figure.add_gridspec(rows + 1, 2, height_ratios=[1.2] * rows + [1])
        places = *range(self.schedules), 2 * rows, 2 * rows + 1
        *maps, factors, losses = axes = [figure.add_subplot(grid[place]) for place in places]
        factors.set(ylim=(-0.05, 1.08), xlim=(0, self.steps), yticks=(0, 0.5, 1), xlabel="updates")
        losses.sharex(factors)
        factors.set_title("factor of the learning rate", loc="left")
        frame_diagram(losses)
        parts = Parts(axes=axes[-2:], still=[Parts(map=ax) for ax in maps], ways=[], clouds=[])
        parts.title = losses.set_title("loss f", loc="left")
        parts.lines = [[ax.plot([], [], **style)[0] for style in styles] for ax in parts.axes]
        band = {"color": "0.93", "zorder": 0.5}  # no axvspan: matplotlib 3.8 can't move it
        across = [ax.get_xaxis_transform() for ax in parts.axes]
        bands = [Rectangle((0, 0), self.count, 1, transform=to, **band) for to in across]
        parts.bands = [ax.add_patch(each) for ax, each in zip(parts.axes, bands, strict=True)]
        parts.grabs = [Grab(ax, ("update",), lambda t, _: {"update": t}) for ax in parts.axes]
        parts.titles = [ax.text(0, 1.04, "f", transform=ax.transAxes, weight="bold") for ax in maps]
        parts.edges = [Edge(ax, "0") for ax in maps]
        dotted = {"transform": maps[0].transAxes, "fontsize": 10, "bbox": LIGHT, "color": "0.3"}
        parts.dotted = maps[0].text(0.98, 0.04, "", **dotted, ha="right")
        ring = {"marker": "o", "markersize": 11, "fillstyle": "none", "markevery": [0]}
        for ax in maps:
            parts.ways += ax.plot([], [], **ring, linewidth=1.2, zorder=2)
            parts.clouds += ax.plot([], [], "o", fillstyle="none", mew=1.2, zorder=4, markersize=4)
        parts.names = [name_ends(lines) for lines in parts.lines]
        return parts

    def ground(self, record):
        return self.window(*record)

    def window(self, comparison, t):
        """Return the half-width of the maps as a share of the surface's; 0 for all of it."""
        seen, places = comparison.surface, [each[t:] for each in comparison.positions.values()]
        away = np.moveaxis(np.concatenate(places), 1, 2) - seen.minima[0]  # from then on
        far = np.nan_to_num(abs(away) / np.ptp([seen.xlim, seen.ylim], axis=1), nan=0.5).max()
        return comparison.noise and min(stage(int(110 * far) + 1) / 100, 0.5)

    def lay(self, parts, record):
        comparison, laid, seen = record[0], [], copy(record[0].surface)
        if far := self.window(*record):
            middle, whole = seen.minima[0], np.ptp([seen.xlim, seen.ylim], axis=1)
            half = far * whole
            room = parts.still[0].map.get_position(original=True)
            across, up = parts.axes[0].figure.get_size_inches() * (room.width, room.height)
            half[0] = np.clip(half[1] * across / up, half[0], whole[0] / 2)  # fills its place
            seen.xlim, seen.ylim = (middle + half * [[-1], [1]]).T.tolist()
        for each in parts.still:
            laid += lay_ground(each, seen)
            each.map.set(xlabel="", ylabel="", anchor="NW")
        heights = np.concatenate([*comparison.losses.values()]) - seen.lowest
        ends = limits(heights, "log", (1e-14, 1e4 * heights[0]))
        parts.axes[1].set_ylim((NOISY if comparison.noise else EXACT) if self.live else ends)
        scaled = *(each.map for each in parts.still), parts.axes[1]
        return laid + [axis for ax in scaled for axis in (ax.xaxis, ax.yaxis)]

    def show(self, parts, record):
        comparison, t = record
        since, several, ends = max(t + 1 - self.count, 0), "mean " * (comparison.runs > 1), []
        parts.dotted.set(text=f"all runs at update {t}", visible=comparison.noise > 0)
        parts.title.set_text(several + "loss f")
        moving = parts.ways, parts.clouds, parts.edges, *parts.lines
        moving = zip(comparison.factors, *moving, strict=True)
        for place, (label, way, cloud, edge, factor, loss) in enumerate(moving):
            losses, places = comparison.losses[label], comparison.positions[label]
            path = places[np.isfinite(places[:, 0, 0]), :, 0]
            factors, kind = comparison.factors[label], label.partition(" ")[0]
            colour = COLOURS.get(kind, OTHERS[place % 4]) if place else BASIS["color"]
            setp((way, cloud, factor, loss), color=colour, label=kind)  # numbers change too often
            setp((parts.titles[place], edge.mark), color=dark(colour))
            cloud.set_data(*places[t][:, np.isfinite(places[t, 0])])
            beyond = edge.beyond(path)
            (inside,) = np.nonzero(~beyond[1][: t + 1].any(axis=1))
            gone = max(inside, default=-1) + 1
            way.set(data=path[: min(t, gone) + 1].T, visible=comparison.noise == 0)
            edge.leave(path, f"leaves at update {gone}".format, min(gone, t, len(path) - 1), beyond)
            (drops,) = np.nonzero(factors[1:] < factors[:-1] / 2)
            if place and len(drops):
                parts.title.set_text(several + "loss f, ▼ lr drops")
            bends = np.flatnonzero(np.diff(factors, 2, prepend=np.nan, append=np.nan))
            factor.set_data(bends + 1, factors[bends])
            heights = np.nan_to_num(losses - comparison.surface.lowest, nan=1e300)
            heights = heights[: np.isfinite(losses).sum() + 1]  # until it is gone
            loss.set_data(np.arange(len(heights)), np.maximum(heights, 1e-300))
            loss.set_markevery(drops[drops + 1 < len(heights)] + 1)
            end = losses[since : t + 1].mean()
            told = f"{end:.2g}" if np.isfinite(end) else "out of sight"
            ends.append(f"{told} ({label})")
            parts.titles[place].set_text(f"{label}: {f'{several}f = ' * bool(end < np.inf)}{told}")
        for band, lines, names in zip(parts.bands, parts.lines, parts.names, strict=True):
            band.set(x=t - self.count, width=self.count)
            mark_ends(lines, names)
            for line, name in zip(lines, names, strict=True):
                if "▲" in name.get_text():  # it stands where the curve left
                    above = line.get_ydata() > line.axes.get_ylim()[1]
                    name.set_x(above.argmax() / self.steps)
        runs = f"mean of {comparison.runs} runs" if comparison.runs > 1 else "one run"
        when = f"the last tenth of {t} updates" if t == self.steps else f"updates {since} to {t}"
        lr = comparison.optimizer.lr * factors[:t]
        lead = f"With the schedule {label} lr goes from {lr[0]:.3g} to {lr[-1]:.3g}. "
        return (
            f"{lead * (len(comparison.factors) == 2)}{describe_settings(comparison.optimizer)}, "
            f"noise {comparison.noise:g}, {runs}: f in {when}: {', '.join(ends)}."
        )


def schedules_figure(comparison):
    """Return a figure of a `ScheduleComparison`, its first schedule as what others are beside."""
    picture = Schedules(comparison)
    return picture.still((comparison, picture.steps))


def explore_schedules(steps=300, runs=100, methods=None):
    """Return an `Explorer` of a method with a schedule on the noisy ravine, over a constant rate.

    steps: number of updates, at least 10. runs: how many runs to average, at least 1.
    methods: a dict of names and optimizers to choose from; all of the course's if None.
    """
    methods = methods or {n: m.optimizer for n, m in METHODS.items() if n != "UncorrectedAdam"}

    @lru_cache(1)
    def compared(method, schedule, lr, updates, noise):
        optimizer = with_settings(methods[method], lr=lr)
        how = "every" if schedule == "step" else "over"
        both = {"constant": constant, f"{schedule} {how} {updates}": SCHEDULES[schedule](updates)}
        return compare_schedules(optimizer, both, steps, noise, runs if noise else 1)

    def compute(update, **values):
        return compared(**values), update

    first = next(iter(methods))
    controls = {
        "method": Choice("method", methods, first),
        "schedule": Choice("schedule", SCHEDULES, "step"),
        "lr": log_slider("lr", methods[first].lr),
        "updates": whole_slider("schedule's updates", steps // 3, min(10, steps // 3), steps),
        "noise": slider("noise", 0.5, 0, 2, 0.05, 0.1),
        "update": whole_slider("look at update", steps, 1, steps, play=60),
    }
    follow = {"method": lambda method: {"lr": methods[method].lr}}
    return Explorer(lambda first: Schedules(first[0], True), compute, controls, follow=follow)
