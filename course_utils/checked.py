"""Checks of arguments, which name the argument, what came and what was expected."""

from math import isfinite
from numbers import Real

import numpy as np


def check_count(name, value, least=1):
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")


def check_number(name, value, expected, accepts=lambda value: True):
    """Check for one finite real number that `accepts` takes; `expected` says which in words."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number {expected}, got {value!r}")
    if not (isfinite(value) and accepts(value)):
        raise ValueError(f"{name} must be {expected}, got {value!r}")


def check_numbers(name, value, expected, accepts):
    """Check one number or an array of them; return it as a float or a read-only copy."""
    if type(value) is float and isfinite(value) and accepts(value):
        return value  # ten times as fast as what follows
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a number {expected}, got {value!r}")
    if not np.all(np.isfinite(array) & accepts(array)):
        raise ValueError(f"{name} must be {expected}, got {value!r}")
    return frozen(array.astype(float)) if array.ndim else float(array)


def check_function(name, value, expected):
    if not callable(value):
        raise TypeError(f"{name} must be {expected}, got {value!r}")


def frozen(array):
    """Return the same array, which can no longer be changed."""
    array.flags.writeable = False
    return array
