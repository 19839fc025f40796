"""How fast SGD and Momentum converge on the ravine: measured, and as theory predicts it.

The rate is the factor per update by which the distance to the minimum shrinks in the long run.
Along a ravine and across it, with curvatures μ and L, the slower direction decides. Sources: Polyak
1964 for the best settings; Goh 2017 (Distill), "The Dynamics of Momentum", for the eigenvalues.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from course_utils.checked import check_count, frozen
from course_utils.optimizer import fresh
from course_utils.optimizers import SGD, Momentum
from course_utils.surfaces import Ravine

BLOCK = 10  # updates between two looks at the distance, after which it is brought back to 1


def measured_rate(surface, optimizer, updates=1000):
    """Return the rate at which `SGD` or `Momentum` converges on a ravine, as its updates show it.

    Its settings may be arrays, the answer then has their shape. The run is made in the ravine's own
    two directions, from distance 1 in each. Its greatest distance in the last quarter is compared
    with that in the quarter before the middle; and again with that decay taken out, so that crests
    of slow swings are compared. With 1000 updates it is within 0.003 of the predicted, with 600
    within 0.005; hardest is critical damping, where the distance falls like k ρᵏ.
    """
    grid = np.broadcast_shapes(np.shape(momentum_of(optimizer)), np.shape(optimizer.lr))
    check_count("updates", updates, 10 * BLOCK)
    optimizer = fresh(optimizer)
    curvature = np.reshape(curvatures(surface), (2, *[1] * len(grid)))
    params = {"place": np.ones((2, *grid))}
    with np.errstate(all="ignore"):
        size = _log_distance(optimizer, params, curvature, updates // BLOCK)
        half, quarter, slope = len(size) // 2, len(size) // 4, 0.0
        block = np.arange(len(size)).reshape(-1, *[1] * len(grid))
        for _ in range(2):
            level = size - slope * block
            rise = level[-quarter:].max(axis=0) - level[half - quarter : half].max(axis=0)
            slope = slope + rise / (len(size) - half)
        rate = np.exp(slope / BLOCK)
    rate = np.where(np.isnan(rate), np.inf, rate)  # inf − inf: it overflowed within a block
    return rate if grid else float(rate)


def _log_distance(optimizer, params, curvature, blocks):
    """Return the logarithm of the greatest distance in each block of updates, which are linear."""
    place = params["place"]
    total, sizes = np.zeros(place.shape), []
    for _ in range(blocks):
        peak = np.full(place.shape, 1e-300)
        for _ in range(BLOCK):
            optimizer.update(params, {"place": curvature * place})
            np.maximum(peak, np.abs(place), out=peak)
        for array in (place, *(getattr(optimizer, name)["place"] for name in optimizer.state)):
            array /= peak
        total += np.log(peak)
        sizes.append(total.max(axis=0))
    return np.array(sizes)


def predicted_rate(surface, optimizer):
    """Return the rate that theory predicts: the size of the largest eigenvalue of an update.

    With learning rate η, momentum α and curvature λ, an update multiplies (position, velocity) by
    ((1 − ηλ, α), (−ηλ, α)). The eigenvalues have the sum 1 + α − ηλ and the product α: where they
    are complex both have the size √α.
    """
    momentum, radii = momentum_of(optimizer), []
    for curvature in curvatures(surface):
        half = (1 + momentum - optimizer.lr * curvature) / 2
        apart = half * half - momentum
        real = np.abs(half) + np.sqrt(np.maximum(apart, 0))
        radii.append(np.where(apart < 0, np.sqrt(momentum), real))
    rate = np.maximum(*radii)
    return rate if np.ndim(rate) else float(rate)


def stability_edge(surface, momentum=0.0):
    """Return the learning rate from which on it no longer converges, 2(1 + momentum)/L."""
    momentum = Momentum(momentum=momentum).momentum
    return 2 * (1 + momentum) / curvatures(surface)[1]


def best_momentum(surface):
    """Return the `Momentum` that converges fastest: momentum ((√κ − 1)/(√κ + 1))², rate √ of it."""
    low, high = map(sqrt, curvatures(surface))
    return Momentum(lr=4 / (high + low) ** 2, momentum=((high - low) / (high + low)) ** 2)


def best_sgd(surface):
    """Return the `SGD` that converges fastest: lr 2/(L + μ), rate (κ − 1)/(κ + 1)."""
    return SGD(lr=2 / sum(curvatures(surface)))


def updates_per_digit(rate):
    """Return how many updates bring the distance down to a tenth; inf from rate 1 on."""
    return float(-1 / np.log10(rate)) if rate < 1 - 1e-12 else np.inf


@dataclass(frozen=True)
class RatePlane:
    """Rates of Momentum, in read-only arrays: a row for each momentum, a column for each lr."""

    surface: Ravine
    lr: np.ndarray
    momentum: np.ndarray
    measured: np.ndarray
    predicted: np.ndarray

    @property
    def largest_difference(self):
        return float(np.abs(self.measured - self.predicted).max())


def rate_plane(surface=None, rows=100, columns=100, updates=1000):
    """Measure Momentum over a grid of settings on a ravine, all in one run; return a `RatePlane`.

    Its first row is SGD, its last momentum 0.99; lr goes up to 4.2/L, more than any can bear.
    """
    surface = Ravine() if surface is None else surface
    check_count("rows", rows, 2)
    check_count("columns", columns, 2)
    lr = np.arange(1, columns + 1) * 4.2 / curvatures(surface)[1] / columns
    momentum = np.linspace(0, 0.99, rows)
    ball = Momentum(lr, momentum[:, np.newaxis])
    rates = measured_rate(surface, ball, updates), predicted_rate(surface, ball)
    return RatePlane(surface, *map(frozen, (lr, momentum, *rates)))


def curvatures(surface):
    """Return the curvatures (μ, L) of a ravine, along the valley and across it."""
    if not isinstance(surface, Ravine):
        raise TypeError(f"surface must be a Ravine, got {surface!r}")
    low, high = surface.curvature(0.0, 0.0)
    return float(low), float(high)


def momentum_of(optimizer):
    """Return the momentum of `SGD`, which is 0, or `Momentum`; others raise a TypeError."""
    if type(optimizer) not in (SGD, Momentum):
        raise TypeError(f"optimizer must be SGD or Momentum, got {optimizer!r}")
    return getattr(optimizer, "momentum", 0.0)
