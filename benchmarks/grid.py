"""10,000 settings of Momentum on the ravine: one call with arrays, beside a loop of calls."""

from contextlib import contextmanager

import numpy as np

from benchmarks.timing import in_turns, repeated, row
from course_utils import Momentum, Ravine, descend


def rows(repetitions=5, steps=100, side=100, every=10):
    """Return the table. The loop runs every tenth lr and momentum and is scaled to all of them."""
    lr, momentum = np.meshgrid(np.linspace(0.02, 2, side), np.linspace(0, 0.99, side))
    some = slice(every // 2, None, every)
    one_call = Settings("one call", [(lr, momentum)], steps)
    few = list(zip(lr[some, some].flat, momentum[some, some].flat, strict=True))
    loop = Settings(f"a loop of calls (measured with {len(few)} settings)", few, steps)
    times = in_turns([one_call, loop], repetitions)
    what = f"{lr.size:,} settings (lr, momentum), {steps} steps on the ravine"
    return [row(what, times[one_call], times[loop].scaled(lr.size / len(few)))]


class Settings:
    def __init__(self, name, settings, steps):
        self.name, self.settings, self.steps = name, settings, steps

    @contextmanager
    def running(self):
        yield repeated(self.descend)

    def descend(self):
        return [
            descend(Ravine(), Momentum(lr, momentum), steps=self.steps)
            for lr, momentum in self.settings
        ]
