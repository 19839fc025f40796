"""The five paths of a setting of the switches, and what each switch answers, in words."""

from copy import copy
from math import isfinite

from course_utils.experiments.switchboard import (
    RATE_CHOICES,
    TERRAINS,
    Switches,
    descents,
    report,
)
from course_utils.lab.paths import Paths, at_end
from course_utils.lab.style import LIGHT
from course_utils.page.axes import power_ticks
from course_utils.page.controls import choice, log_slider, slider, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.surfaces import Ravine

LOWEST = 1e-12
"""Where the loss axis begins; in the classic picture AdaGrad ends at 1.8e-11."""

BACK = {"rotation": "Without the turn", "condition": "With κ = 20", "noise": "Without the noise"}
"""Each switch put back to the classic picture's, in words."""


class Switchboard(Paths):
    """The paths and losses of all five methods, and how high they end; records are `Report`s.

    Where something is not as in the classic picture, that is drawn faint: its paths, and grey bars.
    """

    def __init__(self, report, lowest=LOWEST):
        super().__init__(_walks(report))
        self.lowest, self.size, self.title = lowest, (10.4, 4), "height"

    def frame(self, figure):
        left, right = figure.subfigures(1, 2, width_ratios=(4, 1))
        parts, bars = super().frame(left), right.subplots()
        parts.timed[0].set_ylim(self.lowest, 1e3)
        ends = {"xscale": "log", "xlim": (self.lowest, 1e3), "ylim": (len(self.styles) - 0.4, -0.8)}
        bars.set(**ends, yticks=[], xlabel="height at the end")
        bars.set_xticks([self.lowest, 1e-4, 1] if self.lowest < 1e-4 else [self.lowest, 1e-2, 1])
        power_ticks(bars.xaxis)
        parts.before, parts.bars = {}, {}
        for row, (label, look) in enumerate(self.styles.items()):
            colour, name = {"color": look["color"]}, {"weight": "bold", "va": "bottom"}
            bars.text(self.lowest, row - 0.18, label, **colour, **name)
            parts.before[label] = (
                parts.map.plot([], [], **colour, linewidth=1.2, alpha=0.3, zorder=1.7)[0],
                bars.plot([], [], color="0.75", linewidth=4, solid_capstyle="butt")[0],
            )
            parts.bars[label] = (
                bars.plot([], [], **colour, linewidth=9, solid_capstyle="butt")[0],
                bars.text(1e3, row, "", fontsize=11, ha="right", va="center", bbox=LIGHT),
            )
        return parts

    def legend(self, figure):
        """The bars name the paths."""

    def fit(self, parts, walks):
        parts.timed[0].set_xlim(0, self.span(walks))

    def surface(self, walks):
        surface = super().surface(walks)
        if isinstance(surface, Ravine):
            surface = copy(surface)
            surface.ylim = -7.5, 7.5  # one frame for all directions
        return surface

    def ground(self, report):
        return super().ground(_walks(report))

    def lay(self, parts, report):
        return super().lay(parts, _walks(report))

    def show(self, parts, report):
        super().show(parts, _walks(report))
        at, classic = report.switches, Switches(steps=report.switches.steps)
        others = descents(classic) if at.terrain == "valley" and at != classic else {}
        for row, (label, height) in enumerate(report.heights.items()):
            path, low = parts.before[label]
            path.set_data(*(others[label].positions.T if others else ([], [])))
            low.set_data(*_bar(self.lowest, others[label].heights[-1] if others else 0, row + 0.27))
            bar, told = parts.bars[label]
            bar.set_data(*_bar(self.lowest, height, row))
            told.set_text(_height(height))
        return describe_switches(report)


def _walks(report):
    return at_end(report.descents)


def _bar(lowest, height, row):
    return [lowest, min(max(height, lowest), 1e3)], [row, row]


def describe_switches(report):
    """Return the setting, where each method ends, and an answer for each switch that is thrown."""
    at, heights = report.switches, report.heights
    told = ", ".join(f"{name} {_ending(report, name)}" for name in sorted(heights, key=heights.get))
    mean = ", mean of the last quarter" if at.noise else ""
    answers = [f"{_setting(at)}. Height at update {at.steps}{mean}: {told}."]
    answers += [_effect(effect) for effect in report.effects]
    if report.leaving is not None:
        answers.append(_leaving(report))
    if at.terrain == "valley":
        answers.append(_sgd_and_momentum(heights, at))
    if report.cycle is not None:
        half = report.descents["RMSProp"].optimizer.lr / 2
        answers.append(f"RMSProp ends in a cycle of ±{report.cycle:.2g}; lr/2 is {half:.2g}.")
    if not at.noise and report.descents["AdaGrad"].diverged_at is None:
        frozen = (
            "AdaGrad is frozen: the second half of the updates divides its height by only "
            "{:.2g}, but by {:.2g} if its h is set to 0 halfway."
        )
        answers.append(frozen.format(*report.frozen) if report.frozen else "AdaGrad is not frozen.")
    return " ".join(answer for answer in answers if answer)


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
        "picture": "the picture's rates",
        "one": f"lr {switches.lr:.3g} for all",
        "own": "each at its own best rate",
    }[switches.rates]
    return f"{place}{noise}, {rates}"


def _ending(report, name):
    height = _height(report.heights[name])
    if report.switches.rates != "own":
        return height
    edge = ", the search's edge" if name in report.at_edge else ""
    return f"{height} (lr {report.descents[name].optimizer.lr:.2g}{edge})"


def _height(height):
    return f"{height:.2g}" if isfinite(height) else "out of sight"


def _effect(effect):
    """Say where the methods end when one switch is put back, and whose path stays the same."""
    same, ends = ", ".join(effect.unchanged), effect.heights.items()
    changed = [f"{name} {_height(at)}" for name, at in ends if name not in effect.unchanged]
    parts = [f"the same path for {' and '.join(same.rsplit(', ', 1))}"] if same else []
    parts += [", ".join(changed)] if changed else []
    return f"{BACK[effect.switch]}: {'; '.join(parts)}."


def _leaving(report):
    left = report.leaving
    if not left:
        exact = report.switches.terrain == "on ridge" and not report.switches.noise
        none = "None: the gradient has no part that leads off it." if exact else "None so far."
        return f"Who leaves the ridge? {none}"
    told = [f"{name} at update {left[name]}" for name in sorted(left, key=left.get)]
    return f"Who leaves the ridge (|y| past 0.5)? {', '.join(told)}."


def _sgd_and_momentum(heights, switches):
    low, high = sorted(("SGD", "Momentum"), key=heights.get)
    if not isfinite(heights[high]) or heights[low] <= 0:
        return ""
    times = heights[high] / heights[low]
    if times < 1.05:
        return "SGD and Momentum end equally low."
    lower = f"{times:,.0f}" if 10 <= times < 1e6 else f"{times:.2g}"
    step = "; Momentum's long-run step is 10 lr" if switches.rates == "one" else ""
    return f"{low} ends {lower} times lower than {high}{step}."


def switchboard_figure(switches):
    """Return the figure of the five paths and losses of a setting of the `Switches`.

    The loss axis reaches down to 1e-4 where all five end above it.
    """
    found = report(switches)
    high = all(height > 1e-4 for height in found.heights.values())
    return Switchboard(found, 1e-4 if high else LOWEST).still(found)


def explore_switches(switches=None):
    """Return an `Explorer` of the five methods, with a control for each of the `Switches`.

    switches: where the controls stand at first. A control that has nothing to act on, like the
    valley's direction on a saddle, can't be moved.
    """
    at = switches or Switches()
    controls = {
        "terrain": choice("start on", TERRAINS, at.terrain),
        "rates": choice("learning rates", RATE_CHOICES, at.rates),
        "rotation": slider("turned by", at.rotation, 0, 90, 1, 5, unit="°"),
        "condition": log_slider("condition κ", at.condition, 1, 1000),
        "noise": slider("noise", at.noise, 0, 1, 0.05, 0.1),
        "lr": log_slider("one lr", at.lr),
        "decay_rate": choice("RMSProp's decay", (0.99, 0.9), at.decay_rate),
        "steps": whole_slider("updates", at.steps, 10, 300),
    }

    def idle(terrain, rates, **others):
        valley = () if terrain == "valley" else ("rotation", "condition")
        return valley if rates == "one" else (*valley, "lr")

    return Explorer(Switchboard, lambda **values: report(Switches(**values)), controls, idle=idle)
