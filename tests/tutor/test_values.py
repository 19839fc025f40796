"""Answers that are a value: right ones, and each mistake named."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from course_utils.tutor import check
from course_utils.tutor.lessons import mistakes, plain

ANSWERS = [
    ("sgd-edge", 1 / 3, ()),
    ("sgd-edge", 0.333, ()),
    ("sgd-edge", np.float64(1) / 3, ()),
    ("sgd-edge", 1 / 6, ("half-of-it",)),
    ("sgd-edge", 4.0, ("flat-direction",)),
    ("sgd-edge", 2 / 3, ("coefficient",)),
    ("sgd-edge", 1, ("the-ravines",)),
    ("sgd-edge", 0.31, ("best-rate",)),
    ("sgd-edge", 3, ("inverted",)),
    ("sgd-edge", 0.05, ("unknown",)),
    ("sgd-edge", Fraction(1, 3), ()),
    ("sgd-edge", Decimal(1) / 3, ()),
    ("sgd-edge", np.array([1 / 3]), ()),
    ("sgd-edge", np.array(1 / 3), ()),
    ("sgd-edge", [4.0, 1 / 3], ("wrong-kind",)),
    ("sgd-edge", True, ("wrong-kind",)),
    ("sgd-edge", 10**400, ("wrong-kind",)),
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
    ("adagrad-stall", {"lr": 1e8, "start": (2, -1)}, ("diverges",)),
    ("sgd-edge", 0, ("lr-not-positive",)),
    ("sgd-edge", -0.1, ("lr-not-positive",)),
    ("sgd-edge", 6, ("curvature",)),
    ("sgd-edge", 8, ("flat-coefficient",)),
]


@pytest.mark.parametrize(("task_id", "answer", "found"), ANSWERS)
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


@pytest.mark.parametrize("task_id", ["sgd-edge", "adagrad-stall"])
def test_every_sentence_has_its_answer(task_id):
    found = {mistake for each, _, found in ANSWERS if each == task_id for mistake in found}
    assert {plain(mistake) for mistake in mistakes(task_id)} <= found
