"""What the classic picture of five paths depends on, as switches, and what each of them changes."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from course_utils.best_rate import METHODS, best_rate, last_quarter, with_lr
from course_utils.optimizers import RMSProp
from course_utils.surfaces import Beale, Ravine, Saddle
from course_utils.training import descend

PICTURE_RATES = {"SGD": 0.95, "Momentum": 0.1, "AdaGrad": 1.5, "RMSProp": 0.1, "Adam": 0.3}
"""The learning rates of the classic picture, one for each method."""

TERRAINS = ("valley", "near ridge", "on ridge", "corner")
RATE_CHOICES = ("picture", "one", "own")


@dataclass(frozen=True)
class Switches:
    """A setting of all switches. The defaults give the classic picture, followed for longer.

    terrain: "valley", the article's; "near ridge", the saddle's own start 0.001 beside its ridge;
        "on ridge", the same without the 0.001; or "corner", a steep corner of `Beale`, (4.25, 1.9).
    rotation: of the valley, in degrees.
    condition: the valley's condition number, at least 1.
    noise: standard deviation, ≥ 0, of the noise in each component of each gradient.
    rates: "picture", those of `PICTURE_RATES`; "one", lr for all; "own", each method's own best for
        this setting, as `best_rate` finds it.
    lr: the one learning rate, > 0; 0.1 is one at which all five move and none diverges.
    decay_rate: RMSProp's, in [0, 1); 0.99 is the article's.
    steps: number of updates, at least 1; after 100 all five are near the article's minimum.
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
            if getattr(self, name) not in allowed:
                given = getattr(self, name)
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {given!r}")

    @property
    def surface(self):
        if self.terrain == "corner":
            return Beale()
        if self.terrain != "valley":
            return Saddle()
        valley = Ravine(self.condition, self.rotation)
        valley.ylim = (-7.5, 7.5)  # one frame for all directions
        return valley

    @property
    def start(self):
        special = {"on ridge": (-1.5, 0.0), "corner": (4.25, 1.9)}
        return special.get(self.terrain, self.surface.start)


def descents(switches):
    """Return the five `Descent` records of a setting, by the method's name.

    All five see the same noise.
    """
    return dict(_descents(switches if switches.rates == "one" else replace(switches, lr=0.1)))


@lru_cache(32)
def _descents(switches):
    surface = switches.surface
    walk = {"start": switches.start, "steps": switches.steps, "noise": switches.noise}
    found = []
    for method in METHODS:
        name = type(method).__name__
        if name == "RMSProp":
            method = RMSProp(decay_rate=switches.decay_rate)
        if switches.rates == "own":
            lr = best_rate(surface, method, **walk)
        else:
            lr = switches.lr if switches.rates == "one" else PICTURE_RATES[name]
        found.append((name, descend(surface, with_lr(method, lr), **walk)))
    return tuple(found)


def final_height(descent, switches):
    """Return how high a descent ends above the minimum, inf if it diverged.

    With noise it is the mean over the last quarter of the updates.
    """
    if descent.diverged_at is not None:
        return np.inf
    heights = descent.losses - descent.surface.lowest
    return float(heights[-last_quarter(switches.steps) :].mean() if switches.noise else heights[-1])


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
    last = descent.positions[-6:]
    sizes = np.abs(last)
    jumps = np.all(last[1:] * last[:-1] < 0) and len(last) == 6
    steady = np.all(sizes.max(axis=0) <= 1.1 * sizes.min(axis=0))
    far = np.all(sizes >= descent.optimizer.lr / 4)
    return float(sizes.mean()) if jumps and steady and far else None


def late_gain(descent):
    """Return by what factor the second half of the updates divides a single path's height."""
    heights = np.maximum(descent.losses - descent.surface.lowest, 1e-300)
    return float(heights[(len(heights) - 1) // 2] / heights[-1])


def late_gain_emptied(descent):
    """Return the factor of `late_gain` for an optimizer that forgets everything halfway."""
    half = (len(descent.losses) - 1) // 2
    again = descend(
        descent.surface,
        descent.optimizer,
        tuple(descent.positions[half]),
        len(descent.losses) - 1 - half,
    )
    heights = np.maximum(again.losses - descent.surface.lowest, 1e-300)
    return float(heights[0] / heights[-1])
