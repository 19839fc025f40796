"""How fast SGD and Momentum converge on the ravine: measured, and as theory predicts it.

The rate is the factor per update by which the distance to the minimum shrinks in the long run: 0.9
leaves 0.9 of it, a rate above 1 diverges. Along the valley and across it a ravine is a parabola, of
curvature μ and L; the slower of the two directions decides.

Sources: Polyak 1964 for the best settings; Goh 2017 (Distill), "The Dynamics of Momentum", for the
eigenvalues and the stability edge.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from course_utils.comparison import check_count, fresh, frozen
from course_utils.optimizers import SGD, Momentum
from course_utils.surfaces import Ravine

BLOCK = 10
"""Updates between two looks at the distance, after which it is brought back to 1."""


def measured_rate(surface, optimizer, updates=1000):
    """Return the rate at which an optimizer converges on a ravine, as its own updates show it.

    surface: a `Ravine`. An update works on the two directions of a ravine separately, so the run
        is made in these: it starts at distance 1 along the valley and 1 across it.
    optimizer: `SGD` or `Momentum`; its settings may be arrays, the answer then has their shape.
    updates: at least 100. Near critical damping the distance falls like k ρᵏ, which takes many
        updates to tell from ρᵏ. With 1000 the answer is within 0.003 of the spectral radius ρ at
        every setting, with 600 within 0.005.

    The greatest distance in the last quarter of the run is compared with that in the quarter before
    its middle, so what happens at first does not count. This is done twice: with the decay that was
    found first taken out, it is the crests of slow swings that are compared.

    Updates on a parabola are linear: position and velocity are divided by the distance now and
    then, and the logarithms added up, so nothing underflows or overflows. A rate below 1e-15 may
    come out smaller still, as round-off decides it.
    """
    grid = np.broadcast_shapes(np.shape(momentum_of(optimizer)), np.shape(optimizer.lr))
    check_count("updates", updates)
    if updates < 10 * BLOCK:
        raise ValueError(f"updates must be at least {10 * BLOCK}, got {updates}")
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
    """Return the logarithm of the greatest distance in each block of updates."""
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
    """Return the rate that theory predicts: the larger `spectral_radius` of the two curvatures.

    surface, optimizer: as for `measured_rate`.
    """
    along, across = (spectral_radius(optimizer, curvature) for curvature in curvatures(surface))
    rate = np.maximum(along, across)
    return rate if np.ndim(rate) else float(rate)


def spectral_radius(optimizer, curvature):
    """Return the size of the larger eigenvalue of an optimizer's update on a parabola.

    With learning rate η and momentum α, an update takes (position, velocity) to
    ((1 − ηλ, α), (−ηλ, α)) times it, where λ is the curvature, greater than 0. The eigenvalues
    have the sum 1 + α − ηλ and the product α: where they are complex both have the size √α.
    """
    momentum = momentum_of(optimizer)
    half = (1 + momentum - optimizer.lr * curvature) / 2
    apart = half * half - momentum
    real = np.abs(half) + np.sqrt(np.maximum(apart, 0))
    radius = np.where(apart < 0, np.sqrt(momentum), real)
    return radius if radius.ndim else float(radius)


def stability_edge(surface, momentum=0.0):
    """Return the learning rate from which on the walk no longer converges, 2(1 + momentum)/L.

    momentum: in [0, 1), a number or an array; 0 is SGD, whose edge is 2/L.
    """
    momentum = Momentum(momentum=momentum).momentum
    return 2 * (1 + momentum) / curvatures(surface)[1]


def best_momentum(surface):
    """Return the `Momentum` that converges fastest on a ravine; its rate is √momentum.

    Its lr is 4/(√L + √μ)² and its momentum ((√κ − 1)/(√κ + 1))².
    """
    low, high = map(sqrt, curvatures(surface))
    return Momentum(lr=4 / (high + low) ** 2, momentum=((high - low) / (high + low)) ** 2)


def best_sgd(surface):
    """Return the `SGD` that converges fastest on a ravine: lr 2/(L + μ), rate (κ − 1)/(κ + 1)."""
    return SGD(lr=2 / sum(curvatures(surface)))


def updates_per_digit(rate):
    """Return how many updates bring the distance down to a tenth at a rate; inf from rate 1 on.

    rate: greater than 0.
    """
    return float(-1 / np.log10(rate)) if rate < 1 - 1e-12 else np.inf


@dataclass(frozen=True)
class RatePlane:
    """Rates of Momentum over a grid of settings; its first row, momentum 0, is SGD.

    lr: shape (columns,), evenly spaced, greater than 0. momentum: shape (rows,), from 0 to 0.99.
    measured, predicted: the rates, shape (rows, columns). surface: the ravine. Read-only.
    """

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

    surface: a `Ravine`, the article's by default.
    rows, columns: so many momentums, from 0 to 0.99, and learning rates, up to 4.2/L, a little
        more than any momentum can bear; at least 2 each.
    updates: see `measured_rate`.
    """
    surface = Ravine() if surface is None else surface
    for name, count in (("rows", rows), ("columns", columns)):
        check_count(name, count)
        if count < 2:
            raise ValueError(f"{name} must be at least 2, got {count}")
    lr = np.arange(1, columns + 1) * 4.2 / curvatures(surface)[1] / columns
    momentum = np.linspace(0, 0.99, rows)
    ball = Momentum(lr, momentum[:, np.newaxis])
    measured = measured_rate(surface, ball, updates)
    predicted = predicted_rate(surface, ball)
    return RatePlane(surface, *map(frozen, (lr, momentum, measured, predicted)))


def curvatures(surface):
    """Return the curvatures (μ, L) of a ravine, along the valley and across it."""
    if not isinstance(surface, Ravine):
        raise TypeError(f"surface must be a Ravine, got {surface!r}")
    low, high = surface.curvature(0.0, 0.0)
    return float(low), float(high)


def momentum_of(optimizer):
    """Return the momentum of `SGD`, which is 0, or `Momentum`; others raise a TypeError."""
    if not isinstance(optimizer, SGD | Momentum):
        raise TypeError(f"optimizer must be SGD or Momentum, got {optimizer!r}")
    return getattr(optimizer, "momentum", 0.0)
