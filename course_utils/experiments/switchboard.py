"""What the classic picture of five paths depends on, as switches, and what each of them changes."""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import isclose

import numpy as np

from course_utils.descent import FAR, Descent, descend
from course_utils.experiments.methods import five
from course_utils.experiments.race import DRAWS, RATES, fastest
from course_utils.optimizer import fresh
from course_utils.surfaces import Beale, Ravine, Saddle

TERRAINS = {
    "valley": (None, None, ""),
    "near ridge": (Saddle(), None, "Saddle, 0.001 beside the ridge"),
    "on ridge": (Saddle(), (-1.5, 0.0), "Saddle, on the ridge"),
    "corner": (Beale(), (4.25, 1.9), "Beale's function, from a steep corner"),
}  # surface and start, where they are not the valley and the surface's own; and in words
RATE_CHOICES = ("picture", "one", "own")
TOLD = 100  # draws of the noise, over which heights are averaged
OFF = 0.5  # the |y| past which a path has left the saddle's ridge


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

    def __str__(self):
        turned = f"turned by {self.rotation:g}°" if self.rotation else "along the axes"
        place = TERRAINS[self.terrain][2] or f"Valley {turned}, κ = {self.condition:.4g}"
        noise = f", noise {self.noise:g}" if self.noise else ""
        lr = {"picture": "the picture's learning rates", "one": f"lr {self.lr:.3g} for all"}
        return f"{place}{noise}, {lr.get(self.rates, 'each at its own best learning rate')}"

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
    left: those that leave a ridge, the first first, and after which update; None without one.
    before: the classic picture's, as long or longer, where that can be compared and is another.
    """

    switches: Switches
    descents: dict[str, Descent]
    curves: dict[str, np.ndarray]  # heights at each update; with noise their mean in `TOLD` draws
    heights: dict[str, float]  # at the end; with noise the mean of the last quarter
    unchanged: dict[str, tuple[str, ...]]
    left: dict[str, int] | None
    before: dict[str, Descent]
    t = property(lambda self: self.switches.steps)  # the update that is looked at


def descents(switches):
    """Return the five `Descent` records of a setting, by name. All five see the same noise."""
    return dict(_descents(switches if switches.rates == "one" else replace(switches, lr=0.1)))


@lru_cache(32)
def _descents(switches):
    surface, walk, methods = switches.surface, switches.walk, five()
    if switches.rates != "picture":
        for method in methods.values():
            method.lr = switches.lr
        if switches.rates == "own":
            _search(surface, list(methods.values()), **walk)
    return {name: descend(surface, method, **walk) for name, method in methods.items()}


def _search(surface, methods, start, steps, noise):
    """Leave methods at their `best_rate`: one walk for all, at all `RATES`, is quicker."""
    rates = np.repeat(RATES[:, np.newaxis], DRAWS if noise else 1, axis=1)
    for method in methods:
        method.lr = rates
    heights = _walks(surface, methods, rates.shape, surface.inside, start, steps, noise)
    for method, lr in zip(methods, fastest(heights).tolist(), strict=True):
        method.lr = lr


def _walks(surface, methods, shape, inside, start, steps, noise):
    """Return the mean heights of methods, over the draws, at each update; inf once one is out."""
    place, stays = np.empty((2, len(methods), *shape)), True
    place.T[:] = start
    rng, heights, share = np.random.default_rng(0), [], np.full(shape[-1], 1 / shape[-1])
    with np.errstate(all="ignore"):
        for _ in range(steps + 1):
            stays = stays & inside(*place)
            heights.append(np.where(stays, surface(*place) - surface.lowest, np.inf) @ share)
            seen = np.array(surface.gradient(*place))
            seen += noise and noise * rng.standard_normal((2, 1, *shape))
            for i, method in enumerate(methods):
                method.step({"xy": place[:, i]}, {"xy": seen[:, i]})
    return np.array(heights)


def report(switches):
    """Return the `Report` on a setting of the switches."""
    runs, left, before = descents(switches), None, {}
    if switches.terrain.endswith("ridge"):
        off = {name: abs(run.positions[:, 1]) > OFF for name, run in runs.items()}
        left = {name: int(each.argmax()) for name, each in off.items() if each.any()}
        left = {name: left[name] for name in sorted(left, key=left.get)}
    classic = Switches(lr=switches.lr, steps=switches.steps)
    if switches.terrain == "valley" and switches != classic:
        before = descents(replace(classic, steps=max(300, switches.steps)))  # once for all moves
    curves, last = _curves(switches, runs), max(1, switches.steps // 4) if switches.noise else 1
    heights = {name: float(curve[-last:].mean()) for name, curve in curves.items()}
    return Report(switches, runs, curves, heights, dict(_unchanged(switches, runs)), left, before)


def _curves(switches, runs):
    if not switches.noise:
        gone = {name: [np.inf] if run.diverged_at else [] for name, run in runs.items()}
        return {name: np.append(run.heights, gone[name]) for name, run in runs.items()}
    methods = [fresh(run.optimizer) for run in runs.values()]
    in_sight = lambda x, y: (abs(x) <= FAR) & (abs(y) <= FAR)  # noqa: E731
    heights = _walks(switches.surface, methods, (TOLD,), in_sight, **switches.walk)
    return dict(zip(runs, heights.T, strict=True))


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
