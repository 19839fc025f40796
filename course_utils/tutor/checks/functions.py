"""Checks a function written by the reader: compares each result with the reference's."""

import inspect
from dataclasses import dataclass
from itertools import compress, permutations

import numpy as np

from course_utils.tutor.checks.sandbox import apart, run
from course_utils.tutor.checks.task import Diagnosis, Task, Trouble, made, trouble


def function_tasks():
    """Return the tasks to write a function."""
    return [FunctionTask(id, each) for id, each in made("functions.toml").items()]


@dataclass(frozen=True, eq=False)
class FunctionTask(Task):
    """A function to write. made: what functions.toml says of it."""

    made: dict

    @property
    def names(self):
        """The names of the results."""
        return list(self.made["right"])

    @property
    def cases(self):
        """The arguments to try, the simplest first."""
        return [[eval(each, vars(np).copy()) for each in case] for case in self.made["cases"]]

    def known(self, case):
        """Return what expressions know: NumPy, the arguments, and names that they share."""
        known = vars(np) | dict(zip(self.made["arguments"], case, strict=True))
        with np.errstate(all="ignore"):
            for name, expression in self.made.get("names", {}).items():
                known[name] = eval(expression, known)
        return known

    def reference(self, *case):
        """Return the right results."""
        known = self.known(case)
        return tuple(eval(each, known) for each in self.made["right"].values())

    def diagnose(self, answer):
        self.expect("function", lambda it: callable(it) and not inspect.isclass(it), answer)
        answers, broke = apart(_answers, answer, self)
        cases = self.cases[: len(answers)]
        wanted = [self.reference(*case) for case in cases]
        if broke and _agree(answers, wanted):
            raise Trouble(broke)
        others = [*permutations(range(len(self.names)))][1:]
        if any(_agree([[a[i] for i in order] for a in answers], wanted) for order in others):
            return Diagnosis(("order",), (self.says("order", names=", ".join(self.names)),))
        mistakes, sentences, example = [], [], ""
        for place, name in enumerate(self.names):
            mine = [each[place] for each in answers]
            right = [each[place] for each in wanted]
            if not all(map(_same, mine, right)):
                mistake = _named(mine, right, cases, self, name)
                if broke and not mistake:
                    raise Trouble(broke)
                how, words = ("", {}) if mistake else _compared(mine, right)
                mistakes.append(mistake or "unknown")
                said = self.says(mistake or f"unknown:{how}", result=_subject(name), **words)
                sentences.append(said)
                example = example or _example(self, cases, name, mine, right)
        return Diagnosis(tuple(mistakes), tuple(sentences), example)


def _agree(answers, wanted):
    """Whether all results of all cases are the wanted ones."""
    cases = (zip(*each, strict=True) for each in zip(answers, wanted, strict=True))
    return all(_same(*pair) for case in cases for pair in case)


def _answers(function, task):
    """Return the results of each case, up to the one in which the function breaks, and how."""
    found = []
    try:
        for case in task.cases:
            found.append(_results(function, task, case))
        again = _results(function, task, task.cases[0])
    except Trouble as broke:
        return found, broke.diagnosis
    if not all(map(_same, found[0], again)):
        return found[:1], trouble("random:function").diagnosis
    return found, None


def _results(function, task, case):
    given = [value.copy() if isinstance(value, np.ndarray) else value for value in case]
    answer = run(task.id, "function", function, *given)
    if answer is None:
        raise trouble("no-return")
    results = tuple(answer) if isinstance(answer, tuple | list) else (answer,)
    if len(results) != len(task.names):
        got = f"{len(results)} values" if len(results) > 1 else f"one {type(answer).__name__}"
        raise trouble("wrong-return:count", names=", ".join(task.names), got=got)
    results = tuple(map(_array, map(_subject, task.names), results))
    pairs = zip(task.made["arguments"], given, case, strict=True)
    changed = [name for name, *pair in pairs if not np.array_equal(*pair, equal_nan=True)]
    if changed:
        raise trouble("argument-changed", changed=", ".join(changed))
    return results


def _array(result, value):
    """Return a value as an array of floats; result: what it is called."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and value is not None:
            array = np.array(value, float)
    except Exception:
        array = np.array(None)
    if array.dtype.kind == "O" and isinstance(value, list | tuple):
        raise trouble("wrong-return:rows", result=result)
    if array.dtype.kind == "c":
        raise trouble("negative-root", result=result)
    if array.dtype.kind not in "iuf":
        raise trouble("wrong-return:kind", result=result, kind=type(value).__name__)
    return array


def _same(mine, right):
    mine, right = np.asarray(mine), np.asarray(right)
    tolerance = 1e-4 if right.dtype == np.float32 else 1e-6
    if mine.size == right.size == 1:
        mine, right = mine.reshape(()), right.reshape(())
    return mine.shape == right.shape and np.allclose(mine, right, tolerance, 1e-7, equal_nan=True)


def _named(mine, right, cases, task, name):
    """Return the mistake that gives the reader's values wherever it can be made, or ''."""
    known = [task.known(case) for case in cases]
    finite = [np.isfinite(one).all() for one in mine]
    only_size = all(map(_same, compress(mine, finite), compress(right, finite)))
    for mistake, expressions in task.made["wrong"][name].items():
        ways = (compile(each, mistake, "eval") for each in expressions)
        if any(_gives(mine, known, way, only_size) for way in ways):
            return mistake
    return ""


def _gives(mine, known, expression, only_size):
    """Whether an expression gives the values. only_size: they fail by size only, so it must too."""
    hit = False
    for value, names in zip(mine, known, strict=True):
        try:
            with np.errstate(all="ignore"):
                other = eval(expression, names)
        except (ValueError, ZeroDivisionError, IndexError):
            continue
        finite = np.all(np.isfinite(value)), np.all(np.isfinite(other))
        clash = finite[0] != finite[1] and (only_size or not finite[1])
        if clash or (all(finite) and not _same(value, other)):
            return False
        hit = hit or all(finite)
    return hit


def _compared(mine, right):
    """Return how the reader's values differ from the expected ones, and words for a sentence."""
    for one, other in zip(mine, right, strict=True):
        if np.shape(one) != np.shape(other):
            return "shape", {"mine": np.shape(one), "right": np.shape(other)}
    mine, right = (np.concatenate([np.ravel(each) for each in values]) for values in (mine, right))
    if len(mine) > 1 and np.ptp(mine) == 0 and np.ptp(right) > 0:
        return "constant", {}
    with np.errstate(all="ignore"):
        factors = mine / right
    if np.ptp(factors) < 1e-6 * abs(factors[0]):
        return "factor", {"factor": f"{factors[0]:.4g}"}
    if np.all(abs(factors - 1) < 0.2):
        return "near", {"far": f"{100 * max(abs(factors - 1)):.2g}"}
    return "result", {}


def _subject(name):
    return name.capitalize() if " " in name else name


def _example(task, cases, name, mine, right):
    for case, value, expected in zip(cases, mine, right, strict=True):
        if not _same(value, expected):
            pairs = zip(task.made["arguments"], case, strict=True)
            given = ", ".join(f"{argument} = {_short(each)}" for argument, each in pairs)
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
