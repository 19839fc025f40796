"""Python's own errors in an answer: each with its line and a hint that fits."""

import pytest

from course_utils.tutor.checks.tasks import TASKS
from course_utils.tutor.lessons import task
from tests.tutor.reader import checked

SGD, MOMENTUM, ADAM = (task(id)["solution"] for id in ("sgd-rule", "momentum-rule", "adam-rule"))
STEP = "params[key] -= self.lr * grads[key]"
ZEROS = "{key: np.zeros_like(p) for key, p in params.items()}"

ZIPPED = "for p, g in zip(params, grads): p -= self.lr * g"
SETTINGS = "self.lr, self.beta1, self.beta2 = lr, "
OPTIMIZERS = [
    (SGD, STEP, "key -= self.lr * key.grad", "names-not-arrays", "Take the arrays"),
    (SGD, STEP, "params[key] -= self.lr * params[key].grad", "gradient-elsewhere", "`grads[key]`"),
    (SGD, "for key in params:", "for key in range(len(params)):", "number-as-key", "are names"),
    (SGD, STEP, "params[key] -= self.lr * self.grads[key]", "gradient-elsewhere", "as arguments"),
    (SGD, "def __init__", "def _init_", "init-misspelt", "two underscores"),
    (SGD, "for key in params:", "for key in params.keys:", "call-missing", "parentheses"),
    (SGD, "for key in params:", "for key in params.items():", "pair-as-key", "unpack them"),
    (SGD, "for key in params:", "for key, p in params:", "unpacked", "gives its names only"),
    (SGD, "for key in params:", "for key in len(params):", "number-in-a-loop", "range(n)"),
    (SGD, STEP, "params -= self.lr * grads", "whole-dict", "one array of each dict"),
    (SGD, STEP, "params[key] -= self.lr(grads[key])", "not-callable", "write the `*`"),
    (SGD, STEP, "params['W'] -= self.lr * grads['W']", "key-by-name", "written out by name"),
    (SGD, STEP, "params[key] -= self.rate * grads[key]", "fresh-state-missing", "has to be set"),
    (SGD, STEP, "params[key] -= self.lr * np.grd(grads[key])", "no-such-method", "no such"),
    (SGD, "self, params, grads", "params, grads", "signature", "first name is `self`"),
    (MOMENTUM, ZEROS, "np.zeros_like(params)", "array-without-keys", "one array per key"),
    (MOMENTUM, ZEROS, "np.zeros(len(params))", "array-without-keys", "one array per key"),
    (MOMENTUM, ZEROS, "[np.zeros_like(p) for p in params.values()]", "list-without-keys", "a dict"),
    (MOMENTUM, ZEROS, "{}", "fresh-state-missing", "has to be made before"),
    (MOMENTUM, "self.v is None", "False", "fresh-state-missing", "in the first update"),
    (MOMENTUM, "params[key] += self.v[key]", ZIPPED, "names-not-arrays", "`zip(params, grads)`"),
    (ADAM, "self.t += 1", "t += 1", "self-missing", "kept on `self`"),
    (ADAM, "self.t += 1", "pass", "t-from-0", "t has to be 1"),
    (ADAM, "g**2", "g^2", "power", "`**`"),
    (ADAM, "np.sqrt", "math.sqrt", "import-missing", "`np.sqrt` takes"),
    (ADAM, SETTINGS + "beta1", SETTINGS + "(beta1,)", "tuple-or-list", "comma"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "old", "new", "mistake", "hint"), OPTIMIZERS)
def test_an_error_in_an_optimizer_gets_a_hint_that_fits(source, old, new, mistake, hint):
    assert old in source
    id = {"MySGD": "sgd-rule", "MyMomentum": "momentum-rule", "MyAdam": "adam-rule"}
    task_id = next(each for name, each in id.items() if f"class {name}" in source)
    result = checked(task_id, source.replace(old, new))
    assert result.mistakes == (mistake,)
    assert hint in " ".join(result.text.split())


def test_the_root_of_an_array_by_math_is_told():
    source = "import math\n" + ADAM.replace("np.sqrt", "math.sqrt")
    assert checked("adam-rule", source).mistakes == ("math-of-an-array",)


def test_sgd_is_never_told_of_a_memory():
    for new in ("self.rate * grads[key]", "grads['W']", "self.lr * grads[key][0][0][0]"):
        text = checked("sgd-rule", SGD.replace("self.lr * grads[key]", new)).text
        assert "remember" not in text
        assert "zeros" not in text


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        ("return 1 - self.beta1**t", "self-in-function"),
        ("return 1 - b1**t", "spelling"),
        ("m += 1\n    return m", "no-value"),
        ("return (1 - beta1 ^ t)", "power"),
        ("return log(t)", "import-missing"),
        ("return [10**0.5][t]", "measured-list"),
        ("return np.exp(t, axis=1)", "wrong-arguments"),
        ("a, b = t, beta1, beta2\n    return a", "unpacked"),
        ("return Math.sqrt(t)", "not-python"),
        ("import no_such_thing", "no-such-module"),
        ("return t[0]", "not-indexable"),
        ("return 1 / (t - t)", "t-from-0"),
    ],
)
def test_an_error_in_a_function_gets_a_hint_that_fits(body, mistake):
    result = checked("adam-first-steps", f"def uncorrected(t, beta1, beta2):\n    {body}")
    assert result.mistakes == (mistake,), result
    assert "It was at" in " ".join(result.text.split())


def test_a_name_in_a_function_leads_to_its_arguments():
    source = "def uncorrected(t, beta1, beta2):\n    return 1 - self.beta1**t"
    text = " ".join(checked("adam-first-steps", source).text.split())
    assert "a function, not a method: use its arguments `t, beta1, beta2`." in text


@pytest.mark.parametrize(
    ("task_id", "body", "hint"),
    [
        ("adam-first-steps", "return sum(range(1, t)) / sum(range(1, t))", "t = 1 is tried first"),
        ("momentum-long-run", "return lr / momentum * (1 - momentum)", "It should be 1 − momentum"),
        ("cross-entropy", "return 1 / (len(t) - 1)", "One image alone is tried first"),
        ("cross-entropy", "return np.sqrt({'p': scores})", "A dict stands where"),
        ("cross-entropy", "return t.argmax(axis=1)", "a vector has axis 0 only"),
        ("cross-entropy", "return sum(scores[i] for i in scores)", "gives its rows"),
        ("cross-entropy", "return scores.max(1, keepdims)", "`keepdims=True`"),
        ("second-layer", "grads = {}\n    grads['W2'] += a", "Put it in before you read it"),
        ("second-layer", "dW2 = np.zeros(W2)", "`np.zeros(x.shape)`"),
        ("second-layer", "h, c, n = W2.shape", "one number for each dimension"),
    ],
)
def test_a_hint_speaks_of_what_a_function_has(task_id, body, hint):
    arguments = ", ".join(TASKS[task_id].made["arguments"])
    source = f"def {task(task_id)['name']}({arguments}):\n    {body}"
    text = " ".join(checked(task_id, source).text.split())
    assert hint in text
    assert not any(word in text for word in ("params", "grads[key]", "remember", "update"))
