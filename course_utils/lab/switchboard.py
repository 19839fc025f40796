"""The five paths of a setting of the switches, and what each switch answers, in words."""

from copy import copy
from dataclasses import replace

import numpy as np

from course_utils.experiments import Switches, report
from course_utils.experiments.race import at_edge
from course_utils.experiments.switchboard import RATE_CHOICES, TERRAINS, TOLD, descents
from course_utils.lab.paths import Paths, stage
from course_utils.page.axes import apart
from course_utils.page.controls import choice, log_slider, slider, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.surfaces import Ravine

LOWEST, HIGHEST = 1e-12, 1e3
"""The ends of the loss axis; in the classic picture AdaGrad ends at 1.8e-11."""

BEFORE, NOW = 0.08, 0.26
"""Where the ends stand, across their part of the picture."""

THROWN = {"rotation": "The turn", "condition": "κ"}
FROZEN = (
    "AdaGrad is frozen by its own h: the second half of its updates divides its height by {:.2g}. "
    "With h set back to 0 halfway it would have been by {:.2g}."
)


class Switchboard(Paths):
    """The paths and losses of all five methods, and how high they end; records are `Report`s. What
    is not as in the classic picture has that drawn too: its paths faint, its ends as grey rings."""

    board, title = 1.1, "height"

    def frame(self, figure):
        parts = super().frame(figure)
        ends, grey = parts.board, {"color": "0.45", "va": "top", "clip_on": False}
        parts.timed[0].set_ylim(LOWEST, HIGHEST)
        ends.set(xlim=(0, 1), ylim=(0, 1))  # as high as the heights beside them, but in shares
        ends.set_title("at the end", loc="left", fontsize=12)
        ends.axis("off")
        ends.text(NOW - 0.02, -0.03, "now", **grey)
        parts.rows, parts.before = {}, ends.text(BEFORE, -0.03, "before", **grey, ha="center")
        for label, look in self.styles.items():
            colour, ring = {"color": look["color"]}, {"mfc": "white", "mec": "0.5", "mew": 1.5}
            head = {"marker": look["marker"], "markersize": 8, "mew": 2, "markevery": [1]}
            parts.rows[label] = (
                parts.map.plot([], [], **colour, linewidth=1.2, alpha=0.3, zorder=1.7)[0],
                ends.plot([], [], **colour, **head, linewidth=1.2, clip_on=False)[0],
                ends.plot([], [], "o", **ring, zorder=3, clip_on=False)[0],
                ends.text(NOW + 0.06, 0, label, **colour, va="center", fontsize=10.5),
            )
        return parts

    def surface(self, walks):
        surface = super().surface(walks)
        if isinstance(surface, Ravine):
            surface = copy(surface)
            surface.ylim = -7.5, 7.5  # one frame for all directions
        return surface

    def span(self, report):
        return stage(super().span(report))

    def show(self, parts, report):
        super().show(parts, report)
        at, classic = report.switches, Switches(steps=report.switches.steps)
        others = descents(classic) if at.terrain == "valley" and at != classic else {}
        parts.before.set_visible(bool(others))
        ends = np.array([_share(height) for height in report.heights.values()])
        places = apart(ends, 18 / parts.board.bbox.height)
        for end, place, (label, height) in zip(ends, places, report.heights.items(), strict=True):
            path, line, ring, name = parts.rows[label]
            path.set_data(*(others[label].positions.T if others else ([], [])))
            before = _share(others[label].heights[-1]) if others else np.nan
            line.set_data([BEFORE, NOW, NOW + 0.05], [before, end, place])
            ring.set_data([BEFORE], [before])
            name.set(text=f"{label} {_height(height)}".replace("out of sight", "gone"), y=place)
        return describe_switches(report)


def _share(height):
    """Return how far up the axis of the heights one lies, as a share."""
    return np.clip(np.log(max(height, 1e-300) / LOWEST) / np.log(HIGHEST / LOWEST), 0, 1)


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
    height = _height(report.heights[name])
    if report.switches.rates != "own":
        return height
    lr = report.descents[name].optimizer.lr
    edge = ", the search's edge" if at_edge(lr) else ""
    return f"{height} (lr {lr:.2g}{edge})"


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


def switchboard_figure(switches):
    """Return the figure of the five paths and losses of a setting of the `Switches`."""
    found = report(switches)
    return Switchboard(found).still(found)


def explore_switches(switches=None, only=None):
    """Return an `Explorer` of the five methods, with a control for each of the `Switches`.

    switches: where the controls stand at first. A control that has nothing to act on, like the
    valley's direction on a saddle, is hidden. only: the names of the switches that have a control.
    """
    at = switches or Switches()
    controls = {
        "terrain": choice("start on", TERRAINS, at.terrain),
        "rates": choice("learning rates", RATE_CHOICES, at.rates),
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
