"""Schedules: their values, and arguments that make no sense."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import SGD, Ravine, descend
from course_utils.schedules import inverse_time


@pytest.mark.parametrize(
    ("decay", "t", "factor"),
    [(0, 1, 1), (0, 999, 1), (0.1, 1, 1), (0.1, 11, 0.5), (1, 2, 0.5), (1, 4, 0.25)],
)
def test_inverse_time(decay, t, factor):
    assert inverse_time(decay)(t) == pytest.approx(factor, rel=1e-12)


@given(st.floats(0, 1e6), st.integers(1, 10**6))
def test_inverse_time_starts_at_one_never_rises_and_stays_above_zero(decay, t):
    schedule = inverse_time(decay)
    assert schedule(1) == 1
    assert 0 < schedule(t + 1) <= schedule(t) <= 1


@pytest.mark.parametrize("decay", [-0.1, nan, inf, -inf])
def test_a_decay_out_of_range_is_refused(decay):
    with pytest.raises(ValueError, match="decay must be at least 0 and finite, got"):
        inverse_time(decay)


@pytest.mark.parametrize("decay", ["0.1", None, [0.1], np.array([0.1, 0.2])], ids=repr)
def test_a_decay_that_is_no_number_is_refused_by_name(decay):
    with pytest.raises((TypeError, ValueError), match="decay"):
        inverse_time(decay)


def test_a_descent_follows_the_schedule():
    path = descend(Ravine(), SGD(0.9), steps=5, schedule=inverse_time(0.5))
    np.testing.assert_allclose(path.lr, 0.9 / (1 + 0.5 * np.arange(5)), rtol=1e-12)
    for k, lr in enumerate(path.lr):
        step = path.positions[k + 1] - path.positions[k]
        np.testing.assert_allclose(step, -lr * path.gradients[k], rtol=1e-9)
