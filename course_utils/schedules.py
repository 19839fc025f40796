"""Learning-rate schedules: by what the learning rate is multiplied at each update.

A schedule is a function of the update's number t, from 1, that returns a factor greater than 0.
It goes on for ever: past its end it keeps its last factor. `compare_schedules` tries several.
"""

import math
import sys
from dataclasses import dataclass
from numbers import Real

import numpy as np

from course_utils.base_optimizer import Optimizer
from course_utils.comparison import check_count, fresh, frozen
from course_utils.surfaces import Ravine, Surface
from course_utils.training import descend


def constant(t):
    """The schedule that leaves the learning rate as it is."""
    return 1.0


def inverse_time(decay):
    """Return the schedule 1/(1 + decay (t − 1)): full at the first update, half at 1 + 1/decay.

    decay: per update, at least 0 and finite; 0 keeps the learning rate as it is.
    """
    _check_number("decay", decay, "at least 0 and finite", lambda value: value >= 0)
    return lambda t: 1 / (1 + decay * (t - 1))


def step(every, factor=0.1):
    """Return the schedule factor^⌊(t − 1)/every⌋: level, with a fall after each `every` updates.

    every: whole number of updates, at least 1.
    factor: what the learning rate is multiplied by at each fall, greater than 0 and at most 1; 0.1
        is the common choice.

    PyTorch's StepLR, with gamma for factor. Source: He et al. 2016 (arXiv 1512.03385), section 4.2.
    """
    check_count("every", every)
    _check_number("factor", factor, "greater than 0 and at most 1", lambda value: 0 < value <= 1)
    return lambda t: max(factor ** ((t - 1) // every), sys.float_info.min)


def cosine(updates, last=0.01):
    """Return the schedule last + (1 − last)(1 + cos π(t − 1)/updates)/2: slow, fast, slow.

    updates: how many it takes from 1 down to `last`, where it stays; a whole number, at least 1.
    last: greater than 0 and at most 1. PyTorch and the paper go down to 0, but a learning rate of
        0 is no learning; 0.01 comes near enough.

    PyTorch's CosineAnnealingLR, with last · lr for eta_min; that one rises again afterwards.
    Source: Loshchilov and Hutter 2017 (arXiv 1608.03983), equation (5), without the restarts.
    """
    check_count("updates", updates)
    _check_number("last", last, "greater than 0 and at most 1", lambda value: 0 < value <= 1)
    return lambda t: last + (1 - last) * (1 + math.cos(math.pi * min((t - 1) / updates, 1))) / 2


def warm_up(updates, then=constant):
    """Return the schedule t/updates up to 1, which is reached at t = updates, and then another.

    updates: whole number, at least 1; 1 is no warm-up.
    then: the schedule that follows; its first update is the one at which the warm-up reaches 1.

    PyTorch's LinearLR from 1/updates over updates − 1, and SequentialLR for what follows.
    Source: Goyal et al. 2017 (arXiv 1706.02677), section 2.2.
    """
    check_count("updates", updates)
    _check_schedule("then", then)
    return lambda t: t / updates if t < updates else then(t - updates + 1)


@dataclass(frozen=True)
class ScheduleComparison:
    """What several schedules make of one optimizer on a surface with noisy gradients.

    factors: dict of labels and arrays (steps,): each schedule's factor at every update.
    losses: dict of labels and arrays (steps + 1,): the mean height over the runs, before the first
        update and after each; nan once a run has diverged.
    ends: dict of labels and floats: the mean of the last tenth of those.
    paths: dict of labels and arrays (k + 1, 2): where the first of the runs went.
    noise, runs: as they were asked for. surface, optimizer: what was run.
    """

    factors: dict[str, np.ndarray]
    losses: dict[str, np.ndarray]
    ends: dict[str, float]
    paths: dict[str, np.ndarray]
    noise: float
    runs: int
    surface: Surface
    optimizer: Optimizer


def compare_schedules(
    optimizer, schedules, steps=300, noise=0.5, runs=100, rng=0, surface=None, start=None
):
    """Let an optimizer walk down a surface with each schedule; return a `ScheduleComparison`.

    optimizer: one of this package's, with a single learning rate; fresh copies do the work.
    schedules: dict of labels and schedules.
    steps: number of updates, at least 1.
    noise: standard deviation, ≥ 0, of the noise in each component of each gradient.
    runs: how many runs to average, at least 1, each with its own noise; the noise is the same for
        every schedule. A single run is too ragged to be read.
    rng: a seed for the noise.
    surface: a `Surface`; the ravine by default. start: (x, y), the surface's own by default.
    """
    if not isinstance(schedules, dict) or not schedules:
        raise ValueError(f"schedules must be a dict of at least one schedule, got {schedules!r}")
    for label, schedule in schedules.items():
        _check_schedule(f"schedules[{label!r}]", schedule)
    if not isinstance(getattr(optimizer, "lr", None), float):
        raise ValueError(f"optimizer must have one learning rate, got {optimizer!r}")
    check_count("steps", steps)
    check_count("runs", runs)
    surface = Ravine() if surface is None else surface
    many = fresh(optimizer)
    many.lr = np.full(runs, optimizer.lr)
    descents = {
        label: descend(surface, many, start, steps, noise, rng, schedule)
        for label, schedule in schedules.items()
    }
    losses = {label: _mean_loss(descent, steps) for label, descent in descents.items()}
    return ScheduleComparison(
        factors={
            label: frozen(np.array([schedule(t) for t in range(1, steps + 1)]))
            for label, schedule in schedules.items()
        },
        losses=losses,
        ends={label: float(loss[-max(1, steps // 10) :].mean()) for label, loss in losses.items()},
        paths={label: descent.positions[:, :, 0] for label, descent in descents.items()},
        noise=noise,
        runs=runs,
        surface=surface,
        optimizer=fresh(optimizer),
    )


def _mean_loss(descent, steps):
    mean = np.full(steps + 1, np.nan)
    with np.errstate(over="ignore"):
        mean[: len(descent.losses)] = descent.losses.mean(axis=1)
    return frozen(mean)


def _check_schedule(name, value):
    if not callable(value):
        raise TypeError(
            f"{name} must be a schedule, a function of the update's number, got {value!r}"
        )


def _check_number(name, value, expected, accepts):
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number {expected}, got {value!r}")
    if not (math.isfinite(value) and accepts(value)):
        raise ValueError(f"{name} must be {expected}, got {value!r}")
