"""`check`: right answers accepted, mistakes refused and named, help instead of errors."""

import itertools
import linecache
import textwrap

import numpy as np
import pytest

from course_utils.checks import (
    check,
    function_tasks,
    mistakes,
    network_tasks,
    probes,
    rules,
    sandbox,
)
from course_utils.lessons import lessons
from course_utils.lessons import task as task_of
from course_utils.network import MyTwoLayerNet
from tests.planted_answers import ADAGRAD, PLANTED, RIGHT, SGD, UNLISTED

TASK_IDS = [task["id"] for lesson in lessons().values() for task in lesson.get("task", ())]
RULE_IDS = list(rules.TASKS)
numbers = itertools.count()


def define(source, name):
    """Run source as a notebook cell would be, with its lines known to tracebacks."""
    source = textwrap.dedent(source)
    file = f"<cell {next(numbers)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    cell = {"np": np, "__name__": "__main__"}
    exec(compile(source, file, "exec"), cell)
    return cell[name]


def checked(task_id, source):
    return check(task_id, define(source, task_of(task_id)["name"]))


def flat(planted):
    return [(task_id, source) for task_id, sources in planted.items() for source in sources]


# Optimizers: right answers, planted mistakes


@pytest.mark.parametrize(("task_id", "source"), flat(RIGHT))
def test_a_right_answer_in_any_style_is_accepted(task_id, source):
    result = checked(task_id, source)
    assert result.right, result
    assert result.mistakes == ()


@pytest.mark.parametrize("task_id", RULE_IDS)
def test_planted_mistakes_are_refused_and_named(task_id):
    planted = PLANTED[task_id]
    assert len(planted) >= 15
    assert sum(len(names) > 1 for names, _ in planted) >= 3
    results = [(names, checked(task_id, source)) for names, source in planted]
    refused = [result.right is False for _, result in results]
    unnamed = [(names, result) for names, result in results if set(result.mistakes) != names]
    assert np.mean(refused) >= 0.95, results
    assert 1 - len(unnamed) / len(planted) >= 0.95, unnamed
    assert all(len(names) > 2 for names, _ in unnamed), unnamed
    for _, result in results:
        for line in result.text.splitlines():
            assert len(line) <= 80 or line.startswith("`"), line


@pytest.mark.parametrize(("task_id", "source"), flat(UNLISTED))
def test_a_mistake_that_no_catalogue_lists_is_refused(task_id, source):
    result = checked(task_id, source)
    assert result.right is False
    assert "Smallest example" in result.text


@pytest.mark.parametrize("task_id", RULE_IDS)
def test_every_mistake_has_a_sentence_and_changes_the_path(task_id):
    task = rules.TASKS[task_id]
    for mistake in task.mistakes:
        assert mistake.partition(":")[0] in mistakes.SENTENCES
        if mistake.startswith("eps"):
            continue
        assert any(
            not probes.close(rules.walk(task, probe), rules.walk(task, probe, {mistake}), 1e-4)
            for probe in probes.probes(task)[:3]
        ), mistake


def test_the_smallest_example_is_told_with_both_numbers():
    result = checked("sgd-rule", SGD.replace("-=", "+="))
    assert result.mistakes == ("uphill",)
    assert str(result) == (
        "MySGD: not yet. The sign is wrong: the step goes uphill. The step is against the\n"
        "gradient.\n"
        "Smallest example: lr = 0.1; x starts at 2, its gradient is 3. After update 1\n"
        "your x is 2.3, expected 1.7."
    )


def test_two_mistakes_are_numbered_and_the_example_has_its_own_line():
    assert str(checked("sgd-rule", SGD.replace("-= self.lr *", "+="))) == (
        "MySGD: not yet. Two mistakes:\n"
        "1. The sign is wrong: the step goes uphill. The step is against the gradient.\n"
        "2. The learning rate is missing. Multiply the step by `self.lr`.\n"
        "Smallest example: lr = 0.1; x starts at 2, its gradient is 3. After update 1\n"
        "your x is 5, expected 1.7."
    )


def test_an_unnamed_mistake_gets_the_parts_that_the_rule_has_there():
    lines = str(checked("adam-rule", UNLISTED["adam-rule"][0]))
    assert "first update already differs" in lines
    assert "Expected there: m = 0.6, v = 0.9, lr_t = 0.158, x = 1.9." in " ".join(lines.split())
    assert "Expected there" not in str(checked("sgd-rule", UNLISTED["sgd-rule"][0]))


def test_the_general_sentence_is_about_the_example_shown():
    one_entry_only = ADAGRAD.replace("grads[key] * grads[key]\n", "grads[key].max() ** 2\n")
    result = checked("adagrad-rule", one_entry_only)
    assert result.mistakes == ("unknown",)
    assert "After update 1" in result.text


def test_checking_twice_gives_the_same_answer():
    answer = define(PLANTED["momentum-rule"][20][1], "MyMomentum")
    assert check("momentum-rule", answer) == check("momentum-rule", answer)


# The references against PyTorch


def torch_optimizer(torch, task_id, tensors, k):
    betas = (k.get("beta1"), k.get("beta2"))
    return {
        "sgd-rule": lambda: torch.optim.SGD(tensors, lr=k["lr"]),
        "momentum-rule": lambda: torch.optim.SGD(tensors, lr=k["lr"], momentum=k["momentum"]),
        "nesterov-rule": lambda: torch.optim.SGD(
            tensors, lr=k["lr"], momentum=k["momentum"], nesterov=True
        ),
        "adagrad-rule": lambda: torch.optim.Adagrad(tensors, lr=k["lr"], eps=1e-7),
        "rmsprop-rule": lambda: torch.optim.RMSprop(
            tensors, lr=k["lr"], alpha=k["decay_rate"], eps=1e-7
        ),
        "adam-rule": lambda: torch.optim.Adam(tensors, lr=k["lr"], betas=betas, eps=1e-7),
        "adamw-rule": lambda: torch.optim.AdamW(
            tensors, lr=k["lr"], betas=betas, eps=1e-7, weight_decay=k["weight_decay"]
        ),
    }[task_id]()


@pytest.mark.parametrize("task_id", RULE_IDS)
def test_the_reference_walks_as_pytorch_does(task_id):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    task = rules.TASKS[task_id]
    form = task.forms[-1]  # Adam in PyTorch's form corrects m and v
    for probe in probes.probes(task):
        params = {key: torch.tensor(p, requires_grad=True) for key, p in probe.start.items()}
        theirs = torch_optimizer(torch, task_id, list(params.values()), dict(probe.settings))
        for t, ours in enumerate(rules.walk(task, probe, form), 1):
            arrays = {key: p.detach().numpy() for key, p in params.items()}
            for key, g in probe.gradient(arrays, t).items():
                params[key].grad = torch.as_tensor(g)
            theirs.step()
            for key, p in params.items():
                single = p.dtype == torch.float32
                np.testing.assert_allclose(
                    p.detach().numpy(), ours[key], 1e-5 if single else 1e-9, 1e-7 if single else 0
                )


@pytest.mark.parametrize("case", function_tasks.TASKS["second-layer"].cases[:3])
def test_the_second_layer_agrees_with_autograd(case):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    d_scores, a, W2 = (torch.tensor(each, requires_grad=True) for each in case)
    b2 = torch.zeros(W2.shape[1], dtype=W2.dtype, requires_grad=True)
    wanted = torch.autograd.grad(a @ W2 + b2, (W2, b2, a), d_scores.detach())
    for mine, theirs in zip(network_tasks.second_layer(*case), wanted, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy())


def test_the_second_layer_is_that_of_the_network():
    rng = np.random.default_rng(0)
    net = MyTwoLayerNet(4, 3, 2, rng=0)
    x, t = rng.normal(size=(5, 4)), np.array([0, 1, 1, 0, 1])
    a, scores = net._forward(x)
    d_scores = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    d_scores[np.arange(5), t] -= 1
    dW2, db2, _ = network_tasks.second_layer(d_scores / 5, a, net.params["W2"])
    np.testing.assert_allclose(dW2, net.gradient(x, t)["W2"], 1e-5)
    np.testing.assert_allclose(db2, net.gradient(x, t)["b2"], 1e-5)


@pytest.mark.parametrize("case", function_tasks.TASKS["cross-entropy"].cases)
def test_cross_entropy_agrees_with_pytorch(case):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    scores, t = map(torch.as_tensor, case)
    wanted = torch.nn.functional.cross_entropy(scores, t).item()
    assert network_tasks.cross_entropy(*case) == pytest.approx(wanted)


def test_the_long_run_step_and_the_ratio_are_those_of_the_course():
    from course_utils import Adam, Momentum
    from course_utils.optimizers import UncorrectedAdam

    def steps(optimizer, updates):
        params, path = {"x": 0.0}, [0.0]
        for _ in range(updates):
            optimizer.update(params, {"x": 1.0})
            path.append(params["x"])
        return -np.diff(path)

    long_run = function_tasks.TASKS["momentum-long-run"].reference
    assert steps(Momentum(0.1, 0.8), 200)[-1] == pytest.approx(long_run(0.1, 0.8))
    ratio = steps(UncorrectedAdam(eps=0), 12) / steps(Adam(eps=0), 12)
    too_long = function_tasks.TASKS["adam-first-steps"].reference
    for t in (1, 5, 12):
        assert ratio[t - 1] == pytest.approx(too_long(t, 0.9, 0.999))


# Functions and values

FUNCTIONS = [
    (task_id, name, mistake)
    for task_id, task in function_tasks.TASKS.items()
    for name in task.names
    for mistake in task.mistakes[name]
]


@pytest.mark.parametrize(("task_id", "name", "mistake"), FUNCTIONS)
def test_a_listed_mistake_in_a_function_is_named(task_id, name, mistake):
    task = function_tasks.TASKS[task_id]

    def answer(*arguments):
        result = task.reference(*arguments)
        wrong = task.mistakes[name][mistake][0](*arguments)
        if len(task.names) == 1:
            return wrong
        return tuple(
            wrong if each == name else right for each, right in zip(task.names, result, strict=True)
        )

    result = check(task_id, answer)
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
    "too_long": ("adam-first-steps", [
        ((), "def too_long(t, b1, b2):\n    m = v = 0\n    for _ in range(t):\n"
             "        m += (1 - b1) * (1 - m)\n        v += (1 - b2) * (1 - v)\n"
             "    return m / v**0.5"),
        (("root-missing",), "def too_long(t, b1, b2):\n    return (1 - b1**t) / (1 - b2**t)"),
        (("inverted",), "def too_long(t, b1, b2):\n    return (1 - b2**t)**0.5 / (1 - b1**t)"),
        (("self-in-function",), "def too_long(t, b1, b2):\n    return 1 - self.b1**t"),
        (("spelling",), "def too_long(t, b1, b2):\n    return 1 - beta1**t"),
        (("no-value",), "def too_long(t, b1, b2):\n    m += 1 - b1\n    return m"),
        (("power-as-product",), "def too_long(t, b1, b2):\n"
                                "    return (1 - b1 * t) / np.sqrt(1 - b2 * t)"),
        (("negative-root",), "def too_long(t, b1, b2):\n"
                             "    return (1 - b1 * t) / (1 - b2 * t)**0.5"),
        (("negative-root",), "import math\ndef too_long(t, b1, b2):\n"
                             "    return (1 - b1 * t) / math.sqrt(1 - b2 * t)"),
        (("betas-ignored",), "k = np.arange(1, 61)\nratio = (1 - 0.9**k) / (1 - 0.999**k)**0.5\n"
                             "def too_long(t, b1, b2):\n    return ratio[t - 1]"),
        (("measured-list",), "def too_long(t, b1, b2):\n    return [10**0.5][t - 1]"),
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


@pytest.mark.parametrize(
    ("task_id", "answer", "found"),
    [
        ("sgd-edge", 1 / 3, ()),
        ("sgd-edge", 0.333, ()),
        ("sgd-edge", np.float64(1) / 3, ()),
        ("sgd-edge", 1 / 6, ("half-of-it",)),
        ("sgd-edge", 4.0, ("flat-direction",)),
        ("sgd-edge", 2 / 3, ("coefficient",)),
        ("sgd-edge", 1, ("the-ravines",)),
        ("sgd-edge", 0.31, ("best-rate",)),
        ("sgd-edge", 0.05, ("unknown",)),
        ("sgd-edge", "a third", ("wrong-kind",)),
        ("adagrad-stall", {"lr": 0.2, "start": (2, -1)}, ()),
        ("adagrad-stall", {"lr": 1e-5, "start": (2, -1)}, ("never-moved",)),
        ("adagrad-stall", {"lr": 1.0, "start": (-2, -1)}, ("still-moving",)),
        ("adagrad-stall", {"lr": 0.5, "start": (0, 2)}, ("arrived",)),
        ("adagrad-stall", {"lr": 0, "start": (0, 2)}, ("lr-not-positive",)),
        ("adagrad-stall", {"lr": 0.3, "start": (2, -2)}, ()),
        ("adagrad-stall", {"lr": 0.5, "start": (4.25, 1.9)}, ("start-outside",)),
        ("adagrad-stall", {"lr": 0.2, "start": (0, -1e6)}, ("start-outside",)),
        ("adagrad-stall", {"lr": 0.5, "start": 2}, ("wrong-kind",)),
        ("adagrad-stall", (0.5, (2, -1)), ("wrong-kind",)),
    ],
)
def test_values(task_id, answer, found):
    result = check(task_id, answer)
    assert result.mistakes == found, result
    assert result.right is (not found)


def test_a_value_is_judged_by_name():
    assert check("adagrad-stall", {"lr": 0.2, "start": (0, -3)}).text == (
        "stall: not yet. Judging lr 0.2, start (0, -3): the start has to lie inside\n"
        "|x| ≤ 2, |y| ≤ 2."
    )
    assert "Judging lr 0.05: each update multiplies y by 0.7" in check("sgd-edge", 0.05).text


# Help


def test_a_name_in_a_function_leads_to_its_arguments():
    source = "def too_long(t, beta1, beta2):\n    return 1 - self.beta1**t"
    text = " ".join(checked("adam-first-steps", source).text.split())
    assert "a function, not a method: use its arguments `t, beta1, beta2`." in text


def test_an_exception_is_told_with_the_readers_line():
    result = checked("sgd-rule", SGD.replace("self.lr * ", "lr * "))
    assert "NameError: name 'lr' is not defined" in result.text
    assert "`params[key] -= lr * grads[key]`" in result.text
    assert "`self.lr`" in result.text


def test_an_endless_loop_is_stopped_and_told():
    result = checked("sgd-rule", SGD.replace("for key in params.keys():", "while True:"))
    assert result.mistakes == ("self-missing",)  # key has no value
    result = checked(
        "sgd-rule", SGD.replace("for key in params.keys():", "while 1: pass\n        if 1:")
    )
    assert result.mistakes == ("endless-loop",)
    assert f"{sandbox.STEPS:,} steps" in result.text


def test_what_the_readers_code_prints_and_warns_is_not_shown(capsys):
    noisy = SGD.replace("for key", "print('here')\n        np.log(np.zeros(1))\n        for key")
    assert checked("sgd-rule", noisy).right
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("answer", [None, 3, "MySGD", print])
def test_what_is_no_class_is_told(answer):
    result = check("sgd-rule", answer)
    assert result.mistakes == ("wrong-kind",)
    assert "the class MySGD itself" in result.text


def test_a_class_without_update_is_told():
    assert checked("sgd-rule", "class MySGD:\n    lr = 1").mistakes == ("no-update",)


def test_a_syntax_error_in_the_last_version_is_told():
    old = define(SGD, "MySGD")
    cells = ["", SGD, "class MySGD:\n    def update(self, params, grads)\n        pass\n"]
    here = {"check": check, "MySGD": old, "In": cells}
    result = eval("check('sgd-rule', MySGD)", here)
    assert result.mistakes == ("syntax",)
    assert "expected ':' in line 2" in result.text
    cells.append(SGD)
    assert eval("check('sgd-rule', MySGD)", here).right


@pytest.mark.parametrize("task_id", TASK_IDS)
def test_a_starter_is_quietly_unanswered_and_a_solution_right(task_id):
    task = task_of(task_id)
    result = checked(task_id, task["starter"])
    assert (result.right, str(result)) == (None, f"{task['name']}: not answered yet.")
    result = checked(task_id, task["solution"])
    assert result.right, result
    assert " ".join(str(result).split()) == f"{task['name']}: right. {task['next']}"


def test_an_unknown_task_is_an_error():
    with pytest.raises(ValueError, match=r"id must be that of a task, as \['sgd-rule'"):
        check("sgd-rul", None)


def test_an_answer_that_python_cannot_compile_is_not_called_unanswered():
    cell = "def half_life(decay_rate):\n    ...\nreturn 1"
    told = {"In": [cell], "check": check}
    exec("def half_life(decay_rate):\n    ...\nresult = check('half-life', half_life)", told)
    assert told["result"].right is False
    assert "'return' outside function" in told["result"].text


def test_a_class_with_slots_is_run_like_any_other():
    class MySGD:
        __slots__ = ("lr",)

        def __init__(self, lr=0.01):
            self.lr = lr

        def update(self, params, grads):
            for key in params:
                params[key] -= self.lr * grads[key]

    assert check("sgd-rule", MySGD).right


@pytest.mark.parametrize("value", [0, -0.1])
def test_an_edge_at_or_below_zero(value):
    assert check("sgd-edge", value).mistakes == ("lr-not-positive",)


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
