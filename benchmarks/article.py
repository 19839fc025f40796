"""The article's experiment: five methods, batch 128, gradient, update and loss at each iteration.

All start from the same weights, draw the same batches and note the same losses.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import layers_float64
from benchmarks.timing import Row, in_turns, quickest, repeated, row
from course_utils import SGD, AdaGrad, Adam, Momentum, MyTwoLayerNet, RMSProp, load_mnist
from course_utils.mnist import files
from course_utils.training import Comparison

BATCH = 128
THREADS = 2  # for everyone, also where there are more cores


def rows(repetitions=10, steps=200, digits=None):
    """Return the table; by default the article's 2000 iterations, in ten turns of 200."""
    x, t, name = _digits() if digits is None else digits
    ours, layers = Ours(x, t), Layers(x, t)
    products = [Products(x, shared_out) for shared_out in (False, True)]
    try:
        pytorch = [PyTorch(x, t, *how) for how in ((1, False), (2, False), (1, True))]
    except ImportError:
        pytorch = []
    competitors = [ours, layers, *products, *pytorch]
    times = in_turns(competitors, repetitions, steps, warm_up=min(steps, 5), pause=0.1)
    what = f"five methods on {name}, an iteration"
    table = [row(what, times[ours], times[layers], faster=3.5)]
    if pytorch:
        *usual, shared_out = [times[rival] for rival in pytorch]
        table.append(row(what, times[ours], quickest(usual), faster=1.8))
        table.append(row(what, times[ours], shared_out))
    else:
        table.append(Row(what, str(times[ours]), "PyTorch is not installed", target="at least 1.8"))
    bare = quickest([times[rival] for rival in products])
    return [*table, row(what, times[ours], bare, at_most=1.5)]


def mnist_folder():
    """Return where MNIST is, if it is here; nothing is downloaded for a benchmark."""
    value = os.environ.get("COURSE_MNIST_DIR")
    return files.named_folder(value) if value else files.cache_folder()


class Ours:
    """The loop of `course_utils.compare`."""

    name = "course_utils"

    def __init__(self, x, t):
        methods = {
            "SGD": SGD(),
            "Momentum": Momentum(),
            "AdaGrad": AdaGrad(),
            "RMSProp": RMSProp(),
            "Adam": Adam(),
        }
        self.comparison = Comparison(_network(x), methods, (x, t), batch_size=BATCH)

    @contextmanager
    def running(self):
        with threadpool_limits(1), ThreadPoolExecutor(THREADS) as pool:
            yield lambda steps: self.run(steps, pool)

    def run(self, steps, pool):
        for done in range(0, steps, 10):
            self.comparison.advance(min(10, steps - done), pool.map, THREADS)

    def losses(self):
        return {name: record.loss for name, record in self.comparison.records().items()}


class Layers:
    """Layer objects in float64."""

    name = f"layer objects in float64, {THREADS} BLAS threads"

    def __init__(self, x, t):
        self.x, self.t, self.batches = x.astype(np.float64), t, _batches(t)
        self.optimizers = {name: method() for name, method in layers_float64.METHODS.items()}
        params = _network(x).params
        self.networks = {name: layers_float64.TwoLayerNet(params) for name in self.optimizers}
        self.noted = {name: [] for name in self.optimizers}

    @contextmanager
    def running(self):
        with threadpool_limits(THREADS):
            yield repeated(self.step)

    def step(self):
        batch = next(self.batches)
        x, t = self.x[batch], self.t[batch]
        for name, optimizer in self.optimizers.items():
            network = self.networks[name]
            optimizer.update(network.params, network.gradient(x, t))
            self.noted[name].append(network.loss(x, t))

    def losses(self):
        return self.noted


class PyTorch:
    """Fused optimizers on the CPU, with so many threads, or with the methods shared out to two."""

    def __init__(self, x, t, threads, shared_out):
        import torch

        from benchmarks import pytorch

        self.name = f"PyTorch, {threads} thread{'s' * (threads > 1)}"
        self.name += f" each, in {THREADS} workers" * shared_out
        self.workers = THREADS if shared_out else 0
        self.set_threads = lambda: torch.set_num_threads(threads)
        self.x, self.t, self.batches = torch.from_numpy(x), torch.from_numpy(t), _batches(t)
        self.from_numpy, self.train_on = torch.from_numpy, pytorch.train_on
        params = _network(x).params
        self.networks = {name: pytorch.network(params) for name in pytorch.METHODS}
        self.optimizers = {
            name: method(self.networks[name].parameters())
            for name, method in pytorch.METHODS.items()
        }
        self.noted = {name: [] for name in self.optimizers}

    @contextmanager
    def running(self):
        self.set_threads()
        with _workers(self.workers, self.set_threads) as each:
            yield repeated(lambda: self.step(each))

    def step(self, each):
        batch = self.from_numpy(next(self.batches))
        x, t = self.x[batch], self.t[batch]

        def one(name):
            loss = self.train_on(self.networks[name], self.optimizers[name], x, t)
            self.noted[name].append(loss)

        list(each(one, self.optimizers))

    def losses(self):
        return self.noted


class Products:
    """The matrix products of five gradients and losses and nothing else, in float32."""

    def __init__(self, x, shared_out):
        self.name = "bare matrix products, "
        self.name += f"{THREADS} workers" if shared_out else f"{THREADS} BLAS threads"
        self.workers = THREADS if shared_out else 0
        self.x = x[:BATCH].copy()
        self.params = [_network(x, seed).params for seed in range(5)]

    @contextmanager
    def running(self):
        blas_threads = 1 if self.workers else THREADS
        with threadpool_limits(blas_threads), _workers(self.workers) as each:
            yield repeated(lambda: list(each(self.products, self.params)))

    def products(self, params):
        x, W1, W2 = self.x, params["W1"], params["W2"]
        a = x @ W1
        d = a @ W2
        d_a = d @ W2.T
        a.T @ d
        x.T @ d_a
        (x @ W1) @ W2


@contextmanager
def _workers(number, initializer=None):
    """Give the `map` of a thread pool, or the built-in one for no worker."""
    if not number:
        yield map
    else:
        with ThreadPoolExecutor(number, initializer=initializer) as pool:
            yield pool.map


def _network(x, seed=0):
    return MyTwoLayerNet(x.shape[1], 100, 10, rng=seed)


def _batches(t):
    rng = np.random.default_rng(0)
    while True:
        yield rng.integers(len(t), size=BATCH)


def _digits():
    """Return MNIST's training images and labels, or random data of their shape, and its name."""
    try:
        (x, t), _ = load_mnist(path=mnist_folder())
        return x, t, "MNIST"
    except (FileNotFoundError, ValueError):
        rng = np.random.default_rng(0)
        x = rng.random((60_000, 784), np.float32)
        return x, rng.integers(10, size=len(x)), "random data"
