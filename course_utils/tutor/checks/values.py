"""Checks an answer that is a number or a few settings."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

import numpy as np

from course_utils.tutor.checks.task import Diagnosis, Task, trouble
from course_utils.tutor.lessons import plain


@dataclass(frozen=True, eq=False)
class ValueTask(Task):
    """A value to find.

    judge: takes the answer and returns in words what is judged, the mistake or '', and the words
    that its sentence leaves open.
    """

    judge: Callable

    def diagnose(self, answer):
        judged, mistake, words = self.judge(answer)
        if not mistake:
            return Diagnosis()
        says = self.says(mistake, **words)
        return Diagnosis((plain(mistake),), (f"Judging {judged}: {says}",))


def number(value, expected):
    """Return the value as a float; Trouble, saying what is expected, where it is no number."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, str):
        raise trouble("wrong-kind:quotes", expected=expected, value=repr(value))
    if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
        raise trouble("wrong-kind:number", expected=expected, value=repr(value))
    return float(value)
