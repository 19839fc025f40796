"""Each method at its own best learning rate on a surface: one search, a race, who wins where."""

import numpy as np

from course_utils.descent import descend
from course_utils.experiments.anatomy import check_single
from course_utils.experiments.methods import five
from course_utils.experiments.walks import walks, with_lr
from course_utils.surfaces import Beale, Ravine, Rosenbrock, Saddle

RATES = np.geomspace(1e-5, 10, 91)  # that are tried; neighbours differ by 17 %
LEVEL = 1e-4  # A path is down once its height stays below this part of that at the start.
DRAWS = 8  # Where gradients are noisy, a rate is judged by its mean loss over so many runs.

RACES = {
    "ravine": Ravine(),
    "turned ravine": Ravine(20, 45),
    "saddle": Saddle(),
    "Rosenbrock": Rosenbrock(),
    "Beale": Beale(),
}


def best_rate(surface, optimizer, start=None, steps=300, noise=0.0, rng=0):
    """Return the best `lr` of any object with `update(params, grads)`; its other settings stay.

    Best is the rate that brings the path down for good first; among equals the smallest. Where
    none does, best is the lowest loss, averaged over the last quarter of the updates. A run that
    diverges or leaves the surface's `bounds` is worse than any other: without that, RMSProp would
    win by a first step to the horizon, where huge gradients fill its h.
    """
    rates = np.repeat(RATES[:, np.newaxis], DRAWS if noise else 1, axis=1)
    positions, losses = walks(surface, optimizer, rates, start, steps, noise, rng)
    outside = ~surface.inside(positions[:, 0], positions[:, 1])
    if np.any(outside[0]):
        raise ValueError(f"start must lie within the bounds of {surface.name}, got {start!r}")
    gone = np.logical_or.accumulate(outside, axis=0)
    heights = np.where(gone, np.inf, losses - surface.lowest).mean(axis=-1)
    return float(fastest(heights))


def fastest(heights):
    """Return the best of `RATES`, of which heights have a column each, as `best_rate` says."""
    settled, last = _down_at(heights), heights[-max(1, (len(heights) - 1) // 4) :]
    ends = np.where(np.isinf(settled), last.mean(axis=0), 0)
    return RATES[np.lexsort((*np.broadcast_arrays(RATES, ends, settled),))[..., 0]]


def at_edge(lr):
    """Return whether lr is the lowest or highest that was tried: beyond may lie a better one."""
    return lr in (RATES[0], RATES[-1])


def down_at(descent):
    """Return the number of the update from which on a single path is down, inf for never."""
    check_single(descent)
    return np.inf if descent.diverged_at is not None else float(_down_at(descent.heights))


def _down_at(heights):
    below = heights <= LEVEL * heights[0]
    at_last = np.logical_and.accumulate(below[::-1], axis=0).sum(axis=0)
    return np.where(at_last, len(heights) - at_last, np.inf)


def race(surface, steps=300, start=None, methods=None):
    """Return each method's `Descent` at its own best rate; methods: a dict, the five by default."""
    return {
        name: at_best(surface, method, start=start, steps=steps)
        for name, method in (five() if methods is None else methods).items()
    }


def at_best(surface, method, **walk):
    """Return the `Descent` of a method at its best learning rate for just this walk."""
    return descend(surface, with_lr(method, best_rate(surface, method, **walk)), **walk)


def race_table(races):
    """Return as text who is down first on which surface: in how many updates, at which rate.

    races: dict of labels and what `race` returned, of the same methods. A star marks the first, and
        those that need no more than 17 % longer: so much lies between two rates of the search.
    """
    rows = [["", *next(iter(races.values()))]]
    for label, descents in races.items():
        counts = {name: down_at(descent) for name, descent in descents.items()}
        near = min(counts.values()) * RATES[1] / RATES[0]
        rows.append([label])
        for name in rows[0][1:]:
            count, lr = counts[name], descents[name].optimizer.lr
            cell = f"{count:.0f}{'*' if count <= near else ''} (lr {lr:.2g})"
            rows[-1].append(cell if np.isfinite(count) else "never")
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
