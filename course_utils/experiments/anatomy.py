"""One update taken apart: what this gradient brings, what was remembered, what decays."""

from dataclasses import dataclass

import numpy as np

from course_utils import optimizers as own

# It is the class itself that counts: one that is derived from it may do anything.
PLAIN = (own.SGD, own.AdaGrad, own.RMSProp)
BALLS = (own.Momentum, own.Nesterov)
ADAMS = (own.Adam, own.UncorrectedAdam, own.AdamW)


@dataclass(frozen=True)
class Step:
    """An update, as pairs (x, y), the sum of three parts.

    A part that a method lacks is None; all are where the method is not of this package.
    """

    position: np.ndarray  # before the update
    gradient: np.ndarray  # as the update saw it, noise included
    push: np.ndarray | None  # what this gradient brings
    remembered: np.ndarray | None  # what earlier ones bring
    decay: np.ndarray | None  # what AdamW takes off the position itself
    update: np.ndarray


def step_parts(descent, t):
    """Return update t (from 1) of a single descent as a `Step`."""
    if not 1 <= t <= descent.updates:
        raise ValueError(f"t must be from 1 to {descent.updates}, got {t!r}")
    rate, optimizer, kind = effective_rate(descent)[t], descent.optimizer, type(descent.optimizer)
    before, gradient = descent.positions[t - 1], descent.seen[t - 1]
    push = remembered = decay = None
    if kind in PLAIN:
        push = -rate * gradient
    elif kind is own.Momentum:
        push = -rate * gradient
        remembered = optimizer.momentum * descent.state["v"][t - 1]
    elif kind is own.Nesterov:
        push = -rate * (1 + optimizer.momentum) * gradient
        remembered = optimizer.momentum**2 * descent.state["v"][t - 1]
    elif kind in ADAMS:
        push = -rate * (1 - optimizer.beta1) * gradient
        remembered = -rate * optimizer.beta1 * descent.state["m"][t - 1]
    if kind is own.AdamW:
        decay = -descent.lr[t - 1] * optimizer.weight_decay * before
    return Step(before, gradient, push, remembered, decay, descent.positions[t] - before)


def effective_rate(descent):
    """Return what the gradient (Adam's kind: m) was multiplied by in each update, shape (k + 1, 2).

    Row t belongs to update t, row 0 is nan; all rows are where the method is not of this package.
    """
    check_single(descent)
    optimizer, kind = descent.optimizer, type(descent.optimizer)
    rate = np.full(descent.positions.shape, np.nan)
    if kind in PLAIN + BALLS + ADAMS:
        rate[1:] = descent.lr[:, np.newaxis]
    if kind in ADAMS:
        rate[1:] *= correction(optimizer, np.arange(1, len(rate))[:, np.newaxis])
    if kind in (own.AdaGrad, own.RMSProp, *ADAMS):
        squares = descent.state["v" if kind in ADAMS else "h"]
        rate[1:] /= np.sqrt(squares[1:]) + optimizer.eps
    return rate


def correction(adam, t):
    """Return the factor √(1 − β2^t)/(1 − β1^t) by which Adam or AdamW corrects update t."""
    if type(adam) not in ADAMS:
        raise TypeError(f"adam must be Adam, AdamW or UncorrectedAdam, got {adam!r}")
    if type(adam) is own.UncorrectedAdam:
        return np.ones(np.shape(t))
    return np.sqrt(1 - adam.beta2**t) / (1 - adam.beta1**t)


def directions(surface, point):
    """Return two arrays (x, y) of length 1: along −gradient, and from point to a minimum."""
    downhill = -np.array(surface.gradient(*point), dtype=float)
    to_minimum = np.subtract(surface.minima[0], point)
    return downhill / np.hypot(*downhill), to_minimum / np.hypot(*to_minimum)


def angle_to_minimum(surface, point):
    """Return by how many degrees, 0 to 180, −gradient misses the way to the first minimum."""
    (ax, ay), (bx, by) = directions(surface, point)
    return float(np.degrees(np.arctan2(abs(ax * by - ay * bx), ax * bx + ay * by)))


def check_single(descent):
    if descent.grid:
        raise ValueError(f"descent must be a single path, got a grid of shape {descent.grid}")
