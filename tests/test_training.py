"""Descents, trainings and comparisons: what is recorded, and that runs do not touch each other."""

import _thread
import threading
from math import nan
from time import sleep

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
    MyTwoLayerNet,
    Ravine,
    RMSProp,
    Rosenbrock,
    Saddle,
    compare,
    descend,
    smooth_curve,
    train,
)
from course_utils.comparison import Comparison
from course_utils.training import FAR

METHODS = [SGD, Momentum, AdaGrad, RMSProp, Adam]
each_method = pytest.mark.parametrize("method", METHODS)


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


# descend


@pytest.mark.parametrize(
    ("optimizer", "after_30", "after_100"),
    [
        (SGD(0.95), 0.0133, 8e-9),
        (Momentum(0.1, 0.9), 0.0479, 5e-5),
        (AdaGrad(1.5), 0.0007, 2e-11),
        (RMSProp(0.1, 0.99), 0.0243, 2e-7),
        (Adam(0.3), 0.102, 4e-5),
    ],
    ids=repr,
)
def test_the_articles_five_paths(optimizer, after_30, after_100):
    path = descend(Ravine(), optimizer, (-7, 2), steps=100)
    assert path.losses[0] == 6.45
    assert path.losses[30] == pytest.approx(after_30, abs=5e-5 if after_30 < 0.1 else 5e-4)
    assert float(f"{path.losses[100]:.0e}") == after_100


@each_method
@pytest.mark.parametrize(
    "surface", [Ravine(), Saddle(), Rosenbrock(), Beale()], ids=lambda s: s.name
)
def test_a_descent_is_the_plain_loop(method, surface):
    """Row k of every array is what was there after k updates."""
    path = descend(surface, method(0.001), steps=20)
    optimizer = method(0.001)
    params = dict(zip("xy", surface.start, strict=True))
    for k in range(21):
        gradient = surface.gradient(params["x"], params["y"])
        now = [params["x"], params["y"]]
        np.testing.assert_allclose(path.positions[k], now, rtol=1e-9)
        np.testing.assert_allclose(path.losses[k], surface(*now), rtol=1e-9)
        np.testing.assert_allclose(path.gradients[k], gradient, rtol=1e-9)
        for name in optimizer.state:
            memory = getattr(optimizer, name) or {"x": 0, "y": 0}
            np.testing.assert_allclose(path.state[name][k], [memory["x"], memory["y"]], rtol=1e-9)
        optimizer.update(params, dict(zip("xy", gradient, strict=True)))
    assert set(path.state) == set(optimizer.state)
    assert path.positions.shape == path.gradients.shape == (21, 2)
    assert path.losses.shape == (21,)
    assert path.diverged_at is None
    assert path.surface is surface


@pytest.mark.parametrize("grid", [(), (3,), (2, 3)])
@each_method
def test_histories_are_copies_and_read_only(method, grid):
    optimizer = method(np.full(grid, 0.01))
    path = descend(Ravine(), optimizer, steps=5)
    assert path.positions.shape == path.gradients.shape == (6, 2, *grid)
    assert path.losses.shape == (6, *grid)
    arrays = [path.positions, path.losses, path.gradients, *path.state.values()]
    for i, array in enumerate(arrays):
        assert_read_only(array)
        assert not any(np.shares_memory(array, other) for other in arrays[i + 1 :])
        rows = list(array)
        assert not any(np.shares_memory(a, b) for a in rows for b in rows if a is not b)
        assert len(np.unique(array.reshape(6, -1), axis=0)) > 4
    with pytest.raises(AttributeError):
        path.losses = None


@each_method
def test_a_descent_inherits_nothing_and_leaves_nothing(method):
    optimizer = method(0.1)
    first = descend(Ravine(), optimizer)
    assert optimizer.iter == 0
    assert all(getattr(optimizer, name) is None for name in optimizer.state)
    assert first.optimizer is not optimizer
    assert first.optimizer.iter == 30
    assert_same(descend(Ravine(), optimizer), first)
    assert_same(descend(Ravine(), first.optimizer), first)
    assert first.optimizer.iter == 30


def test_start_steps_and_their_defaults():
    path = descend(Saddle(), SGD(0.1))
    assert path.positions[0].tolist() == list(Saddle().start)
    assert len(path.losses) == 31
    assert len(descend(Saddle(), SGD(0.1), steps=1).losses) == 2
    assert descend(Saddle(), SGD(0.1), np.array([1, 2]), np.int64(3)).positions[0].tolist() == [
        1,
        2,
    ]


class Halving:
    """A reader's own optimizer, without state, settings or reset."""

    def update(self, params, grads):
        for key in params:
            params[key] = params[key] / 2


class Keeping:
    """A reader's own momentum, which keeps the first gradient that it is given."""

    def __init__(self):
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = dict(grads)
        else:
            self.v = {key: 0.5 * self.v[key] + grads[key] for key in params}
        for key in params:
            params[key] -= 0.1 * self.v[key]


def test_a_readers_own_optimizer_runs():
    path = descend(Ravine(), Halving(), steps=3)
    assert path.positions[:, 0].tolist() == [-7, -3.5, -1.75, -0.875]
    assert path.state == {}


def test_a_gradient_that_is_kept_stays_as_it_was():
    own = descend(Saddle(), Keeping(), steps=10)
    torchs_form = descend(Saddle(), Momentum(0.1, 0.5), steps=10)
    np.testing.assert_allclose(own.positions, torchs_form.positions, rtol=1e-12)


# Divergence


def test_a_path_that_diverges_ends_before_it_is_too_far():
    path = descend(Ravine(), SGD(1.5), (-7.0, 2.0), steps=1000)  # y doubles at every step
    n = 1 + int(np.log2(FAR / 2))
    assert path.diverged_at == n
    assert type(path.diverged_at) is int
    assert len(path.positions) == len(path.losses) == len(path.gradients) == n
    np.testing.assert_allclose(path.positions[:, 1], 2 * (-2.0) ** np.arange(n), rtol=1e-9)
    assert np.isfinite(path.losses).all()
    for name in ("positions", "losses", "gradients"):
        assert_read_only(getattr(path, name))


def test_a_path_may_diverge_at_its_last_step_or_one_later():
    assert descend(Ravine(), SGD(1.5), (-7.0, 2.0), steps=19).diverged_at == 19
    assert descend(Ravine(), SGD(1.5), (-7.0, 2.0), steps=18).diverged_at is None


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_too_far_means_too_far_in_any_direction(rotation):
    surface = Ravine(20, rotation)
    assert descend(surface, SGD(1.5), surface.start, steps=30).diverged_at == 19


@each_method
@pytest.mark.parametrize(
    "surface", [Ravine(), Saddle(), Rosenbrock(), Beale()], ids=lambda s: s.name
)
@pytest.mark.parametrize("lr", [10.0, 1e300])
def test_overflow_gives_no_warning(method, surface, lr):
    path = descend(surface, method(lr), steps=100)
    assert np.isfinite(path.positions).all()
    assert np.isfinite(path.losses).all()
    if lr == 1e300:
        assert path.diverged_at == 1
    grid = descend(surface, method(np.array([1e-3, lr])), steps=100)
    assert np.isfinite(grid.losses[: 1 + 1, 0]).all()
    assert np.abs(grid.positions[np.isfinite(grid.positions)]).max() <= FAR


def test_a_grid_says_where_and_when_paths_diverged():
    lr = np.array([[0.1, 1.5, 0.95], [3.0, 0.5, 1.01]])
    grid = descend(Ravine(), SGD(lr), (-7.0, 2.0), steps=40)
    assert grid.diverged_at.dtype.kind == "i"
    assert_read_only(grid.diverged_at)
    for i in np.ndindex(lr.shape):
        alone = descend(Ravine(), SGD(lr[i]), (-7.0, 2.0), steps=40)
        n = len(alone.losses)
        assert grid.diverged_at[i] == (-1 if alone.diverged_at is None else alone.diverged_at)
        for name in ("positions", "losses", "gradients"):
            column = getattr(grid, name)[(..., *i)]
            assert np.array_equal(column[:n], getattr(alone, name))
            assert np.isnan(column[n:]).all()
    assert (grid.diverged_at == [[-1, 19, -1], [9, -1, -1]]).all()
    assert len(grid.losses) == 41


def test_a_grid_in_which_all_paths_diverged_ends_with_the_last():
    grid = descend(Ravine(), Momentum([1.5, 3.0, 1e300], 0.0), (-7.0, 2.0), steps=1000)
    assert grid.diverged_at.tolist() == [19, 9, 1]
    assert len(grid.losses) == 19
    assert np.isfinite(grid.losses).sum(axis=0).tolist() == [19, 9, 1]
    assert np.isfinite(grid.state["v"][:, 0]).sum(axis=0).tolist() == [19, 9, 1]


def test_a_grid_of_two_settings_equals_a_loop():
    lr, momentum = np.meshgrid([0.05, 0.1, 0.5], [0.0, 0.9], indexing="ij")
    grid = descend(Ravine(), Momentum(lr, momentum))
    crossed = descend(Ravine(), Momentum([[0.05], [0.1], [0.5]], [0.0, 0.9]))
    assert_same(grid, crossed)
    for i in np.ndindex(lr.shape):
        alone = descend(Ravine(), Momentum(float(lr[i]), float(momentum[i])))
        assert np.array_equal(grid.positions[(..., *i)], alone.positions)
        assert np.array_equal(grid.state["v"][(..., *i)], alone.state["v"])


# Schedules


@each_method
def test_a_schedule_multiplies_the_learning_rate_of_each_update(method):
    optimizer = method(0.1)
    path = descend(Ravine(), optimizer, steps=5, schedule=lambda t: 1 / t)
    np.testing.assert_allclose(path.lr, 0.1 / np.arange(1, 6), rtol=1e-15)
    assert_read_only(path.lr)
    assert optimizer.lr == path.optimizer.lr == 0.1
    params = dict(zip("xy", Ravine().start, strict=True))
    for t in range(1, 6):
        optimizer.lr = 0.1 / t
        optimizer.update(params, dict(zip("xy", Ravine().gradient(**params), strict=True)))
    np.testing.assert_allclose(path.positions[-1], list(params.values()), rtol=1e-12)


def test_without_a_schedule_the_learning_rate_is_constant():
    assert descend(Ravine(), SGD(0.3), steps=3).lr.tolist() == [0.3] * 3
    assert np.isnan(descend(Ravine(), Halving(), steps=3).lr).all()
    assert_same(descend(Ravine(), Adam(), schedule=lambda t: 1), descend(Ravine(), Adam()))


# Noise


def test_noise_is_reproducible_by_its_seed():
    def path(rng):
        return descend(Ravine(), SGD(0.1), noise=0.5, rng=rng)

    assert_same(path(3), path(3))
    assert_same(path(3), path(np.random.default_rng(3)))
    assert_same(path(0), descend(Ravine(), SGD(0.1), noise=0.5))
    assert not np.array_equal(path(3).positions, path(4).positions)


def test_no_noise_is_the_same_whatever_the_seed():
    assert_same(descend(Ravine(), Adam(0.1), noise=0, rng=3), descend(Ravine(), Adam(0.1)))


def test_noise_has_its_standard_deviation_and_is_not_recorded():
    path = descend(Ravine(), SGD(0.1), steps=4000, noise=0.5, rng=0)
    steps = -np.diff(path.positions, axis=0) / 0.1
    added = steps - path.gradients[:-1]
    for axis in (0, 1):
        assert abs(added[:, axis].mean()) < 4 * 0.5 / 4000**0.5
        assert added[:, axis].std() == pytest.approx(0.5, rel=0.05)
    assert abs(np.corrcoef(added.T)[0, 1]) < 4 / 4000**0.5
    expected = Ravine().gradient(*path.positions.T)
    np.testing.assert_allclose(path.gradients.T, expected, rtol=1e-12)


def test_the_paths_of_a_grid_have_noise_of_their_own():
    path = descend(Ravine(), SGD([0.1, 0.1]), noise=0.5)
    assert not np.array_equal(path.positions[..., 0], path.positions[..., 1])


# What is refused by descend

BAD_DESCENTS = {
    "steps none": ({"steps": 0}, "steps"),
    "steps negative": ({"steps": -1}, "steps"),
    "steps a float": ({"steps": 10.0}, "steps"),
    "steps a string": ({"steps": "10"}, "steps"),
    "steps a bool": ({"steps": True}, "steps"),
    "start of one": ({"start": (1.0,)}, "start"),
    "start of three": ({"start": (1.0, 2.0, 3.0)}, "start"),
    "start a number": ({"start": 1.0}, "start"),
    "start nan": ({"start": (nan, 1.0)}, "start"),
    "start infinite": ({"start": (1.0, np.inf)}, "start"),
    "start strings": ({"start": ("1", "2")}, "start"),
    "start too far": ({"start": (2 * FAR, 0.0)}, "start"),
    "noise negative": ({"noise": -0.1}, "noise"),
    "noise nan": ({"noise": nan}, "noise"),
    "noise infinite": ({"noise": np.inf}, "noise"),
    "noise a string": ({"noise": "0.1"}, "noise"),
    "noise an array": ({"noise": np.array([0.1, 0.2])}, "noise"),
}


@pytest.mark.parametrize("case", BAD_DESCENTS)
def test_bad_arguments_of_descend_are_refused_by_name(case):
    arguments, name = BAD_DESCENTS[case]
    with pytest.raises((TypeError, ValueError), match=rf"^{name} must be "):
        descend(Ravine(), SGD(), **arguments)


# compare and train


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
            sleep(0.1)
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
    with pytest.raises(ValueError, match=r"train.*200.*" + str(keep)):
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
