"""Checks a function written by the reader: compares each result with the reference's."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import isfunction, signature
from itertools import permutations

import numpy as np

from course_utils.tutor.checks.sandbox import run
from course_utils.tutor.checks.task import Diagnosis, Task, Trouble, trouble
from course_utils.tutor.lessons import sentence


@dataclass(frozen=True, eq=False)
class FunctionTask(Task):
    """A function to write.

    names: of its results. cases: lists of arguments, the simplest first. mistakes: for each
    result, functions of the same arguments that make one mistake each.
    """

    reference: Callable
    names: tuple[str, ...]
    cases: tuple[tuple, ...]
    mistakes: dict[str, dict[str, Callable]]

    def diagnose(self, answer):
        self.expect("function", isfunction, answer)
        cases, answers = [], []
        for case in self.cases:
            try:
                answers.append(_results(answer, self, case))
            except Trouble:
                if _all_right(self, cases, answers):
                    raise
                break
            cases.append(case)
        wanted = [_tuple(self.reference(*case)) for case in cases]
        if _only_order(answers, wanted):
            return Diagnosis(("order",), (self.says("order", names=", ".join(self.names)),))
        mistakes, sentences, example = [], [], ""
        for place, name in enumerate(self.names):
            mine = [each[place] for each in answers]
            right = [each[place] for each in wanted]
            if not all(map(_same, mine, right)):
                mistake = _named(mine, cases, self.mistakes[name])
                mistakes.append(mistake or "unknown")
                sentences.append(self.says(mistake or "unknown:result", result=_subject(name)))
                example = example or _example(self, cases, name, mine, right)
        return Diagnosis(tuple(mistakes), tuple(sentences), example)


def _all_right(task, cases, answers):
    wanted = [_tuple(task.reference(*case)) for case in cases]
    return all(
        _same(mine, right)
        for answer, each in zip(answers, wanted, strict=True)
        for mine, right in zip(answer, each, strict=True)
    )


def _only_order(answers, wanted):
    others = list(permutations(range(len(wanted[0]))))[1:]
    return any(
        all(
            _same(answer[i], right)
            for answer, each in zip(answers, wanted, strict=True)
            for i, right in zip(order, each, strict=True)
        )
        for order in others
    )


def _results(function, task, case):
    given = [value.copy() if isinstance(value, np.ndarray) else value for value in case]
    answer = run(function, *given)
    if answer is None:
        raise trouble("no-return")
    results = _tuple(answer)
    if len(results) != len(task.names):
        got = f"{len(results)} values" if len(results) > 1 else f"one {type(answer).__name__}"
        raise trouble("wrong-return:count", names=", ".join(task.names), got=got)
    for result, value in zip(map(_subject, task.names), results, strict=True):
        try:
            kind = np.asarray(value).dtype.kind
        except ValueError:
            raise trouble("wrong-return:rows", result=result) from None
        if kind == "c":
            why = sentence("negative-root")
            raise trouble("negative-root:result", result=result, why=why)
        if kind not in "iuf":
            raise trouble("wrong-return:kind", result=result, kind=type(value).__name__)
    if not all(np.array_equal(mine, old) for mine, old in zip(given, case, strict=True)):
        raise trouble("argument-changed")
    return results


def _tuple(result):
    return tuple(result) if isinstance(result, tuple | list) else (result,)


def _same(mine, right):
    mine, right = np.asarray(mine), np.asarray(right)
    tolerance = 1e-4 if right.dtype == np.float32 else 1e-6
    if mine.size == right.size == 1:
        mine, right = mine.reshape(()), right.reshape(())
    return mine.shape == right.shape and np.allclose(mine, right, tolerance, 1e-7, equal_nan=True)


def _named(mine, cases, mistakes):
    """Return the mistake that gives the reader's values wherever it can be made, or ''."""
    for mistake, wrong in mistakes.items():
        hits, clashes = [], []
        for value, case in zip(mine, cases, strict=True):
            try:
                with np.errstate(all="ignore"):
                    other = wrong(*case)
                finite = np.all(np.isfinite(value)), np.all(np.isfinite(other))
                if all(finite):
                    hits.append(_same(value, other))
                elif not finite[1]:
                    clashes.append(finite[0])
            except (ValueError, ZeroDivisionError):
                continue
        if hits and all(hits) and not any(clashes):
            return mistake
    return ""


def _subject(name):
    return name.capitalize() if " " in name else name


def _example(task, cases, name, mine, right):
    arguments = signature(task.reference).parameters
    for case, value, expected in zip(cases, mine, right, strict=True):
        if not _same(value, expected):
            given = ", ".join(
                f"{argument} = {_short(each)}"
                for argument, each in zip(arguments, case, strict=True)
            )
            digits = 4 if _short(value) != _short(expected) else 8
            is_, should = _short(value, digits), _short(expected, digits)
            return f"With {given}, {name} is {is_}, expected {should}."
    return ""


def _short(value, digits=4):
    if np.ndim(value) == 0:
        return f"{float(value):.{digits}g}"
    if np.size(value) > 9:
        return f"an array of shape {np.shape(value)}"
    return str(np.asarray(value).round(digits).tolist())
