"""What records have to hold, and when two are the same."""

import numpy as np
import pytest


def assert_read_only(array):
    with pytest.raises(ValueError, match="read-only"):
        array[...] = 0
    assert array.base is None or not array.base.flags.writeable


def assert_same(first, second):
    """Check two records for equality in all arrays."""
    for name, value in vars(first).items():
        if isinstance(value, np.ndarray):
            assert np.array_equal(value, getattr(second, name), equal_nan=True), name
    assert first.diverged_at is None or np.array_equal(first.diverged_at, second.diverged_at)
