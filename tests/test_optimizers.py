"""The update rules against PyTorch, closed forms, known surfaces and bad input."""

import copy
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import example, given
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
from course_utils.schedules import cosine, warm_up

METHODS = [SGD, Momentum, AdaGrad, RMSProp, Adam, Nesterov, AdamW]
WITH_STATE = METHODS[1:]
POSITIVE = [(method, "lr") for method in METHODS]
FRACTIONS = [
    (Momentum, "momentum"),
    (RMSProp, "decay_rate"),
    (Adam, "beta1"),
    (Adam, "beta2"),
    (Nesterov, "momentum"),
    (AdamW, "beta1"),
    (AdamW, "beta2"),
]
EPSILONS = [
    (AdaGrad, "eps"),
    (RMSProp, "eps"),
    (Adam, "eps"),
    (AdamW, "eps"),
    (AdamW, "weight_decay"),
]

each_method = pytest.mark.parametrize("method", METHODS)


def walk(optimizer, surface, start, steps):
    """Return the positions before the first of `steps` updates and after each."""
    params = dict(zip("xy", start, strict=True))
    path = [np.array(list(params.values()))]
    for _ in range(steps):
        optimizer.update(params, dict(zip("xy", surface.gradient(**params), strict=True)))
        path.append(np.array(list(params.values())))
    return np.array(path)


def steps_along(optimizer, gradients):
    """Return the sizes of the steps that a single parameter makes for given gradients."""
    params, places = {"x": 0.0}, [0.0]
    for g in gradients:
        optimizer.update(params, {"x": g})
        places.append(params["x"])
    return np.diff(places)


# PyTorch

# PyTorch counterparts and where the conventions differ:
#   SGD       the same.
#   Momentum  torch.optim.SGD(momentum=...). PyTorch keeps its buffer without the learning rate:
#             our v is −lr times that buffer, and the paths agree as long as lr is constant.
#   AdaGrad   the same, ε outside the root in both (our default is 1e-7, PyTorch's 1e-10).
#   RMSProp   the same, ε outside the root in both (1e-7, PyTorch 1e-8); decay_rate is `alpha`.
#   Adam      PyTorch divides by √v̂ + ε with v̂ = v/(1 − β2^t), we by √v + ε with the correction in
#             the learning rate. So PyTorch's ε = ours/√(1 − β2^t), set anew before each step.
#   Nesterov  torch.optim.SGD(nesterov=True), and the buffer as for Momentum.
#   AdamW     torch.optim.AdamW, ε as for Adam.


def pytorch_optimizer(torch, ours, tensors):
    match ours:
        case SGD():
            return torch.optim.SGD(tensors, lr=ours.lr)
        case Momentum():
            return torch.optim.SGD(tensors, lr=ours.lr, momentum=ours.momentum)
        case AdaGrad():
            return torch.optim.Adagrad(tensors, lr=ours.lr, eps=ours.eps)
        case RMSProp():
            return torch.optim.RMSprop(tensors, lr=ours.lr, alpha=ours.decay_rate, eps=ours.eps)
        case Nesterov():
            return torch.optim.SGD(tensors, lr=ours.lr, momentum=ours.momentum, nesterov=True)
        case AdamW():
            betas = (ours.beta1, ours.beta2)
            return torch.optim.AdamW(
                tensors, lr=ours.lr, betas=betas, weight_decay=ours.weight_decay
            )
        case Adam():
            return torch.optim.Adam(tensors, lr=ours.lr, betas=(ours.beta1, ours.beta2))


def pytorch_step(torch, ours, theirs, tensors, gradients, t):
    """Make PyTorch's step number t, from 1."""
    for key, tensor in tensors.items():
        tensor.grad = torch.as_tensor(np.array(gradients[key]))
    if isinstance(ours, Adam):
        theirs.param_groups[0]["eps"] = ours.eps / sqrt(1 - ours.beta2**t)
    theirs.step()


def expected_state(ours, memory):
    """Return PyTorch's memory of one parameter, in our terms."""
    match ours:
        case Momentum() | Nesterov():
            return {"v": -ours.lr * memory["momentum_buffer"].numpy()}
        case AdaGrad():
            return {"h": memory["sum"].numpy()}
        case RMSProp():
            return {"h": memory["square_avg"].numpy()}
        case Adam():
            return {"m": memory["exp_avg"].numpy(), "v": memory["exp_avg_sq"].numpy()}
    return {}


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


@pytest.mark.parametrize("problem", [ravine_problem, quadratic_problem, network_problem])
@pytest.mark.parametrize(
    "ours",
    [
        SGD(0.1),
        SGD(0.95),
        Momentum(0.1),
        Momentum(0.05, 0.5),
        AdaGrad(0.5),
        AdaGrad(0.5, eps=0.1),
        RMSProp(0.05),
        RMSProp(0.01, 0.9, eps=0.1),
        Adam(0.1),
        Adam(0.01, 0.8, 0.9, eps=0.1),
        Nesterov(0.1),
        Nesterov(0.05, 0.5),
        AdamW(0.1),
        AdamW(0.01, 0.8, 0.9, weight_decay=0.5, eps=0.1),
    ],
    ids=repr,
)
def test_a_hundred_steps_agree_with_pytorch(torch, ours, problem):
    ours = copy.deepcopy(ours)
    params, gradient = problem()
    tensors = {key: torch.tensor(p.copy(), requires_grad=True) for key, p in params.items()}
    theirs = pytorch_optimizer(torch, ours, list(tensors.values()))
    begin = copy.deepcopy(params)
    for t in range(1, 101):
        there = {key: tensor.detach().numpy() for key, tensor in tensors.items()}
        pytorch_step(torch, ours, theirs, tensors, gradient(there), t)
        ours.update(params, gradient(params))
        for key, p in params.items():
            assert p.dtype == tensors[key].detach().numpy().dtype == np.float64
            np.testing.assert_allclose(p, tensors[key].detach().numpy(), rtol=0, atol=1e-12)
            for name, memory in expected_state(ours, theirs.state[tensors[key]]).items():
                np.testing.assert_allclose(getattr(ours, name)[key], memory, rtol=0, atol=1e-11)
    assert all(np.abs(params[key] - begin[key]).max() > 0.01 for key in params)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "ours",
    [
        SGD(0.5),
        AdaGrad(0.5),
        RMSProp(0.05),
        Adam(0.1),
        AdamW(0.1),
        AdamW(0.05, 0.8, 0.9, weight_decay=0.3, eps=0.1),
    ],
    ids=repr,
)
def test_under_a_schedule_methods_without_velocity_agree_with_pytorch(torch, ours, dtype):
    ours = copy.deepcopy(ours)
    params, gradient = quadratic_problem()
    params = {"p": params["p"].astype(dtype)}
    tensors = {"p": torch.tensor(params["p"].copy(), requires_grad=True)}
    theirs = pytorch_optimizer(torch, ours, list(tensors.values()))
    full_lr, schedule = ours.lr, warm_up(10, cosine(80))
    for t in range(1, 101):
        ours.lr = theirs.param_groups[0]["lr"] = full_lr * schedule(t)
        grads = {"p": gradient(params)["p"].astype(dtype)}
        pytorch_step(torch, ours, theirs, tensors, grads, t)
        ours.update(params, grads)
        expected = tensors["p"].detach().numpy()
        assert params["p"].dtype == expected.dtype == dtype
        atol = 1e-12 if dtype is np.float64 else 1e-5
        np.testing.assert_allclose(params["p"], expected, rtol=0, atol=atol)


def test_momentum_parts_from_pytorch_when_lr_changes(torch):
    """Ours keeps the old lr inside v, PyTorch applies the new one to the whole velocity."""
    params, gradient = ravine_problem()
    ours = Momentum(0.1)
    tensors = {key: torch.tensor(p.copy(), requires_grad=True) for key, p in params.items()}
    theirs = pytorch_optimizer(torch, ours, list(tensors.values()))
    for t in range(1, 11):
        pytorch_step(torch, ours, theirs, tensors, gradient(params), t)
        ours.update(params, gradient(params))
    velocity = copy.deepcopy(ours.v)
    ours.lr = theirs.param_groups[0]["lr"] = 0.02
    grads = gradient(params)
    pytorch_step(torch, ours, theirs, tensors, grads, 11)
    ours.update(params, grads)
    for key in params:
        apart = params[key] - tensors[key].detach().numpy()
        kept = ours.momentum * velocity[key]
        np.testing.assert_allclose(apart, kept - 0.02 / 0.1 * kept, rtol=1e-12)
        assert abs(apart) > 0.1


def test_the_averaged_form_of_momentum_is_ours_with_a_smaller_lr():
    beta, lr, surface = 0.9, 0.5, Ravine(20)
    path = walk(Momentum(lr * (1 - beta), beta), surface, (-7.0, 2.0), 50)
    place, average = np.array([-7.0, 2.0]), np.zeros(2)
    for expected in path[1:]:
        average = beta * average + (1 - beta) * np.array(surface.gradient(*place))
        place = place - lr * average
        np.testing.assert_allclose(place, expected, rtol=0, atol=1e-12)


# Kinds of parameters


@each_method
def test_float32_stays_float32_and_the_array_is_changed_in_place(method):
    rng = np.random.default_rng(0)
    start = {"W": rng.standard_normal((3, 4)), "b": rng.standard_normal(4)}
    params = {key: p.astype(np.float32) for key, p in start.items()}
    arrays, small, exact = dict(params), method(0.01), method(0.01)
    for _ in range(20):
        exact.update(start, {key: 3 * p for key, p in start.items()})
        grads = {key: 3 * p for key, p in params.items()}
        sent = copy.deepcopy(grads)
        small.update(params, grads)
        assert all(np.array_equal(grads[key], sent[key]) for key in grads)
    for key, p in params.items():
        assert p is arrays[key]
        assert p.dtype == np.float32
        np.testing.assert_allclose(p, start[key], rtol=1e-4, atol=1e-5)
        assert all(getattr(small, name)[key].dtype == np.float32 for name in small.state)


@each_method
@pytest.mark.parametrize("settings", ["numbers", "arrays"])
@pytest.mark.parametrize("gradient_type", [np.float16, np.float32, np.float64, np.int64])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_parameter_decides_the_dtype(method, dtype, gradient_type, settings):
    optimizer = method(0.01 if settings == "numbers" else np.full(3, 0.01))
    params = {"p": np.ones(3, dtype)}
    optimizer.update(params, {"p": np.array([1, -2, 3], gradient_type)})
    assert params["p"].dtype == dtype
    assert np.all(np.sign(1 - params["p"]) == [1, -1, 1])
    assert all(getattr(optimizer, name)["p"].dtype == dtype for name in optimizer.state)


@each_method
@pytest.mark.parametrize(
    "g", [np.int8(100), np.uint8(200), 4_000_000_000, np.int64(2**62)], ids=repr
)
def test_an_integer_gradient_counts_as_the_float_of_its_value(method, g):
    as_integer, as_float = {"p": 1.0}, {"p": 1.0}
    first, second = method(), method()
    for _ in range(2):
        first.update(as_integer, {"p": g})
        second.update(as_float, {"p": float(g)})
    assert as_integer == as_float


@each_method
def test_a_short_float_gradient_does_not_overflow_a_wider_parameter(method):
    narrow, wide = {"p": np.ones(1, np.float32)}, {"p": np.ones(1, np.float32)}
    method().update(narrow, {"p": np.array([300], np.float16)})
    method().update(wide, {"p": np.array([300], np.float32)})
    assert np.array_equal(narrow["p"], wide["p"])


@each_method
@pytest.mark.parametrize(
    "number", [1.0, np.float32(1), np.float64(1), np.float16(1)], ids=lambda n: type(n).__name__
)
def test_numbers_stay_numbers_of_their_type(method, number):
    params, array = {"x": number}, {"x": np.array([number])}
    one, other = method(), method()
    for _ in range(3):
        one.update(params, {"x": 2.0})
        other.update(array, {"x": np.array([2.0])})
    assert type(params["x"]) is type(number)
    assert params["x"] == array["x"][0] != 1


@each_method
def test_an_array_without_dimensions_stays_the_same_array(method):
    array = np.array(1.0)
    params = {"x": array}
    method(0.5).update(params, {"x": 2.0})
    assert params["x"] is array
    assert array != 1


LAYOUTS = {
    "every other column": lambda shape: np.ones((shape[0], 2 * shape[1]))[:, ::2],
    "Fortran order": lambda shape: np.ones(shape, order="F"),
    "transposed": lambda shape: np.ones(shape[::-1]).T,
    "reversed": lambda shape: np.ones(shape)[::-1],
}


@each_method
@pytest.mark.parametrize("shape", [(5, 7), (300, 400)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_in_memory_does_not_matter(method, layout, shape):
    """The larger shape is the one that `update` cuts in pieces where the layout allows it."""
    rng = np.random.default_rng(0)
    view, plain = LAYOUTS[layout](shape), np.ones(shape)
    params, first, second = {"p": view}, method(0.1), method(0.1)
    for _ in range(3):
        g = rng.standard_normal(shape)
        first.update(params, {"p": g})
        second.update({"p": plain}, {"p": np.asfortranarray(g)})
    assert params["p"] is view
    assert np.array_equal(view, plain)


@each_method
def test_only_the_viewed_part_of_an_array_changes(method):
    whole = np.ones((3, 6))
    method(0.1).update({"p": whole[:, ::2]}, {"p": np.ones((3, 3))})
    assert np.all(whole[:, ::2] != 1)
    assert np.all(whole[:, 1::2] == 1)


@each_method
@pytest.mark.parametrize("size", [19_999, 20_000, 20_001, 40_000, 50_003])
def test_large_arrays_are_treated_like_small_ones(method, size):
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal(size), rng.standard_normal((3, size))
    whole, cut, first, second = {"p": start.copy()}, {}, method(0.1), method(0.1)
    cut = {i: part.copy() for i, part in enumerate(np.array_split(start, 7))}
    for g in gradients:
        first.update(whole, {"p": g})
        second.update(cut, dict(enumerate(np.array_split(g, 7))))
    assert np.array_equal(whole["p"], np.concatenate(list(cut.values())))
    for name in first.state:
        joined = np.concatenate(list(getattr(second, name).values()))
        assert np.array_equal(getattr(first, name)["p"], joined)


@each_method
def test_a_gradient_may_be_the_parameter_itself(method):
    """As for f(x) = x²/2, whose gradient is x."""
    shared, apart = np.linspace(-1, 1, 5), np.linspace(-1, 1, 5)
    first, second = method(0.1), method(0.1)
    for _ in range(3):
        first.update({"p": shared}, {"p": shared})
        second.update({"p": apart}, {"p": apart.copy()})
    assert np.array_equal(shared, apart)


def test_nothing_is_a_set_of_parameters_too():
    params = {}
    Adam().update(params, {})
    empty = {"p": np.empty((0, 3))}
    Adam().update(empty, {"p": np.empty((0, 3))})
    assert params == {}
    assert empty["p"].shape == (0, 3)


# Arrays of hyperparameters

GRIDS = {
    SGD: {"lr": [0.01, 0.3, 0.95, 1.2]},
    Momentum: {"lr": [0.01, 0.1, 1.0], "momentum": [0.0, 0.5, 0.9, 0.999]},
    AdaGrad: {"lr": [0.1, 1.5], "eps": [0.0, 1e-7, 0.1]},
    RMSProp: {"lr": [0.01, 0.1], "decay_rate": [0.0, 0.9, 0.99], "eps": [1e-7, 0.1]},
    Adam: {"lr": [0.01, 0.3], "beta1": [0.0, 0.9], "beta2": [0.0, 0.9, 0.999], "eps": [1e-7, 0.1]},
    Nesterov: {"lr": [0.01, 0.1, 0.5], "momentum": [0.0, 0.5, 0.9]},
    AdamW: {"lr": [0.01, 0.3], "beta2": [0.9, 0.999], "weight_decay": [0.0, 0.1, 1.0]},
}


@each_method
def test_a_grid_equals_a_loop_over_its_settings(method):
    grid = dict(
        zip(GRIDS[method], np.meshgrid(*GRIDS[method].values(), indexing="ij"), strict=True)
    )
    shape = grid["lr"].shape
    at_once = walk(method(**grid), Ravine(20), (np.full(shape, -7.0), np.full(shape, 2.0)), 60)
    for i in np.ndindex(shape):
        settings = {name: float(values[i]) for name, values in grid.items()}
        alone = walk(method(**settings), Ravine(20), (-7.0, 2.0), 60)
        if issubclass(method, Adam):  # powers of arrays and of floats may differ in the last digit
            np.testing.assert_allclose(at_once[:, :, *i], alone, rtol=1e-9, atol=1e-12)
        else:
            assert np.array_equal(at_once[:, :, *i], alone), settings


def test_hyperparameters_broadcast_against_each_other_and_the_parameters():
    lr, momentum = np.array([[0.01], [0.1]]), np.array([0.0, 0.5, 0.9])
    start = np.full((2, 3), -7.0), np.full((2, 3), 2.0)
    path = walk(Momentum(lr, momentum), Ravine(20), start, 9)
    alone = walk(Momentum(0.1, 0.5), Ravine(20), (-7.0, 2.0), 9)
    assert np.array_equal(path[:, :, 1, 1], alone)


def test_a_large_array_with_a_grid_is_not_cut_wrongly():
    lr = np.linspace(0.01, 1, 30_000)
    params = {"p": np.ones(30_000)}
    SGD(lr).update(params, {"p": np.ones(30_000)})
    assert np.array_equal(params["p"], 1 - lr)


def test_a_hyperparameter_array_is_copied_and_read_only():
    lr = np.array([0.1, 0.2])
    optimizer = SGD(lr)
    lr[0] = -1
    assert optimizer.lr.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        optimizer.lr[0] = -1


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


@pytest.mark.parametrize("method", [AdaGrad, RMSProp, Adam])
def test_adaptive_paths_do_not_see_the_curvature_along_the_axes(method):
    paths = [walk(method(0.3, eps=0), Ravine(k), (-7.0, 2.0), 50) for k in (20, 200_000)]
    np.testing.assert_allclose(*paths, rtol=0, atol=1e-9)


def test_a_turned_valley_slows_adagrad_but_not_sgd():
    straight, turned = Ravine(200), Ravine(200, rotation=45)
    ends = {
        (optimizer, surface): surface(*walk(optimizer(lr), surface, surface.start, 100)[-1])
        for optimizer, lr in [(AdaGrad, 1.5), (SGD, 0.95)]
        for surface in (straight, turned)
    }
    assert ends[AdaGrad, straight] == pytest.approx(1.8e-12, rel=0.05)
    assert ends[AdaGrad, turned] == pytest.approx(8.6e-2, rel=0.05)
    assert ends[SGD, turned] == pytest.approx(ends[SGD, straight], rel=1e-9)


# Optimizers crossed with surfaces: learning rate, and the height above the lowest point that has
# to be reached within 500 steps from the surface's start.
RACES = {
    (SGD, Ravine): (0.95, 1e-12),
    (SGD, Saddle): (0.5, 1e-12),
    (SGD, Rosenbrock): (0.002, 0.5),
    (SGD, Beale): (0.01, 1e-2),
    (Momentum, Ravine): (0.1, 1e-12),
    (Momentum, Saddle): (0.1, 1e-12),
    (Momentum, Rosenbrock): (0.001, 1e-2),
    (Momentum, Beale): (0.01, 1e-3),
    (AdaGrad, Ravine): (1.5, 1e-12),
    (AdaGrad, Saddle): (0.5, 1e-12),
    (AdaGrad, Rosenbrock): (0.5, 1.0),
    (AdaGrad, Beale): (0.5, 1e-2),
    (RMSProp, Ravine): (0.1, 1e-3),
    (RMSProp, Saddle): (0.01, 1e-3),
    (RMSProp, Rosenbrock): (0.02, 0.2),
    (RMSProp, Beale): (0.01, 1e-2),
    (Adam, Ravine): (0.3, 1e-12),
    (Adam, Saddle): (0.1, 1e-12),
    (Adam, Rosenbrock): (0.2, 1e-2),
    (Adam, Beale): (0.1, 1e-3),
    (Nesterov, Ravine): (0.1, 1e-12),
    (Nesterov, Saddle): (0.1, 1e-12),
    (Nesterov, Rosenbrock): (0.001, 1e-2),
    (Nesterov, Beale): (0.01, 1e-3),
    (AdamW, Ravine): (0.3, 1e-12),
    (AdamW, Saddle): (0.1, 1e-2),
    (AdamW, Rosenbrock): (0.2, 0.1),
    (AdamW, Beale): (0.1, 0.1),
}


@pytest.mark.parametrize(
    ("method", "kind"), RACES, ids=lambda value: value.__name__ if isinstance(value, type) else None
)
def test_every_method_descends_every_surface(method, kind):
    lr, height = RACES[method, kind]
    surface = kind()
    end = walk(method(lr), surface, surface.start, 500)[-1]
    assert surface(*end) - surface.lowest < height < surface(*surface.start) - surface.lowest


# Defaults and state


def test_defaults_are_the_articles():
    assert [repr(method()) for method in METHODS] == [
        "SGD(lr=0.01)",
        "Momentum(lr=0.01, momentum=0.9)",
        "AdaGrad(lr=0.01, eps=1e-07)",
        "RMSProp(lr=0.01, decay_rate=0.99, eps=1e-07)",
        "Adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-07)",
        "Nesterov(lr=0.01, momentum=0.9)",
        "AdamW(lr=0.001, beta1=0.9, beta2=0.999, weight_decay=0.01, eps=1e-07)",
    ]


def snapshot(optimizer, params):
    """Return all that an update may change, down to the bits."""

    def bits(value):
        return type(value), np.asarray(value).dtype.str, np.asarray(value).tobytes(), id(value)

    memory = {name: getattr(optimizer, name) for name in optimizer.state}
    return (
        optimizer.iter,
        repr(optimizer),
        {name: d and {key: bits(a) for key, a in d.items()} for name, d in memory.items()},
        {key: bits(p) for key, p in params.items()},
    )


@each_method
def test_state_is_none_then_an_array_per_parameter(method):
    optimizer = method()
    assert optimizer.iter == 0
    assert all(getattr(optimizer, name) is None for name in optimizer.state)
    params = {"W": np.ones((2, 3), np.float32), "x": 1.0}
    for n in (1, 2, 3):
        optimizer.update(params, {"W": np.ones((2, 3)), "x": 1.0})
        assert optimizer.iter == n
    for name in optimizer.state:
        memory = getattr(optimizer, name)
        assert memory.keys() == params.keys()
        assert (memory["W"].shape, memory["W"].dtype) == ((2, 3), np.float32)
        assert (memory["x"].shape, memory["x"].dtype) == ((), np.float64)


def test_state_has_the_articles_symbols():
    assert [method.state for method in METHODS[:5]] == [(), ("v",), ("h",), ("h",), ("m", "v")]
    assert (Nesterov.state, AdamW.state) == (Momentum.state, Adam.state)


@each_method
def test_reset_starts_afresh(method):
    optimizer = method(0.1)
    first = walk(optimizer, Ravine(20), (-7.0, 2.0), 20)
    continued = walk(optimizer, Ravine(20), (-7.0, 2.0), 20)
    optimizer.reset()
    assert optimizer.iter == 0
    assert all(getattr(optimizer, name) is None for name in optimizer.state)
    assert np.array_equal(walk(optimizer, Ravine(20), (-7.0, 2.0), 20), first)
    assert np.array_equal(continued, first) == (method is SGD)


@pytest.mark.parametrize("method", WITH_STATE)
def test_reset_allows_other_parameters(method):
    optimizer = method()
    optimizer.update({"x": 1.0}, {"x": 1.0})
    optimizer.reset()
    optimizer.update({"other": np.ones(3)}, {"other": np.ones(3)})
    assert getattr(optimizer, optimizer.state[0]).keys() == {"other"}


@each_method
def test_two_optimizers_share_nothing(method):
    one, other = method(0.1), method(0.1)
    expected = walk(one, Ravine(20), (-7.0, 2.0), 5)
    assert np.array_equal(walk(other, Ravine(20), (-7.0, 2.0), 5), expected)


# Bad hyperparameters

WRONG_TYPES = [True, np.True_, "0.1", b"0.1", 1j, None, {}, [None], ["0.1"], np.array([True])]


@pytest.mark.parametrize(("method", "name"), POSITIVE + FRACTIONS + EPSILONS)
@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=repr)
def test_a_hyperparameter_that_is_no_number_is_refused(method, name, wrong):
    with pytest.raises(TypeError, match=rf"^{name} must be a number"):
        method(**{name: wrong})


def assert_refused(method, name, wrong, says):
    optimizer = method()
    before = snapshot(optimizer, {})
    with pytest.raises(ValueError, match=rf"^{name} must be {says}") as caught:
        method(**{name: wrong})
    assert repr(wrong) in str(caught.value)
    with pytest.raises(ValueError, match=rf"^{name} "):
        setattr(optimizer, name, np.array([0.5, wrong]))
    assert snapshot(optimizer, {}) == before


not_finite = st.sampled_from([float("nan"), float("inf"), float("-inf")])


@given(case=st.sampled_from(POSITIVE), wrong=st.floats(max_value=0) | not_finite)
@example((SGD, "lr"), 0)
@example((SGD, "lr"), -1)
@example((SGD, "lr"), -0.0)
def test_a_learning_rate_is_positive_and_finite(case, wrong):
    assert_refused(*case, wrong, "greater than 0 and finite")


@given(
    case=st.sampled_from(FRACTIONS),
    wrong=st.floats(min_value=1) | st.floats(max_value=0, exclude_max=True) | not_finite,
)
@example((Momentum, "momentum"), 1)
@example((Momentum, "momentum"), 1.0)
def test_momentum_decay_and_betas_are_below_one(case, wrong):
    if wrong == 0:  # −0.0 is as good as 0
        return
    assert_refused(*case, wrong, "at least 0 and less than 1")


@given(case=st.sampled_from(EPSILONS), wrong=st.floats(max_value=-5e-324) | not_finite)
def test_epsilon_is_at_least_zero(case, wrong):
    assert_refused(*case, wrong, "at least 0 and finite")


@pytest.mark.parametrize("value", [1, np.float32(0.5), np.int64(2), np.array(0.5), [0.1, 0.2]])
def test_numbers_of_all_kinds_are_good_learning_rates(value):
    optimizer = SGD(value)
    assert np.array_equal(optimizer.lr, np.asarray(value, dtype=float))


# Bad updates

GOOD = {"W": np.ones((2, 3)), "x": 1.0}


class Looks:
    """Stands for an object from elsewhere."""


def changed(**entries):
    return {**copy.deepcopy(GOOD), **entries}


def read_only():
    array = np.ones((2, 3))
    array.flags.writeable = False
    return array


# name: (params, grads, exception, what the message says)
BAD_UPDATES = {
    "no dict of gradients": (GOOD, [np.ones((2, 3)), 1.0], TypeError, "params and grads .*list"),
    "no dict of parameters": (1.0, GOOD, TypeError, "params and grads must be dicts .*float"),
    "missing gradient": (GOOD, {"W": np.ones((2, 3))}, ValueError, "grads must have the keys"),
    "extra gradient": (GOOD, changed(z=1.0), ValueError, r"grads must have the keys .*'z'"),
    "renamed gradient": (GOOD, {"W": np.ones((2, 3)), "X": 1.0}, ValueError, "grads .*'X'"),
    "misshapen gradient": (GOOD, changed(W=np.ones((3, 2))), ValueError, r"grads\['W'\].*\(3, 2\)"),
    "gradient that would broadcast": (GOOD, changed(W=1.0), ValueError, r"grads\['W'\].*\(2, 3\)"),
    "array for a number": (GOOD, changed(x=np.ones(1)), ValueError, r"grads\['x'\].*\(1,\)"),
    "complex gradient": (GOOD, changed(x=1j), TypeError, r"grads\['x'\].*complex"),
    "bool gradient": (GOOD, changed(x=True), TypeError, r"grads\['x'\].*bool"),
    "no gradient": (GOOD, changed(x=None), TypeError, r"grads\['x'\]"),
    "string gradient": (GOOD, changed(x="1"), TypeError, r"grads\['x'\]"),
    "object gradient": (GOOD, changed(x=Looks()), TypeError, r"grads\['x'\]"),
    "gradient of objects": (GOOD, changed(W=np.full((2, 3), None)), TypeError, r"grads\['W'\]"),
    "integer parameter": (changed(x=1), GOOD, TypeError, r"params\['x'\].*int"),
    "integer array": (changed(W=np.ones((2, 3), int)), GOOD, TypeError, r"params\['W'\].*int"),
    "bool parameter": (changed(x=True), GOOD, TypeError, r"params\['x'\].*bool"),
    "complex parameter": (changed(x=1j), GOOD, TypeError, r"params\['x'\].*complex"),
    "list parameter": (changed(W=[[1.0] * 3] * 2), GOOD, TypeError, r"params\['W'\].*list"),
    "no parameter": (changed(x=None), GOOD, TypeError, r"params\['x'\].*None"),
    "read-only parameter": (changed(W=read_only()), GOOD, ValueError, r"params\['W'\].*read-only"),
}


@each_method
@pytest.mark.parametrize("earlier", [0, 3])
@pytest.mark.parametrize("case", BAD_UPDATES)
def test_a_refused_update_changes_nothing(method, earlier, case):
    params, grads, error, says = BAD_UPDATES[case]
    optimizer = method()
    run = {"W": np.full((2, 3), 2.0), "x": 2.0}
    for _ in range(earlier):
        optimizer.update(run, GOOD)
    watched = params if isinstance(params, dict) else {"x": params}
    before = snapshot(optimizer, watched)
    with pytest.raises(error, match=says):
        optimizer.update(params, grads)
    assert snapshot(optimizer, watched) == before
    reference = method()
    expected = {"W": np.full((2, 3), 2.0), "x": 2.0}
    for _ in range(earlier + 1):
        reference.update(expected, GOOD)
    optimizer.update(run, GOOD)
    assert np.array_equal(run["W"], expected["W"])
    assert run["x"] == expected["x"]


@pytest.mark.parametrize("method", WITH_STATE)
@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"W": np.ones((2, 3)), "y": 1.0}, r"params must have the keys .*'x'.*'y'.*reset\(\)"),
        ({"W": np.ones((2, 3))}, r"params must have the keys .*reset\(\)"),
        ({"W": np.ones((3, 2)), "x": 1.0}, r"params\['W'\] had the shape \(2, 3\).*\(3, 2\)"),
        ({"W": np.ones((2, 3)), "x": np.ones(1)}, r"params\['x'\] had the shape \(\).*\(1,\)"),
    ],
)
def test_other_parameters_in_the_middle_of_a_run_are_refused(method, entries, says):
    optimizer, entries = method(), copy.deepcopy(entries)
    optimizer.update(copy.deepcopy(GOOD), GOOD)
    before = snapshot(optimizer, entries)
    with pytest.raises(ValueError, match=says):
        optimizer.update(entries, copy.deepcopy(entries))
    assert snapshot(optimizer, entries) == before


@pytest.mark.parametrize(
    ("method", "name"),
    [
        (SGD, "lr"),
        (Momentum, "momentum"),
        (AdaGrad, "eps"),
        (Adam, "beta2"),
        (Nesterov, "momentum"),
        (AdamW, "weight_decay"),
    ],
)
@pytest.mark.parametrize("shape", [(4,), (3, 2), (1, 2, 3)])
def test_a_hyperparameter_array_that_does_not_fit_is_refused(method, name, shape):
    optimizer = method(**{name: np.full(shape, 0.5)})
    params = {"a": np.ones(shape), "W": np.ones((2, 3))}
    before = snapshot(optimizer, params)
    with pytest.raises(ValueError, match=r"params\['W'\]") as caught:
        optimizer.update(params, {"a": np.ones(shape), "W": np.ones((2, 3))})
    assert str(shape) in str(caught.value)
    assert snapshot(optimizer, params) == before


@given(
    p=st.floats(width=64),
    g=st.floats(width=64),
    lr=st.floats(1e-300, 1e300),
    case=st.sampled_from(METHODS),
)
@example(1.0, 1e200, 0.1, AdaGrad)
@example(1.0, 1e300, 1e300, SGD)
@example(1.0, 0.0, 1e300, RMSProp)
@example(float("inf"), float("nan"), 1.0, Adam)
def test_no_number_makes_an_update_warn_or_fail(p, g, lr, case):
    params, optimizer = {"p": p, "a": np.full(3, p)}, case(lr)
    for _ in range(3):
        optimizer.update(params, {"p": g, "a": np.full(3, g)})
    assert optimizer.iter == 3


@pytest.mark.parametrize("method", [AdaGrad, RMSProp, Adam, AdamW])
def test_a_zero_gradient_without_epsilon_gives_nan_and_no_warning(method):
    params = {"p": np.ones(2, np.float32)}
    method(eps=0).update(params, {"p": np.array([0.0, 1.0])})
    assert np.isnan(params["p"]).tolist() == [True, False]
