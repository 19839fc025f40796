"""The cheat sheet's rules, defaults, conversions and glossary are true."""

import inspect
import re
from math import sqrt
from pathlib import Path

import nbformat
import numpy as np
import pytest

import course_utils
from course_utils import AdaGrad, Momentum
from tests.pages import table_rows

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CELLS = nbformat.read(NOTEBOOKS / "cheat_sheet.ipynb", 4).cells
METHODS = ("SGD", "Momentum", "AdaGrad", "RMSProp", "Adam", "Nesterov", "AdamW")


def rows(heading):
    """Return the rows, as lists of strings, of the table under a heading."""
    (cell,) = [c for c in CELLS if c.cell_type == "markdown" and f"## {heading}\n" in c.source]
    return table_rows(cell.source)


RULES = {row[0]: row[1] for row in rows("The rules")}
CONVERSIONS = {row[0][1:].split("(")[0]: row for row in rows("The same run in PyTorch and Keras")}
GRADIENTS = np.random.default_rng(0).standard_normal((30, 4)) * [1e-7, 0.01, 1, 100]


def call(text):
    """Return the call in a cell of the conversions, without the library's default."""
    return re.match("`(.+?)`", text)[1]


def path_here(optimizer, gradients=GRADIENTS):
    params, path = {"p": np.ones(gradients.shape[1])}, []
    for g in gradients:
        optimizer.update(params, {"p": g})
        path.append(params["p"].copy())
    return np.array(path)


# The rules

PYTHON = [
    (r"\*|<br>", ""),
    ("←", "="),
    ("−", "-"),
    ("²", "**2"),
    ("ᵗ", "**t"),
    ("β₁", "beta1"),
    ("β₂", "beta2"),
    (r"√(\w)", r"sqrt(\1)"),
    ("√", "sqrt"),
    (r"(?<=[\w)]) (?:· )?(?=[\w(])", "*"),
]
NAMES = {
    "η": "lr",
    "α": "momentum",
    "ρ": "decay_rate",
    "ε": "eps",
    "λ": "weight_decay",
    "beta1": "beta1",
    "beta2": "beta2",
}


def statements(rule):
    """Turn the formulas of a rule into lines of Python."""
    for line in rule.split(";"):
        if "←" in line:
            for pattern, replacement in PYTHON:
                line = re.sub(pattern, replacement, line.strip())
            yield line


@pytest.mark.parametrize("method", METHODS)
def test_the_rule_is_that_of_the_class(method):
    optimizer = getattr(course_utils, method)()
    lines = list(statements(RULES[method]))
    if method == "AdamW":
        lines += statements(RULES["Adam"])
    values = {short: getattr(optimizer, name, None) for short, name in NAMES.items()}
    values |= {"p": np.ones(4), "v": np.zeros(4), "h": np.zeros(4), "m": np.zeros(4)}
    path = []
    for t, g in enumerate(GRADIENTS, 1):
        exec("\n".join(lines), {"sqrt": np.sqrt}, values := values | {"t": t, "g": g})
        path.append(values["p"])
    np.testing.assert_allclose(path_here(optimizer), path, rtol=1e-12)


# Defaults and conversions


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """The optimizers of PyTorch and Keras; Keras computes with PyTorch."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "torch")
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        keras = pytest.importorskip("keras", reason="Keras is not installed")
    return torch, keras


def path_in_pytorch(torch, make, gradients):
    p, path = torch.ones(gradients.shape[1], dtype=torch.float64), []
    optimizer = eval(make, vars(torch.optim), {"p": [p]})
    for g in gradients:
        p.grad = torch.tensor(g)
        optimizer.step()
        path.append(p.numpy().copy())
    return np.array(path)


def path_in_keras(torch, keras, make, gradients):
    p, path = keras.Variable(np.ones(gradients.shape[1]), dtype="float64"), []
    optimizer = eval(make, vars(keras.optimizers))
    for g in gradients:
        optimizer.apply([torch.tensor(g)], [p])
        path.append(p.value.detach().numpy().copy())
    return np.array(path)


def arguments(make, library):
    """Return all arguments of a call by name, and the library's own defaults of them."""
    name, given = re.fullmatch(r"(\w+)\((.*)\)", make).groups()
    signature = inspect.signature(getattr(library, name))
    bound = eval(f"bind({given})", {"bind": signature.bind, "p": None}).arguments
    return bound, {name: signature.parameters[name].default for name in bound}


@pytest.mark.parametrize("method", METHODS)
def test_a_conversion_begins_from_our_defaults(method):
    here = CONVERSIONS[method][0]
    assert repr(eval(call(here), vars(course_utils))) == repr(getattr(course_utils, method)())
    for name in getattr(course_utils, method)().hyperparameters:
        assert f"{name}=" in here


@pytest.mark.parametrize("method", METHODS)
def test_a_conversion_names_each_default_that_differs_and_no_other(libraries, method):
    torch, keras = libraries
    for text, library in zip(CONVERSIONS[method][1:], (torch.optim, keras.optimizers), strict=True):
        given, defaults = arguments(call(text), library)
        differ = {
            name: default
            for name, default in defaults.items()
            if name not in ("params", "nesterov") and default != given[name]
        }
        stated = re.search("default `(.+)`", text)
        assert eval(f"dict({stated[1] if stated else ''})") == differ


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("lr", ["as stated", "0.1"])
def test_a_conversion_walks_the_same_path(libraries, method, lr):
    torch, keras = libraries
    calls = map(call, CONVERSIONS[method])
    if lr != "as stated":
        calls = (re.sub(r"\b0\.0*1\b", lr, text, count=1) for text in calls)
    here, in_pytorch, in_keras = calls
    gradients = GRADIENTS[:, 2:]
    path = path_here(eval(here, vars(course_utils)), gradients)
    np.testing.assert_allclose(path_in_pytorch(torch, in_pytorch, gradients), path, atol=1e-4)
    np.testing.assert_allclose(path_in_keras(torch, keras, in_keras, gradients), path, atol=1e-4)


def test_a_velocity_rescaled_with_lr_follows_pytorch(libraries):
    torch, _ = libraries
    ours, params = Momentum(lr=0.1), {"p": np.ones(4)}
    p = torch.ones(4, dtype=torch.float64)
    theirs = torch.optim.SGD([p], lr=0.1, momentum=0.9)
    for t, g in enumerate(GRADIENTS):
        if t == 10:
            theirs.param_groups[0]["lr"] = 0.02
            ours.v["p"] *= 0.02 / ours.lr
            ours.lr = 0.02
        ours.update(params, {"p": g})
        p.grad = torch.tensor(g)
        theirs.step()
    np.testing.assert_allclose(params["p"], p.numpy(), rtol=1e-12)


def test_epsilon_inside_the_root_acts_like_its_root_outside(libraries):
    make = "Adagrad(0.1, initial_accumulator_value=0, epsilon=1e-7)"
    tiny = np.full((1, 1), 1e-6)
    theirs = 1 - path_in_keras(*libraries, make, tiny)
    np.testing.assert_allclose(1 - path_here(AdaGrad(0.1, sqrt(1e-7)), tiny), theirs, rtol=0.01)
    assert abs(1 - path_here(AdaGrad(0.1, 1e-7), tiny)) > 100 * theirs


def test_adams_epsilon_is_that_of_keras_and_translates_to_pytorch(libraries):
    torch, keras = libraries
    tiny = np.full((1, 1), 1e-6)
    ours = 1 - path_here(course_utils.Adam(0.1, eps=1e-6), tiny)
    make = "Adam(0.1, epsilon=1e-6)"
    np.testing.assert_allclose(1 - path_in_keras(torch, keras, make, tiny), ours, rtol=1e-6)
    make = f"Adam(p, 0.1, eps={1e-6 / sqrt(1 - 0.999)})"
    np.testing.assert_allclose(1 - path_in_pytorch(torch, make, tiny), ours, rtol=1e-6)


# The glossary


def words_of(name):
    """Return what a notebook says: its cells and the cards and tables that they show."""
    words = []
    for cell in nbformat.read(NOTEBOOKS / name, 4).cells:
        words.append(cell.source)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            words.append(data.get("text/markdown", data.get("text/plain", output.get("text", ""))))
    return "\n".join(words)


@pytest.mark.parametrize("row", rows("Glossary"), ids=lambda row: row[0])
def test_a_term_is_one_of_the_notebook_it_points_to(row):
    notebook = re.search(r"\]\((.+)\)", row[2])[1]
    for term in row[0].split(", "):
        assert term in words_of(notebook).lower()


STRESSED = {"flat", "method", "setting", "slope"}  # bold in an answer, and everyday words


def test_terms_that_a_notebook_sets_bold_are_explained():
    explained = {term for row in rows("Glossary") for term in row[0].split(", ")}
    for path in sorted(NOTEBOOKS.glob("0*.ipynb")):
        pattern = r"\*\*(?:is )?(?!the )([a-z][a-z -]{1,20})\*\*"
        for term in re.findall(pattern, words_of(path.name)):
            assert {term, term.removesuffix("s")} & (explained | STRESSED), f"{path.name}: {term}"


def test_terms_are_in_alphabetical_order():
    terms = [row[0].lower() for row in rows("Glossary")]
    assert terms == sorted(terms)
