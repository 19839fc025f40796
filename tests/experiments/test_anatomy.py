"""The parts of an update against the formulas and against what the optimizer did."""

from math import sqrt

import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, Ravine, RMSProp, descend
from course_utils.experiments.anatomy import (
    angle_to_minimum,
    correction,
    directions,
    effective_rate,
    step_parts,
)
from course_utils.experiments.methods import METHODS
from course_utils.experiments.schedules import inverse_time
from course_utils.optimizers import UncorrectedAdam
from course_utils.surfaces import Saddle
from tests.experiments.readers import Averaging, MyMomentum, MySGD

TAKEN_APART = (
    "SGD",
    "Momentum",
    "AdaGrad",
    "RMSProp",
    "Adam",
    "UncorrectedAdam",
    "Nesterov",
    "AdamW",
)
each_method = pytest.mark.parametrize("name", TAKEN_APART)
WALKS = {
    "plain": {},
    "noisy": {"noise": 0.5},
    "scheduled": {"schedule": inverse_time(0.1)},
    "both": {"noise": 0.5, "schedule": inverse_time(0.1)},
}


def walk(name, steps=30, **settings):
    return descend(Ravine(), METHODS[name].optimizer, steps=steps, **settings)


@each_method
@pytest.mark.parametrize("how", WALKS)
def test_the_parts_add_up_to_the_update(name, how):
    descent = walk(name, **WALKS[how])
    for t in (1, 2, 17, 30):
        step = step_parts(descent, t)
        moved = descent.positions[t] - descent.positions[t - 1]
        np.testing.assert_array_equal(step.position, descent.positions[t - 1])
        np.testing.assert_array_equal(step.gradient, descent.seen[t - 1])
        np.testing.assert_array_equal(step.update, moved)
        parts = [part for part in (step.push, step.remembered, step.decay) if part is not None]
        np.testing.assert_allclose(sum(parts), moved, rtol=1e-9, atol=1e-14)
        assert np.all(step.push * step.gradient < 0)


@each_method
def test_only_what_remembers_remembers_and_only_adamw_decays(name):
    for t in (1, 5):
        step = step_parts(walk(name), t)
        assert (step.remembered is None) == (name in ("SGD", "AdaGrad", "RMSProp"))
        assert (step.decay is None) == (name != "AdamW")
    first = step_parts(walk(name, noise=0.3), 1)
    assert first.remembered is None or not first.remembered.any()


def test_the_parts_with_noise_by_hand():
    """It was printed that a push of (0.07, −0.4) is an update of (0.0574, −0.387)."""
    descent = descend(Ravine(), SGD(0.1), steps=1, noise=0.1)
    step = step_parts(descent, 1)
    np.testing.assert_array_equal(step.push, -0.1 * descent.seen[0])
    assert np.abs(step.push - -0.1 * descent.gradients[0]).max() > 1e-3
    np.testing.assert_allclose(step.push, step.update, rtol=1e-12)


@pytest.mark.parametrize("t", [1, 2, 10])
def test_the_parts_of_momentum_nesterov_and_adam_by_hand(t):
    descent = descend(Ravine(), Momentum(0.1, 0.8), noise=0.5)
    step = step_parts(descent, t)
    np.testing.assert_allclose(step.push, -0.1 * descent.seen[t - 1])
    np.testing.assert_allclose(step.remembered, 0.8 * descent.state["v"][t - 1])

    descent = descend(Ravine(), Nesterov(0.1, 0.8), noise=0.5)
    step = step_parts(descent, t)
    np.testing.assert_allclose(step.push, -0.1 * 1.8 * descent.seen[t - 1])
    np.testing.assert_allclose(step.remembered, 0.64 * descent.state["v"][t - 1])

    descent = descend(Ravine(), Adam(0.3, 0.7, 0.9), noise=0.5)
    step = step_parts(descent, t)
    share = 0.3 * descent.seen[t - 1] / descent.state["m"][t]
    np.testing.assert_allclose(step.push, share * step.update, rtol=1e-9)


def test_the_decay_of_adamw_is_a_part_of_its_own():
    adam, adamw = (descend(Ravine(), each) for each in (Adam(0.3), AdamW(0.3, weight_decay=0.2)))
    step, plain = step_parts(adamw, 1), step_parts(adam, 1)
    np.testing.assert_allclose(step.decay, -0.3 * 0.2 * np.array([-7, 2]))
    np.testing.assert_array_equal(step.push, plain.push)
    assert not step.remembered.any()
    falling = descend(Ravine(), AdamW(0.3, weight_decay=0.2), schedule=inverse_time(1))
    decay = step_parts(falling, 4).decay
    np.testing.assert_allclose(decay, -0.3 / 4 * 0.2 * falling.positions[3])


class Derived(Adam):
    """Nothing is known of what a derived class does."""

    def rule(self, p, g, m, v):
        p -= self.lr * np.sign(g)


@pytest.mark.parametrize("optimizer", [MySGD(0.3), MyMomentum(0.1), Averaging(0.1), Derived(0.3)])
def test_of_another_class_only_the_update_is_known(optimizer):
    descent = descend(Ravine(), optimizer, noise=0.2)
    step = step_parts(descent, 3)
    assert (step.push, step.remembered, step.decay) == (None, None, None)
    np.testing.assert_array_equal(step.gradient, descent.seen[2])
    np.testing.assert_array_equal(step.update, descent.positions[3] - descent.positions[2])
    assert effective_rate(descent).shape == (31, 2)
    assert np.isnan(effective_rate(descent)).all()
    with pytest.raises(TypeError, match="adam must be Adam, AdamW or UncorrectedAdam, got"):
        correction(optimizer, 1)


@pytest.mark.parametrize("t", [0, -1, 31])
def test_there_is_no_update_outside_the_descent(t):
    with pytest.raises(ValueError, match=f"t must be from 1 to 30, got {t}"):
        step_parts(walk("Adam"), t)


def test_a_grid_is_refused():
    grid = descend(Ravine(), SGD([0.1, 0.2, 0.3]), steps=5)
    for call in (lambda: step_parts(grid, 1), lambda: effective_rate(grid)):
        with pytest.raises(ValueError, match=r"descent must be a single path, got a grid .*\(3,\)"):
            call()


def test_a_path_that_diverged_is_taken_apart_up_to_its_end():
    descent = descend(Ravine(), Momentum(3.0), steps=100)
    assert descent.updates < 99
    assert len(effective_rate(descent)) == descent.updates + 1
    step = step_parts(descent, descent.updates)
    np.testing.assert_allclose(step.push + step.remembered, step.update, rtol=1e-9)


# Rates


@pytest.mark.parametrize("optimizer", [AdaGrad(1.5), RMSProp(0.1), AdaGrad(0.5, eps=5.0)], ids=repr)
@pytest.mark.parametrize("noise", [0, 0.5])
def test_the_effective_rate_times_the_gradient_is_the_step(optimizer, noise):
    descent = descend(Ravine(), optimizer, noise=noise, schedule=inverse_time(0.1))
    rate = effective_rate(descent)
    assert np.isnan(rate[0]).all()
    step = -rate[1:] * descent.seen
    np.testing.assert_allclose(step, np.diff(descent.positions, axis=0), rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("optimizer", [Adam(0.3, 0.5, 0.9), UncorrectedAdam(0.3)], ids=repr)
def test_adams_effective_rate_times_m_is_the_step(optimizer):
    descent = descend(Ravine(), optimizer, noise=0.5)
    step = -effective_rate(descent)[1:] * descent.state["m"][1:]
    np.testing.assert_allclose(step, np.diff(descent.positions, axis=0), rtol=1e-8, atol=1e-14)


def test_the_correction_of_adam():
    assert correction(Adam(), 1) == pytest.approx(sqrt(0.001) / 0.1)
    assert correction(AdamW(), 1) == pytest.approx(sqrt(0.001) / 0.1)
    assert correction(Adam(beta1=0, beta2=0), 7) == 1
    assert np.array_equal(correction(UncorrectedAdam(), np.arange(1, 4)), [1, 1, 1])


# Directions


def test_directions_have_length_1_and_lead_downhill_and_to_the_minimum():
    downhill, to_minimum = directions(Ravine(), (-7, 2))
    assert downhill == pytest.approx(np.array([0.7, -4]) / np.hypot(0.7, 4))
    assert to_minimum == pytest.approx(np.array([7, -2]) / np.hypot(7, 2))


@pytest.mark.parametrize("condition_number", [1, 2, 20, 2000])
@pytest.mark.parametrize("point", [(-7, 2), (7, 2), (-7, -2), (3, -0.1)])
def test_angle_is_the_difference_of_two_slopes(condition_number, point):
    x, y = np.abs(point)
    expected = np.degrees(np.arctan(condition_number * y / x) - np.arctan(y / x))
    angle = angle_to_minimum(Ravine(condition_number), point)
    assert angle == pytest.approx(expected, abs=1e-6)


def test_angle_does_not_change_when_the_valley_is_turned():
    turned = Ravine(rotation=130)
    assert angle_to_minimum(turned, turned.start) == pytest.approx(
        angle_to_minimum(Ravine(), Ravine().start)
    )


def test_angle_can_be_blunt():
    """Below the saddle, downhill leads away from the upper minimum."""
    assert angle_to_minimum(Saddle(), (0, -0.5)) == pytest.approx(180)
