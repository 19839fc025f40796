"""Measure competitors in turns, so that whatever else the machine does slows all of them alike."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter, sleep


@dataclass(frozen=True)
class Row:
    """One line of the printed table."""

    what: str
    measured: str
    compared_with: str = "–"
    ratio: str = "–"
    target: str = "–"


@dataclass(frozen=True)
class Times:
    """The seconds that one competitor took for the same work, once per repetition."""

    name: str
    seconds: list[float]

    @property
    def median(self):
        return median(self.seconds)

    @property
    def best(self):
        return min(self.seconds)

    def scaled(self, factor):
        return Times(self.name, [factor * seconds for seconds in self.seconds])

    def __str__(self):
        return f"{_with_unit(self.median)} ({_with_unit(self.best)})"


def in_turns(competitors, repetitions, steps=1, warm_up=0, pause=0.0):
    """Return a dict of competitors and their `Times` per step.

    competitors: objects with a `name` and a method `running`, a context manager whose value is the
        function to measure; it is called with the number of steps to make.
    repetitions: rounds, in each of which every competitor has one turn.
    steps, warm_up: steps in a turn that are timed, and steps before them that are not.
    pause: seconds before each turn, in which the waiting threads of the one before fall asleep.
    """
    seconds = {competitor: [] for competitor in competitors}
    for _ in range(repetitions):
        for competitor in competitors:
            sleep(pause)
            with competitor.running() as run:
                run(warm_up)
                start = perf_counter()
                run(steps)
                seconds[competitor].append((perf_counter() - start) / steps)
    return {one: Times(one.name, values) for one, values in seconds.items()}


def quickest(times):
    """Return the one with the smallest median."""
    return min(times, key=lambda one: one.median)


def row(what, ours, theirs, faster=None, at_most=None):
    """Return the `Row` for two `Times`.

    faster: the target is that ours is so many times faster; the ratio is theirs to ours.
    at_most: the target is that ours takes at most so many times as long; the ratio is ours to
        theirs. Without any target, the ratio is the one above 1.
    """
    medians, bests = theirs.median / ours.median, theirs.best / ours.best
    if at_most or (not faster and medians < 1):
        ratio = f"{1 / medians:.3g} ({1 / bests:.3g}) times the time"
    else:
        ratio = f"{medians:.3g} ({bests:.3g}) times faster"
    target = f"at least {faster}" if faster else f"at most {at_most:.2g}" if at_most else "–"
    return Row(what, str(ours), f"{theirs.name}: {theirs}", ratio, target)


def _with_unit(seconds):
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def repeated(step):
    """Return a function that makes a number of steps."""

    def run(steps):
        for _ in range(steps):
            step()

    return run
