"""Functions: each listed mistake named, written answers, and the references against PyTorch."""

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
    (task, name, mistake)
    for task in FUNCTIONS.values()
    for name in task.names
    for mistake in task.mistakes[name]
]


@pytest.mark.parametrize("task", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_each_mistake_has_its_sentence_and_each_sentence_a_mistake(task):
    made = [mistake for name in task.names for mistake in task.mistakes[name]]
    assert sorted(made) == sorted(mistakes(task.id))


@pytest.mark.parametrize(("task", "name", "mistake"), LISTED, ids=[each[2] for each in LISTED])
def test_a_listed_mistake_is_named(task, name, mistake):
    def answer(*arguments):
        wrong = task.mistakes[name][mistake](*arguments)
        if len(task.names) == 1:
            return wrong
        right = dict(zip(task.names, task.reference(*arguments), strict=True))
        return tuple({**right, name: wrong}.values())

    result = check(task.id, answer)
    assert result.mistakes == (mistake,), result


WRITTEN = {
    "long_run_step": ("momentum-long-run", [
        ((), "def long_run_step(lr, momentum):\n    v = 0\n    for _ in range(10_000):\n"
             "        v = momentum * v + lr\n    return v"),
        (("lr-missing",), "def long_run_step(lr, momentum):\n    return 1 / (1 - momentum)"),
        (("inverted",), "def long_run_step(lr, momentum):\n    return lr - lr * momentum"),
        (("no-return",), "def long_run_step(lr, momentum):\n    lr / (1 - momentum)"),
        (("endless-loop",), "def long_run_step(lr, momentum):\n    while True: pass"),
    ]),
    "half_life": ("half-life", [
        ((), "def half_life(rho):\n    return -1 / np.log2(rho)"),
        (("sign",), "def half_life(rho):\n    return 1 / np.log2(rho)"),
        (("rounded-up",), "def half_life(rho):\n    k, w = 0, 1\n    while w > 0.5:\n"
                          "        w *= rho\n        k += 1\n    return k"),
        (("exception",), "def half_life(rho):\n    return 1 / []"),
        (("wrong-return",), "def half_life(rho):\n    return 'long'"),
    ]),
    "uncorrected": ("adam-first-steps", [
        ((), "def uncorrected(t, b1, b2):\n    m = v = 0\n    for _ in range(t):\n"
             "        m += (1 - b1) * (1 - m)\n        v += (1 - b2) * (1 - v)\n"
             "    return m / v**0.5"),
        (("root-missing",), "def uncorrected(t, b1, b2):\n    return (1 - b1**t) / (1 - b2**t)"),
        (("inverted",), "def uncorrected(t, b1, b2):\n    return (1 - b2**t)**0.5 / (1 - b1**t)"),
        (("self-in-function",), "def uncorrected(t, b1, b2):\n    return 1 - self.b1**t"),
        (("spelling",), "def uncorrected(t, b1, b2):\n    return 1 - beta1**t"),
        (("no-value",), "def uncorrected(t, b1, b2):\n    m += 1 - b1\n    return m"),
        (("power-as-product",), "def uncorrected(t, b1, b2):\n"
                                "    return (1 - b1 * t) / np.sqrt(1 - b2 * t)"),
        (("negative-root",), "def uncorrected(t, b1, b2):\n"
                             "    return (1 - b1 * t) / (1 - b2 * t)**0.5"),
        (("negative-root",), "import math\ndef uncorrected(t, b1, b2):\n"
                             "    return (1 - b1 * t) / math.sqrt(1 - b2 * t)"),
        (("betas-ignored",), "k = np.arange(1, 61)\nratio = (1 - 0.9**k) / (1 - 0.999**k)**0.5\n"
                             "def uncorrected(t, b1, b2):\n    return ratio[t - 1]"),
        (("measured-list",), "def uncorrected(t, b1, b2):\n    return [10**0.5][t - 1]"),
    ]),
    "second_layer": ("second-layer", [
        ((), "def second_layer(d, a, W):\n    dW = sum(np.outer(x, y) for x, y in zip(a, d))\n"
             "    return [dW, np.ones(len(d)) @ d, (W @ d.T).T]"),
        (("da-not-transposed",), "def second_layer(d, a, W):\n"
                                 "    return a.T @ d, d.sum(0), d @ W"),
        (("dW2-averaged", "db2-mean"), "def second_layer(d, a, W):\n"
                                       "    return a.T @ d / len(d), d.mean(0), d @ W.T"),
        (("order",), "def second_layer(d, a, W):\n    return d @ W.T, a.T @ d, d.sum(0)"),
        (("wrong-return",), "def second_layer(d, a, W):\n    return a.T @ d"),
        (("argument-changed",), "def second_layer(d, a, W):\n    d *= 2\n"
                                "    return a.T @ d, d.sum(0), d @ W.T"),
    ]),
    "cross_entropy": ("cross-entropy", [
        ((), "def cross_entropy(scores, t):\n    total = 0\n    for row, k in zip(scores, t):\n"
             "        total += np.logaddexp.reduce(row) - row[k]\n    return total / len(t)"),
        (("overflow",), "def cross_entropy(s, t):\n"
                        "    p = np.exp(s) / np.exp(s).sum(1, keepdims=True)\n"
                        "    return -np.mean(np.log(p[np.arange(len(t)), t]))"),
        (("underflow",), "def cross_entropy(s, t):\n"
                         "    e = np.exp(s - s.max(1, keepdims=True))\n"
                         "    p = (e / e.sum(1, keepdims=True))[np.arange(len(t)), t]\n"
                         "    return -np.mean(np.log(p))"),
        (("unknown",), "def cross_entropy(s, t):\n"
                         "    e = np.exp(s - s.max(1, keepdims=True))\n"
                         "    p = (e / e.sum(1, keepdims=True))[np.arange(len(t)), t]\n"
                         "    return -np.mean(np.log(p + 1e-7))"),
        (("not-averaged",), "def cross_entropy(s, t):\n"
                            "    s = s - s.max(1, keepdims=True)\n"
                            "    p = np.exp(s) / np.exp(s).sum(1, keepdims=True)\n"
                            "    return -np.log(p[np.arange(len(t)), t])"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "task_id", "found", "source"),
    [
        (name, task_id, found, source)
        for name, (task_id, answers) in WRITTEN.items()
        for found, source in answers
    ],
)
def test_written_functions(name, task_id, found, source):
    result = check(task_id, define(source, name))
    assert result.mistakes == found, result
    assert result.right is (not found)


def test_the_largest_score_of_the_whole_array_is_not_enough():
    def cross_entropy(scores, t):
        exp = np.exp(scores - scores.max())
        p = exp / exp.sum(axis=1, keepdims=True)
        return -np.log(p[np.arange(len(t)), t]).mean()

    assert check("cross-entropy", cross_entropy).mistakes == ("overflow",)


def test_rows_of_different_length_get_help():
    def second_layer(d_scores, a, W2):
        return [[1, 2], [3]], d_scores.sum(axis=0), d_scores @ W2.T

    assert check("second-layer", second_layer).mistakes == ("wrong-return",)


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
    assert FUNCTIONS["cross-entropy"].reference(*case) == pytest.approx(wanted)


def test_the_long_run_step_and_the_ratio_are_those_of_the_course():
    def steps(optimizer, updates):
        params, path = {"x": 0.0}, [0.0]
        for _ in range(updates):
            optimizer.update(params, {"x": 1.0})
            path.append(params["x"])
        return -np.diff(path)

    long_run = FUNCTIONS["momentum-long-run"].reference
    assert steps(Momentum(0.1, 0.8), 200)[-1] == pytest.approx(long_run(0.1, 0.8))
    ratio = steps(UncorrectedAdam(eps=0), 12) / steps(Adam(eps=0), 12)
    uncorrected = FUNCTIONS["adam-first-steps"].reference
    for t in (1, 5, 12):
        assert ratio[t - 1] == pytest.approx(uncorrected(t, 0.9, 0.999))
