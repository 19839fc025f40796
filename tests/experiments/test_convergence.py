"""Measured rates against the spectral radius, that against numpy's eigenvalues, and the edge."""

from math import inf, isinf, sqrt

import numpy as np
import pytest

from course_utils import SGD, Adam, Momentum, Ravine, Saddle, descend
from course_utils.experiments.convergence import (
    best_momentum,
    best_sgd,
    measured_rate,
    predicted_rate,
    rate_plane,
    stability_edge,
    updates_per_digit,
)
from course_utils.optimizers import Nesterov

KAPPAS = (1, 1.5, 20, 200, 1000)
each_kappa = pytest.mark.parametrize("kappa", KAPPAS)
SETTINGS = [SGD(0.95), SGD(1.1), Momentum(0.1, 0.9), Momentum(1.7, 0.6), Momentum(1.95, 0.9)]
each_setting = pytest.mark.parametrize("optimizer", SETTINGS, ids=repr)


def update_matrices(lr, momentum, curvature):
    return np.array(
        [[1 - lr * curvature, momentum], [-lr * curvature, momentum + 0 * lr]]
    ).transpose(2, 0, 1)


# Theory


def test_the_matrix_is_what_an_update_does():
    """The columns are what becomes of position 1 at rest, and of velocity 1 at the minimum."""
    (matrix,) = update_matrices(np.array([0.3]), np.array([0.8]), 2.0)
    for column, state in zip(matrix.T, np.eye(2), strict=True):
        ball, params = Momentum(0.3, 0.8), {"x": 0.0}
        ball.update(params, {"x": 0.0})
        params["x"], ball.v["x"][...] = state
        ball.update(params, {"x": 2.0 * params["x"]})
        np.testing.assert_allclose([params["x"], ball.v["x"]], column)


@each_kappa
def test_prediction_is_the_largest_of_numpys_eigenvalues_in_both_directions(kappa):
    rng = np.random.default_rng(0)
    lr, momentum = rng.uniform(1e-3, 2.5, 5000), rng.uniform(0, 0.999, 5000)
    sizes = []
    for curvature in (2 / kappa, 2.0):
        eigenvalues = np.linalg.eigvals(update_matrices(lr, momentum, curvature))
        complex_ones = np.abs(eigenvalues.imag).max(axis=1) > 0
        assert 100 < complex_ones.sum() < 4900
        sizes.append(np.abs(eigenvalues).max(axis=1))
    predicted = predicted_rate(Ravine(kappa, rotation=30), Momentum(lr, momentum))
    np.testing.assert_allclose(predicted, np.maximum(*sizes), atol=1e-7)
    assert kappa == 1 or ((sizes[0] > sizes[1]).any() and (sizes[0] < sizes[1]).any())


@each_kappa
def test_the_best_settings_are_polyaks_and_nothing_is_better(kappa):
    surface, root = Ravine(kappa), sqrt(kappa)
    ball, sgd = best_momentum(surface), best_sgd(surface)
    assert ball.lr == pytest.approx(4 / (sqrt(2) + sqrt(2 / kappa)) ** 2)
    assert sqrt(ball.momentum) == pytest.approx((root - 1) / (root + 1), abs=1e-12)
    # Where two eigenvalues meet, round-off of 1e-16 moves them by 1e-8.
    assert predicted_rate(surface, ball) == pytest.approx(sqrt(ball.momentum), abs=1e-7)
    assert predicted_rate(surface, sgd) == pytest.approx((kappa - 1) / (kappa + 1), abs=1e-12)
    rng = np.random.default_rng(2)
    lr, momentum = rng.uniform(0.001, 2.1, 50_000), rng.uniform(0, 0.99, 50_000)
    near = ball.lr + rng.normal(0, 0.01, 50_000), ball.momentum + rng.normal(0, 0.01, 50_000)
    for others in ((lr, momentum), (np.abs(near[0]), np.abs(near[1]))):
        rates = predicted_rate(surface, Momentum(*others))
        assert rates.min() >= sqrt(ball.momentum) - 1e-7
    assert predicted_rate(surface, SGD(lr)).min() >= predicted_rate(surface, sgd)


def test_the_articles_ravine():
    surface = Ravine()
    assert round(best_momentum(surface).lr, 3) == 1.336
    assert round(best_momentum(surface).momentum, 3) == 0.403
    assert round(best_sgd(surface).lr, 4) == 0.9524
    assert stability_edge(surface) == 1
    assert stability_edge(surface, 0.9) == pytest.approx(1.9)


# Measured against predicted


def settings():
    """Return lr and momentum of more than 20,000 cells; the second half has lr on a log scale."""
    momentum = np.linspace(0, 0.99, 100)[:, np.newaxis]
    lr = np.concatenate([np.linspace(0.01, 2.1, 105), np.geomspace(0.01, 2.1, 100)])
    return lr, momentum


@each_kappa
def test_measured_rates_are_the_predicted_ones_on_20000_cells(kappa):
    ball = Momentum(*settings())
    measured, predicted = (rate(Ravine(kappa), ball) for rate in (measured_rate, predicted_rate))
    assert measured.size > 20_000
    assert np.abs(measured - predicted).max() < 0.005


@pytest.mark.parametrize(("updates", "within"), [(600, 0.005), (1000, 0.003)])
def test_near_critical_damping_too(updates, within):
    """There k ρᵏ, and slow swings, are hardest to tell from ρᵏ."""
    rng = np.random.default_rng(3)
    momentum = rng.uniform(0, 0.99, 20_000)
    root = (1 + rng.choice([-1, 1], momentum.size) * np.sqrt(momentum)) ** 2
    off = rng.choice([-1, 1], momentum.size) * 10 ** rng.uniform(-7, -1, momentum.size)
    lr = np.abs(root + off) / 2
    ball = Momentum(lr, momentum)
    difference = measured_rate(Ravine(1), ball, updates) - predicted_rate(Ravine(1), ball)
    assert 0.001 < np.abs(difference).max() < within


@each_kappa
def test_runs_diverge_past_the_edge_and_only_there(kappa):
    surface, momentum = Ravine(kappa), np.linspace(0, 0.99, 199)
    edge = stability_edge(surface, momentum)
    for distance in (0.002, 0.01, 0.1, 0.5):
        below, above = (
            measured_rate(surface, Momentum(edge + side * distance, momentum)) for side in (-1, 1)
        )
        assert below.max() < 1 < above.min(), distance
    lr, momentum = settings()
    edge = stability_edge(surface, momentum)
    converges = measured_rate(surface, Momentum(lr, momentum)) < 1
    assert np.array_equal(converges[np.abs(lr - edge) > 0.002], (lr < edge)[abs(lr - edge) > 0.002])


@each_setting
@pytest.mark.parametrize("surface", [Ravine(), Ravine(5), Ravine(5, 30)], ids=["20", "5", "turned"])
def test_the_rate_is_that_of_a_descent(optimizer, surface):
    """Over its last 400 updates, as a straight line through the logarithm of its distance."""
    descent = descend(surface, optimizer, steps=600)
    rate = measured_rate(surface, optimizer)
    if predicted_rate(surface, optimizer) > 1:
        assert descent.diverged_at is not None
        assert rate > 1
    else:
        distance = np.hypot(*descent.positions.T)
        slope, _ = np.polyfit(np.arange(200, 601), np.log(distance[200:]), 1)
        assert rate == pytest.approx(np.exp(slope), abs=0.002)


def test_sgd_is_the_row_with_momentum_0():
    plane = rate_plane(rows=3, columns=40)
    assert np.array_equal(plane.measured[0], measured_rate(Ravine(), SGD(plane.lr)))
    assert np.array_equal(plane.predicted[0], predicted_rate(Ravine(), SGD(plane.lr)))


@pytest.mark.parametrize(
    ("optimizer", "kappa", "expected"),
    [
        (SGD(0.5), 1, 0),
        (SGD(0.5000000001), 1, 2e-10),
        (SGD(1e-6), 20, 1 - 1e-7),
        (SGD(1e6), 20, 2e6 - 1),
        (Momentum(0.5, 1e-12), 1, 1e-6),
        (Momentum(0.5, 0.999), 1, sqrt(0.999)),
    ],
    ids=repr,
)
def test_rates_at_the_ends_neither_underflow_nor_overflow(optimizer, kappa, expected):
    assert measured_rate(Ravine(kappa), optimizer) == pytest.approx(expected, rel=0.01, abs=1e-11)


def test_a_rate_beyond_all_numbers_is_inf():
    assert isinf(measured_rate(Ravine(), SGD(1e40)))
    assert np.array_equal(
        np.isinf(measured_rate(Ravine(), Momentum(np.array([0.1, 1e40])))), [False, True]
    )


# What comes back


def test_settings_broadcast_and_numbers_stay_numbers():
    ball = Momentum(np.array([0.1, 0.2]), np.array([[0.0], [0.5], [0.9]]))
    for rate in (measured_rate, predicted_rate):
        rates = rate(Ravine(), ball)
        assert rates.shape == (3, 2)
        single = rate(Ravine(), Momentum(0.2, 0.9))
        assert type(single) is float
        assert single == pytest.approx(rates[2, 1], abs=1e-12)


def test_a_measurement_leaves_the_optimizer_as_it_was():
    ball, params = Momentum(), {"x": 1.0}
    ball.update(params, {"x": 1.0})
    measured_rate(Ravine(), ball, updates=200)
    assert (ball.iter, list(ball.v)) == (1, ["x"])


def test_a_plane_holds_what_it_was_asked_for():
    plane = rate_plane(Ravine(50), rows=12, columns=21)
    assert plane.measured.shape == plane.predicted.shape == (12, 21)
    assert (plane.momentum[0], plane.momentum[-1]) == (0, 0.99)
    np.testing.assert_allclose(plane.lr, np.arange(1, 22) / 10)
    row = measured_rate(Ravine(50), Momentum(plane.lr, plane.momentum[5]))
    assert np.array_equal(plane.measured[5], row)
    assert plane.largest_difference == np.abs(plane.measured - plane.predicted).max()
    with pytest.raises(ValueError, match="read-only"):
        plane.measured[0, 0] = 1
    assert rate_plane(rows=2, columns=2, updates=200).surface.condition_number == 20


@pytest.mark.parametrize(
    ("rate", "updates"), [(0.1, 1), (0.01, 0.5), (sqrt(0.1), 2), (1, inf), (1.5, inf)]
)
def test_updates_for_a_digit(rate, updates):
    assert updates_per_digit(rate) == pytest.approx(updates)


class MyMomentum(Momentum):
    """A class that is derived from Momentum may do anything."""


@pytest.mark.parametrize("rate", [measured_rate, predicted_rate])
def test_only_a_ravine_and_only_sgd_and_momentum(rate):
    with pytest.raises(TypeError, match=r"surface must be a Ravine, got .*Saddle"):
        rate(Saddle(), SGD())
    for other in (Adam(), Nesterov(), MyMomentum(), 0.1):
        with pytest.raises(TypeError, match="optimizer must be SGD or Momentum, got"):
            rate(Ravine(), other)


@pytest.mark.parametrize("updates", [0, -1, 99, 1000.0, True])
def test_too_few_updates(updates):
    with pytest.raises(ValueError, match=r"updates must be .*at least"):
        measured_rate(Ravine(), SGD(), updates)


def test_wrong_arguments_are_named():
    for name in ("rows", "columns"):
        for value in (1, 2.5):
            with pytest.raises(ValueError, match=f"{name} must be"):
                rate_plane(**{name: value})
    with pytest.raises(ValueError, match="momentum must be at least 0 and less than 1"):
        stability_edge(Ravine(), 1.0)
    for call in (stability_edge, best_momentum, best_sgd, rate_plane):
        with pytest.raises(TypeError, match="surface must be a Ravine"):
            call(Saddle())
