"""Descents: what is recorded, and that a path that diverges ends cleanly."""

import tracemalloc
from math import nan

import numpy as np
import pytest

from course_utils import (
    SGD,
    AdaGrad,
    Adam,
    Beale,
    Momentum,
    Ravine,
    RMSProp,
    Rosenbrock,
    Saddle,
    descend,
)
from course_utils.descent import FAR
from tests.front.methods import METHODS
from tests.front.records import assert_read_only, assert_same

SURFACES = [Ravine(), Saddle(), Rosenbrock(), Beale()]
each_method = pytest.mark.parametrize("method", METHODS)


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
@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
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
    assert path.lr.tolist() == [0.001] * 20
    assert path.diverged_at is None
    assert path.surface is surface
    assert (path.updates, path.steps, path.grid, path.noise) == (20, 20, (), 0)
    assert np.array_equal(path.seen, path.gradients[:-1])
    assert np.array_equal(path.heights, path.losses - surface.lowest)


@pytest.mark.parametrize("grid", [(), (3,), (2, 3)])
@each_method
def test_histories_are_copies_and_read_only(method, grid):
    optimizer = method(np.full(grid, 0.01))
    path = descend(Ravine(), optimizer, steps=5)
    assert path.positions.shape == path.gradients.shape == (6, 2, *grid)
    assert path.losses.shape == (6, *grid)
    assert path.grid == grid
    assert_read_only(path.seen)
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
    for name in optimizer.state:
        memory = getattr(first.optimizer, name)
        assert list(memory) == ["x", "y"]
        assert np.array_equal([memory["x"], memory["y"]], first.state[name][-1])
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


def test_a_readers_own_optimizer_runs():
    path = descend(Ravine(), Halving(), steps=3)
    assert path.positions[:, 0].tolist() == [-7, -3.5, -1.75, -0.875]
    assert path.state == {}


# Divergence


def test_a_path_that_diverges_ends_before_it_is_too_far():
    path = descend(Ravine(), SGD(1.5), (-7.0, 2.0), steps=1000)  # y doubles at every step
    n = 1 + int(np.log2(FAR / 2))
    assert path.diverged_at == n
    assert type(path.diverged_at) is int
    assert len(path.positions) == len(path.losses) == len(path.gradients) == n
    np.testing.assert_allclose(path.positions[:, 1], 2 * (-2.0) ** np.arange(n), rtol=1e-9)
    assert np.isfinite(path.losses).all()
    assert path.updates == len(path.seen) == len(path.lr) == n - 1
    for name in ("positions", "losses", "gradients", "seen", "lr"):
        assert_read_only(getattr(path, name))


def test_a_path_may_diverge_at_its_last_step_or_one_later():
    assert descend(Ravine(), SGD(1.5), (-7.0, 2.0), steps=19).diverged_at == 19
    assert descend(Ravine(), SGD(1.5), (-7.0, 2.0), steps=18).diverged_at is None


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_too_far_means_too_far_in_any_direction(rotation):
    surface = Ravine(20, rotation)
    assert descend(surface, SGD(1.5), surface.start, steps=30).diverged_at == 19


@each_method
@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
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


def test_noise_has_its_standard_deviation_and_is_in_what_the_update_was_given():
    path = descend(Ravine(), SGD(0.1), steps=4000, noise=0.5, rng=0)
    steps = -np.diff(path.positions, axis=0) / 0.1
    np.testing.assert_allclose(path.seen, steps, rtol=0, atol=1e-12)
    assert path.noise == 0.5
    assert_read_only(path.seen)
    added = path.seen - path.gradients[:-1]
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


def test_a_bad_schedule_is_refused_with_its_update():
    with pytest.raises(TypeError, match=r"^schedule must be a function"):
        descend(Ravine(), SGD(), schedule=0.5)
    for bad in (0, -1, nan, np.inf, None, "1"):
        with pytest.raises(ValueError, match=r"^schedule must return .* at update 2"):
            descend(Ravine(), SGD(), schedule=lambda t, bad=bad: 1.0 if t == 1 else bad)


@each_method
@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
def test_a_column_of_a_grid_is_the_path_of_its_settings(method, surface):
    grid = descend(surface, method(np.array([0.001, 0.0005])), steps=40)
    alone = descend(surface, method(0.0005), steps=40)
    for name in ("positions", "losses", "gradients"):
        column = getattr(grid, name)[..., 1]
        # Powers of arrays and of floats differ in the last digit.
        if issubclass(method, Adam) or name == "losses":
            np.testing.assert_allclose(column, getattr(alone, name), rtol=1e-6, atol=1e-9)
        else:
            assert np.array_equal(column, getattr(alone, name)), name


def test_noise_comes_as_one_stream():
    """Update by update, x before y, so that a longer run begins like a shorter one."""
    path = descend(Ravine(), SGD(0.1), noise=2.0, rng=5, steps=10)
    drawn = 2 * np.random.default_rng(5).standard_normal((10, 2))
    np.testing.assert_allclose(path.seen - path.gradients[:-1], drawn, rtol=1e-12)
    longer = descend(Ravine(), SGD(0.1), noise=2.0, rng=5, steps=20)
    assert np.array_equal(longer.positions[:11], path.positions)


def test_a_record_takes_no_more_memory_than_its_arrays():
    descend(Ravine(), Momentum(0.1), steps=10)
    tracemalloc.start()
    try:
        path = descend(Ravine(), Momentum(0.1), steps=4_000)
        size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    arrays = [path.positions, path.losses, path.gradients, path.lr, *path.state.values()]
    assert size < 1.1 * sum(array.nbytes for array in arrays)
    assert peak < 1.5 * size
