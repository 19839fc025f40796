"""The five paths of a setting of the switches, and what each switch answers, in words."""

from math import isfinite, log10

from course_utils.experiments.switchboard import RATE_CHOICES, TERRAINS, Switches, report
from course_utils.lab.explorer import Explorer, choice, slider, whole_slider
from course_utils.lab.paths import Paths

LOWEST = 1e-12
"""Where the loss axis begins; in the classic picture AdaGrad ends at 1.8e-11."""

BACK = {"rotation": "Without the turn", "condition": "With κ = 20", "noise": "Without the noise"}
"""Each switch put back to the classic picture's, in words."""


class Switchboard(Paths):
    """The paths and losses of all five methods; records are the `Report`s on `Switches`."""

    def __init__(self, report, lowest=LOWEST):
        super().__init__(report.descents)
        self.lowest = lowest

    def ground(self, report):
        return super().ground(report.descents)

    def lay(self, parts, report):
        super().lay(parts, report.descents)
        parts.timed[0].set_ylim(self.lowest, 1e3)
        if report.switches.terrain == "valley":
            parts.map.set_ylim(-7.5, 7.5)  # one frame for all directions
        for track in parts.tracks.values():
            for line in track:
                line.set_markevery(max(1, report.switches.steps // 30))

    def show(self, parts, report):
        super().show(parts, report.descents)
        return describe_switches(report)


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
        "rotation": slider("turned by", 0, 90, at.rotation, 1, format=".0f"),
        "condition": slider("condition κ", 0, 3, at.condition, 0.02, True, ".4g"),
        "noise": slider("noise", 0, 1, at.noise, 0.05),
        "lr": slider("one lr", -3, 1, at.lr, log10(5) / 14, log=True),  # has 0.1 and 0.5
        "decay_rate": choice("RMSProp's decay", (0.99, 0.9), at.decay_rate),
        "steps": whole_slider("updates", 10, 300, at.steps),
    }

    def idle(terrain, rates, **others):
        valley = () if terrain == "valley" else ("rotation", "condition")
        return valley if rates == "one" else (*valley, "lr")

    return Explorer(Switchboard, lambda **values: report(Switches(**values)), controls, idle=idle)
