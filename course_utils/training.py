"""Train copies of one network with several optimizers, on the same batches, and record it."""

import copy
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from course_utils.checked import check_count, frozen
from course_utils.machine import LIMIT, clock, cores
from course_utils.network import MyTwoLayerNet
from course_utils.optimizer import fresh


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
    planned: the updates that were to be made; where it was cut short, there are fewer losses.
    network: the trained network. optimizer: the optimizer, as it was after the last update.
    """

    loss: np.ndarray
    loss_before: np.ndarray
    evaluated_at: np.ndarray
    held_out_loss: np.ndarray
    held_out_accuracy: np.ndarray
    seconds: float
    diverged_at: int | None
    planned: int
    network: MyTwoLayerNet
    optimizer: object

    @property
    def cut(self):
        """What to say after a result if it was cut short, " after 310 of 2,000 updates", or ""."""
        made = len(self.loss)
        return f" after {made:,} of {self.planned:,} updates" if made < self.planned else ""


class Comparison:
    """Optimizers that train copies of one network on the same batches, one step at a time.

    network: the network all start from; it is copied, so it keeps its weights.
    optimizers: a dict of names and objects with `update(params, grads)`; fresh copies do the work,
        and what their `update` raises gets a note that says in which update it was.
    data: a pair (x, t) to draw batches from, with replacement.
    held_out: a pair (x, t) to judge by, or None.
    batch_size: examples per batch, at least 1; 128 is the article's.
    rng: a `numpy.random.Generator` or a seed, for the batches.
    """

    def __init__(self, network, optimizers, data, held_out=None, batch_size=128, rng=0):
        check_count("batch_size", batch_size)
        if not optimizers:
            raise ValueError("optimizers must hold at least one optimizer, got none")
        self.x, self.t = _pair("data", data)
        self.held_out = None if held_out is None else _pair("held_out", held_out)
        self.batch_size = batch_size
        self.rng = np.random.default_rng(rng)
        self.runs = {n: _Run(copy.deepcopy(network), fresh(o)) for n, o in optimizers.items()}

    @property
    def iterations(self):
        """How many steps every optimizer has made."""
        return min(len(run.loss) for run in self.runs.values())

    def advance(self, count=1, each=map, workers=1):
        """Let every optimizer make `count` more steps, all with the same new batches.

        each, workers: with the `map` of a thread pool and its number of workers, the optimizers
        share the cores: a worker takes the one that has waited longest, makes a step with it and
        puts it back. The numbers do not depend on it.
        """
        batches = [self.rng.integers(len(self.t), size=self.batch_size) for _ in range(count)]
        batches = [(self.x[batch], self.t[batch]) for batch in batches]
        done, waiting = self.iterations, deque(self.runs.values())

        def work(_):
            while True:
                try:
                    run = waiting.popleft()
                except IndexError:
                    return
                run.step(*batches[len(run.loss) - done])
                if len(run.loss) < done + count:
                    waiting.append(run)

        list(each(work, range(workers)))

    def evaluate(self, each=map):
        """Note loss and accuracy of every network on the held-out data; `each` as in `advance`."""
        if self.held_out is not None:
            list(each(lambda run: run.evaluate(*self.held_out), self.runs.values()))

    def records(self, planned=None):
        """Return what has been computed so far, of `planned` steps if named: its `Training`s."""
        made = self.iterations
        return {name: run.record(made, planned or made) for name, run in self.runs.items()}


def _pair(name, data):
    x, t = data
    if len(x) != len(t) or len(x) == 0:
        got = f"got lengths {len(x)} and {len(t)}"
        raise ValueError(f"{name} must be a pair (x, t) of the same length, at least 1, {got}")
    return x, t


class _Run:
    def __init__(self, network, optimizer):
        self.network, self.optimizer = network, optimizer
        self.loss, self.loss_before, self.evaluations = [], [], []
        self.seconds, self.diverged_at = 0.0, None

    def step(self, x, t):
        start, before, after = clock(), np.nan, np.nan
        if self.diverged_at is None:
            before, gradient = self.network.loss_and_gradient(x, t)
            if np.isfinite(before):
                self._update(gradient)
                after = self.network.loss(x, t)
            else:
                before = np.nan
            if not np.isfinite(after):
                self.diverged_at = len(self.loss) + 1
                after = np.nan
        self.seconds += clock() - start
        self.loss_before.append(before)
        self.loss.append(after)

    def _update(self, gradient):
        try:
            with np.errstate(all="ignore"):
                self.optimizer.update(self.network.params, gradient)
        except Exception as error:
            error.add_note(f"in update {len(self.loss) + 1} of {type(self.optimizer).__name__}")
            raise

    def evaluate(self, x, t):
        self.evaluations.append((len(self.loss), *self.network.loss_and_accuracy(x, t)))

    def record(self, iterations, planned):
        at, loss, accuracy = np.array(self.evaluations).reshape(-1, 3).T
        return Training(
            loss=frozen(np.array(self.loss[:iterations])),
            loss_before=frozen(np.array(self.loss_before[:iterations])),
            evaluated_at=frozen(at.astype(int)),
            held_out_loss=frozen(loss.copy()),
            held_out_accuracy=frozen(accuracy.copy()),
            seconds=self.seconds,
            diverged_at=self.diverged_at,
            planned=planned,
            network=copy.deepcopy(self.network),
            optimizer=copy.deepcopy(self.optimizer),
        )


def compare(
    network,
    optimizers,
    data,
    held_out=None,
    iterations=2000,
    batch_size=128,
    rng=0,
    evaluate_every=100,
    progress=None,
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
    been computed until then; so does, in a browser, the end of 50 seconds.
    """
    check_count("iterations", iterations)
    check_count("evaluate_every", evaluate_every)
    comparison = Comparison(network, optimizers, data, held_out, batch_size, rng)
    end = clock() + LIMIT
    with threadpool_limits(1):
        with suppress(KeyboardInterrupt), cores() as (each, workers):
            while (done := comparison.iterations) < iterations and clock() < end:
                if done % evaluate_every == 0:
                    comparison.evaluate(each)
                count = min(10, iterations - done, evaluate_every - done % evaluate_every)
                comparison.advance(count, each, workers)
                if progress is not None:
                    progress(done + count, iterations)
        comparison.evaluate()
    return comparison.records(iterations)


def train(network, optimizer, data, held_out=None, **settings):
    """Train a copy of a network with one optimizer; return its `Training`. See `compare`."""
    return compare(network, {"only": optimizer}, data, held_out, **settings)["only"]


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
