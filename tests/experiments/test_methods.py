"""The registry of methods, and the public names."""

import inspect

import numpy as np
import pytest

import course_utils.experiments as experiments
from course_utils import Adam, Ravine, descend, optimizers
from course_utils.experiments.methods import FIVE, METHODS, five, method_of
from course_utils.optimizer import Optimizer
from tests.experiments.readers import MySGD


def test_every_optimizer_of_the_package_has_a_row():
    kinds = inspect.getmembers(
        optimizers, lambda kind: inspect.isclass(kind) and kind.__module__ == optimizers.__name__
    )
    assert {name for name, kind in kinds if issubclass(kind, Optimizer)} == set(METHODS)


def test_the_five_are_those_of_the_article_at_the_rates_of_the_classic_picture():
    assert FIVE == ("SGD", "Momentum", "AdaGrad", "RMSProp", "Adam")
    ends = {name: descend(Ravine(), each, steps=30).losses[-1] for name, each in five().items()}
    assert list(ends.values()) == pytest.approx([0.0133, 0.0479, 7e-4, 0.0243, 0.102], rel=0.05)


def test_a_method_is_known_by_its_class_and_no_other():
    assert method_of(Adam(0.7)) is METHODS["Adam"]
    assert method_of(type("Adam", (Adam,), {})()) is None
    assert method_of(MySGD()) is None


def test_the_five_are_the_callers_own():
    five()["Adam"].update({"x": np.zeros(1)}, {"x": np.ones(1)})
    five()["SGD"].lr = 7
    assert five()["Adam"].iter == METHODS["Adam"].optimizer.iter == 0
    assert five()["SGD"].lr == 0.95


@pytest.mark.parametrize("what", ["color", "marker", "linestyle"])
def test_the_methods_can_be_told_apart(what):
    assert len({str(method.look[what]) for method in METHODS.values()}) == len(METHODS)


def test_the_panels_show_what_a_method_remembers():
    shown = {"velocity": "v", "h": "h", "m": "m", "v": "v"}
    for name, method in METHODS.items():
        states = {shown[panel] for panel in method.panels if panel in shown}
        assert states == set(method.optimizer.state), name


def test_the_public_names_are_there():
    assert all(hasattr(experiments, name) for name in experiments.__all__)
