"""What the classic picture of five paths depends on, as switches, and what each of them changes."""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import isclose

import numpy as np

from course_utils.descent import FAR, Descent, descend
from course_utils.experiments.anatomy import check_single
from course_utils.experiments.methods import five
from course_utils.experiments.race import DRAWS, RATES, fastest
from course_utils.optimizer import fresh
from course_utils.surfaces import Beale, Ravine, Saddle

TERRAINS = {
    "valley": (None, None),
    "near ridge": (Saddle(), None),
    "on ridge": (Saddle(), (-1.5, 0.0)),
    "corner": (Beale(), (4.25, 1.9)),
}  # surface and start, where they are not the valley and the surface's own
RATE_CHOICES = ("picture", "one", "own")
TOLD = 100  # draws of the noise, over which heights are averaged


@dataclass(frozen=True)
class Switches:
    """A setting of all switches. The defaults give the classic picture, followed for longer.

    terrain: of `TERRAINS`. rotation, condition: the valley's, as for `Ravine`. noise, steps: as for
        `descend`; after 100 updates all five are near the article's minimum.
    rates: "picture", those of the classic picture; "one", lr for all, where 0.1 is one at which all
        move and none diverges; "own", each at the `best_rate` for this setting.
    """

    terrain: str = "valley"
    rotation: float = 0.0
    condition: float = 20.0
    noise: float = 0.0
    rates: str = "picture"
    lr: float = 0.1
    steps: int = 100

    def __post_init__(self):
        for name, allowed in (("terrain", TERRAINS), ("rates", RATE_CHOICES)):
            if (given := getattr(self, name)) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {given!r}")

    @property
    def surface(self):
        return TERRAINS[self.terrain][0] or Ravine(self.condition, self.rotation)

    @property
    def walk(self):
        start = TERRAINS[self.terrain][1] or self.surface.start
        return {"start": start, "steps": self.steps, "noise": self.noise}


@dataclass(frozen=True)
class Report:
    """What a setting of the switches makes of the five, by their names.

    unchanged: of rotation and condition, where they are not the classic picture's: those whose path
        in the valley is the same as if they were; with noise nothing.
    frozen: AdaGrad's `late_gains` where the second half of the updates does not halve its height
        and would do more than twice as much without its memory; None with noise or if it diverged.
    """

    switches: Switches
    descents: dict[str, Descent]
    curves: dict[str, np.ndarray]  # heights at each update; with noise their mean in `TOLD` draws
    heights: dict[str, float]  # at the end; with noise the mean of the last quarter
    unchanged: dict[str, tuple[str, ...]]
    frozen: tuple[float, float] | None
    t = property(lambda self: self.switches.steps)  # the update that is looked at


def descents(switches):
    """Return the five `Descent` records of a setting, by name. All five see the same noise."""
    return dict(_descents(switches if switches.rates == "one" else replace(switches, lr=0.1)))


@lru_cache(32)
def _descents(switches):
    surface, walk, methods = switches.surface, switches.walk, five()
    if switches.rates != "picture":
        for method in methods.values():
            method.lr = switches.lr if switches.rates == "one" else RATES[:, np.newaxis]
        if switches.rates == "own":
            _search(surface, list(methods.values()), **walk)
    return {name: descend(surface, method, **walk) for name, method in methods.items()}


def _search(surface, methods, start, steps, noise):
    """Leave methods that have all `RATES` at their `best_rate`: one walk for all is quicker."""
    shape = len(RATES), DRAWS if noise else 1
    heights = _walks(surface, methods, shape, surface.inside, start, steps, noise)
    for method, lr in zip(methods, fastest(heights).tolist(), strict=True):
        method.lr = lr


def _walks(surface, methods, shape, inside, start, steps, noise):
    """Return the mean heights of methods, over the draws, at each update; inf once one is out."""
    place, stays = np.empty((2, len(methods), *shape)), True
    place.T[:] = start
    rng, heights = np.random.default_rng(0), []
    with np.errstate(all="ignore"):
        for _ in range(steps + 1):
            stays = stays & inside(*place)
            heights.append(np.where(stays, surface(*place) - surface.lowest, np.inf).mean(axis=-1))
            seen = np.array(surface.gradient(*place))
            seen += noise and noise * rng.standard_normal((2, 1, *shape))
            for i, method in enumerate(methods):
                method.step({"xy": place[:, i]}, {"xy": seen[:, i]})
    return np.array(heights)


def report(switches):
    """Return the `Report` on a setting of the switches."""
    runs, frozen = descents(switches), None
    if not switches.noise and runs["AdaGrad"].diverged_at is None:
        gain, emptied = late_gains(runs["AdaGrad"])
        frozen = (gain, emptied) if gain < 2 and emptied > 2 * gain else None
    curves, last = _curves(switches, runs), max(1, switches.steps // 4) if switches.noise else 1
    heights = {name: float(curve[-last:].mean()) for name, curve in curves.items()}
    return Report(switches, runs, curves, heights, dict(_unchanged(switches, runs)), frozen)


def _curves(switches, runs):
    if not switches.noise:
        gone = {name: [np.inf] if run.diverged_at else [] for name, run in runs.items()}
        return {name: np.append(run.heights, gone[name]) for name, run in runs.items()}
    methods = [fresh(run.optimizer) for run in runs.values()]
    heights = _walks(switches.surface, methods, (TOLD,), _in_sight, **switches.walk)
    return dict(zip(runs, heights.T, strict=True))


def _in_sight(x, y):
    return (abs(x) <= FAR) & (abs(y) <= FAR)


def _unchanged(switches, runs):
    """Yield each switch of the valley that is thrown, and who walks as if it were not."""
    told = switches.terrain == "valley" and not switches.noise
    for name in ("rotation", "condition") if told else ():
        classic = getattr(Switches, name)
        if not isclose(getattr(switches, name), classic):
            others = descents(replace(switches, **{name: classic}))
            yield name, tuple(each for each in runs if moved(runs[each], others[each]) < 1e-3)


def moved(descent, other):
    """Return how far apart two descents in valleys come, measured along and across each valley."""
    ours, theirs = (np.array(run.surface.own_axes(*run.positions.T)) for run in (descent, other))
    return np.abs(ours - theirs).max() if ours.shape == theirs.shape else np.inf


def late_gains(descent):
    """Return by what factor the second half of the updates divides a single path's height; and by
    what factor it would, had the optimizer forgotten everything halfway."""
    check_single(descent)
    half = descent.updates // 2
    start, rest = tuple(descent.positions[half]), descent.updates - half
    again = descend(descent.surface, descent.optimizer, start, rest)
    ends = np.maximum([*descent.heights[[half, -1]], again.heights[-1]], 1e-300)
    return float(ends[0] / ends[1]), float(ends[0] / ends[2])
