"""What the classic picture of five paths depends on, as switches, and what each of them changes."""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import isclose

import numpy as np

from course_utils.descent import Descent, descend
from course_utils.experiments.anatomy import check_single
from course_utils.experiments.methods import five
from course_utils.experiments.race import at_best, at_edge
from course_utils.optimizer import with_settings
from course_utils.surfaces import Beale, Ravine, Saddle

TERRAINS = {
    "valley": (None, None),
    "near ridge": (Saddle(), None),
    "on ridge": (Saddle(), (-1.5, 0.0)),
    "corner": (Beale(), (4.25, 1.9)),
}  # surface and start, where they are not the valley and the surface's own
RATE_CHOICES = ("picture", "one", "own")


@dataclass(frozen=True)
class Switches:
    """A setting of all switches. The defaults give the classic picture, followed for longer.

    terrain: of `TERRAINS`. rotation, condition: the valley's, as for `Ravine`. noise, steps: as for
        `descend`; after 100 updates all five are near the article's minimum.
    rates: "picture", those of the classic picture; "one", lr for all, where 0.1 is one at which all
        move and none diverges; "own", each at the `best_rate` for this setting.
    decay_rate: RMSProp's.
    """

    terrain: str = "valley"
    rotation: float = 0.0
    condition: float = 20.0
    noise: float = 0.0
    rates: str = "picture"
    lr: float = 0.1
    decay_rate: float = 0.99
    steps: int = 100

    def __post_init__(self):
        for name, allowed in (("terrain", TERRAINS), ("rates", RATE_CHOICES)):
            if (given := getattr(self, name)) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {given!r}")

    @property
    def surface(self):
        return TERRAINS[self.terrain][0] or Ravine(self.condition, self.rotation)


@dataclass(frozen=True)
class Effect:
    """What changes with one switch put back to the classic picture."""

    switch: str  # "rotation", "condition" or "noise"
    heights: dict[str, float]  # where each method ends then
    unchanged: tuple[str, ...]  # those whose path in the valley stays the same


@dataclass(frozen=True)
class Report:
    """What a setting of the switches makes of the five, by their names.

    `frozen` are the `late_gains` of AdaGrad where the second half of the updates does not halve its
    height, and would do more than twice as much without its memory. It is None where that is not
    so, and where it can't be told: with noise, or if AdaGrad diverged.
    """

    switches: Switches
    descents: dict[str, Descent]
    heights: dict[str, float]  # at the end, above the minimum; with noise the last quarter's mean
    at_edge: tuple[str, ...]  # those whose own best rate is the lowest or highest that was tried
    effects: tuple[Effect, ...]  # of each of three switches that is not the classic picture's
    leaving: dict[str, int] | None  # on a ridge, the update after which each is past |y| = 0.5
    cycle: float | None  # the size of the one in which RMSProp ends
    frozen: tuple[float, float] | None


def descents(switches):
    """Return the five `Descent` records of a setting, by name. All five see the same noise."""
    return dict(_descents(switches if switches.rates == "one" else replace(switches, lr=0.1)))


@lru_cache(32)
def _descents(switches):
    surface, start, found = switches.surface, TERRAINS[switches.terrain][1], {}
    walk = {"start": start, "steps": switches.steps, "noise": switches.noise}
    for name, method in five().items():
        if name == "RMSProp":
            method = with_settings(method, decay_rate=switches.decay_rate)
        if switches.rates == "one":
            method = with_settings(method, lr=switches.lr)
        found[name] = (at_best if switches.rates == "own" else descend)(surface, method, **walk)
    return found


def report(switches):
    """Return the `Report` on a setting of the switches."""
    runs, own = descents(switches), switches.rates == "own"
    edge = tuple(name for name, run in runs.items() if own and at_edge(run.optimizer.lr))
    leaving = frozen = None
    if switches.terrain.endswith("ridge"):
        off = {name: np.abs(run.positions[:, 1]) > 0.5 for name, run in runs.items()}
        leaving = {name: int(off[name].argmax()) for name in runs if off[name].any()}
    if not switches.noise and runs["AdaGrad"].diverged_at is None:
        gain, emptied = late_gains(runs["AdaGrad"])
        frozen = (gain, emptied) if gain < 2 and emptied > 2 * gain else None
    heights, effects = _heights(switches), tuple(_effects(switches, runs))
    return Report(switches, runs, heights, edge, effects, leaving, cycle(runs["RMSProp"]), frozen)


def _heights(switches):
    found = {}
    for name, run in descents(switches).items():
        last = run.heights[-max(1, switches.steps // 4) if switches.noise else -1 :]
        found[name] = float(last.mean()) if run.diverged_at is None else np.inf
    return found


def _effects(switches, runs):
    """Yield the `Effect` of each switch that is thrown and can be put back alone."""
    valley = switches.terrain == "valley"
    for name in ("rotation", "condition", "noise") if valley else ("noise",):
        classic = getattr(Switches, name)
        if not isclose(getattr(switches, name), classic):
            back = replace(switches, **{name: classic})
            others = descents(back)
            still = [each for each in runs if valley and moved(runs[each], others[each]) < 1e-3]
            yield Effect(name, _heights(back), tuple(still))


def moved(descent, other):
    """Return how far apart two descents in valleys come, measured along and across each valley."""
    ours, theirs = (
        np.array(each.surface.own_axes(*each.positions.swapaxes(0, 1))) for each in (descent, other)
    )
    return np.abs(ours - theirs).max() if ours.shape == theirs.shape else np.inf


def cycle(descent):
    """Return the size of the cycle in which a single path ends, or None.

    In a cycle each coordinate jumps from one side of 0 to the other, with the same size within a
    tenth, for the last six updates; and that size is at least a quarter of lr.
    """
    check_single(descent)
    last = descent.positions[-6:]
    sizes, jumps = np.abs(last), last[1:] * last[:-1] < 0
    steady = sizes.max(axis=0) <= 1.1 * sizes.min(axis=0)
    found = len(last) == 6 and jumps.all() and steady.all()
    return float(sizes.mean()) if found and np.all(sizes >= descent.optimizer.lr / 4) else None


def late_gains(descent):
    """Return by what factor the second half of the updates divides a single path's height; and by
    what factor it would, had the optimizer forgotten everything halfway."""
    check_single(descent)
    half = descent.updates // 2
    start, rest = tuple(descent.positions[half]), descent.updates - half
    again = descend(descent.surface, descent.optimizer, start, rest)
    before, after = descent.heights[[half, -1]]
    heights = np.maximum([before, after, again.heights[-1]], 1e-300)
    return float(heights[0] / heights[1]), float(heights[0] / heights[2])
