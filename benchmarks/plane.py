"""The (lr, momentum) plane: measured again and redrawn for another ravine, beside a loop."""

from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle

from benchmarks.timing import Row, in_turns, repeated, row
from course_utils import Momentum, Ravine
from course_utils.experiments.convergence import measured_rate, rate_plane
from course_utils.lab import explore_plane
from course_utils.lab.convergence import COLUMNS, ROWS, UPDATES


def rows(repetitions=5, every=4):
    """Return the table. The loop runs every fourth lr and momentum and is scaled to all of them."""
    explorer = explore_plane()
    explorer.view.width = 1370
    plane = rate_plane(Ravine(), ROWS, COLUMNS, UPDATES)
    some = slice(every // 2, None, every)
    settings = [(lr, momentum) for lr in plane.lr[some] for momentum in plane.momentum[some]]
    whole = Moved("the explorer", explorer, "condition", (200.0, 20.0))
    loop = Loop(f"a loop over the cells, not drawn (measured with {len(settings)})", settings)
    times = in_turns([whole, loop], repetitions, warm_up=1)
    what = f"{ROWS * COLUMNS} rates over {UPDATES} updates: measure and draw for another κ"
    redrawn = row(what, times[whole], times[loop].scaled(ROWS * COLUMNS / len(settings)))
    cursor = Moved("the cursor", explorer, "lr", (0.3, 0.31))
    moved = in_turns([cursor], repetitions, warm_up=1)[cursor]
    return [
        replace(redrawn, target="under 100 ms"),
        Row("the cursor moved: its rate, path and loss", str(moved)),
    ]


class Moved:
    """An explorer of which one control goes back and forth between two values."""

    def __init__(self, name, explorer, control, values):
        self.name, self.explorer, self.control, self.values = name, explorer, control, cycle(values)

    @contextmanager
    def running(self):
        yield repeated(lambda: self.explorer.set(**{self.control: next(self.values)}))


class Loop:
    """Each setting measured by itself."""

    def __init__(self, name, settings):
        self.name, self.settings = name, settings

    @contextmanager
    def running(self):
        yield repeated(self.measure)

    def measure(self):
        surface = Ravine()
        return [measured_rate(surface, Momentum(*setting), UPDATES) for setting in self.settings]
