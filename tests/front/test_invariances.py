"""What the valley's direction and its condition number cannot change, and what they do."""

import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, Momentum, Ravine, RMSProp, descend

ALIKE = [SGD(0.95), SGD(0.3), Momentum(0.1), Momentum(0.5, 0.8)]
PER_PARAMETER = [
    AdaGrad(1.5, eps=0),
    RMSProp(0.1, eps=0),
    RMSProp(0.1, 0.9, eps=0),
    Adam(0.3, eps=0),
]


def own_path(condition, rotation, optimizer, steps=100):
    """Return the path along and across the valley, shape (2, steps + 1)."""
    valley = Ravine(condition, rotation)
    return np.array(valley.own_axes(*descend(valley, optimizer, steps=steps).positions.T))


@pytest.mark.parametrize("optimizer", ALIKE, ids=repr)
@pytest.mark.parametrize("rotation", [7, 45, 90, 133, -60])
@pytest.mark.parametrize("condition", [1, 20, 200])
def test_sgd_and_momentum_do_not_see_the_valleys_direction(optimizer, rotation, condition):
    turned = own_path(condition, rotation, optimizer)
    np.testing.assert_allclose(turned, own_path(condition, 0, optimizer), rtol=0, atol=1e-9)


@pytest.mark.parametrize("optimizer", PER_PARAMETER, ids=repr)
@pytest.mark.parametrize("condition", [1, 2, 200, 1000, 2e5])
def test_per_parameter_methods_do_not_see_the_condition_number(optimizer, condition):
    path = own_path(condition, 0, optimizer)
    np.testing.assert_allclose(path, own_path(20, 0, optimizer), rtol=0, atol=1e-9)


@pytest.mark.parametrize("optimizer", PER_PARAMETER, ids=repr)
def test_per_parameter_methods_see_the_valleys_direction(optimizer):
    assert np.abs(own_path(20, 45, optimizer) - own_path(20, 0, optimizer)).max() > 0.5


@pytest.mark.parametrize("optimizer", ALIKE, ids=repr)
def test_sgd_and_momentum_see_the_condition_number(optimizer):
    assert np.abs(own_path(200, 0, optimizer) - own_path(20, 0, optimizer)).max() > 0.5


def test_a_turned_valley_makes_adagrad_a_million_times_worse():
    along_axes, turned = (
        descend(Ravine(200, rotation), AdaGrad(1.5), steps=100).losses[-1] for rotation in (0, 45)
    )
    assert turned > 1e6 * along_axes
    assert f"{along_axes:.1e} {turned:.1e}" == "1.8e-12 8.6e-02"
