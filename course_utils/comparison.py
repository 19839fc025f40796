"""Several optimizers on one network and one stream of batches, a step at a time."""

import copy
from collections import deque
from dataclasses import dataclass
from time import thread_time

import numpy as np

from course_utils.base_optimizer import Optimizer
from course_utils.network import MyTwoLayerNet


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
        check_count("batch_size", batch_size)
        if not optimizers:
            raise ValueError("optimizers must hold at least one optimizer, got none")
        self.x, self.t = _pair("train", train)
        self.held_out = held_out and _pair("held_out", held_out)
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

    def records(self):
        """Return what has been computed so far, a `Training` for every optimizer."""
        return {name: run.record(self.iterations) for name, run in self.runs.items()}


def _pair(name, data):
    x, t = data
    if len(x) != len(t) or len(x) == 0:
        raise ValueError(
            f"{name} must be a pair (x, t) of the same length, at least 1, "
            f"got lengths {len(x)} and {len(t)}"
        )
    return x, t


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
            else:
                before = np.nan
            if not np.isfinite(after):
                self.diverged_at = len(self.loss) + 1
                after = np.nan
        self.seconds += thread_time() - start
        self.loss_before.append(before)
        self.loss.append(after)

    def evaluate(self, x, t):
        loss, accuracy = self.network.loss_and_accuracy(x, t)
        self.evaluations.append((len(self.loss), loss, accuracy))

    def record(self, iterations):
        at, loss, accuracy = np.array(self.evaluations).reshape(-1, 3).T
        return Training(
            loss=frozen(np.array(self.loss[:iterations])),
            loss_before=frozen(np.array(self.loss_before[:iterations])),
            evaluated_at=frozen(at.astype(int)),
            held_out_loss=frozen(loss.copy()),
            held_out_accuracy=frozen(accuracy.copy()),
            seconds=self.seconds,
            diverged_at=self.diverged_at,
            network=copy.deepcopy(self.network),
            optimizer=copy.deepcopy(self.optimizer),
        )


def fresh(optimizer):
    """Return a copy of an optimizer that has not made any update."""
    optimizer = copy.deepcopy(optimizer)
    if hasattr(optimizer, "reset"):
        optimizer.reset()
    return optimizer


def check_count(name, value):
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")


def frozen(array):
    array.flags.writeable = False
    return array
