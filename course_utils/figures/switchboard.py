"""The five paths of a setting of the switches, and what each switch answers, in words."""

from dataclasses import replace
from math import isclose

import numpy as np

from course_utils.best_rate import at_edge
from course_utils.figures.paths import descent_figure
from course_utils.switchboard import (
    cycle,
    descents,
    final_height,
    late_gain,
    late_gain_emptied,
    moved,
)

HEIGHTS = (1e-12, 1e3)
"""The limits of the loss axis; in the classic picture AdaGrad ends at 1.8e-11."""


def switchboard_figure(switches):
    """Return the figure of the five paths and losses of a setting of the `Switches`.

    The loss axis reaches down to 1e-4 where all five end above it.
    """
    runs = descents(switches)
    figure = descent_figure(runs)
    high = all(final_height(run, switches) > 1e-4 for run in runs.values())
    figure.axes[1].set_ylim(1e-4 if high else HEIGHTS[0], HEIGHTS[1])
    for ax in figure.axes:
        thin_out(ax.lines, switches.steps)
    figure.description = describe_switches(switches)
    return figure


def thin_out(lines, steps):
    """Give lines over so many updates at most about thirty markers each."""
    for line in lines:
        line.set_markevery(max(1, steps // 30))


def describe_switches(switches):
    """Return the setting, where each method ends, and an answer for each switch that is thrown."""
    runs = descents(switches)
    ends = {name: final_height(run, switches) for name, run in runs.items()}
    order = sorted(runs, key=lambda name: ends[name])
    told = ", ".join(f"{name} {_ending(runs[name], ends[name], switches)}" for name in order)
    mean = ", mean of the last quarter" if switches.noise else ""
    answers = [f"{_setting(switches)}. Height at update {switches.steps}{mean}: {told}."]
    if switches.terrain == "valley":
        if switches.rotation:
            answers.append(_effect("Without the turn", switches, rotation=0.0))
        if not isclose(switches.condition, 20):
            answers.append(_effect("With κ = 20", switches, condition=20.0))
    if switches.noise:
        answers.append(_effect("Without the noise", switches, noise=0.0))
    if switches.terrain.endswith("ridge"):
        answers.append(_leaving(runs, switches))
    if switches.terrain == "valley":
        answers.append(_sgd_and_momentum(ends, switches))
    answers.append(_rmsprop(runs["RMSProp"]))
    if not switches.noise:
        answers.append(_adagrad(runs["AdaGrad"]))
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


def _ending(run, height, switches):
    if switches.rates != "own":
        return _height(height)
    edge = ", the search's edge" if at_edge(run.optimizer.lr) else ""
    return f"{_height(height)} (lr {run.optimizer.lr:.2g}{edge})"


def _height(height):
    return f"{height:.2g}" if np.isfinite(height) else "out of sight"


def _effect(lead, switches, **back):
    """Say where the methods end when one switch is put back, and whose path stays the same."""
    before = replace(switches, **back)
    runs, others = descents(switches), descents(before)
    still, changed = [], []
    for name, run in runs.items():
        if switches.terrain == "valley" and moved(run, others[name]) < 1e-3:
            still.append(name)
        else:
            changed.append(f"{name} {_height(final_height(others[name], before))}")
    parts = [f"the same path for {_listed(still)}"] if still else []
    parts += [", ".join(changed)] if changed else []
    return f"{lead}: {'; '.join(parts)}."


def _leaving(runs, switches):
    left = {}
    for name, run in runs.items():
        beside = np.abs(run.positions[:, 1]) > 0.5
        if beside.any():
            left[name] = int(beside.argmax())
    if not left:
        exact = switches.terrain == "on ridge" and not switches.noise
        none = "None: the gradient has no part that leads off it." if exact else "None so far."
        return f"Who leaves the ridge? {none}"
    told = [f"{name} at update {left[name]}" for name in sorted(left, key=lambda name: left[name])]
    return f"Who leaves the ridge (|y| past 0.5)? {', '.join(told)}."


def _sgd_and_momentum(ends, switches):
    low, high = sorted(("SGD", "Momentum"), key=lambda name: ends[name])
    if not np.isfinite(ends[high]) or ends[low] <= 0:
        return ""
    times = ends[high] / ends[low]
    if times < 1.05:
        return "SGD and Momentum end equally low."
    lower = f"{times:,.0f}" if 10 <= times < 1e6 else f"{times:.2g}"
    step = "; Momentum's long-run step is 10 lr" if switches.rates == "one" else ""
    return f"{low} ends {lower} times lower than {high}{step}."


def _rmsprop(run):
    size = cycle(run)
    if size is None:
        return ""
    return f"RMSProp ends in a cycle of ±{size:.2g}; lr/2 is {run.optimizer.lr / 2:.2g}."


def _adagrad(run):
    """Say whether AdaGrad's memory is what holds it back.

    It is where the second half of the updates does not even halve the height, and more than twice
    as much is gained with h set to 0 halfway.
    """
    if run.diverged_at is not None:
        return ""
    gain, emptied = late_gain(run), late_gain_emptied(run)
    if gain < 2 and emptied > 2 * gain:
        return (
            "AdaGrad is frozen: the second half of the updates divides its height by only "
            f"{gain:.2g}, but by {emptied:.2g} if its h is set to 0 halfway."
        )
    return "AdaGrad is not frozen."


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
