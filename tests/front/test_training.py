"""Trainings and comparisons: what is recorded, and that runs do not touch each other."""

import _thread
import threading
from time import sleep

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import (
    SGD,
    AdaGrad,
    Adam,
    Momentum,
    MyTwoLayerNet,
    Ravine,
    RMSProp,
    compare,
    descend,
    smooth_curve,
    train,
)
from course_utils.training import Comparison
from tests.front.records import assert_read_only, assert_same

METHODS = [SGD, Momentum, AdaGrad, RMSProp, Adam]
each_method = pytest.mark.parametrize("method", METHODS)


def small_data(seed=0, n=200):
    """Return x and t of three noisy groups in five dimensions."""
    rng = np.random.default_rng(seed)
    t = rng.integers(3, size=n)
    centres = np.random.default_rng(99).standard_normal((3, 5))
    return (centres[t] + 0.7 * rng.standard_normal((n, 5))).astype(np.float32), t


DATA, HELD_OUT = small_data(0), small_data(1, 60)


def small_net():
    return MyTwoLayerNet(5, 8, 3, rng=0)


def five():
    return {method.__name__: method() for method in METHODS}


def weights(network):
    return {key: p.copy() for key, p in network.params.items()}


def assert_same_weights(first, second):
    assert all(np.array_equal(first[key], second[key]) for key in first)


def test_records_are_those_of_the_articles_loop():
    """The batch is drawn once for all; the article's loss is after the update, on that batch."""
    records = compare(small_net(), five(), DATA, iterations=5, batch_size=16, rng=4)
    x, t = DATA
    rng = np.random.default_rng(4)
    networks = {name: small_net() for name in records}
    optimizers = five()
    for i in range(5):
        batch = rng.integers(len(t), size=16)
        for name, record in records.items():
            network = networks[name]
            assert record.loss_before[i] == network.loss(x[batch], t[batch])
            grads = network.gradient(x[batch], t[batch])
            optimizers[name].update(network.params, grads)
            assert record.loss[i] == network.loss(x[batch], t[batch])
    for name, record in records.items():
        assert_same_weights(record.network.params, networks[name].params)
        assert record.loss.shape == record.loss_before.shape == (5,)
        assert record.diverged_at is None
        assert record.optimizer.iter == 5
        assert record.seconds >= 0


def test_all_methods_get_the_same_weights_and_batches():
    optimizers = {"one": SGD(0.1), **five(), "two": SGD(0.1)}
    records = compare(small_net(), optimizers, DATA, HELD_OUT, iterations=30, batch_size=16)
    assert list(records) == list(optimizers)
    assert len({record.loss_before[0] for record in records.values()}) == 1
    assert len({record.held_out_loss[0] for record in records.values()}) == 1
    assert_same(records["one"], records["two"])
    assert not np.array_equal(records["one"].loss, records["Adam"].loss)


def test_the_order_and_number_of_methods_do_not_matter():
    settings = {"iterations": 20, "batch_size": 16, "rng": 5}
    forward = compare(small_net(), five(), DATA, HELD_OUT, **settings)
    backward = compare(small_net(), dict(reversed(five().items())), DATA, HELD_OUT, **settings)
    for name, optimizer in five().items():
        assert_same(forward[name], backward[name])
        alone = train(small_net(), optimizer, DATA, HELD_OUT, **settings)
        assert_same(forward[name], alone)


def test_nothing_that_is_passed_in_changes():
    network, optimizers = small_net(), five()
    x, t = DATA[0].copy(), DATA[1].copy()
    before = weights(network)
    records = compare(network, optimizers, (x, t), HELD_OUT, iterations=10, batch_size=16)
    assert_same_weights(network.params, before)
    assert np.array_equal(x, DATA[0])
    assert np.array_equal(t, DATA[1])
    for name, optimizer in optimizers.items():
        assert optimizer.iter == 0
        assert all(getattr(optimizer, state) is None for state in optimizer.state)
        assert records[name].network is not network
        for key, p in records[name].network.params.items():
            assert not np.shares_memory(p, network.params[key])
            assert p.dtype == np.float32


@each_method
def test_a_training_inherits_no_state(method):
    settings = {"iterations": 10, "batch_size": 16}
    optimizer = method()
    first = train(small_net(), optimizer, DATA, **settings)
    optimizer.update({"other": np.ones(2)}, {"other": np.ones(2)})
    assert_same(train(small_net(), optimizer, DATA, **settings), first)
    assert_same(train(small_net(), first.optimizer, DATA, **settings), first)


def test_batches_are_reproducible_by_their_seed():
    def losses(rng):
        return train(small_net(), SGD(), DATA, iterations=10, batch_size=8, rng=rng).loss

    assert np.array_equal(losses(1), losses(1))
    assert np.array_equal(losses(1), losses(np.random.default_rng(1)))
    assert not np.array_equal(losses(1), losses(2))
    shorter = train(small_net(), SGD(), DATA, iterations=4, batch_size=8, rng=1).loss
    assert np.array_equal(losses(1)[:4], shorter)


def test_training_learns():
    for name, record in compare(small_net(), five(), DATA, HELD_OUT, iterations=600).items():
        assert record.held_out_loss[-1] < 0.9 * record.held_out_loss[0], name
        assert record.held_out_accuracy[-1] > 0.7, name


@pytest.mark.parametrize(
    ("iterations", "every", "at"),
    [
        (10, 4, [0, 4, 8, 10]),
        (10, 5, [0, 5, 10]),
        (10, 1, list(range(11))),
        (10, 100, [0, 10]),
        (1, 1, [0, 1]),
    ],
)
def test_when_the_held_out_data_is_looked_at(iterations, every, at):
    settings = {"iterations": iterations, "batch_size": 16, "evaluate_every": every}
    record = train(small_net(), SGD(0.1), DATA, HELD_OUT, **settings)
    assert record.evaluated_at.tolist() == at
    assert record.evaluated_at.dtype.kind == "i"
    assert len(record.held_out_loss) == len(record.held_out_accuracy) == len(at)
    assert record.held_out_loss[0] == small_net().loss(*HELD_OUT)
    assert record.held_out_accuracy[0] == small_net().accuracy(*HELD_OUT)
    assert record.held_out_loss[-1] == record.network.loss(*HELD_OUT)
    assert record.held_out_accuracy[-1] == record.network.accuracy(*HELD_OUT)


def test_without_held_out_data_nothing_is_looked_at():
    record = train(small_net(), SGD(), DATA, iterations=3)
    assert record.evaluated_at.size == record.held_out_loss.size == 0


def test_a_record_is_read_only_and_its_own():
    comparison = Comparison(small_net(), {"a": SGD(0.1)}, DATA, HELD_OUT, batch_size=8)
    comparison.evaluate()
    comparison.advance()
    first = comparison.records()["a"]
    kept = weights(first.network)
    comparison.advance()
    comparison.evaluate()
    second = comparison.records()["a"]
    assert (len(first.loss), len(second.loss)) == (1, 2)
    assert first.loss[0] == second.loss[0]
    assert_same_weights(first.network.params, kept)
    assert first.optimizer.iter == 1
    for record in (first, second):
        for name in ("loss", "loss_before", "evaluated_at", "held_out_loss", "held_out_accuracy"):
            assert_read_only(getattr(record, name))


# Progress and interruption


def test_progress_is_called_every_few_iterations_and_at_the_end():
    calls = []
    settings = {"iterations": 27, "evaluate_every": 12}
    train(small_net(), SGD(), DATA, **settings, progress=lambda *call: calls.append(call))
    assert calls == [(10, 27), (12, 27), (22, 27), (24, 27), (27, 27)]


def stop_at(n):
    def progress(done, iterations):
        if done == n:
            raise KeyboardInterrupt

    return progress


def test_interrupting_returns_what_was_computed():
    settings = {"batch_size": 16, "evaluate_every": 4}
    whole = compare(small_net(), five(), DATA, HELD_OUT, iterations=8, **settings)
    cut = compare(
        small_net(), five(), DATA, HELD_OUT, iterations=100, progress=stop_at(8), **settings
    )
    for name in whole:
        assert_same(cut[name], whole[name])
        assert cut[name].evaluated_at.tolist() == [0, 4, 8]
        assert (whole[name].cut, cut[name].cut) == ("", " after 8 of 100 updates")
        assert_same_weights(cut[name].network.params, whole[name].network.params)


def test_interrupting_a_step_leaves_all_records_equally_long():
    class Interrupted(SGD):
        def update(self, params, grads):
            if self.iter == 3:
                raise KeyboardInterrupt
            super().update(params, grads)

    optimizers = {"before": SGD(), "there": Interrupted(), "behind": SGD()}
    records = compare(small_net(), optimizers, DATA, HELD_OUT, iterations=10, batch_size=16)
    for record in records.values():
        assert len(record.loss) == len(record.loss_before) == 3
        assert np.isfinite(record.loss).all()
        assert np.isfinite(record.held_out_loss).all()
        assert np.all(np.diff(record.evaluated_at) > 0)
    assert np.array_equal(records["before"].loss, records["behind"].loss)
    assert records["there"].evaluated_at.tolist() == [0, 3]


def test_an_interrupted_step_is_over_before_the_last_look_at_the_held_out_data():
    class Interrupted(SGD):
        def update(self, params, grads):
            raise KeyboardInterrupt

    class Slow(SGD):
        def update(self, params, grads):
            sleep(0.02)
            super().update(params, grads)

    optimizers = {"there": Interrupted(), "slow": Slow(1.0)}
    records = compare(small_net(), optimizers, DATA, HELD_OUT, iterations=10, batch_size=16)
    for record in records.values():
        assert record.held_out_loss[-1] == record.network.loss(*HELD_OUT)


def test_the_stop_button_may_be_pressed_at_any_time(ctrl_c):
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    records = compare(small_net(), five(), DATA, HELD_OUT, iterations=20_000, batch_size=16)
    timer.join()
    assert len({len(record.loss) for record in records.values()}) == 1
    for record in records.values():
        assert 0 < len(record.loss) == len(record.loss_before) < 20_000
        assert record.held_out_loss[-1] == record.network.loss(*HELD_OUT)


def test_interrupting_before_the_first_step_is_no_error():
    class Interrupted(SGD):
        def update(self, params, grads):
            raise KeyboardInterrupt

    record = train(small_net(), Interrupted(), DATA, HELD_OUT, iterations=10)
    assert record.loss.shape == record.loss_before.shape == (0,)
    assert set(record.evaluated_at.tolist()) == {0}


def test_other_errors_are_not_swallowed():
    def progress(done, iterations):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        train(small_net(), SGD(), DATA, iterations=3, progress=progress)


# Diverging


@pytest.mark.parametrize("method", [SGD, Momentum])
def test_a_training_that_overflows_says_so_and_does_not_warn(method):
    optimizers = {"good": method(0.01), "bad": method(1e30), "other": method(0.01)}
    records = compare(small_net(), optimizers, DATA, HELD_OUT, iterations=8, batch_size=16)
    bad, good = records["bad"], records["good"]
    at = bad.diverged_at
    assert type(at) is int
    assert 1 <= at <= 3
    assert np.isfinite(bad.loss[: at - 1]).all()
    assert np.isfinite(bad.loss_before[: at - 1]).all()
    assert np.isnan(bad.loss[at - 1 :]).all()
    assert np.isnan(bad.loss_before[at:]).all()
    assert len(bad.loss) == len(bad.loss_before) == 8
    assert bad.evaluated_at.tolist() == [0, 8]
    assert good.diverged_at is None
    assert np.isfinite(good.loss).all()
    assert_same(good, records["other"])


def test_a_network_that_is_broken_from_the_start_is_left_as_it_is():
    network = small_net()
    network.params["W1"][:] = np.nan
    record = train(network, Adam(), DATA, HELD_OUT, iterations=3)
    assert record.diverged_at == 1
    assert np.isnan(record.loss).all()
    assert np.isnan(record.loss_before).all()
    assert record.optimizer.iter == 0
    assert np.array_equal(record.network.params["W2"], network.params["W2"])


def test_an_infinite_loss_is_recorded_as_nan():
    network = MyTwoLayerNet(1, 2, 2, rng=0)
    network.params["W1"][:] = [[1, 0]]
    network.params["W2"][:] = [[3e38, -3e38], [0, 0]]
    data = np.ones((4, 1), np.float32), np.ones(4, int)
    assert network.loss(*data) == np.inf
    record = train(network, SGD(), data, iterations=3, batch_size=2)
    assert np.isnan(record.loss).all()
    assert np.isnan(record.loss_before).all()


# What is refused by compare


@pytest.mark.parametrize("name", ["iterations", "batch_size", "evaluate_every"])
@pytest.mark.parametrize("wrong", [0, -1, 2.0, "3", None, True], ids=repr)
def test_bad_counts_are_refused_by_name(name, wrong):
    with pytest.raises((TypeError, ValueError), match=rf"^{name} must be a whole number"):
        compare(small_net(), {"a": SGD()}, DATA, **{name: wrong})


def test_no_optimizer_is_refused():
    with pytest.raises(ValueError, match="optimizers must hold at least one"):
        compare(small_net(), {}, DATA, iterations=1)


@pytest.mark.parametrize("keep", [150, 250])
def test_data_of_two_lengths_is_refused(keep):
    x, t = small_data(0, 300)
    with pytest.raises(ValueError, match=r"^data must be a pair.*200.*" + str(keep)):
        train(small_net(), SGD(), (x[:200], t[:keep]), iterations=20)


def test_numpys_global_state_is_left_alone():
    before = np.random.get_state()  # noqa: NPY002
    descend(Ravine(), SGD(), noise=1.0)
    compare(small_net(), five(), DATA, HELD_OUT, iterations=3)
    smooth_curve(np.ones(20))
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


# smooth_curve


def mirrored(i, n):
    """Return the place of index i in a curve of n points that is continued by its mirror image."""
    while n > 1 and not 0 <= i < n:
        i = -i if i < 0 else 2 * (n - 1) - i
    return i if n > 1 else 0


def directly_smoothed(values):
    weights = np.i0(2 * np.sqrt(1 - (np.arange(-5, 6) / 5) ** 2))
    smooth = []
    for i in range(len(values)):
        terms = [weights[j + 5] * values[mirrored(i + j, len(values))] for j in range(-5, 6)]
        smooth.append(sum(terms) / weights.sum())
    return smooth


@pytest.mark.parametrize("n", [*range(1, 13), 100])
def test_a_smooth_curve_is_the_weighted_mean_of_eleven_points(n):
    values = np.random.default_rng(n).standard_normal(n)
    kept = values.copy()
    smooth = smooth_curve(values)
    assert smooth.shape == (n,)
    np.testing.assert_allclose(smooth, directly_smoothed(values), rtol=1e-12, atol=1e-12)
    assert np.array_equal(values, kept)
    np.testing.assert_allclose(smooth_curve(list(values)), smooth)


@given(n=st.integers(1, 40), level=st.floats(-1e6, 1e6))
def test_a_constant_stays(n, level):
    np.testing.assert_allclose(smooth_curve(np.full(n, level)), level, rtol=1e-12, atol=1e-300)


def test_a_symmetric_bump_is_not_shifted():
    bump = np.exp(-(((np.arange(41) - 20) / 3) ** 2))
    smooth = smooth_curve(bump)
    assert smooth.argmax() == 20
    np.testing.assert_allclose(smooth, smooth[::-1], atol=1e-15)
    np.testing.assert_allclose(smooth_curve(bump[::-1]), smooth[::-1], atol=1e-15)
    assert 0.5 < smooth.max() < 0.6


def test_a_straight_line_stays_straight_away_from_its_ends():
    line = np.arange(30.0)
    np.testing.assert_allclose(smooth_curve(line)[5:-5], line[5:-5])


@pytest.mark.parametrize("wrong", [[], 1.0, [[1.0, 2.0]]], ids=repr)
def test_what_is_no_curve_is_refused(wrong):
    with pytest.raises(ValueError, match="values must be a curve"):
        smooth_curve(wrong)
