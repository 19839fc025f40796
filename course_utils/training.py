"""Run optimizers: `descend` on a surface, `train` and `compare` on data, and what they return."""

import copy
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import thread_time

import numpy as np
from threadpoolctl import threadpool_limits

from course_utils.network import MyTwoLayerNet
from course_utils.optimizers import Optimizer
from course_utils.surfaces import Surface

FAR = 1e6
"""A path that gets farther than this from the origin, or whose height overflows, has diverged."""


@dataclass(frozen=True)
class Descent:
    """A path on a surface, or a grid of paths where a hyperparameter is an array of shape `grid`.

    positions, gradients: shape (k + 1, 2) + grid: where the path was before the first of k
        updates and after each, and the surface's gradient there (without the noise).
    losses: shape (k + 1,) + grid: the height at each position.
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
    state: dict[str, np.ndarray]
    diverged_at: int | None | np.ndarray
    surface: Surface
    optimizer: Optimizer


def descend(surface, optimizer, start=None, steps=30, noise=0.0, rng=0):
    """Let an optimizer walk down a surface and return its path, a `Descent`.

    surface: a `Surface`.
    optimizer: anything with `update(params, grads)`; a fresh copy does the work.
    start: (x, y), finite; the surface's own start by default.
    steps: number of updates, at least 1.
    noise: standard deviation, ≥ 0, of normal noise added to each component of each gradient, in
        the gradient's unit. It stands for the randomness of minibatches.
    rng: a `numpy.random.Generator` or a seed, for the noise.
    """
    start = surface.start if start is None else start
    if np.shape(start) != (2,) or not np.all(np.isfinite(start)):
        raise ValueError(f"start must be two finite numbers (x, y), got {start!r}")
    _check_count("steps", steps)
    if not (np.isfinite(noise) and noise >= 0):
        raise ValueError(f"noise must be at least 0 and finite, got {noise!r}")
    rng = np.random.default_rng(rng)
    optimizer = fresh(optimizer)
    names = getattr(optimizer, "state", ())
    settings = [getattr(optimizer, name) for name in getattr(optimizer, "hyperparameters", ())]
    grid = np.broadcast_shapes(*(np.shape(value) for value in settings))
    params = {key: np.full(grid, float(value)) for key, value in zip("xy", start, strict=True)}

    positions, losses, gradients, states = [], [], [], []
    diverged = np.full(grid, -1)
    for step in range(steps + 1):
        with np.errstate(all="ignore"):
            x, y = params["x"], params["y"]
            loss, gradient = surface(x, y), surface.gradient(x, y)
            near = (np.abs(x) <= FAR) & (np.abs(y) <= FAR) & np.isfinite(loss)
        diverged[(diverged < 0) & ~near] = step
        if np.all(diverged >= 0):
            break
        positions.append(np.stack([x, y]))
        losses.append(np.array(loss))
        gradients.append(np.stack(gradient))
        remembered = [getattr(optimizer, name) or {"x": 0 * x, "y": 0 * y} for name in names]
        states.append([np.stack([now["x"], now["y"]]) for now in remembered])
        if step < steps:
            with np.errstate(all="ignore"):
                noisy = [part + noise * rng.standard_normal(grid) for part in gradient]
            optimizer.update(params, dict(zip("xy", noisy if noise else gradient, strict=True)))

    steps_made = np.arange(len(losses)).reshape(-1, *[1] * len(grid))
    gone = (diverged >= 0) & (steps_made >= diverged)

    def history(rows):
        array = np.array(rows)
        hidden = gone if array.ndim == gone.ndim else gone[:, np.newaxis]
        array[np.broadcast_to(hidden, array.shape)] = np.nan
        return _frozen(array)

    single = int(diverged) if not grid and diverged >= 0 else None
    return Descent(
        positions=history(positions),
        losses=history(losses),
        gradients=history(gradients),
        state={name: history([row[i] for row in states]) for i, name in enumerate(names)},
        diverged_at=_frozen(diverged) if grid else single,
        surface=surface,
        optimizer=optimizer,
    )


@dataclass(frozen=True)
class Training:
    """What one optimizer did to a network, in read-only arrays.

    loss: shape (iterations,): the loss of each batch after the step made with it. The article
        plots this; it flatters every method, since the batch was just learned from.
    loss_before: shape (iterations,): the loss of the same batch before that step.
    evaluated_at: the numbers of updates after which the held-out data was looked at, from 0.
    held_out_loss, held_out_accuracy: loss and share of right answers there, shaped like it.
    seconds: processor time spent on gradients, updates and batch losses.
    diverged_at: the number of the update after which the loss was no longer finite, or None; from
        there on the losses are nan and the network is left as it was.
    network: the trained network. optimizer: the optimizer, as it was after the last update.
    """

    loss: np.ndarray
    loss_before: np.ndarray
    evaluated_at: np.ndarray
    held_out_loss: np.ndarray
    held_out_accuracy: np.ndarray
    seconds: float
    diverged_at: int | None
    network: MyTwoLayerNet
    optimizer: Optimizer


class Comparison:
    """Optimizers that train copies of one network on the same batches, one step at a time.

    network: the network all start from; it is copied, so it keeps its weights.
    optimizers: a dict of names and optimizers; fresh copies do the work.
    train: a pair (x, t) to draw batches from, with replacement.
    held_out: a pair (x, t) to judge by, or None.
    batch_size: examples per batch, at least 1; 128 is the article's.
    rng: a `numpy.random.Generator` or a seed, for the batches.
    """

    def __init__(self, network, optimizers, train, held_out=None, batch_size=128, rng=0):
        _check_count("batch_size", batch_size)
        if not optimizers:
            raise ValueError("optimizers must hold at least one optimizer, got none")
        self.x, self.t = train
        self.held_out = held_out
        self.batch_size = batch_size
        self.rng = np.random.default_rng(rng)
        self.runs = {
            name: _Run(copy.deepcopy(network), fresh(optimizer))
            for name, optimizer in optimizers.items()
        }

    @property
    def iterations(self):
        """The number of steps that every optimizer has made."""
        return min(len(run.loss) for run in self.runs.values())

    def step(self, each=map):
        """Draw a batch and let every optimizer make its step with it.

        each: `map`, or the `map` of a thread pool to do so on several cores; the numbers do not
            depend on it.
        """
        batch = self.rng.integers(len(self.t), size=self.batch_size)
        x, t = self.x[batch], self.t[batch]
        list(each(lambda run: run.step(x, t), self.runs.values()))

    def evaluate(self, each=map):
        """Note loss and accuracy of every network on the held-out data; `each` as in `step`."""
        if self.held_out is not None:
            list(each(lambda run: run.evaluate(*self.held_out), self.runs.values()))

    def records(self):
        """Return what has been computed so far, a `Training` for every optimizer."""
        return {name: run.record(self.iterations) for name, run in self.runs.items()}


class _Run:
    def __init__(self, network, optimizer):
        self.network = network
        self.optimizer = optimizer
        self.loss, self.loss_before, self.evaluations = [], [], []
        self.seconds = 0.0
        self.diverged_at = None

    def step(self, x, t):
        start = thread_time()
        before = after = np.nan
        if self.diverged_at is None:
            before, gradient = self.network.loss_and_gradient(x, t)
            if np.isfinite(before):
                self.optimizer.update(self.network.params, gradient)
                after = self.network.loss(x, t)
            if not np.isfinite(after):
                self.diverged_at = len(self.loss) + 1
                after = np.nan
        self.seconds += thread_time() - start
        self.loss_before.append(before)
        self.loss.append(after)

    def evaluate(self, x, t):
        loss, accuracy = self.network.loss(x, t), self.network.accuracy(x, t)
        self.evaluations.append((len(self.loss), loss, accuracy))

    def record(self, iterations):
        at, loss, accuracy = np.array(self.evaluations).reshape(-1, 3).T
        return Training(
            loss=_frozen(np.array(self.loss[:iterations])),
            loss_before=_frozen(np.array(self.loss_before[:iterations])),
            evaluated_at=_frozen(at.astype(int)),
            held_out_loss=_frozen(loss.copy()),
            held_out_accuracy=_frozen(accuracy.copy()),
            seconds=self.seconds,
            diverged_at=self.diverged_at,
            network=copy.deepcopy(self.network),
            optimizer=copy.deepcopy(self.optimizer),
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
    progress: called as progress(done, iterations) after each iteration, to show it.

    The optimizers share the cores, one thread each. NumPy's matrix products run in one thread
    meanwhile: at this size their own threads gain less, and on a busy machine wait for each other
    ten times longer than they work.

    Interrupting (Ctrl-C, or the stop button of a notebook) ends the training and returns what has
    been computed until then.
    """
    _check_count("iterations", iterations)
    _check_count("evaluate_every", evaluate_every)
    comparison = Comparison(network, optimizers, train, held_out, batch_size, rng)
    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for done in range(iterations):
                if done % evaluate_every == 0:
                    comparison.evaluate(pool.map)
                comparison.step(pool.map)
                if progress is not None:
                    progress(done + 1, iterations)
        except KeyboardInterrupt:
            pass
        comparison.evaluate(pool.map)
    return comparison.records()


def train(network, optimizer, train, held_out=None, **settings):
    """Train a copy of a network with one optimizer; return its `Training`. See `compare`."""
    return compare(network, {"only": optimizer}, train, held_out, **settings)["only"]


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


def fresh(optimizer):
    """Return a copy of an optimizer that has not made any update."""
    optimizer = copy.deepcopy(optimizer)
    if hasattr(optimizer, "reset"):
        optimizer.reset()
    return optimizer


def _check_count(name, value):
    if not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")


def _frozen(array):
    array.flags.writeable = False
    return array
