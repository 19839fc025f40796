"""Learning-rate schedules: by what the learning rate is multiplied at each update.

A schedule is a function of the update's number, from 1, that returns a factor greater than 0.
"""

import math
from numbers import Real


def inverse_time(decay):
    """Return the schedule 1/(1 + decay (t − 1)): full at the first update, half at 1 + 1/decay.

    decay: per update, at least 0 and finite; 0 keeps the learning rate as it is.
    """
    if not isinstance(decay, Real):
        raise TypeError(f"decay must be a number, got {decay!r}")
    if not (math.isfinite(decay) and decay >= 0):
        raise ValueError(f"decay must be at least 0 and finite, got {decay!r}")
    return lambda t: 1 / (1 + decay * (t - 1))
