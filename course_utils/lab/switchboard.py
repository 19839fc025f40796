"""The five paths of a setting of the switches, and what each switch answers, in words."""

from copy import copy
from dataclasses import replace

import numpy as np

from course_utils.experiments import Switches, report
from course_utils.experiments.race import at_edge
from course_utils.experiments.switchboard import RATE_CHOICES, TERRAINS, TOLD, descents
from course_utils.lab.paths import Paths, stage
from course_utils.page.axes import apart
from course_utils.page.controls import Choice, log_slider, slider, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.surfaces import Ravine

LOWEST, HIGHEST = 1e-12, 1e3
"""The farthest ends of the axis; in the classic picture AdaGrad ends at 1.8e-11."""

BEFORE, NOW = 0.04, 0.26  # Where the ends stand, across their part of the picture.

THROWN = {"rotation": "Seen from the valley, the turn", "condition": "κ"}
FROZEN = (
    "AdaGrad is frozen by its own h: the second half of its updates divides its height by {:.2g}. "
    "With h set back to 0 halfway it would have been by {:.2g}."
)


class Switchboard(Paths):
    """The paths and heights of all five methods, and how high they end; records are `Report`s. What
    is not as in the classic picture has that too, its paths faint, its ends as rings; with noise
    the heights are means, and those of the draw on the map are faint."""

    board, title = 1.1, "height"

    def frame(self, figure):
        parts = super().frame(figure)
        ends, grey = parts.board, {"color": "0.45", "va": "top", "size": 10, "in_layout": False}
        grey |= {"xytext": (0, -20), "textcoords": "offset points"}
        heights, power = parts.timed[0], parts.timed[0].yaxis.get_major_formatter()
        heights.yaxis.set_major_formatter(lambda f, _: "≤" * int(f < 2 * LOWEST) + power(f, _))
        heights.text(-0.1, 0, "≤10⁻¹²", alpha=0, ha="right", transform=heights.transAxes)  # room
        heights.minorticks_off()
        ends.set(xlim=(0, 1), ylim=(0, 1))  # as high as the heights beside them, but in shares
        ends.set_title("at the end", loc="left", fontsize=12)
        ends.axis("off")
        ends.annotate("now", (NOW - 0.03, 0), **grey)
        parts.rows, parts.before = {}, ends.annotate("before", (BEFORE, 0), **grey, ha="center")
        for label, look in self.styles.items():
            colour, ring = {"color": look["color"]}, {"mfc": "white", "mec": look["color"]}
            head = {"marker": look["marker"], "markersize": 8, "mew": 2, "markevery": [1]}
            for part in parts.tracks[label].path.done:
                part.set_alpha((1 + part.get_alpha()) / 2)  # no update is looked at
            parts.tracks[label].path.rest.set_alpha(0.2)
            parts.rows[label] = (
                ends.plot([], [], **colour, **head, linewidth=1.2, clip_on=False)[0],
                ends.plot([], [], "o", **ring, mew=1.5, zorder=3, clip_on=False)[0],
                ends.text(NOW + 0.06, 0, label, **colour, va="center", fontsize=10.5),
            )
        return parts

    def surface(self, report):
        surface = copy(super().surface(report))
        if isinstance(surface, Ravine):
            surface.ylim = -7.5, 7.5  # one frame for all directions
        return surface

    def ends(self, report):
        """Return the ends of the axis of heights, near what it shows."""
        before = (run.heights[-1:] for run in _before(report).values())
        shown = np.concatenate([[1.0], *report.curves.values(), *before])
        shown = shown[shown <= HIGHEST].clip(LOWEST)
        top = 10.0 if shown.max() <= 10 else HIGHEST
        return [(max(LOWEST, top / 10.0 ** stage(int(np.ceil(np.log10(top / shown.min()))))), top)]

    def show(self, parts, report):
        super().show(parts, report)
        others, ends = _before(report), [*report.heights.values()]
        parts.before.set_visible(bool(others))
        up = parts.timed[0].transScale + parts.timed[0].transLimits
        ends += [run.heights[-1] for run in others.values()] or 5 * [np.nan]
        shares = up.transform(np.transpose([np.clip(ends, 1e-300, 1e300)] * 2))[:, 1]
        places = apart(shares[:5], 18 / parts.board.bbox.height)  # in order, also past the axis
        marks = np.where(shares > 1, 0.95, np.maximum(shares, 0)).reshape(2, 5)
        for label, now, before, place in zip(parts.rows, *marks, places, strict=True):
            (path, loss), (line, ring, name) = parts.tracks[label], parts.rows[label]
            if others:
                path.rest.set(data=others[label].positions.T, visible=True)
            if report.switches.noise:
                mean, draw = np.minimum(report.curves[label], 1e300), report.descents[label].heights
                loss.move(np.array([*enumerate(mean)]), None, "".format)
                loss.rest.set(data=(np.arange(len(draw)), draw), visible=True, alpha=0.2)
            loss.mark.set_visible(False)  # the ends have the numbers
            line.set_data([BEFORE, NOW, NOW + 0.05], [before, now, place])
            ring.set_data([BEFORE], [before])
            height = _height(report.heights[label]).replace("out of sight", "gone")
            name.set(text=f"{label} {height}", y=place)
        return describe_switches(report)


def _before(report):
    """Return the descents of the classic picture, where that can be compared and is another."""
    at, classic = report.switches, Switches(lr=report.switches.lr, steps=report.switches.steps)
    like = at.terrain == "valley" and not at.noise and at != classic
    return descents(classic) if like else {}


def describe_switches(report):
    """Return the setting, where each method ends, and an answer for each switch that is thrown."""
    at, heights = report.switches, report.heights
    told = ", ".join(f"{name} {_ending(report, name)}" for name in sorted(heights, key=heights.get))
    mean = f", mean of the last quarter in {TOLD} draws" if at.noise else ""
    answers = [f"{_setting(at)}. Height at update {at.steps}{mean}: {told}."]
    for switch, names in report.unchanged.items():
        who = " and ".join(", ".join(names).rsplit(", ", 1))
        changed = f"nothing in the path of {who}" if who else "every path"
        answers.append(f"{THROWN[switch]} changes {changed}.")
    if at.terrain.endswith("ridge"):
        answers.append(_leaving(report))
    if report.frozen:
        answers.append(FROZEN.format(*report.frozen))
    return " ".join(answers)


def _setting(switches):
    turned = f"turned by {switches.rotation:g}°" if switches.rotation else "along the axes"
    place = {
        "valley": f"Valley {turned}, κ = {switches.condition:.4g}",
        "near ridge": "Saddle, 0.001 beside the ridge",
        "on ridge": "Saddle, on the ridge",
        "corner": "Beale's function, from a steep corner",
    }[switches.terrain]
    noise = f", noise {switches.noise:g}" if switches.noise else ""
    rates = {
        "picture": "the picture's learning rates",
        "one": f"lr {switches.lr:.3g} for all",
        "own": "each at its own best learning rate",
    }[switches.rates]
    return f"{place}{noise}, {rates}"


def _ending(report, name):
    lr, own = report.descents[name].optimizer.lr, report.switches.rates == "own"
    edge = ", the search's edge" if at_edge(lr) else ""
    return _height(report.heights[name]) + (f" (lr {lr:.2g}{edge})" if own else "")


def _height(height):
    return f"{height:.2g}" if height <= HIGHEST else "out of sight"


def _leaving(report):
    off = {name: abs(run.positions[:, 1]) > 0.5 for name, run in report.descents.items()}
    left = {name: int(off[name].argmax()) for name in off if off[name].any()}
    if not left:
        exact = report.switches.terrain == "on ridge" and not report.switches.noise
        none = "None: the gradient has no part that leads off it." if exact else "None so far."
        return f"Who leaves the ridge? {none}"
    told = [f"{name} at update {left[name]}" for name in sorted(left, key=left.get)]
    draw = ", in the draw shown" if report.switches.noise else ""
    return f"Who leaves the ridge (|y| past 0.5{draw})? {', '.join(told)}."


def explore_switches(switches=None, only=None):
    """Return an `Explorer` of the five methods, with a control for each of the `Switches`.

    switches: where the controls stand at first. A control that has nothing to act on, like the
    valley's direction on a saddle, is hidden. only: the names of the switches that have a control.
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
