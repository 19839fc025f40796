"""Which module may import which, what the package offers, and the article's own listing."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import course_utils

PACKAGE = Path(course_utils.__file__).parent
REPOSITORY = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Every layer, and what of course_utils it may import. A layer is a module or a folder of modules.
BELOW: dict[str, set[str]] = {
    "base_optimizer": set(),
    "optimizers": {"base_optimizer"},
    "surfaces": set(),
    "network": set(),
    "mnist": set(),
    "results": set(),
    "comparison": {"base_optimizer", "optimizers", "network", "mnist"},
}
BELOW["training"] = set(BELOW)
BELOW["schedules"] = set(BELOW)
BELOW["convergence"] = set(BELOW)
BELOW["best_rate"] = set(BELOW)
BELOW["switchboard"] = set(BELOW)
MATHS = list(BELOW)
BELOW["figures"] = {*MATHS}
BELOW["lessons"] = set()
BELOW["explorers"] = {*MATHS, "figures", "lessons"}
BELOW["checks"] = {*MATHS, "lessons"}
BELOW["__init__"] = {*MATHS}

DRAWING_AND_WIDGETS = {"matplotlib", "ipywidgets", "IPython"}
NOT_LOADED = dict.fromkeys(MATHS, DRAWING_AND_WIDGETS)
NOT_LOADED |= dict.fromkeys(("lessons", "checks"), DRAWING_AND_WIDGETS)
NOT_LOADED["mnist"] = {*DRAWING_AND_WIDGETS, "pooch", "sklearn"}


def layer(file):
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_names(tree, package):
    """Yield the full dotted name of all that is imported, functions' own imports included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) + 1 - node.level] if node.level else []
            origin = ".".join([*parent, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def imports_of(file):
    package = file.relative_to(REPOSITORY).parts[:-1]
    return set(imported_names(ast.parse(file.read_text("utf-8")), list(package)))


def tops(names):
    return {name.split(".")[0] for name in names}


def layers_used(file):
    """Return the layers of course_utils that a file imports, without its own."""
    used = {name.split(".")[1] for name in imports_of(file) if name.startswith("course_utils.")}
    return used - {layer(file)}


def layer_files(name):
    files = [file for file in FILES if layer(file) == name]
    if not files:
        pytest.skip(f"course_utils has no {name} yet")
    return files


@pytest.mark.parametrize("module", NOT_LOADED)
def test_a_maths_module_loads_no_drawing_and_no_widgets(module):
    code = f"import course_utils.{module}, sys; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not tops(answer.stdout.split()) & NOT_LOADED[module]


@pytest.mark.parametrize("name", BELOW)
def test_imports_point_down(name):
    for file in layer_files(name):
        assert layers_used(file) <= BELOW[name], file.name


def test_every_module_has_a_layer():
    assert {layer(file) for file in FILES} <= set(BELOW)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_who_may_draw_and_who_may_have_widgets(file):
    names = imports_of(file)
    allowed = {
        "figures": {"matplotlib"},
        "explorers": DRAWING_AND_WIDGETS,
        "checks": {"IPython"},
    }.get(layer(file), set())
    assert not tops(names) & DRAWING_AND_WIDGETS - allowed
    assert not any("pyplot" in name.split(".") or name.split(".")[0] == "pylab" for name in names)


def test_the_import_reader_sees_every_kind_of_import():
    code = """
import os.path
def f():
    from matplotlib import pyplot as plt
    from . import figures
    from ..explorers import base
    from .style import palette
"""
    assert set(imported_names(ast.parse(code), ["course_utils", "figures"])) == {
        "os.path",
        "matplotlib.pyplot",
        "course_utils.figures.figures",
        "course_utils.explorers.base",
        "course_utils.figures.style.palette",
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_no_module_is_longer_than_300_lines(file):
    assert len(file.read_text("utf-8").splitlines()) <= 300


def test_the_public_names():
    assert len(course_utils.__all__) == len(set(course_utils.__all__))
    assert all(hasattr(course_utils, name) for name in course_utils.__all__)
    assert set(course_utils.__all__) >= {
        "SGD",
        "Momentum",
        "AdaGrad",
        "RMSProp",
        "Adam",
        "MyTwoLayerNet",
        "load_mnist",
        "smooth_curve",
        "descend",
        "train",
        "compare",
        "Ravine",
        "Saddle",
        "Rosenbrock",
        "Beale",
    }


def test_the_articles_listing_runs_with_our_names():
    """Its loop with less data: a network per method, the loss after each update, the curve."""
    from course_utils import SGD, AdaGrad, Adam, Momentum, MyTwoLayerNet, RMSProp, smooth_curve

    rng = np.random.default_rng(0)
    t_train = rng.integers(10, size=300)
    x_train = rng.random((300, 784), np.float32) / 4
    x_train[np.arange(300), 70 * t_train] = 8

    optimizers = {
        "SGD": SGD(),
        "Momentum": Momentum(),
        "AdaGrad": AdaGrad(),
        "RMSProp": RMSProp(),
        "Adam": Adam(),
    }
    networks, train_loss = {}, {}
    for key in optimizers:
        networks[key] = MyTwoLayerNet(input_size=784, hidden_size_1=100, output_size=10)
        train_loss[key] = []
    for _ in range(40):
        batch_mask = rng.choice(len(x_train), 128)
        x_batch, t_batch = x_train[batch_mask], t_train[batch_mask]
        for key in optimizers:
            grads = networks[key].gradient(x_batch, t_batch)
            optimizers[key].update(networks[key].params, grads)
            train_loss[key].append(networks[key].loss(x_batch, t_batch))
    for key, losses in train_loss.items():
        curve = smooth_curve(losses)
        assert curve.shape == (40,), key
        assert curve[-1] < curve[0], key
