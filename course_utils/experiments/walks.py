"""Many walks of one optimizer that differ in its learning rate or in the noise."""

from numbers import Real

import numpy as np

from course_utils.checked import check_count
from course_utils.descent import descend
from course_utils.experiments.methods import method_of
from course_utils.optimizer import settings_of, with_settings


def with_lr(optimizer, lr):
    """Return a fresh optimizer of the same settings but for the learning rate."""
    return with_settings(optimizer, lr=lr)


def walks(surface, optimizer, rates, start=None, steps=300, noise=0.0, rng=0, schedule=None):
    """Return positions, shape (steps + 1, 2, …), and losses (steps + 1, …) of several walks.

    rates: an array of learning rates, a walk for each, with noise of its own; or how many walks to
        make at the optimizer's rate. From where a walk diverges on all is nan.
    One run of a class of this package makes many walks. Another class may mix them up, as with a
    norm over a whole array, and no answer would show it: each of its walks is a run of its own.
    """
    check_count("steps", steps)
    lr = getattr(optimizer, "lr", None)
    if not isinstance(lr, Real) or any(map(np.ndim, settings_of(optimizer).values())):
        raise ValueError(f"optimizer must have one learning rate, got {optimizer!r}")
    rates = rates if np.ndim(rates) else np.full(rates, float(lr))
    positions = np.full((steps + 1, 2, *rates.shape), np.nan)
    losses = np.full((steps + 1, *rates.shape), np.nan)

    runs = [((), rates, rng)]
    if method_of(optimizer) is None:
        seeds = np.random.default_rng(rng).spawn(rates.size)
        runs = zip(np.ndindex(rates.shape), rates.ravel().tolist(), seeds, strict=True)
    for place, lr, seed in runs:
        found = descend(surface, with_lr(optimizer, lr), start, steps, noise, seed, schedule)
        positions[: found.updates + 1, :, *place] = found.positions
        losses[: found.updates + 1, *place] = found.losses
    return positions, losses
