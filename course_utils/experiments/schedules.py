"""Learning-rate schedules: functions of the update's number t, from 1, that return a factor > 0.

The learning rate is multiplied by it. Past its end a schedule keeps its last factor.
"""

import math
import sys
from dataclasses import dataclass

import numpy as np

from course_utils.checked import check_count, check_function, check_number, frozen
from course_utils.experiments.walks import walks
from course_utils.optimizer import fresh
from course_utils.surfaces import Ravine, Surface

PART = "greater than 0 and at most 1", lambda value: 0 < value <= 1
EXPECTED = "a schedule, a function of the update's number"


def constant(t):
    """The schedule that leaves the learning rate as it is."""
    return 1.0


def inverse_time(decay):
    """Return the schedule 1/(1 + decay (t − 1)): full at the first update, half at 1 + 1/decay."""
    check_number("decay", decay, "at least 0 and finite", lambda value: value >= 0)
    return lambda t: 1 / (1 + decay * (t - 1))


def step(every, factor=0.1):
    """Return the schedule factor^⌊(t − 1)/every⌋: level, with a fall after each `every` updates.

    factor: greater than 0 and at most 1; 0.1 is the common choice. PyTorch's StepLR calls it gamma.
    Source: He et al. 2016 (arXiv 1512.03385), section 4.2.
    """
    check_count("every", every)
    check_number("factor", factor, *PART)
    return lambda t: max(factor ** ((t - 1) // every), sys.float_info.min)


def cosine(updates, last=0.01):
    """Return the schedule last + (1 − last)(1 + cos π(t − 1)/updates)/2: slow, fast, slow.

    Past `updates` it stays at `last`, more than 0 since a learning rate of 0 is no learning.
    PyTorch's CosineAnnealingLR, with last · lr for eta_min, which rises again after that.
    Source: Loshchilov and Hutter 2017 (arXiv 1608.03983), equation (5), without the restarts.
    """
    check_count("updates", updates)
    check_number("last", last, *PART)
    return lambda t: last + (1 - last) * (1 + math.cos(math.pi * min((t - 1) / updates, 1))) / 2


def warm_up(updates, then=constant):
    """Return the schedule t/updates up to 1, and then another, whose first update is that one.

    PyTorch's LinearLR from 1/updates over updates − 1, and SequentialLR for what follows.
    Source: Goyal et al. 2017 (arXiv 1706.02677), section 2.2.
    """
    check_count("updates", updates)
    check_function("then", then, EXPECTED)
    return lambda t: t / updates if t < updates else then(t - updates + 1)


@dataclass(frozen=True)
class ScheduleComparison:
    """What several schedules make of one optimizer on a surface, in read-only arrays by label."""

    factors: dict[str, np.ndarray]  # at every update
    losses: dict[str, np.ndarray]  # mean over the runs, from the start on; nan once one diverged
    ends: dict[str, float]  # mean of the last tenth of those
    positions: dict[str, np.ndarray]  # shape (steps + 1, 2, runs); nan from where one diverged on
    noise: float
    runs: int
    surface: Surface
    optimizer: object


def compare_schedules(
    optimizer, schedules, steps=300, noise=0.5, runs=100, rng=0, surface=None, start=None
):
    """Let an optimizer walk down a surface with each of a dict of schedules, by label.

    optimizer: any object with `update(params, grads)` and one learning rate `lr`.
    runs: how many runs to average, each with its own noise, the same for every schedule. A single
        run is too ragged to be read. Other arguments are as for `descend`.
    """
    if not isinstance(schedules, dict) or not schedules:
        raise ValueError(f"schedules must be a dict of at least one schedule, got {schedules!r}")
    for label, schedule in schedules.items():
        check_function(f"schedules[{label!r}]", schedule, EXPECTED)
    check_count("runs", runs)
    surface = Ravine() if surface is None else surface
    factors, losses, ends, places = {}, {}, {}, {}
    for label, schedule in schedules.items():
        positions, heights = walks(surface, optimizer, runs, start, steps, noise, rng, schedule)
        with np.errstate(over="ignore"):
            losses[label] = frozen(heights.mean(axis=1))
        ends[label] = float(losses[label][-max(1, steps // 10) :].mean())
        factors[label] = frozen(np.array([schedule(t) for t in range(1, steps + 1)]))
        places[label] = frozen(positions)
    return ScheduleComparison(factors, losses, ends, places, noise, runs, surface, fresh(optimizer))
