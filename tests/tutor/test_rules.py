"""Optimizers: the rules against PyTorch, how their mistakes are made, and what is told of them."""

import math
import re
from itertools import combinations

import numpy as np
import pytest

from course_utils.tutor import check
from course_utils.tutor.checks import probes, walks
from course_utils.tutor.checks.rules import RuleTask
from course_utils.tutor.checks.task import made
from course_utils.tutor.checks.tasks import TASKS
from course_utils.tutor.lessons import looked_for, task
from tests.tutor.reader import checked, define

RULES = {id: task for id, task in TASKS.items() if isinstance(task, RuleTask)}
SGD = task("sgd-rule")["solution"]


def told(task_id, source):
    return " ".join(checked(task_id, source).text.split())


def edited(task_id, *pairs):
    source = task(task_id)["solution"]
    for old, new in pairs:
        assert old in source, old
        source = source.replace(old, new)
    return source


# How mistakes are made


def ways(rule):
    """Yield each mistake of a rule and each way to make it."""
    for mistake, group in looked_for(rule.id):
        of = made("rules.toml")[group]
        yield from ((mistake, way) for way in of.get("ways", of)[mistake])


def test_every_mistake_that_can_be_made_has_a_sentence_and_the_other_way_round():
    said = {(mistake, group) for rule in RULES.values() for mistake, group in looked_for(rule.id)}
    groups = {
        id: each.get("ways", {} if "rule" in each else each)
        for id, each in made("rules.toml").items()
        if isinstance(each, dict)
    }
    assert said == {(mistake, id) for id, each in groups.items() for mistake in each}
    assert {mistake for mistake, _ in said} >= set(made("rules.toml")["alone"])


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_way_to_make_a_mistake_changes_the_path(rule):
    right = {form: list(map(frozen, walk(rule, form))) for form in rule.forms}
    for mistake, way in ways(rule):
        wrong = [(form, walks.edited(form, way, rule.kept)) for form in rule.forms]
        for form, text in wrong:
            if text and not mistake.startswith("eps"):
                assert list(map(frozen, walk(rule, text))) != right[form], (mistake, way)


def walk(rule, text):
    with np.errstate(all="ignore"):
        try:
            for probe in probes.probes(rule)[:3]:
                for params, _ in walks.updates(rule, probe, text):
                    yield {key: p.copy() for key, p in params.items()}
        except (NameError, ValueError):
            return


def frozen(params):
    return {key: p.round(5).tolist() for key, p in params.items()}


def test_every_way_can_be_made_somewhere():
    possible = {way: False for rule in RULES.values() for _, way in ways(rule)}
    for rule in RULES.values():
        for _, way in ways(rule):
            possible[way] |= any(walks.edited(form, way, rule.kept) for form in rule.forms)
    assert all(possible.values()), [way for way, here in possible.items() if not here]


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_no_two_expressions_of_the_settings_have_the_same_value(rule):
    for which in (0, 1):
        values = rule.values(which)
        found = dict(values)
        found |= {f"1 - {name}": 1 - value for name, value in values.items()}
        found |= {f"{name}²": value**2 for name, value in values.items()}
        found |= {f"√{name}": math.sqrt(value) for name, value in values.items()}
        found |= {
            f"{one} · {two}": values[one] * values[two] for one, two in combinations(values, 2)
        }
        found |= {str(value): value for value in (1e-7, 1e-3, 0.01, 0.1, 0.5, 0.99, 0.999, 1, 2)}
        found |= {f"default {name}": value for name, value in rule.values(2).items()}
        for one, two in combinations(found, 2):
            if not one.startswith("default") and not two.startswith("default"):
                assert not math.isclose(found[one], found[two], rel_tol=1e-3), (one, two)
    for which, other in combinations(range(3), 2):
        for one, two in zip(rule.values(which).values(), rule.values(other).values(), strict=True):
            assert one != two


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_the_formulas_that_are_told_give_the_values_of_the_rule(rule):
    probe = probes.probes(rule)[0]
    path = [probe.start["x"].item()]
    before = dict.fromkeys(rule.kept, 0.0)
    for t, (params, names) in enumerate(walks.updates(rule, probe), 1):
        known = probe.settings | before | {"p": path[-1], "t": t, "ε": 1e-7}
        known["g"] = probe.gradient({"x": params["x"]}, t)["x"].item()
        for name, formula in walks.formulas(rule.rule).items():
            python = formula.replace("·", "*").replace("−", "-").replace("²", "**2")
            python = re.sub(r"√(\w+)", r"sqrt(\1)", python.replace("^", "**")).replace("√", "sqrt")
            known[name] = eval(python, {"sqrt": math.sqrt}, known)
            assert known[name] == pytest.approx(float(np.squeeze(names["x"][name])))
        before = {name: known[name] for name in rule.kept}
        path.append(params["x"].item())


# What is told


def test_the_smallest_example_is_told_with_both_numbers():
    result = checked("sgd-rule", SGD.replace("-=", "+="))
    assert result.mistakes == ("uphill",)
    assert str(result) == (
        "MySGD: not yet. The sign is wrong: the step goes uphill. The step is against the\n"
        "gradient.\n"
        "Smallest example: lr = 0.12; x starts at 2, its gradient is 3. After update 1\n"
        "your x is 2.36, expected 1.64."
    )


def test_two_mistakes_are_numbered_and_the_example_has_its_own_line():
    assert str(checked("sgd-rule", SGD.replace("-= self.lr *", "+="))) == (
        "MySGD: not yet. Two mistakes:\n"
        "1. The sign is wrong: the step goes uphill. The step is against the gradient.\n"
        "2. The learning rate is missing. Multiply the step by `self.lr`.\n"
        "Smallest example: lr = 0.12; x starts at 2, its gradient is 3. After update 1\n"
        "your x is 5, expected 1.64."
    )


def test_what_is_kept_is_shown_where_it_is_wrong_from_the_start():
    text = told("rmsprop-rule", edited("rmsprop-rule", ("** 2", "** 4")))
    assert (
        "After update 1 your `self.h['x']` is 16.2; it should be decay_rate · h + "
        "(1 − decay_rate) · g² = 0.8 · 0 + (1 − 0.8) · 3² = 1.8." in text
    )


def test_what_is_kept_is_shown_where_it_goes_wrong_later():
    late = (
        "self.v[key] = self.momentum",
        "self.v[key] = self.momentum ** (2 * (self.n > 1)) * self.momentum",
    )
    count = (
        "        if self.v is None:",
        "        self.n = getattr(self, 'n', 0) + 1\n        if self.v is None:",
    )
    text = told("momentum-rule", edited("momentum-rule", late, count))
    assert "Your `self.v['x']` is right after update 1, but after update 2 it is −0.30432;" in text
    assert "momentum · v − lr · g = 0.8 · (−0.36) − 0.12 · 1 = −0.408." in text


def test_the_step_is_shown_where_what_is_kept_is_right():
    text = told(
        "adagrad-rule", edited("adagrad-rule", ("np.sqrt(self.h[key])", "np.cbrt(self.h[key])"))
    )
    assert "Your `self.h['x']` is right, but the step of update 1 is −0.17307; it should be" in text
    assert "−lr · g/(√h + ε) = −0.12 · 3/(√9 + 1e−07) = −0.12." in text


def test_how_what_is_kept_goes_on_is_told_in_settings():
    wrong = edited("rmsprop-rule", ("self.h[key] *= self.decay_rate", "self.h[key] *= self.lr"))
    text = told("rmsprop-rule", wrong)
    assert "By its numbers it becomes lr · itself + (1 − decay_rate) · g² in each update." in text


FORMS = {
    "a dict under another name": """
        if key not in self.kept: self.kept[key] = np.zeros_like(p)
        self.kept[key] = v = self.momentum * self.kept[key] - self.lr * g
        """,
    "a dict of tuples": """
        _, old = self.kept.get(key, (0, np.zeros_like(p)))
        v = self.momentum * old - self.lr * g
        self.kept[key] = (key, v)
        """,
    "a list": """
        if place == len(self.kept_list): self.kept_list.append(np.zeros_like(p))
        v = self.kept_list[place] = self.momentum * self.kept_list[place] - self.lr * g
        """,
    "a closure's cell": """
        v = memory[key] = self.momentum * memory.get(key, np.zeros_like(p)) - self.lr * g
        """,
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_kept_is_found_however_it_is_kept(form):
    body = "".join(f"                    {line.strip()}\n" for line in FORMS[form].splitlines())
    source = f"""
def made():
    memory = {{}}

    class MyMomentum:
        def __init__(self, lr=0.01, momentum=0.9):
            self.lr, self.momentum, self.kept, self.kept_list = lr, momentum, {{}}, []
            memory.clear()

        def update(self, params, grads):
            for place, (key, p) in enumerate(params.items()):
                g = grads[key]
                if True:
{body}
                p += np.cbrt(v)
            memory

    return MyMomentum


MyMomentum = made()
"""
    label = {"a list": "self.kept_list[0]", "a closure's cell": "memory['x']"}.get(form)
    label = label or ("self.kept['x'][1]" if "tuples" in form else "self.kept['x']")
    assert f"Your `{label}` is right, but the step of update 1 is" in told("momentum-rule", source)


def test_a_flat_vector_is_found_too():
    source = """
class MyMomentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.flat = lr, momentum, None

    def update(self, params, grads):
        g = np.concatenate([np.ravel(grads[key]) for key in params])
        self.flat = -self.lr * g if self.flat is None else self.momentum * self.flat - self.lr * g
        at = 0
        for p in params.values():
            p += np.cbrt(self.flat[at : at + p.size]).reshape(p.shape)
            at += p.size
"""
    assert "Your `self.flat` is right, but the step of update 1 is" in told("momentum-rule", source)


@pytest.mark.parametrize("number", [0.1, 0.12, 0.05, 0.01, 0.9, 3])
def test_a_number_written_out_is_a_setting_that_makes_no_difference(number):
    result = checked("sgd-rule", SGD.replace("self.lr *", f"{number} *"))
    assert "settings-ignored" in result.mistakes
    assert "Another `lr` makes no difference" in result.text


def test_a_setting_left_over_in_the_notebook_is_found():
    source = "beta = 0.8\n" + edited(
        "rmsprop-rule", ("1 - self.decay_rate", "1 - beta"), ("*= self.decay_rate", "*= beta")
    )
    assert checked("rmsprop-rule", source).mistakes == ("settings-ignored",)


def test_a_setting_that_update_changes_is_told():
    source = edited("sgd-rule", ("        for key", "        self.lr *= 0.9\n        for key"))
    assert checked("sgd-rule", source).mistakes == ("setting-overwritten",)


def test_what_is_random_and_what_is_shared_are_two_things():
    noise = edited("sgd-rule", ("grads[key]", "grads[key] * np.random.normal()"))
    assert checked("sgd-rule", noise).mistakes == ("random",)
    fresh = edited("sgd-rule", ("grads[key]", "grads[key] * np.random.default_rng().normal()"))
    assert checked("sgd-rule", fresh).mistakes == ("random",)
    shared = edited(
        "adagrad-rule",
        ("self.h = None", "pass"),
        ("class MyAdaGrad:", "class MyAdaGrad:\n    h = None"),
        ("self.h =", "MyAdaGrad.h ="),
    )
    assert checked("adagrad-rule", shared).mistakes == ("shared-between-runs",)
    one_lr = edited("sgd-rule", ("self.lr = lr", "MySGD.lr = lr"))
    assert checked("sgd-rule", one_lr).mistakes == ("shared-between-runs",)


SAME = "self.v = {key: np.zeros_like(p) for key, p in params.items()}"
CAUSES = {
    "step-twice": ("sgd-rule", ("self.lr *", "2 * self.lr *")),
    "last-key-missing": ("sgd-rule", ("in params:", "in list(params)[:-1]:")),
    "turned-round": ("momentum-rule", ("self.v[key] = ", "self.v[key] -= ")),
    "starts-as-p": (
        "momentum-rule",
        (SAME, "self.v = dict(params)"),
        (" = self.momentum * self.v[key] -", " *= self.momentum; self.v[key] -="),
    ),
    "h-taken-off": (
        "rmsprop-rule",
        ("self.h[key] *= self.decay_rate", "h = self.h[key]"),
        ("+= (1 - self.decay_rate) * grads[key] ** 2", "= (1 - self.decay_rate) * (g**2 - h)"),
        ("h = self", "g, h = grads[key], self"),
    ),
    "h-negative": ("rmsprop-rule", ("+= (1", "-= (1")),
    "root-twice": ("adagrad-rule", ("np.sqrt(", "np.sqrt(np.sqrt("), ("])", "]))")),
    "m-taken-off": ("adam-rule", ("m[key] += ", "m[key] = ")),
    "v-taken-off": ("adam-rule", ("v[key] += ", "v[key] = ")),
    "same-dict": ("adam-rule", (SAME, "self.v = self.m.copy()")),
    "adam-last-key": (
        "adamw-rule",
        ("            params[key] -= lr_t", "        params[key] -= lr_t"),
    ),
}


@pytest.mark.parametrize("mistake", CAUSES)
def test_causes_that_are_easily_taken_for_others_have_sentences_of_their_own(mistake):
    assert checked(CAUSES[mistake][0], edited(*CAUSES[mistake])).mistakes == (mistake,)


def test_checking_twice_gives_the_same_answer():
    answer = define(edited("momentum-rule", ("- self.lr", "+ self.lr")), "MyMomentum")
    assert check("momentum-rule", answer) == check("momentum-rule", answer)


@pytest.mark.parametrize("epsilon", [1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10])
def test_epsilon_of_any_usual_size_is_right_outside_the_root_and_wrong_inside(epsilon):
    for id, h in (("adagrad-rule", "h"), ("rmsprop-rule", "h"), ("adam-rule", "v")):
        source = edited(id, ("1e-7", repr(epsilon)))
        assert checked(id, source).right
        inside = source.replace(
            f"np.sqrt(self.{h}[key]) + {epsilon!r}", f"np.sqrt(self.{h}[key] + {epsilon!r})"
        )
        assert inside != source
        assert checked(id, inside).mistakes == ("eps-inside",)


# The rules against PyTorch


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
def test_the_rule_walks_as_pytorch_does(task_id):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    rule = RULES[task_id]
    form = rule.forms[-1]  # Adam in PyTorch's form corrects m and v
    for probe in probes.probes(rule):
        params = {key: torch.tensor(p, requires_grad=True) for key, p in probe.start.items()}
        theirs = torch_optimizer(torch, task_id, list(params.values()), dict(probe.settings))
        for t, (ours, _) in enumerate(walks.updates(rule, probe, form), 1):
            arrays = {key: p.detach().numpy() for key, p in params.items()}
            for key, g in probe.gradient(arrays, t).items():
                params[key].grad = torch.as_tensor(g)
            theirs.step()
            for key, p in params.items():
                single = p.dtype == torch.float32
                np.testing.assert_allclose(
                    p.detach().numpy(), ours[key], 1e-5 if single else 1e-9, 1e-7 if single else 0
                )
