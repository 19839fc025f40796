"""Each method at its own best learning rate on a surface: one search, a race, who wins where."""

import numpy as np

from course_utils.optimizers import SGD, AdaGrad, Adam, Momentum, RMSProp
from course_utils.surfaces import Beale, Ravine, Rosenbrock, Saddle
from course_utils.training import descend

RATES = np.geomspace(1e-5, 10, 91)
"""The learning rates that the search tries, 15 to a power of ten: neighbours differ by 17 %."""

LEVEL = 1e-4
"""A path is down once its height above the minimum stays below this part of its height at the
start. In a bowl that is a hundredth of the distance."""

DRAWS = 8
"""Where gradients are noisy, each learning rate is judged by its mean loss over so many runs."""

METHODS = (SGD(), Momentum(), AdaGrad(), RMSProp(), Adam())

RACES = {
    "ravine": Ravine(),
    "turned ravine": Ravine(20, 45),
    "saddle": Saddle(),
    "Rosenbrock": Rosenbrock(),
    "Beale": Beale(),
}
"""The surfaces of the race, each from its own start; the turned ravine lies at 45°."""


def with_lr(optimizer, lr):
    """Return a fresh optimizer of the same settings but for the learning rate."""
    settings = {name: getattr(optimizer, name) for name in optimizer.hyperparameters}
    return type(optimizer)(**settings | {"lr": lr})


def best_rate(surface, optimizer, start=None, steps=300, noise=0.0, rng=0):
    """Return an optimizer's best learning rate on a surface; its other settings stay.

    Best is the rate that brings the path down for good first; among equals the smallest. Where
    none does, best is the lowest loss, averaged over the last quarter of the updates. A run that
    diverges or leaves the picture (the surface's xlim and ylim; a valley's turn with it) is worse
    than any other: without that, RMSProp would win by a first step to the horizon, where huge
    gradients fill its h.

    start: (x, y) in the picture; the surface's own by default.
    steps: 300 are enough for RMSProp to show the cycle in which it ends.
    noise, rng: as for `descend`.
    """
    draws = DRAWS if noise else 1
    grid = with_lr(optimizer, np.repeat(RATES[:, np.newaxis], draws, axis=1))
    descent = descend(surface, grid, start, steps, noise, rng)
    gone = np.logical_or.accumulate(_outside(descent), axis=0)
    if np.any(gone[0]):
        raise ValueError(f"start must lie in the picture of {surface.name}, got {start!r}")
    heights = np.where(gone, np.inf, descent.losses - surface.lowest).mean(axis=-1)
    settled = _down_at(heights)
    last = heights[-last_quarter(steps) :].mean(axis=0)
    end = np.where(np.isinf(settled), last, 0)
    return float(RATES[np.lexsort((RATES, end, settled))[0]])


def at_edge(lr):
    """Return whether lr is the lowest or highest that was tried: beyond may lie a better one."""
    return lr in (RATES[0], RATES[-1])


def last_quarter(steps):
    """Return how many of the last positions stand for a noisy descent's end: at least 1."""
    return max(1, steps // 4)


def down_at(descent):
    """Return the number of the update from which on a single path is down, inf for never."""
    if descent.diverged_at is not None:
        return np.inf
    return float(_down_at(descent.losses - descent.surface.lowest))


def _outside(descent):
    (left, right), (low, high) = descent.surface.xlim, descent.surface.ylim
    x, y = descent.positions[:, 0], descent.positions[:, 1]
    if isinstance(descent.surface, Ravine):
        x, y = descent.surface.own_axes(x, y)  # the picture turns with the valley
    return ~((left <= x) & (x <= right) & (low <= y) & (y <= high))


def _down_at(heights):
    above = heights > LEVEL * heights[0]
    last_above = len(heights) - 1 - above[::-1].argmax(axis=0)
    first_down = np.where(above.any(axis=0), last_above + 1, 0)
    return np.where(first_down < len(heights), first_down, np.inf)


def race(surface, steps=300):
    """Return each method's `Descent` at its own best learning rate, by the method's name."""
    return {
        type(method).__name__: descend(
            surface, with_lr(method, best_rate(surface, method, steps=steps)), steps=steps
        )
        for method in METHODS
    }


def race_table(races):
    """Return as text who is down first on which surface.

    races: dict of labels and what `race` returned. A cell is the number of updates until the path
    is down, and its learning rate. A star marks the first, and those that need no more than 17 %
    longer: so much lies between two rates of the search, so these are tied.
    """
    rows = [["", *(type(method).__name__ for method in METHODS)]]
    for label, descents in races.items():
        counts = {name: down_at(descent) for name, descent in descents.items()}
        near = min(counts.values()) * RATES[1] / RATES[0]
        rows.append([label, *(_cell(descents[name], counts[name], near) for name in rows[0][1:])])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cell(descent, count, near):
    if np.isinf(count):
        return "never"
    return f"{count:.0f}{'*' if count <= near else ''} (lr {descent.optimizer.lr:.2g})"
