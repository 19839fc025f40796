"""Checks an answer that is a number or a few settings."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_utils.tutor.checks.sandbox import apart
from course_utils.tutor.checks.task import Diagnosis, Task, shown, trouble
from course_utils.tutor.lessons import plain


@dataclass(frozen=True, eq=False)
class ValueTask(Task):
    """A value to find.

    judge: takes the answer and returns in words what is judged, the mistake or '', and the words
    that its sentence leaves open.
    """

    judge: Callable

    def diagnose(self, answer):
        judged, mistake, words = apart(self.judge, answer)
        if not mistake:
            return Diagnosis()
        return Diagnosis((plain(mistake),), (f"Judging {judged}: {self.says(mistake, **words)}",))


def number(value, expected):
    """Return the value as a float; Trouble, saying what is expected, where it is no number."""
    if isinstance(value, str):
        raise trouble("wrong-kind:quotes", expected=expected, value=shown(value))
    try:
        one = np.asarray(value).item() if hasattr(value, "shape") else value
        found = math.nan if isinstance(one, bool | None) else float(one)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise trouble("wrong-kind:number", expected=expected, value=shown(value))
    return found
