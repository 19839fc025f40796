"""The update rules against PyTorch, closed forms and each other; a new method is one row."""

import copy
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Beale,
    Momentum,
    MyTwoLayerNet,
    Nesterov,
    Ravine,
    RMSProp,
    Rosenbrock,
    Saddle,
)
from course_utils.experiments.schedules import cosine, warm_up
from tests.front.methods import METHODS, steps_along, walk

each_method = pytest.mark.parametrize("method", METHODS)


# PyTorch


def ravine_problem():
    """The article's valley, one number per parameter."""
    surface = Ravine(20)

    def gradient(params):
        return dict(zip("xy", surface.gradient(params["x"], params["y"]), strict=True))

    return {"x": np.array(-7.0), "y": np.array(2.0)}, gradient


def quadratic_problem():
    """A quadratic in five dimensions, condition number 1e4, turned at random."""
    rng = np.random.default_rng(1)
    axes, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    matrix = axes @ np.diag(np.geomspace(2e-4, 2, 5)) @ axes.T
    return {"p": rng.standard_normal(5)}, lambda params: {"p": matrix @ params["p"]}


def network_problem():
    """Four arrays of different shapes: a small network on a fixed batch."""
    net = MyTwoLayerNet(6, 8, 3, rng=2)
    rng = np.random.default_rng(2)
    x, t = rng.standard_normal((20, 6)), rng.integers(3, size=20)

    def gradient(params):
        net.params = params
        return net.gradient(x, t)

    return {key: p.astype(float) for key, p in net.params.items()}, gradient


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed")


class Pair:
    """One of ours and its counterpart in PyTorch, from the same start."""

    def __init__(self, torch, ours, params):
        self.torch, self.ours, self.row = torch, copy.deepcopy(ours), METHODS[type(ours)]
        self.params = params
        self.tensors = {k: torch.tensor(p.copy(), requires_grad=True) for k, p in params.items()}
        make = getattr(torch.optim, self.row.torch_class)
        self.theirs = make(list(self.tensors.values()), **self.row.theirs(ours))
        self.t = 0

    def step(self, gradient):
        self.t += 1
        there = {key: tensor.detach().numpy() for key, tensor in self.tensors.items()}
        for key, g in gradient(there).items():
            self.tensors[key].grad = self.torch.as_tensor(np.array(g, there[key].dtype))
        self.row.adapt(self.ours, self.theirs.param_groups[0], self.t)
        self.theirs.step()
        grads = gradient(self.params)
        self.ours.update(self.params, {k: np.asarray(g, there[k].dtype) for k, g in grads.items()})

    def check(self, atol=1e-12):
        for key, p in self.params.items():
            expected = self.tensors[key].detach().numpy()
            assert p.dtype == expected.dtype
            np.testing.assert_allclose(p, expected, rtol=0, atol=atol)


@pytest.mark.parametrize("problem", [ravine_problem, quadratic_problem, network_problem])
@pytest.mark.parametrize("ours", [o for row in METHODS.values() for o in row.cases], ids=repr)
def test_a_hundred_steps_agree_with_pytorch(torch, ours, problem):
    params, gradient = problem()
    begin, pair = copy.deepcopy(params), Pair(torch, ours, params)
    for _ in range(100):
        pair.step(gradient)
        pair.check()
        for key, tensor in pair.tensors.items():
            for name, memory in pair.row.state(ours, pair.theirs.state[tensor]).items():
                mine = getattr(pair.ours, name)[key]
                np.testing.assert_allclose(mine, memory, rtol=0, atol=1e-11)
    assert all(np.abs(params[key] - begin[key]).max() > 0.01 for key in params)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "ours",
    [SGD(0.5), AdaGrad(0.5), RMSProp(0.05), Adam(0.1), AdamW(0.05, 0.8, 0.9, 0.3, eps=0.1)],
    ids=repr,
)
def test_under_a_schedule_methods_without_velocity_agree_with_pytorch(torch, ours, dtype):
    params, gradient = quadratic_problem()
    pair, schedule = Pair(torch, ours, {"p": params["p"].astype(dtype)}), warm_up(10, cosine(80))
    for t in range(1, 101):
        pair.ours.lr = pair.theirs.param_groups[0]["lr"] = ours.lr * schedule(t)
        pair.step(gradient)
        pair.check(1e-12 if dtype is np.float64 else 1e-5)


def test_momentum_parts_from_pytorch_when_lr_changes(torch):
    """Ours keeps the old lr inside v, PyTorch applies the new one to the whole velocity."""
    params, gradient = ravine_problem()
    pair = Pair(torch, Momentum(0.1), params)
    for _ in range(10):
        pair.step(gradient)
    pair.check()
    kept = {key: 0.9 * v for key, v in pair.ours.v.items()}
    pair.ours.lr = pair.theirs.param_groups[0]["lr"] = 0.02
    pair.step(gradient)
    for key in params:
        apart = params[key] - pair.tensors[key].detach().numpy()
        np.testing.assert_allclose(apart, kept[key] - 0.02 / 0.1 * kept[key], rtol=1e-12)
        assert abs(apart) > 0.1


def test_the_averaged_form_of_momentum_is_ours_with_a_smaller_lr():
    beta, lr, surface = 0.9, 0.5, Ravine(20)
    path = walk(Momentum(lr * (1 - beta), beta), surface, (-7.0, 2.0), 50)
    place, average = np.array([-7.0, 2.0]), np.zeros(2)
    for expected in path[1:]:
        average = beta * average + (1 - beta) * np.array(surface.gradient(*place))
        place = place - lr * average
        np.testing.assert_allclose(place, expected, rtol=0, atol=1e-12)


# Many settings at once


@each_method
def test_a_grid_equals_a_loop_over_its_settings(method):
    settings = METHODS[method].grid
    grid = dict(zip(settings, np.meshgrid(*settings.values(), indexing="ij"), strict=True))
    shape = grid["lr"].shape
    at_once = walk(method(**grid), Ravine(20), (np.full(shape, -7.0), np.full(shape, 2.0)), 60)
    for i in np.ndindex(shape):
        one = {name: float(values[i]) for name, values in grid.items()}
        alone = walk(method(**one), Ravine(20), (-7.0, 2.0), 60)
        if issubclass(method, Adam):  # powers of arrays and of floats may differ in the last digit
            np.testing.assert_allclose(at_once[:, :, *i], alone, rtol=1e-9, atol=1e-12)
        else:
            assert np.array_equal(at_once[:, :, *i], alone), one


# Closed forms


def test_sgd_shrinks_each_axis_of_the_ravine_by_its_own_factor():
    for lr in (0.1, 0.95, 1.05):
        path = walk(SGD(lr), Ravine(20), (-7.0, 2.0), 30)
        n = np.arange(31)
        np.testing.assert_allclose(path[:, 0], -7 * (1 - 0.1 * lr) ** n, rtol=1e-12)
        np.testing.assert_allclose(path[:, 1], 2 * (1 - 2 * lr) ** n, rtol=1e-12)


gradients = st.floats(1e-100, 1e100).flatmap(lambda size: st.sampled_from([size, -size]))


@given(g=gradients, lr=st.floats(1e-4, 10))
def test_the_first_step_of_adagrad_and_adam_is_lr_whatever_the_gradient(g, lr):
    for optimizer in (AdaGrad(lr, eps=0), Adam(lr, eps=0)):
        step = steps_along(optimizer, [g])[0]
        assert step == pytest.approx(-lr * np.sign(g), rel=1e-12)


@given(g=gradients, lr=st.floats(1e-4, 10), decay=st.floats(0, 0.999))
def test_the_first_step_of_rmsprop_is_larger_than_lr(g, lr, decay):
    step = steps_along(RMSProp(lr, decay, eps=0), [g])[0]
    assert step == pytest.approx(-lr * np.sign(g) / sqrt(1 - decay), rel=1e-12)


@pytest.mark.parametrize(("decay", "times"), [(0.9, 3.16), (0.99, 10.0)])
def test_how_much_larger_it_is(decay, times):
    assert -steps_along(RMSProp(1, decay, eps=0), [1.0])[0] == pytest.approx(times, abs=0.005)


@pytest.mark.parametrize("method", [AdaGrad, RMSProp, Adam, AdamW])
def test_epsilon_is_outside_the_root(method):
    """With a gradient as small as ε the first AdaGrad step is lr/2; inside the root it is 3e-4."""
    g = 1e-7
    size = g * {AdaGrad: 1, RMSProp: sqrt(0.01)}.get(method, sqrt(0.001))  # √h or √v
    whole = -steps_along(method(1.0, eps=0), [g])[0]
    assert -steps_along(method(1.0), [g])[0] == pytest.approx(whole * size / (size + 1e-7))


def test_bias_correction_keeps_the_first_adam_steps_small():
    """Uncorrected they are (1 − β1^t)/√(1 − β2^t) times as large, at a steady gradient."""
    adam, params, ratios = Adam(0.5, eps=0), {"x": 0.0}, {}
    for t in range(1, 1001):
        before = params["x"]
        adam.update(params, {"x": 3.0})
        assert before - params["x"] == pytest.approx(0.5)
        ratios[t] = float(adam.m["x"] / np.sqrt(adam.v["x"]))
    assert ratios[1] == pytest.approx(3.16, abs=0.005)
    assert ratios[12] == pytest.approx(6.57, abs=0.005)
    assert ratios[12] == max(ratios.values())
    assert ratios[1000] == pytest.approx(1.26, abs=0.005)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_where_momentum_stops_being_stable(momentum):
    """At lr = 2(1 + momentum)/L, which for SGD (momentum 0) is 2/L; on the ravine L is 2."""
    edge = 2 * (1 + momentum) / 2
    for lr, stable in [(0.98 * edge, True), (1.02 * edge, False)]:
        path = walk(Momentum(lr, momentum), Ravine(20), (-7.0, 2.0), 400)
        assert (abs(path[-20:, 1]).max() < 0.1) == stable
    for lr, stable in [(0.98, True), (1.02, False)]:
        path = walk(SGD(lr), Ravine(20), (-7.0, 2.0), 400)
        assert (abs(path[-1, 1]) < 0.1) == stable


@pytest.mark.parametrize(("lr", "momentum"), [(0.1, 0.9), (1.0, 0.5), (0.5, 0.95)])
def test_momentum_shrinks_at_the_rate_of_its_iteration_matrix(lr, momentum):
    path = walk(Momentum(lr, momentum), Ravine(20), (-7.0, 2.0), 600)
    rate = max(
        abs(np.linalg.eigvals([[momentum, -lr * c], [momentum, 1 - lr * c]])).max()
        for c in (0.1, 2)
    )
    sizes = abs(path).max(axis=1)
    measured = (sizes[550:].max() / sizes[50:100].max()) ** (1 / 500)
    assert measured == pytest.approx(rate, abs=0.005)


def test_the_best_heavy_ball_on_the_ravine():
    slow, fast = sqrt(0.1), sqrt(2)
    ball = Momentum(4 / (fast + slow) ** 2, ((fast - slow) / (fast + slow)) ** 2)
    assert ball.lr == pytest.approx(1.336, abs=5e-4)
    assert ball.momentum == pytest.approx(0.403, abs=5e-4)
    assert 1e-9 < Ravine(20)(*walk(ball, Ravine(20), (-7.0, 2.0), 30)[-1]) < 1e-7


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_where_nesterov_stops_being_stable(momentum):
    """At lr = 2(1 + momentum)/(L (1 + 2 momentum)), with L = 2 on the ravine."""
    edge = (1 + momentum) / (1 + 2 * momentum)
    for lr, stable in [(0.98 * edge, True), (1.02 * edge, False)]:
        path = walk(Nesterov(lr, momentum), Ravine(20), (-7.0, 2.0), 400)
        assert (abs(path[-20:, 1]).max() < 0.1) == stable


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_nesterov_is_sutskevers_look_ahead_seen_from_the_point_ahead(momentum):
    surface, lr = Ravine(20, rotation=30), 0.1
    path = walk(Nesterov(lr, momentum), surface, surface.start, 60)
    q, v = np.array(surface.start), np.zeros(2)
    for t in range(61):
        ahead = q + momentum * v
        np.testing.assert_allclose(path[t], ahead, rtol=0, atol=1e-12)
        v = momentum * v - lr * np.array(surface.gradient(*ahead))  # equation (3)
        q = q + v  # equation (4)


def test_nesterov_steps_as_momentum_would_next_if_the_gradient_stayed():
    gradients = [3.0, -1.0, 2.0, 0.5, -4.0]
    for k in range(1, 6):
        seen = gradients[:k]
        ahead = steps_along(Nesterov(0.1, 0.8), seen)[-1]
        assert ahead == pytest.approx(steps_along(Momentum(0.1, 0.8), [*seen, seen[-1]])[-1])


def test_weight_decay_shrinks_a_weight_whatever_its_gradients():
    """The part of the step that is not Adam's is lr · weight_decay · p."""
    for size in (0.0, 1e-3, 1e3):
        params, plain = {"p": np.array([2.0, -3.0])}, {"p": np.array([2.0, -3.0])}
        AdamW(0.1, weight_decay=0.5).update(params, {"p": np.full(2, size)})
        Adam(0.1).update(plain, {"p": np.full(2, size)})
        np.testing.assert_allclose(params["p"] - plain["p"], [-0.1, 0.15], rtol=1e-12)


def test_without_weight_decay_adamw_is_adam():
    paths = [
        walk(optimizer, Ravine(20), (-7.0, 2.0), 50)
        for optimizer in (AdamW(0.3, weight_decay=0), Adam(0.3))
    ]
    assert np.array_equal(*paths)


def test_momentum_grows_to_a_tenfold_step_along_a_steady_gradient():
    steps = steps_along(Momentum(0.1, 0.9), [1.0] * 300)
    assert -steps[0] == pytest.approx(0.1)
    assert -steps[-1] == pytest.approx(0.1 / (1 - 0.9))


def test_the_effective_rate_of_adagrad_only_falls():
    """It is lr/√h; at a steady gradient of 1 that is lr/√n."""
    steps = -steps_along(AdaGrad(0.5, eps=0), [1.0] * 50)
    np.testing.assert_allclose(steps, 0.5 / np.sqrt(np.arange(1, 51)), rtol=1e-12)


@pytest.mark.parametrize(("decay", "half_life"), [(0.9, 6.6), (0.99, 69)])
def test_rmsprop_forgets_half_of_a_square_in_its_half_life(decay, half_life):
    assert log(2) / -log(decay) == pytest.approx(half_life, rel=0.005)
    optimizer, params = RMSProp(0.01, decay), {"x": 0.0}
    optimizer.update(params, {"x": 5.0})
    assert optimizer.h["x"] == pytest.approx(25 * (1 - decay))
    for _ in range(round(half_life)):
        optimizer.update(params, {"x": 0.0})
    assert optimizer.h["x"] == pytest.approx(25 * (1 - decay) / 2, rel=0.05)


def test_rmsprop_at_a_constant_lr_ends_in_a_cycle():
    path = walk(RMSProp(0.1), Ravine(20), (-7.0, 2.0), 3000)
    np.testing.assert_allclose(abs(path[-10:]), 0.05, rtol=0.01)
    assert np.all(path[-10:-1] * path[-9:] < 0)


# Every method on every surface


SURFACES = [Ravine(), Saddle(), Rosenbrock(), Beale()]


@each_method
def test_every_method_descends_every_surface(method):
    for surface, (lr, height) in zip(SURFACES, METHODS[method].heights, strict=True):
        end = surface(*walk(method(lr), surface, surface.start, 500)[-1]) - surface.lowest
        assert end < height < surface(*surface.start) - surface.lowest, surface.name


# Defaults


@each_method
def test_defaults_are_the_articles(method):
    assert repr(method()) == METHODS[method].text
