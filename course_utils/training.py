"""Run optimizers: `descend` on a surface, `train` and `compare` on data, and what they return."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isfinite
from numbers import Real

import numpy as np
from threadpoolctl import threadpool_limits

from course_utils.base_optimizer import Optimizer
from course_utils.comparison import Comparison, check_count, fresh, frozen
from course_utils.surfaces import Surface

FAR = 1e6
"""A path that gets farther than this from the origin, or whose height overflows, has diverged."""


@dataclass(frozen=True)
class Descent:
    """A path on a surface, or a grid of paths where a hyperparameter is an array of shape `grid`.

    positions, gradients: shape (k + 1, 2) + grid: where the path was before the first of k
        updates and after each, and the surface's gradient there (without the noise).
    losses: shape (k + 1,) + grid: the height at each position.
    lr: shape (k,): the learning rate of each update; nan for an optimizer that has none, or a grid
        of them.
    state: what the optimizer remembered, a dict of arrays shaped like positions; it starts at 0.
    diverged_at: the number of the update that took a path too far (see `FAR`), or None. In a grid
        an array of integers, −1 where a path did not diverge.
    surface, optimizer: what was run; the optimizer is a copy, as it was after the last update.

    A path that diverges ends with its last position before that: a single path is shorter (k less
    than the steps asked for), in a grid the rest is nan. The arrays are read-only.
    """

    positions: np.ndarray
    losses: np.ndarray
    gradients: np.ndarray
    lr: np.ndarray
    state: dict[str, np.ndarray]
    diverged_at: int | np.ndarray | None
    surface: Surface
    optimizer: Optimizer


def descend(surface, optimizer, start=None, steps=30, noise=0.0, rng=0, schedule=None):
    """Let an optimizer walk down a surface and return its path, a `Descent`.

    surface: a `Surface`.
    optimizer: anything with `update(params, grads)`; a fresh copy does the work.
    start: (x, y), finite; the surface's own start by default.
    steps: number of updates, at least 1.
    noise: standard deviation, ≥ 0, of normal noise added to each component of each gradient, in
        the gradient's unit. It stands for the randomness of minibatches.
    rng: a `numpy.random.Generator` or a seed, for the noise.
    schedule: called with the number of each update, from 1; what it returns multiplies the
        learning rate. None leaves it as it is. See `schedules`.
    """
    start = surface.start if start is None else start
    if np.shape(start) != (2,) or not all(_within(value, -FAR, FAR) for value in start):
        raise ValueError(f"start must be two numbers (x, y) from −1e6 to 1e6, got {start!r}")
    check_count("steps", steps)
    if not _within(noise, 0, float("inf")):
        raise ValueError(f"noise must be a number of at least 0, got {noise!r}")
    if schedule is not None and not callable(schedule):
        raise TypeError(f"schedule must be a function of the update's number, got {schedule!r}")
    rng = np.random.default_rng(rng)
    optimizer = fresh(optimizer)
    names = getattr(optimizer, "state", ())
    settings = [getattr(optimizer, name) for name in getattr(optimizer, "hyperparameters", ())]
    grid = np.broadcast_shapes(*(np.shape(value) for value in settings))
    params = {key: np.full(grid, float(value)) for key, value in zip("xy", start, strict=True)}

    full_lr = getattr(optimizer, "lr", np.nan)
    positions, losses, gradients, rates, states = [], [], [], [], []
    diverged = np.full(grid, -1)
    zeros = {"x": np.zeros(grid), "y": np.zeros(grid)}
    for step in range(steps + 1):
        with np.errstate(all="ignore"):
            x, y = params["x"], params["y"]
            loss, gradient = surface(x, y), surface.gradient(x, y)
            near = (np.abs(x) <= FAR) & (np.abs(y) <= FAR) & np.isfinite(loss)
            noisy = [part + noise * rng.standard_normal(grid) for part in gradient if noise]
        if not np.all(near):
            diverged[(diverged < 0) & ~near] = step
            if np.all(diverged >= 0):
                break
        positions.append(np.array([x, y]))
        losses.append(np.array(loss))
        gradients.append(np.array(gradient))
        remembered = [getattr(optimizer, name) or zeros for name in names]
        states.append([np.array([now["x"], now["y"]]) for now in remembered])
        if step < steps:
            if schedule is not None:
                optimizer.lr = full_lr * _factor(schedule, step + 1)
            rates.append(getattr(optimizer, "lr", np.nan))
            optimizer.update(params, dict(zip("xy", noisy or gradient, strict=True)))

    steps_made = np.arange(len(losses)).reshape(-1, *[1] * len(grid))
    gone = (diverged >= 0) & (steps_made >= diverged)

    def history(rows):
        array = np.array(rows)
        hidden = gone if array.ndim == gone.ndim else gone[:, np.newaxis]
        array[np.broadcast_to(hidden, array.shape)] = np.nan
        return frozen(array)

    single = int(diverged) if not grid and diverged >= 0 else None
    if schedule is not None:
        optimizer.lr = full_lr
    return Descent(
        positions=history(positions),
        losses=history(losses),
        gradients=history(gradients),
        lr=frozen(np.array([rate if np.ndim(rate) == 0 else np.nan for rate in rates])),
        state={name: history([row[i] for row in states]) for i, name in enumerate(names)},
        diverged_at=frozen(diverged) if grid else single,
        surface=surface,
        optimizer=optimizer,
    )


def compare(
    network,
    optimizers,
    train,
    held_out=None,
    iterations=2000,
    batch_size=128,
    rng=0,
    evaluate_every=100,
    progress: Callable[[int, int], object] | None = None,
):
    """Train one network with several optimizers and return a dict of `Training` records.

    All start from the same weights and see the same batches; see `Comparison` for the arguments.

    iterations: updates to make, at least 1; 2000 is the article's.
    evaluate_every: updates between two looks at the held-out data, at least 1. The first look is
        before the first update, the last after the last.
    progress: called as progress(done, iterations) every few iterations, to show it.

    The optimizers share the cores, one thread each. NumPy's matrix products run in one thread
    meanwhile: at this size their own threads gain less, and on a busy machine wait for each other
    ten times longer than they work.

    Interrupting (Ctrl-C, or the stop button of a notebook) ends the training and returns what has
    been computed until then.
    """
    check_count("iterations", iterations)
    check_count("evaluate_every", evaluate_every)
    comparison = Comparison(network, optimizers, train, held_out, batch_size, rng)
    workers = os.cpu_count() or 1
    with threadpool_limits(1):
        try:
            with ThreadPoolExecutor(workers) as pool:
                while (done := comparison.iterations) < iterations:
                    if done % evaluate_every == 0:
                        comparison.evaluate(pool.map)
                    count = min(10, iterations - done, evaluate_every - done % evaluate_every)
                    comparison.advance(count, pool.map, workers)
                    if progress is not None:
                        progress(done + count, iterations)
        except KeyboardInterrupt:
            pass
        comparison.evaluate()
    return comparison.records()


def train(network, optimizer, train, held_out=None, **settings):
    """Train a copy of a network with one optimizer; return its `Training`. See `compare`."""
    return compare(network, {"only": optimizer}, train, held_out, **settings)["only"]


def _factor(schedule, t):
    factor = schedule(t)
    if not (isinstance(factor, Real) and isfinite(factor) and factor > 0):
        raise ValueError(
            f"schedule must return a number greater than 0, got {factor!r} at update {t}"
        )
    return factor


def _within(value, low, high):
    return isinstance(value, Real) and isfinite(value) and low <= value <= high


def smooth_curve(values):
    """Return a curve smoothed by a Kaiser window of 11 points (beta 2), as long as it was.

    values: one-dimensional, at least one number. Both ends are continued by their mirror image, so
        the curve is neither shortened nor shifted.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"values must be a curve of at least one number, got shape {values.shape}")
    window = np.kaiser(11, 2)
    padded = np.pad(values, 5, mode="reflect" if values.size > 1 else "edge")
    return np.convolve(padded, window / window.sum(), mode="valid")
