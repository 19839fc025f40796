"""Schedules: their values, PyTorch's, arguments that make no sense, and what they do to methods."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import (
    SGD,
    AdaGrad,
    Adam,
    Beale,
    Momentum,
    Nesterov,
    Ravine,
    RMSProp,
    descend,
)
from course_utils.experiments.methods import METHODS as REGISTRY
from course_utils.experiments.schedules import (
    compare_schedules,
    constant,
    cosine,
    inverse_time,
    step,
    warm_up,
)
from tests.experiments.readers import Clipped, MySGD

METHODS = [method.optimizer for name, method in REGISTRY.items() if name != "UncorrectedAdam"]


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


# Step, cosine, warm-up


@pytest.mark.parametrize(
    ("schedule", "t", "factor"),
    [
        (constant, 1, 1),
        (constant, 999, 1),
        (step(10), 10, 1),
        (step(10), 11, 0.1),
        (step(10), 21, 0.01),
        (step(3, 0.5), 7, 0.25),
        (step(1, 1), 50, 1),
        (cosine(100), 1, 1),
        (cosine(100), 51, 0.505),
        (cosine(100), 101, 0.01),
        (cosine(100), 10_000, 0.01),
        (cosine(4, 0.5), 2, 0.75 + 0.25 * np.sqrt(0.5)),
        (cosine(1), 1, 1),
        (cosine(1), 2, 0.01),
        (warm_up(10), 1, 0.1),
        (warm_up(10), 9, 0.9),
        (warm_up(10), 10, 1),
        (warm_up(10), 11, 1),
        (warm_up(1), 1, 1),
        (warm_up(10, step(5)), 10, 1),
        (warm_up(10, step(5)), 14, 1),
        (warm_up(10, step(5)), 15, 0.1),
        (warm_up(10, cosine(100)), 110, 0.01),
        (warm_up(4, warm_up(2)), 4, 0.5),
    ],
)
def test_factors(schedule, t, factor):
    assert schedule(t) == pytest.approx(factor, rel=1e-12)


counts = st.integers(1, 10**6)


@given(counts, counts, st.floats(1e-6, 1), counts)
def test_every_factor_is_above_zero_and_at_most_one(t, updates, number, rise):
    for schedule in (constant, step(updates, number), cosine(updates, number), warm_up(updates)):
        assert 0 < schedule(t) <= 1
        assert 0 < warm_up(rise, schedule)(t) <= 1
        if schedule(1) == 1:
            assert schedule(t + 1) <= schedule(t)


def test_a_step_schedule_gets_never_to_zero():
    assert 0 < step(1)(10**9) < 1e-300


def pytorch_lrs(torch, make, count):
    """Return the learning rates that a PyTorch scheduler gives to the first updates."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, rates = make(torch.optim.lr_scheduler, optimizer), []
    for _ in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


# name: (schedule, PyTorch's, updates to compare; PyTorch's cosine rises again after its end)
PYTORCH = {
    "step": (step(30), lambda s, o: s.StepLR(o, 30), 200),
    "step, half": (step(7, 0.5), lambda s, o: s.StepLR(o, 7, 0.5), 200),
    "cosine": (cosine(100), lambda s, o: s.CosineAnnealingLR(o, 100, 0.01), 101),
    "cosine, short": (cosine(3, 0.2), lambda s, o: s.CosineAnnealingLR(o, 3, 0.2), 4),
    "warm-up": (warm_up(20), lambda s, o: s.LinearLR(o, 1 / 20, 1, 19), 60),
    "warm-up, cosine": (
        warm_up(20, cosine(80)),
        lambda s, o: s.SequentialLR(
            o, [s.LinearLR(o, 1 / 20, 1, 19), s.CosineAnnealingLR(o, 80, 0.01)], [19]
        ),
        100,
    ),
    "inverse time": (inverse_time(0.1), lambda s, o: s.LambdaLR(o, lambda k: 1 / (1 + k / 10)), 99),
}


@pytest.mark.parametrize("name", PYTORCH)
def test_the_factors_are_pytorchs(name):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    schedule, make, count = PYTORCH[name]
    ours = [schedule(t) for t in range(1, count + 1)]
    np.testing.assert_allclose(ours, pytorch_lrs(torch, make, count), rtol=1e-9)


@pytest.mark.parametrize("make", [step, cosine, warm_up])
@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, None, "10", nan], ids=repr)
def test_a_number_of_updates_that_makes_no_sense_is_refused(make, wrong):
    name = "every" if make is step else "updates"
    with pytest.raises(ValueError, match=f"^{name} must be a whole number of at least 1, got"):
        make(wrong)


@pytest.mark.parametrize(("make", "name"), [(step, "factor"), (cosine, "last")])
def test_a_factor_out_of_range_is_refused(make, name):
    for wrong in (0, -0.1, 1.01, nan, inf):
        with pytest.raises(ValueError, match=f"^{name} must be greater than 0 and at most 1, got"):
            make(10, wrong)
    for wrong in ("0.1", None, True, 1j):
        with pytest.raises(TypeError, match=f"^{name} must be a number greater than 0 and"):
            make(10, wrong)


def test_what_follows_a_warm_up_must_be_a_schedule():
    with pytest.raises(TypeError, match=r"^then must be a schedule, .* got 0\.5"):
        warm_up(10, 0.5)


def test_a_descent_follows_the_schedule():
    path = descend(Ravine(), SGD(0.9), steps=5, schedule=inverse_time(0.5))
    np.testing.assert_allclose(path.lr, 0.9 / (1 + 0.5 * np.arange(5)), rtol=1e-12)
    for k, lr in enumerate(path.lr):
        step = path.positions[k + 1] - path.positions[k]
        np.testing.assert_allclose(step, -lr * path.gradients[k], rtol=1e-9)


# Comparing schedules

SHORT = {"constant": constant, "step": step(10), "warm-up": warm_up(5)}


def test_without_noise_a_comparison_is_made_of_single_descents():
    result = compare_schedules(Adam(0.3), SHORT, steps=30, noise=0, runs=3)
    assert list(result.losses) == list(result.factors) == list(result.ends) == list(SHORT)
    for label, schedule in SHORT.items():
        alone = descend(Ravine(), Adam(0.3), steps=30, schedule=schedule)
        np.testing.assert_allclose(result.losses[label], alone.losses, rtol=1e-9)
        for run in range(3):
            places = result.positions[label][..., run]
            np.testing.assert_allclose(places, alone.positions, rtol=1e-9)
        np.testing.assert_allclose(0.3 * result.factors[label], alone.lr, rtol=1e-12)
        assert result.ends[label] == pytest.approx(alone.losses[-3:].mean())


def test_the_runs_differ_and_the_schedules_share_their_noise():
    result = compare_schedules(SGD(0.5), SHORT, steps=30, noise=0.5, runs=4)
    one, step_one = result.losses["constant"], result.losses["step"]
    assert np.array_equal(one[:11], step_one[:11])
    assert np.all(one[11:] != step_one[11:])
    first = descend(Ravine(), SGD(np.full(4, 0.5)), steps=30, noise=0.5)
    assert np.ptp(first.losses[5]) > 0
    np.testing.assert_allclose(one, first.losses.mean(axis=1))
    np.testing.assert_allclose(result.positions["constant"], first.positions)


def test_the_seed_decides_and_the_optimizer_is_left_alone():
    ball = Momentum(0.1)
    ball.update({"x": 1.0}, {"x": 1.0})
    results = [compare_schedules(ball, SHORT, 20, rng=seed).losses["step"] for seed in (1, 1, 2)]
    assert np.array_equal(results[0], results[1])
    assert not np.array_equal(results[0], results[2])
    assert (ball.iter, ball.lr) == (1, 0.1)
    result = compare_schedules(ball, SHORT, 20, noise=0.25, runs=7)
    assert (result.noise, result.runs, repr(result.optimizer)) == (0.25, 7, repr(ball))
    with pytest.raises(ValueError, match="read-only"):
        result.losses["step"][0] = 0


def test_a_diverging_schedule_is_nan_from_there_on():
    result = compare_schedules(SGD(1.3), {"constant": constant, "step": step(3)}, 200, noise=0)
    loss = result.losses["constant"]
    gone = np.argmax(np.isnan(loss))
    assert 0 < gone < 200
    assert np.isfinite(loss[:gone]).all()
    assert np.isnan(loss[gone:]).all()
    assert len(loss) == 201
    assert np.isnan(result.ends["constant"])
    assert np.isfinite(result.ends["step"])


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"schedules": {}}, ValueError, "schedules must be a dict of at least one schedule"),
        ({"schedules": [constant]}, ValueError, "schedules must be a dict of at least one"),
        ({"schedules": {"a": 1.0}}, TypeError, r"schedules\['a'\] must be a schedule, .* got 1.0"),
        ({"optimizer": SGD([0.1, 0.2])}, ValueError, "optimizer must have one learning rate"),
        ({"optimizer": None}, ValueError, "optimizer must have one learning rate, got None"),
        ({"steps": 0}, ValueError, "steps must be a whole number of at least 1"),
        ({"runs": 0}, ValueError, "runs must be a whole number of at least 1"),
        ({"noise": -1}, ValueError, "noise must be"),
        ({"start": (nan, 0)}, ValueError, "start must be"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(settings, error, says):
    with pytest.raises(error, match=says):
        compare_schedules(**({"optimizer": SGD(0.1), "schedules": SHORT} | settings))


@pytest.mark.parametrize("noise", [0, 0.5])
def test_a_readers_own_optimizer_takes_part(noise):
    settings = {"steps": 60, "noise": noise, "runs": 40}
    mine = compare_schedules(MySGD(0.5), SHORT, **settings)
    theirs = compare_schedules(SGD(0.5), SHORT, **settings)
    for label in SHORT:
        assert mine.positions[label].shape == (61, 2, 40)
        assert mine.ends[label] == pytest.approx(theirs.ends[label], rel=0.3 if noise else 1e-12)
    assert np.array_equal(mine.losses["constant"][:11], mine.losses["step"][:11])
    assert mine.optimizer.lr == 0.5


def test_runs_of_an_optimizer_that_mixes_a_grid_up_stay_apart():
    result = compare_schedules(Clipped(0.3), SHORT, 30, noise=0, runs=3)
    for label, schedule in SHORT.items():
        alone = descend(Ravine(), Clipped(0.3), steps=30, schedule=schedule)
        np.testing.assert_allclose(result.losses[label], alone.losses, rtol=1e-12)


@pytest.mark.parametrize("optimizer", [SGD(1.3), MySGD(1.3)], ids=lambda o: type(o).__name__)
def test_the_positions_of_a_run_that_diverged_end(optimizer):
    result = compare_schedules(optimizer, {"constant": constant}, 200, noise=0.1, runs=2)
    there = np.isfinite(result.positions["constant"]).all(axis=1)
    for run in there.T:
        gone = np.argmin(run)
        assert 0 < gone < 100
        assert run[:gone].all()
        assert not run[gone:].any()


# What schedules do to each method


@pytest.mark.parametrize("optimizer", METHODS, ids=lambda o: type(o).__name__)
def test_a_fall_leads_below_the_noise_and_a_warm_up_alone_does_not(optimizer):
    schedules = {
        "constant": constant,
        "step": step(100),
        "cosine": cosine(300),
        "warm-up": warm_up(30),
    }
    ends = compare_schedules(optimizer, schedules).ends
    assert ends["step"] < 0.6 * ends["constant"]
    assert ends["cosine"] < 0.35 * ends["constant"]
    assert 0.8 * ends["constant"] < ends["warm-up"] < 1.2 * ends["constant"]


def test_a_schedule_ends_the_cycle_of_rmsprop():
    schedules = {"constant": constant, "cosine": cosine(300)}
    ends = compare_schedules(RMSProp(0.1, 0.9), schedules, noise=0, runs=1).ends
    assert ends["constant"] == pytest.approx(Ravine()(0.05, 0.05), rel=0.01)
    assert ends["cosine"] < 1e-6


def test_a_schedule_on_top_of_adagrads_own_stops_it_short():
    schedules = {"constant": constant, "cosine": cosine(300), "step": step(100)}
    ends = compare_schedules(AdaGrad(0.1), schedules, noise=0, runs=1).ends
    assert 0.8 < ends["constant"] < 0.9
    assert 1.5 * ends["constant"] < ends["cosine"] < ends["step"]


@pytest.mark.parametrize("optimizer", METHODS, ids=lambda o: type(o).__name__)
def test_after_a_fall_those_with_a_velocity_roll_on(optimizer):
    """Their v holds steps at the old rate; the others apply the new one to all they remember."""
    many = type(optimizer)(np.full(1000, optimizer.lr))
    walk = descend(Ravine(), many, steps=101, noise=0.5, schedule=step(100))
    sizes = np.linalg.norm(np.diff(walk.positions, axis=0), axis=1).mean(axis=1)
    expected = {"Momentum": 0.9, "Nesterov": 0.61}.get(type(optimizer).__name__, 0.1)
    assert sizes[100] / sizes[99] == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("method", "factor"), [(Momentum, 2), (Nesterov, 1.5)])
def test_after_a_fall_the_loss_of_those_with_a_velocity_rises_first(method, factor):
    loss = compare_schedules(method(0.1), {"step": step(100)}).losses["step"]
    assert loss[101:121].max() > factor * loss[90:101].max()


def stable_up_to(surface, method, schedule):
    """Return the smallest of 200 learning rates at which 1000 updates diverge."""
    lr = np.geomspace(1e-3, 10, 200)
    run = descend(surface, method(lr), steps=1000, schedule=schedule)
    return lr[run.diverged_at >= 0][0]


def test_a_warm_up_allows_larger_rates_only_where_the_start_is_steeper():
    for method in (SGD, Momentum):
        plain, warm = (stable_up_to(Ravine(), method, s) for s in (constant, warm_up(10)))
        assert plain == warm
    plain, warm = (stable_up_to(Beale(), Momentum, s) for s in (constant, warm_up(10)))
    assert warm == pytest.approx(2 * plain, rel=0.1)


def test_a_warm_up_takes_rmsprops_first_leap_away():
    def first_step(schedule):
        path = descend(Ravine(), RMSProp(0.1), steps=1, schedule=schedule).positions
        return np.abs(path[1] - path[0]).max()

    assert first_step(constant) == pytest.approx(1)
    assert first_step(warm_up(10)) == pytest.approx(0.1)


@pytest.mark.parametrize("factor", [0, -1, None, float("nan"), "half"])
def test_a_schedule_must_return_a_number_above_zero(factor):
    with pytest.raises(ValueError, match=r"schedule must return a number .*, got .* 1$"):
        descend(Ravine(), SGD(0.1), schedule=lambda t: factor)


def test_a_schedule_must_be_a_function():
    with pytest.raises(TypeError, match=r"schedule must be a function .*, got 3"):
        descend(Ravine(), SGD(0.1), schedule=3)
