"""The five paths of a setting of the switches, and what each switch answers, in words."""

from copy import copy
from dataclasses import replace

import numpy as np
from matplotlib.artist import setp
from matplotlib.patches import Rectangle

from course_utils.experiments import Switches, report
from course_utils.experiments.race import at_edge
from course_utils.experiments.switchboard import OFF, RATE_CHOICES, TERRAINS, TOLD
from course_utils.lab.paths import Paths, stage
from course_utils.page.axes import apart, dark, typeset
from course_utils.page.controls import Choice, log_slider, slider, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.trail import spread
from course_utils.surfaces import Ravine

LOWEST, HIGHEST = 1e-12, 1e3  # The axis's farthest ends; AdaGrad's classic one is 1.8e-11.

NEAREST = 1e-4  # To the ridge: the end of the axis of |y|.
BEFORE, NOW = 0.04, 0.26  # Where the ends stand, across their part of the picture.

THROWN = {"rotation": "Seen from the valley, the turn", "condition": "κ"}


class Switchboard(Paths):
    """The paths and heights of all five methods, and how high they end; records are `Report`s. What
    is not as in the classic valley has that too, its paths faint, its ends as rings; with noise the
    heights are means, and ends those of the grey quarter. On a ridge: |y|, and who leaves when."""

    board, title = 1.1, " "

    def frame(self, figure):
        parts = super().frame(figure)
        heights, ends, power = parts.timed[0], parts.board, parts.timed[0].yaxis.major.formatter
        heights.yaxis.set_major_formatter(
            lambda f, _: "≤" * int(f == heights.get_ylim()[0] in (LOWEST, NEAREST)) + power(f, _)
        )
        heights.text(-0.1, 0, "≤10⁻¹²", alpha=0, ha="right", transform=heights.transAxes)  # room
        heights.minorticks_off()
        ends.set(xlim=(0, 1), ylim=(0, 1))  # as high as the heights beside them, but in shares
        ends.axis("off")
        grey = {"color": "0.45", "va": "top", "ha": "center", "size": 10, "in_layout": False}
        grey |= {"xytext": (0, -20), "textcoords": "offset points"}
        words = ("before", BEFORE), ("now", NOW + 0.03)
        parts.words = [ends.annotate(word, (x, 0), **grey) for word, x in words]
        parts.titles = [ax.set_title(" ", loc="left", fontsize=12) for ax in (heights, ends)]
        dotted = {"color": "0.3", "linestyle": ":", "linewidth": 1.2, "zorder": 1.5}
        sides = (parts.map, -OFF), (parts.map, OFF), (heights, OFF)
        parts.ridge = [ax.axhline(y, **dotted) for ax, y in sides]
        band = {"transform": heights.get_xaxis_transform(), "color": "0.93", "zorder": 0.5}
        parts.quarter, parts.rows = heights.add_patch(Rectangle((0, 0), 0, 1, **band)), {}
        for label, look in self.styles.items():
            colour, ring = {"color": look["color"]}, {"mfc": "white", "mec": look["color"]}
            (path, loss), marker = parts.tracks[label], look["marker"]
            setp(path.done, linewidth=4 if label == "AdaGrad" else 1.3)  # else RMSProp covers it
            path.rest.set_alpha(0.2)
            loss.rest.set(linestyle="-", alpha=1)
            parts.rows[label] = (
                ends.plot([], [], **colour, marker=marker, mew=2, lw=1.2, markevery=[1])[0],
                ends.plot([], [], "o", **ring, mew=1.5, zorder=3)[0],
                ends.text(0, 0, label, color=dark(look["color"]), va="center", fontsize=10.5),
            )
            setp(parts.rows[label], clip_on=False)
        return parts

    def surface(self, report):
        surface = copy(super().surface(report))
        if isinstance(surface, Ravine):
            surface.ylim = -7.5, 7.5  # one frame for all directions
        return surface

    def ends(self, report):
        """Return the ends of the axis of heights, near what it shows; of |y| always the same."""
        if report.left is not None:
            return [(NEAREST, 10.0)]
        before = [] if report.switches.noise else report.before.values()  # else far below
        before = [path.heights[report.t] for path in before]
        shown = np.concatenate([[1.0], before, *report.curves.values()])
        shown = shown[shown <= HIGHEST].clip(LOWEST)
        top = 10.0 if shown.max() <= 10 else HIGHEST
        return [(max(LOWEST, top / 10.0 ** stage(int(np.ceil(np.log10(top / shown.min()))))), top)]

    def show(self, parts, report):
        runs, others, end, left = report.descents, report.before, report.t, report.left
        titles, curves, quarter = ["f above its lowest", "at the end"], report.curves, 0
        heads = {name: (end, height) for name, height in report.heights.items()}
        told = {n: f"{h:.2g}" if h <= HIGHEST else "gone" for n, h in report.heights.items()}
        if left is not None:
            titles = ["|y|", f"past |y| = {OFF:g}"]
            curves = {name: abs(run.positions[:, 1]).clip(NEAREST) for name, run in runs.items()}
            heads = {n: (t, curves[n][t]) for n in runs for t in [left.get(n, runs[n].updates)]}
            told = {name: f"at {left[name]}" if name in left else "stays" for name in runs}
        elif report.switches.noise:
            quarter, titles[1] = end / 4, "mean in the grey"
        up = parts.timed[0].transScale + parts.timed[0].transLimits
        was = [others[name].heights[end] if others else np.nan for name in runs]
        levels = np.clip([*(height for _, height in heads.values()), *was], 1e-300, 1e300)
        shares = up.transform(np.transpose([levels] * 2))[:, 1]
        if left is not None:  # the first at the top
            order = [*left | dict.fromkeys(runs)]
            shares[:5] = [0.9 - 0.16 * order.index(name) for name in runs]
        places = apart(shares[:5], 18 / parts.board.bbox.height)  # in order, also past the axis
        marks = np.where(shares > 1, 0.95, np.maximum(shares, 0)).reshape(2, 5)
        turned = Ravine(rotation=-report.switches.rotation).own_axes  # as the valley is
        x = -0.05 if not others and left is None else NOW  # or beside the heads, marks enough
        for label, now, before, place in zip(runs, *marks, places, strict=True):
            (path, loss), (line, ring, name) = parts.tracks[label], parts.rows[label]
            parts.tracks[label].move(runs[label], heights=np.minimum(curves[label], 1e300))
            loss.mark.set_visible(False)  # the ends have the numbers
            t, height = heads[label]
            loss.head.set(data=([t], [height]), visible=not others and 0 < now < 0.95)
            loss.rest.set(data=([t - quarter, t], [height] * 2), visible=quarter > 0)
            if others:
                path.rest.set(data=turned(*others[label].positions[: end + 1].T), visible=True)
            line.set(data=([BEFORE, x, x + 0.05], [before, now, place]), markersize=8 * (x > 0))
            ring.set(data=([BEFORE], [before]), marker="v" if before == 0 else "o")
            name.set(text=typeset(f"{label} {told[label]}"), position=(x + 0.06, place))
        for title, words in zip(parts.titles, titles, strict=True):
            title.set_text(words)
        setp(parts.words, visible=bool(others))
        setp(parts.ridge, visible=left is not None)
        parts.quarter.set(x=end - quarter, width=quarter)
        self.move_cursor(parts, report)
        if report.switches.terrain != "corner":
            parts.starts[0].set(position=(4, 9), ha="right", va="bottom")  # the paths go right
        spread(track.path for track in parts.tracks.values())
        return describe_switches(report)


def describe_switches(report):
    """Return the setting, where each method ends, and an answer for each switch that is thrown."""
    at, heights = report.switches, report.heights
    told = ", ".join(f"{name} {_ending(report, name)}" for name in sorted(heights, key=heights.get))
    mean = f", mean of the last quarter in {TOLD} draws" if at.noise else ""
    answers = [f"{at}. Height at update {at.steps}{mean}: {told}."]
    for switch, names in report.unchanged.items():
        who = " and ".join(", ".join(names).rsplit(", ", 1))
        changed = f"nothing in the path of {who}" if who else "every path"
        answers.append(f"{THROWN[switch]} changes {changed}.")
    if report.left is not None:
        exact = at.terrain == "on ridge" and not at.noise
        none = "None: the gradient has no part that leads off it." if exact else "None so far."
        told = ", ".join(f"{name} at update {t}" for name, t in report.left.items())
        past = f" (|y| past {OFF:g}{', in the draw shown' if at.noise else ''})" if told else ""
        answers.append(f"Who leaves the ridge{past}? {f'{told}.' if told else none}")
    return " ".join(answers)


def _ending(report, name):
    lr, own = report.descents[name].optimizer.lr, report.switches.rates == "own"
    edge = ", the search's edge" if at_edge(lr) else ""
    height = f"{report.heights[name]:.2g}" if report.heights[name] <= HIGHEST else "out of sight"
    return height + (f" (lr {lr:.2g}{edge})" if own else "")


def explore_switches(switches=None, only=None):
    """Return an `Explorer` of the five methods, with a control for each of the `Switches`.

    switches: where they stand at first. only: which have a control, hidden where it does nothing.
    """
    at = switches or Switches()
    controls = {
        "terrain": Choice("start on", TERRAINS, at.terrain),
        "rates": Choice("learning rates", RATE_CHOICES, at.rates),
        "rotation": slider("turned by", at.rotation, 0, 90, 1, 5, unit="°"),
        "condition": log_slider("condition κ", at.condition, 1, 1000),
        "noise": slider("noise", at.noise, 0, 1, 0.05, 0.1),
        "lr": log_slider("one lr", at.lr),
        "steps": whole_slider("updates", at.steps, 10, 300),
    }
    controls = {name: controls[name] for name in controls if name in (only or controls)}

    def idle(terrain=at.terrain, rates=at.rates, **others):
        off = () if terrain == "valley" else ("rotation", "condition")
        return [name for name in others if name in off or (name == "lr" and rates != "one")]

    return Explorer(Switchboard, lambda **new: report(replace(at, **new)), controls, idle=idle)
