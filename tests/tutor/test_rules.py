"""Optimizers: right ones accepted, mistakes refused and named, and the rules against PyTorch."""

import numpy as np
import pytest

from course_utils.tutor import check
from course_utils.tutor.checks import probes, walks
from course_utils.tutor.checks.rules import RuleTask
from course_utils.tutor.checks.tasks import TASKS
from tests.tutor.planted_answers import ADAGRAD, PLANTED, RIGHT, SGD, UNLISTED
from tests.tutor.reader import checked, define

RULES = {id: task for id, task in TASKS.items() if isinstance(task, RuleTask)}


def flat(planted):
    return [(task_id, source) for task_id, sources in planted.items() for source in sources]


@pytest.mark.parametrize(("task_id", "source"), flat(RIGHT))
def test_a_right_answer_in_any_style_is_accepted(task_id, source):
    result = checked(task_id, source)
    assert result.right, result
    assert result.mistakes == ()


@pytest.mark.parametrize("task_id", RULES)
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


class Asked(frozenset):
    """Mistakes to make, which notes those that a rule asks for."""

    def __new__(cls, asked):
        self = super().__new__(cls)
        self.asked = asked
        return self

    def __contains__(self, mistake):
        self.asked.add(mistake)
        return False

    def __and__(self, mistakes):
        self.asked |= mistakes
        return frozenset()


def test_every_mistake_that_a_rule_can_make_is_looked_for():
    asked, looked_for = set(), set()
    for rule in RULES.values():
        list(walks.updates(rule, probes.probes(rule)[0], Asked(asked)))
        looked_for |= {*rule.mistakes()}.union(*rule.forms)
    assert asked == looked_for


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_mistake_that_is_looked_for_can_be_made(rule):
    for mistake in rule.mistakes():
        if mistake.startswith("eps"):
            continue
        assert any(
            not probes.close(walks.walk(rule, probe), walks.walk(rule, probe, {mistake}), 1e-4)
            for probe in probes.probes(rule)[:3]
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


@pytest.mark.parametrize("task_id", RULES)
def test_the_reference_walks_as_pytorch_does(task_id):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    rule = RULES[task_id]
    form = rule.forms[-1]  # Adam in PyTorch's form corrects m and v
    for probe in probes.probes(rule):
        params = {key: torch.tensor(p, requires_grad=True) for key, p in probe.start.items()}
        theirs = torch_optimizer(torch, task_id, list(params.values()), dict(probe.settings))
        for t, ours in enumerate(walks.walk(rule, probe, form), 1):
            arrays = {key: p.detach().numpy() for key, p in params.items()}
            for key, g in probe.gradient(arrays, t).items():
                params[key].grad = torch.as_tensor(g)
            theirs.step()
            for key, p in params.items():
                single = p.dtype == torch.float32
                np.testing.assert_allclose(
                    p.detach().numpy(), ours[key], 1e-5 if single else 1e-9, 1e-7 if single else 0
                )
