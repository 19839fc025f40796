"""30 updates of each method on the ravine: `descend`, beside a plain loop of checked updates."""

from contextlib import contextmanager

import numpy as np

from benchmarks.timing import in_turns, repeated, row
from course_utils import SGD, AdaGrad, Adam, Momentum, Ravine, RMSProp, descend

METHODS = (SGD(0.95), Momentum(0.1), AdaGrad(1.5), RMSProp(0.1), Adam(0.3))


def rows(repetitions=20, steps=30, times=10):
    """Return the table. The loop keeps what `descend` keeps: the places, heights and gradients."""
    return [
        row(f"{steps} updates of {type(method).__name__} on the ravine", *measured, faster=2)
        for method in METHODS
        for measured in [_measured(method, repetitions, steps, times)]
    ]


def _measured(method, repetitions, steps, times):
    ours = Walk("descend", lambda: descend(Ravine(), method, steps=steps))
    theirs = Walk("a loop of update", lambda: plain_loop(Ravine(), method, steps))
    seconds = in_turns([ours, theirs], repetitions, times)
    return seconds[ours], seconds[theirs]


def plain_loop(surface, method, steps):
    method.reset()
    params = dict(zip("xy", map(np.array, surface.start), strict=True))
    kept = []
    for _ in range(steps):
        gradient = surface.gradient(params["x"], params["y"])
        height = surface(params["x"], params["y"])
        kept.append((params["x"].copy(), params["y"].copy(), height, *gradient))
        method.update(params, dict(zip("xy", gradient, strict=True)))
    return np.array(kept)


class Walk:
    def __init__(self, name, walk):
        self.name, self.walk = name, walk

    @contextmanager
    def running(self):
        yield repeated(self.walk)
