"""Functions: each way to make a mistake named, and what is right against PyTorch and the course."""

import numpy as np
import pytest

from course_utils import Adam, Momentum, MyTwoLayerNet
from course_utils.optimizers import UncorrectedAdam
from course_utils.tutor import check
from course_utils.tutor.checks.functions import FunctionTask
from course_utils.tutor.checks.tasks import TASKS
from course_utils.tutor.lessons import mistakes
from tests.tutor.reader import define

FUNCTIONS = {id: task for id, task in TASKS.items() if isinstance(task, FunctionTask)}
LISTED = [
    (task, name, mistake, expression)
    for task in FUNCTIONS.values()
    for name, wrong in task.made["wrong"].items()
    for mistake, expressions in wrong.items()
    for expression in expressions
]


@pytest.mark.parametrize("task", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_each_mistake_has_its_sentence_and_each_sentence_a_mistake(task):
    made = [mistake for wrong in task.made["wrong"].values() for mistake in wrong]
    assert sorted(made) == sorted(mistakes(task.id))


@pytest.mark.parametrize(
    ("task", "name", "mistake", "expression"), LISTED, ids=[f"{m}: {e}" for *_, m, e in LISTED]
)
def test_a_listed_mistake_is_named(task, name, mistake, expression):
    def answer(*arguments):
        right = dict(zip(task.names, task.reference(*arguments), strict=True))
        with np.errstate(all="ignore"):
            wrong = eval(expression, task.known(arguments))
        return tuple((right | {name: wrong}).values())

    found = check(task.id, answer if len(task.names) > 1 else lambda *all: answer(*all)[0])
    assert found.right is False
    assert found.mistakes == (mistake,), found


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("return 3 * np.log(0.5) / np.log(rho)", "is 3 times what is expected"),
        ("return 2.5", "is the same for all arguments"),
        ("return 1.01 * np.log(0.5) / np.log(rho) + 0.01 * rho", "is near, but off by up to"),
        ("return np.array([rho, rho])", "has the shape (2,), expected ()"),
        ("np.log(0.5) / np.log(rho)", "It returns nothing"),
        ("return 'long'", "is a str, not a number"),
        ("return 1, 2", "It should return the half-life; it returns 2 values"),
        ("return (rho - 2) ** 0.5", "a complex number"),
    ],
)
def test_what_is_not_listed_is_compared(source, said):
    result = check("half-life", define(f"def half_life(rho):\n    {source}", "half_life"))
    assert result.right is False
    assert said in " ".join(result.text.split())


def test_results_in_another_order_are_told():
    def second_layer(d_scores, a, W2):
        return d_scores @ W2.T, a.T @ d_scores, d_scores.sum(0)

    assert check("second-layer", second_layer).mistakes == ("order",)


def test_two_wrong_results_are_two_mistakes():
    def second_layer(d_scores, a, W2):
        return a.T @ d_scores / len(a), d_scores.mean(0), d_scores @ W2.T

    assert check("second-layer", second_layer).mistakes == ("dW2-averaged", "db2-mean")


def test_an_argument_that_is_changed_is_named():
    def second_layer(d_scores, a, W2):
        W2 *= 2
        return a.T @ d_scores, d_scores.sum(0), d_scores @ W2.T

    result = check("second-layer", second_layer)
    assert result.mistakes == ("argument-changed",)
    assert "its argument W2" in result.text


def test_rows_of_different_length_get_help():
    def second_layer(d_scores, a, W2):
        return [[1, 2], [3]], d_scores.sum(axis=0), d_scores @ W2.T

    assert check("second-layer", second_layer).mistakes == ("wrong-return",)


# What is right


@pytest.mark.parametrize("case", FUNCTIONS["second-layer"].cases[:3])
def test_the_second_layer_agrees_with_autograd(case):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    d_scores, a, W2 = (torch.tensor(each, requires_grad=True) for each in case)
    b2 = torch.zeros(W2.shape[1], dtype=W2.dtype, requires_grad=True)
    wanted = torch.autograd.grad(a @ W2 + b2, (W2, b2, a), d_scores.detach())
    for mine, theirs in zip(FUNCTIONS["second-layer"].reference(*case), wanted, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy())


def test_the_second_layer_is_that_of_the_network():
    rng = np.random.default_rng(0)
    net = MyTwoLayerNet(4, 3, 2, rng=0)
    x, t = rng.normal(size=(5, 4)), np.array([0, 1, 1, 0, 1])
    a = np.maximum(x @ net.params["W1"] + net.params["b1"], 0)
    scores = net.predict(x)
    d_scores = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    d_scores[np.arange(5), t] -= 1
    dW2, db2, _ = FUNCTIONS["second-layer"].reference(d_scores / 5, a, net.params["W2"])
    np.testing.assert_allclose(dW2, net.gradient(x, t)["W2"], 1e-5)
    np.testing.assert_allclose(db2, net.gradient(x, t)["b2"], 1e-5)


@pytest.mark.parametrize("case", FUNCTIONS["cross-entropy"].cases)
def test_cross_entropy_agrees_with_pytorch(case):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    scores, t = map(torch.as_tensor, case)
    wanted = torch.nn.functional.cross_entropy(scores, t).item()
    assert FUNCTIONS["cross-entropy"].reference(*case)[0] == pytest.approx(wanted)


def test_the_long_run_step_and_the_ratio_are_those_of_the_course():
    def steps(optimizer, updates):
        params, path = {"x": 0.0}, [0.0]
        for _ in range(updates):
            optimizer.update(params, {"x": 1.0})
            path.append(params["x"])
        return -np.diff(path)

    long_run = FUNCTIONS["momentum-long-run"].reference
    assert steps(Momentum(0.1, 0.8), 200)[-1] == pytest.approx(long_run(0.1, 0.8)[0])
    ratio = steps(UncorrectedAdam(eps=0), 12) / steps(Adam(eps=0), 12)
    uncorrected = FUNCTIONS["adam-first-steps"].reference
    for t in (1, 5, 12):
        assert ratio[t - 1] == pytest.approx(uncorrected(t, 0.9, 0.999)[0])


def test_the_half_life_halves():
    for (rate,) in FUNCTIONS["half-life"].cases:
        assert rate ** FUNCTIONS["half-life"].reference(rate)[0] == pytest.approx(0.5)
