"""Checks a function written by the reader: compares each result with the reference's."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from itertools import permutations

import numpy as np

from course_utils.checks.sandbox import NEGATIVE_ROOT, Trouble, run


@dataclass(frozen=True)
class FunctionTask:
    """A function to write.

    names: of its results. cases: lists of arguments, the simplest first. mistakes: for each
    result, functions of the same arguments that make one mistake each, with what to say.
    """

    reference: Callable
    names: tuple[str, ...]
    cases: tuple[tuple, ...]
    mistakes: dict[str, dict[str, tuple[Callable, str]]]


def diagnose(function, task):
    """Return the mistakes in the reader's function, a sentence for each, and an example or ''."""
    cases, answers = [], []
    for case in task.cases:
        try:
            answers.append(_results(function, task, case))
        except Trouble:
            if _all_right(task, cases, answers):
                raise
            break
        cases.append(case)
    wanted = [_tuple(task.reference(*case)) for case in cases]
    if _only_order(answers, wanted):
        names = ", ".join(task.names)
        return ["order"], [f"The results are right but in another order: {names}."], ""
    mistakes, sentences, example = [], [], ""
    for place, name in enumerate(task.names):
        mine = [answer[place] for answer in answers]
        right = [each[place] for each in wanted]
        if not all(map(_same, mine, right)):
            mistake, sentence = _named(mine, cases, task.mistakes[name], name)
            mistakes.append(mistake)
            sentences.append(sentence)
            example = example or _example(task, cases, name, mine, right)
    return mistakes, sentences, example


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
    result = run(function, *given)
    if result is None:
        raise Trouble("It returns nothing. End it with `return …`.", "no-return")
    results = _tuple(result)
    if len(results) != len(task.names):
        names = ", ".join(task.names)
        got = f"{len(results)} values" if len(results) > 1 else f"one {type(result).__name__}"
        raise Trouble(f"It should return {names}; it returns {got}.", "wrong-return")
    for name, value in zip(map(_subject, task.names), results, strict=True):
        try:
            np.asarray(value)
        except ValueError:
            text = f"{name} is a list whose rows differ in length, not an array."
            raise Trouble(text, "wrong-return") from None
        if np.asarray(value).dtype.kind == "c":
            raise Trouble(f"{name} is a complex number. {NEGATIVE_ROOT}", "negative-root")
        if np.asarray(value).dtype.kind not in "iuf":
            raise Trouble(f"{name} is a {type(value).__name__}, not a number.", "wrong-return")
    if not all(np.array_equal(mine, old) for mine, old in zip(given, case, strict=True)):
        raise Trouble(
            "It changes its arguments. They belong to the caller: work with new arrays.",
            "argument-changed",
        )
    return results


def _tuple(result):
    return tuple(result) if isinstance(result, tuple | list) else (result,)


def _same(mine, right):
    mine, right = np.asarray(mine), np.asarray(right)
    tolerance = 1e-4 if right.dtype == np.float32 else 1e-6
    if mine.size == right.size == 1:
        mine, right = mine.reshape(()), right.reshape(())
    return mine.shape == right.shape and np.allclose(mine, right, tolerance, 1e-7, equal_nan=True)


def _named(mine, cases, mistakes, name):
    """Return the mistake that gives the reader's values wherever it can be made, and its text."""
    for mistake, (wrong, sentence) in mistakes.items():
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
            return mistake, sentence
    return "unknown", f"{_subject(name)} differs from what is expected."


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
