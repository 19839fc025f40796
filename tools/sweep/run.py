"""One run of the sweep, as a worker process makes it."""

import hashlib
import json
import math
import platform
from functools import cache
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from course_utils import MyTwoLayerNet, load_mnist
from course_utils.training import Comparison
from tools.sweep.plan import ARTICLE, METHODS, Job


class Split(NamedTuple):
    """A data set in three parts, each a pair (x, t), and the SHA-256 of each part's arrays."""

    name: str
    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    sha256: dict[str, str]


@cache
def load(small):
    """Return the data as a `Split`, read once per process; NumPy keeps to one thread from then on.

    One sixth of the training images, the same in every run, is set aside to choose by: 10,000 of
    MNIST's 60,000.
    """
    threadpool_limits(1)
    name, (x, t), test = _small_digits() if small else _mnist()
    order = np.random.default_rng(0).permutation(len(t))
    kept, aside = np.split(order, [len(t) - len(t) // 6])
    parts = {"train": (x[kept], t[kept]), "validation": (x[aside], t[aside]), "test": test}
    return Split(name, **parts, sha256={key: sha256(*pair) for key, pair in parts.items()})


def _mnist():
    digits = load_mnist()
    if not digits.is_mnist:
        raise FileNotFoundError(
            f"no MNIST on {platform.node()}: put its four files into a folder and name that in "
            "COURSE_MNIST_DIR before you start the sweep, or the worker"
        )
    return digits.name, *digits


def _small_digits():
    from sklearn.datasets import load_digits

    x, t = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    return "scikit-learn digits", (x[:1437], t[:1437]), (x[1437:], t[1437:])


def sha256(*arrays):
    """Return the SHA-256 of the arrays' bytes, little end first, one array after the other."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")))
    return digest.hexdigest()


class Recorder(np.random.Generator):
    """A generator whose `sha256` is that of all the integers it was asked for."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(seed))
        self.sha256 = hashlib.sha256()

    def integers(self, *args, **options):
        drawn = super().integers(*args, **options)
        self.sha256.update(drawn.astype("<i8"))
        return drawn


def run(job, small):
    """Make a run and return what is kept of it, a dict that fits into JSON.

    loss, accuracy: on the held-out data, before the first update and then at every look.
    train_loss: mean loss of the last 100 batches, each before the step made with it.
    diverged_at: as in `Training`. weights, batches: SHA-256 of the initial weights and of the
        indices drawn. Numbers have 6 digits; null stands for one that is not finite.
    """
    data = load(small)
    network = MyTwoLayerNet(data.train[0].shape[1], job.hidden_size, 10, rng=(job.seed, 0))
    weights = sha256(*network.params.values())
    optimizers = {job.method: METHODS[job.method](**job.hyperparameters)}
    batches = Recorder((job.seed, 1))
    held_out = data.test if job.held_out == "test" else data.validation
    # Not `compare`: interrupted, it returns a shorter training, which would pass for a whole one.
    comparison = Comparison(network, optimizers, data.train, held_out, job.batch_size, batches)
    comparison.evaluate()
    while (done := comparison.iterations) < job.iterations:
        comparison.advance(min(job.evaluate_every, job.iterations - done))
        comparison.evaluate()
    training = comparison.records()[job.method]
    return {
        "loss": [rounded(value) for value in training.held_out_loss],
        "accuracy": [rounded(value) for value in training.held_out_accuracy],
        "train_loss": rounded(training.loss_before[-100:].mean()),
        "diverged_at": training.diverged_at,
        "weights": weights,
        "batches": batches.sha256.hexdigest(),
    }


def rounded(value):
    return float(f"{value:.6g}") if math.isfinite(value) else None


@cache
def fingerprint(small):
    """Return a SHA-256 of the data and of what twenty steps of each method make of it here.

    Where two differ, the code or its arithmetic does, and their runs do not belong together.
    """
    jobs = [Job(name, {"lr": lr}, 128, 100, 0, 20, 10) for name, lr in ARTICLE.items()]
    found = [load(small).sha256, np.__version__, *(run(job, small) for job in jobs)]
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def run_in_worker(job, small):
    """Return the job's key, this process's fingerprint and the run."""
    return job.key, fingerprint(small), run(job, small)
