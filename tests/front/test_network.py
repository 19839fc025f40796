"""The network against finite differences, PyTorch's autograd and arithmetic by hand."""

from math import exp, log

import numpy as np
import pytest

from course_utils import MyTwoLayerNet
from course_utils.network import softmax_cross_entropy


def small_problem(seed, n=15):
    """Return a small network in float64 and a batch, with no unit near its kink at 0."""
    net = MyTwoLayerNet(5, 6, 4, rng=seed)
    rng = np.random.default_rng(seed)
    net.params = {key: p + rng.normal(0, 0.1, p.shape) for key, p in net.params.items()}
    x, t = rng.standard_normal((n, 5)), rng.integers(4, size=n)
    before_relu = x @ net.params["W1"] + net.params["b1"]
    assert abs(before_relu).min() > 1e-3
    assert (before_relu > 0).any(axis=0).all()
    assert (before_relu < 0).any()
    return net, x, t


def relative_error(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


# Gradients


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_backpropagation_agrees_with_finite_differences(seed):
    net, x, t = small_problem(seed)
    gradient, numerical = net.gradient(x, t), net.numerical_gradient(x, t)
    assert gradient.keys() == numerical.keys() == net.params.keys()
    for key in gradient:
        assert relative_error(gradient[key], numerical[key]) < 1e-7
        assert gradient[key].shape == numerical[key].shape == net.params[key].shape


def test_numerical_gradient_is_right_for_a_float32_network_too():
    net, x, t = small_problem(1)
    net.params = {key: p.astype(np.float32) for key, p in net.params.items()}
    kept = {key: p.copy() for key, p in net.params.items()}
    gradient, numerical = net.gradient(x, t), net.numerical_gradient(x, t)
    for key in gradient:
        assert relative_error(gradient[key], numerical[key]) < 1e-5
        assert net.params[key].dtype == np.float32
        assert np.array_equal(net.params[key], kept[key])


@pytest.mark.parametrize("sizes", [(5, 6, 4), (784, 100, 10)])
def test_loss_and_backpropagation_agree_with_autograd(sizes):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    net = MyTwoLayerNet(*sizes, rng=1)
    rng = np.random.default_rng(1)
    x, t = rng.standard_normal((16, sizes[0])), rng.integers(sizes[2], size=16)
    net.params = {key: p + rng.normal(0, 0.01, p.shape) for key, p in net.params.items()}

    p = {key: torch.tensor(value, requires_grad=True) for key, value in net.params.items()}
    hidden = torch.relu(torch.tensor(x) @ p["W1"] + p["b1"])
    scores = hidden @ p["W2"] + p["b2"]
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor(t))
    loss.backward()

    np.testing.assert_allclose(net.predict(x), scores.detach().numpy(), rtol=1e-10, atol=1e-12)
    assert net.loss(x, t) == pytest.approx(loss.item(), rel=1e-10)
    for key, gradient in net.gradient(x, t).items():
        assert relative_error(gradient, p[key].grad.numpy()) < 1e-10


def test_loss_and_gradient_are_those_of_the_two_methods():
    net, x, t = small_problem(1)
    loss, gradient = net.loss_and_gradient(x, t)
    assert loss == net.loss(x, t)
    for key, expected in net.gradient(x, t).items():
        assert np.array_equal(gradient[key], expected)


def test_float32_is_kept():
    net = MyTwoLayerNet(5, 6, 4, rng=0)
    x, t = np.ones((3, 5), np.float32), np.array([0, 1, 3], np.uint8)
    assert net.predict(x).dtype == np.float32
    assert {g.dtype for g in net.gradient(x, t).values()} == {np.dtype(np.float32)}
    assert type(net.loss(x, t)) is type(net.accuracy(x, t)) is float


def test_asking_changes_nothing():
    net, x, t = small_problem(1)
    kept = {key: p.copy() for key, p in net.params.items()}
    x_kept, t_kept = x.copy(), t.copy()
    for ask in (net.loss, net.accuracy, net.gradient, net.numerical_gradient):
        ask(x, t)
    net.predict(x)
    assert np.array_equal(x, x_kept)
    assert np.array_equal(t, t_kept)
    assert all(np.array_equal(net.params[key], kept[key]) for key in kept)


def test_the_gradient_is_the_mean_over_the_examples():
    net, x, t = small_problem(1)
    alone = [net.gradient(x[i : i + 1], t[i : i + 1]) for i in range(len(x))]
    for key, gradient in net.gradient(x, t).items():
        np.testing.assert_allclose(gradient, np.mean([g[key] for g in alone], axis=0), atol=1e-12)


def test_a_unit_at_zero_passes_no_gradient():
    net = MyTwoLayerNet(2, 3, 2, rng=0)
    gradient = net.gradient(np.zeros((1, 2), np.float32), np.array([0]))
    assert not gradient["W1"].any()
    assert not gradient["b1"].any()
    assert gradient["b2"].tolist() == [-0.5, 0.5]


# Loss and accuracy


def hand_made():
    """One input, two units, two classes: scores are (relu(x), relu(−x))."""
    net = MyTwoLayerNet(1, 2, 2)
    net.params["W1"] = np.array([[1.0, -1.0]])
    net.params["W2"] = np.eye(2)
    return net, np.array([[1.0], [2.0], [-3.0], [0.0]])


def test_scores_loss_and_accuracy_by_hand():
    net, x = hand_made()
    assert net.predict(x).tolist() == [[1, 0], [2, 0], [0, 3], [0, 0]]
    assert net.loss(x[:1], [0]) == pytest.approx(-log(exp(1) / (exp(1) + 1)))
    assert net.loss(x[:1], [1]) == pytest.approx(-log(1 / (exp(1) + 1)))
    both = net.loss(x[:2], [0, 1])
    assert both == pytest.approx((net.loss(x[:1], [0]) + net.loss(x[1:2], [1])) / 2)
    assert net.accuracy(x[:3], [0, 0, 1]) == 1
    assert net.accuracy(x[:3], [1, 1, 0]) == 0
    assert net.accuracy(x[:3], [0, 1, 1]) == pytest.approx(2 / 3)


@pytest.mark.parametrize("classes", [2, 10])
def test_an_even_guess_costs_the_logarithm_of_the_classes(classes):
    net = MyTwoLayerNet(3, 4, classes, rng=0)
    net.params["W2"][:] = 0
    t = np.arange(classes)
    assert net.loss(np.ones((classes, 3)), t) == pytest.approx(log(classes), rel=1e-6)


@pytest.mark.parametrize("size", [1e4, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_scores_are_no_problem(size, dtype):
    scores = np.array([[size, -size, 0], [size, size, -size]], dtype)
    right, d_right = softmax_cross_entropy(scores, np.array([0, 1]))
    assert right == pytest.approx(log(2) / 2)
    np.testing.assert_allclose(d_right, [[0, 0, 0], [0.25, -0.25, 0]], atol=1e-7)
    wrong, d_wrong = softmax_cross_entropy(scores, np.array([1, 2]))
    assert wrong == pytest.approx((2 * size + 2 * size + log(2)) / 2, rel=1e-6)
    np.testing.assert_allclose(d_wrong, [[0.5, -0.5, 0], [0.25, 0.25, -0.5]], atol=1e-7)
    assert d_wrong.dtype == dtype


def test_large_scores_are_no_problem_for_the_network():
    net, x = hand_made()
    for size in (1e4, 1e30):
        assert net.loss(x[:3] * size, [0, 0, 1]) == 0
        assert net.loss(x[:1] * size, [1]) == pytest.approx(size)
        assert not any(g.any() for g in net.gradient(x[:3] * size, [0, 0, 1]).values())


def test_a_shift_of_all_scores_changes_nothing():
    scores = np.random.default_rng(0).standard_normal((5, 4))
    t = np.array([0, 1, 2, 3, 0])
    loss, d_scores = softmax_cross_entropy(scores, t)
    kept = scores.copy()
    for shift in (-700, 700):
        moved, d_moved = softmax_cross_entropy(scores + shift, t)
        assert moved == pytest.approx(loss)
        np.testing.assert_allclose(d_moved, d_scores, atol=1e-12)
    assert np.array_equal(scores, kept)
    np.testing.assert_allclose(d_scores.sum(axis=1), 0, atol=1e-15)


@pytest.mark.parametrize("value", [np.inf, np.nan, 1e38])
def test_overflowing_weights_give_no_warning(value):
    net = MyTwoLayerNet(3, 4, 2, rng=0)
    net.params["W1"][:] = value
    net.params["W2"][:] = -value
    x, t = np.full((2, 3), 10, np.float32), np.array([0, 1])
    assert not np.isfinite(net.loss(x, t))
    assert not np.isfinite(net.gradient(x, t)["W2"]).all()
    assert 0 <= net.accuracy(x, t) <= 1


# Initial weights


def test_the_articles_network_has_79510_numbers():
    net = MyTwoLayerNet(input_size=784, hidden_size_1=100, output_size=10)
    assert {key: p.shape for key, p in net.params.items()} == {
        "W1": (784, 100),
        "b1": (100,),
        "W2": (100, 10),
        "b2": (10,),
    }
    assert {p.dtype for p in net.params.values()} == {np.dtype(np.float32)}
    assert sum(p.size for p in net.params.values()) == 79_510


def test_weights_are_normal_with_variance_two_over_inputs_and_biases_zero():
    p = MyTwoLayerNet(784, 400, 100, rng=0).params
    for key, inputs in [("W1", 784), ("W2", 400)]:
        scaled = p[key].astype(float).ravel() / (2 / inputs) ** 0.5
        tolerance = 4 / len(scaled) ** 0.5  # four standard errors
        assert abs(scaled.mean()) < tolerance
        assert abs(scaled.var() - 1) < tolerance * 2**0.5
        assert abs((abs(scaled) < 1).mean() - 0.6827) < tolerance / 2
    assert not p["b1"].any()
    assert not p["b2"].any()


def test_the_signal_keeps_its_size_through_the_first_layer():
    net = MyTwoLayerNet(784, 400, 10, rng=0)
    x = np.random.default_rng(0).standard_normal((500, 784))
    hidden = np.maximum(x @ net.params["W1"], 0)
    assert np.mean(hidden**2) == pytest.approx(1, abs=0.05)


def test_the_same_seed_gives_the_same_weights():
    first, same, other = (MyTwoLayerNet(4, 5, 3, rng=seed).params for seed in (7, 7, 8))
    from_generator = MyTwoLayerNet(4, 5, 3, rng=np.random.default_rng(7)).params
    unseeded = [MyTwoLayerNet(4, 5, 3).params for _ in range(2)]
    for key in ("W1", "W2"):
        assert np.array_equal(first[key], same[key])
        assert np.array_equal(first[key], from_generator[key])
        assert not np.array_equal(first[key], other[key])
        assert not np.array_equal(unseeded[0][key], unseeded[1][key])


def test_numpys_global_state_is_left_alone():
    before = np.random.get_state()  # noqa: NPY002
    net = MyTwoLayerNet(4, 5, 3)
    net.numerical_gradient(np.ones((2, 4)), [0, 1])
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


# Bad input


@pytest.mark.parametrize("name", ["input_size", "hidden_size_1", "output_size"])
@pytest.mark.parametrize("wrong", [0, -1, 2.0, 2.5, "3", None, True, [3]], ids=repr)
def test_a_bad_size_is_refused(name, wrong):
    sizes = {"input_size": 4, "hidden_size_1": 3, "output_size": 2, name: wrong}
    with pytest.raises((TypeError, ValueError), match=rf"^{name} must be a whole number") as caught:
        MyTwoLayerNet(**sizes)
    assert repr(wrong) in str(caught.value)


BAD_X = {
    "one-dimensional": (np.ones(4), ValueError, r"\(4,\)"),
    "too wide": (np.ones((2, 5)), ValueError, r"\(2, 5\)"),
    "pictures": (np.ones((2, 2, 2)), ValueError, r"\(2, 2, 2\)"),
    "empty": (np.ones((0, 4)), ValueError, r"n ≥ 1"),
    "integers": (np.ones((2, 4), int), TypeError, "int"),
    "bytes": (np.ones((2, 4), np.uint8), TypeError, "uint8"),
    "complex": (np.ones((2, 4), complex), TypeError, "complex"),
    "bool": (np.ones((2, 4), bool), TypeError, "bool"),
    "strings": (np.full((2, 4), "1"), TypeError, "<U1"),
    "nothing": (None, TypeError, "object"),
}
BAD_T = {
    "too few": ([0], ValueError, r"\(2,\).*\(1,\)"),
    "too many": ([0, 1, 2], ValueError, r"\(2,\).*\(3,\)"),
    "column": ([[0], [1]], ValueError, r"\(2, 1\)"),
    "one-hot": (np.eye(3, dtype=int)[:2], ValueError, r"\(2, 3\)"),
    "one number": (1, ValueError, r"\(\)"),
    "too large": ([0, 3], ValueError, "0 to 2"),
    "negative": ([-1, 0], ValueError, "0 to 2"),
    "floats": ([0.0, 1.0], TypeError, "float"),
    "bool": ([True, False], TypeError, "bool"),
    "strings": (["0", "1"], TypeError, "<U1"),
    "nothing": (None, TypeError, "object"),
}


@pytest.mark.parametrize(
    "method", ["predict", "loss", "accuracy", "gradient", "numerical_gradient"]
)
@pytest.mark.parametrize("case", BAD_X)
def test_bad_x_is_refused(method, case):
    x, error, says = BAD_X[case]
    net = MyTwoLayerNet(4, 5, 3, rng=0)
    labels = [] if method == "predict" else [[0, 1]]
    with pytest.raises(error, match=f"^x must .*{says}"):
        getattr(net, method)(x, *labels)


@pytest.mark.parametrize("method", ["loss", "accuracy", "gradient", "numerical_gradient"])
@pytest.mark.parametrize("case", BAD_T)
def test_bad_t_is_refused(method, case):
    t, error, says = BAD_T[case]
    net = MyTwoLayerNet(4, 5, 3, rng=0)
    with pytest.raises(error, match=f"^t must .*{says}"):
        getattr(net, method)(np.ones((2, 4)), t)
