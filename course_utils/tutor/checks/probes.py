"""The problems that an optimizer is run on, the simplest first."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from course_utils.surfaces import Ravine


@dataclass(frozen=True, eq=False)
class Probe:
    """A problem to run on: where it starts, its gradient, and how exactly to compare."""

    start: dict[str, np.ndarray]
    gradient: Callable
    settings: dict[str, float]
    steps: int
    tolerance: float = 1e-4

    def fresh(self):
        return {key: p.copy() for key, p in self.start.items()}


@cache
def probes(task):
    """Return the problems, the simplest first: its path is the one shown to the reader."""
    here, there = task.values(0), task.values(1)
    listed = (3.0, 1.0, -3.0, 0.5, 4.0, -1.0, 2.0, 2.0)
    ravine, rng = Ravine(), np.random.default_rng(0)
    shapes = {"W": (3, 2), "c": (2,), "b": (2,), "a": (1,)}  # in no order of the alphabet
    scales = {key: rng.uniform(0.2, 2, shape) for key, shape in shapes.items()}
    bowl = {key: rng.normal(size=shape) for key, shape in shapes.items()}
    single = {key: p.astype(np.float32) for key, p in bowl.items()}
    tiny = np.array([0.0, 1e-3, -1e-5, 1e-6])

    def one(params, t):
        return {"x": np.array([listed[t - 1]])}

    def along(params, t):
        x, y = ravine.gradient(params["x"], params["y"])
        return {"x": x, "y": y}

    def pull(params, t):
        return {key: (scales[key] * p).astype(p.dtype) for key, p in params.items()}

    def faint(params, t):
        return {"x": tiny / t}

    x, y = ravine.start
    return [
        Probe({"x": np.array([2.0])}, one, here, len(listed)),
        Probe({"x": np.array([x]), "y": np.array([y])}, along, here, 12),
        Probe(bowl, pull, there, 8),
        Probe(single, pull, there, 8),
        Probe({"x": np.zeros(4)}, faint, here, 3),
    ]


def close(path, other, tolerance):
    """Return whether two walks, or parts of them, agree at every update.

    A step is about as long as lr: what is a tenth of the tolerance, in itself, is no difference.
    """
    with np.errstate(all="ignore"):
        return all(
            np.allclose(mine[key], theirs[key], tolerance, tolerance / 10, equal_nan=True)
            for mine, theirs in zip(path, other, strict=True)
            for key in mine
        )
