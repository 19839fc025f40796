"""Checks an optimizer written by the reader: runs it beside the rule and looks for the mistake."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from course_utils.checks.rules import walk
from course_utils.checks.sandbox import Trouble, run
from course_utils.surfaces import Ravine

EPSILONS = (1e-7, 1e-8)  # the article's and PyTorch's; either is right where it is outside


@dataclass(frozen=True)
class Probe:
    """A problem to run on: where it starts, its gradient, and how exactly to compare."""

    start: dict[str, np.ndarray]
    gradient: Callable
    settings: dict[str, float]
    steps: int
    tolerance: float = 1e-4

    def fresh(self):
        return {key: p.copy() for key, p in self.start.items()}


@dataclass
class Run:
    """What the reader's class did on a probe: the path, and what else could be seen."""

    path: list[dict] = field(default_factory=list)
    facts: set[str] = field(default_factory=set)


def probes(task):
    """Return the problems, the simplest first: its path is the one shown to the reader."""
    here, there = task.values(0), task.values(1)
    listed = (2.0, 1.0, -3.0, 0.5, 4.0, -1.0, 2.0, 2.0)
    ravine, rng = Ravine(), np.random.default_rng(0)
    shapes = {"W": (3, 2), "b": (2,), "c": (1,)}
    scales = {key: rng.uniform(0.2, 2, shape) for key, shape in shapes.items()}
    bowl = {key: rng.normal(size=shape) for key, shape in shapes.items()}
    single = {key: p.astype(np.float32) for key, p in bowl.items()}
    tiny = np.array([0.0, 1e-3, -1e-3])

    def one(params, t):
        return {"x": np.array([listed[t - 1]])}

    def along(params, t):
        x, y = ravine.gradient(params["x"], params["y"])
        return {"x": x, "y": y}

    def pull(params, t):
        return {key: (scales[key] * p).astype(p.dtype) for key, p in params.items()}

    def faint(params, t):
        return {"x": tiny / t}

    x, y = ravine.start
    return [
        Probe({"x": np.array([1.0])}, one, here, len(listed)),
        Probe({"x": np.array([x]), "y": np.array([y])}, along, here, 12),
        Probe(bowl, pull, there, 8),
        Probe(single, pull, there, 8),
        Probe({"x": np.zeros(3)}, faint, here, 3, 2e-3),
    ]


def observe(cls, probe):
    """Run the reader's class on a probe; Trouble where it breaks."""
    optimizer = run(cls, *probe.settings.values())
    params, result = probe.fresh(), Run()
    own = dict(params)
    for t in range(1, probe.steps + 1):
        grads = probe.gradient(params, t)
        given = {key: g.copy() for key, g in grads.items()}
        returned = run(optimizer.update, params, grads)
        if returned is not None:
            result.facts.add("returned")
        if params.keys() != own.keys() or grads.keys() != given.keys():
            text = f"`update` changed the keys: {list(own)} came in, {list(params)} went out."
            raise Trouble(text, "keys-changed")
        if any(not np.array_equal(grads[key], given[key], True) for key in given):
            result.facts.add("gradient-changed")
        for key, p in params.items():
            _check_value(key, p, own[key])
            if p is not own[key]:
                result.facts.add("replaced")
                params[key] = own[key] = np.array(p, own[key].dtype)
        result.path.append({key: np.array(p) for key, p in params.items()})
    if any(array.dtype.kind in "iu" and array.ndim for array in _arrays(vars(optimizer))):
        result.facts.add("integer-state")
    return result


def _check_value(key, p, old):
    if not isinstance(p, np.ndarray | np.generic | float) or np.asarray(p).dtype.kind != "f":
        raise Trouble(f"`params[{key!r}]` is now a {type(p).__name__}, not a float array.", "kind")
    if np.shape(p) != old.shape:
        text = f"`params[{key!r}]` has the shape {np.shape(p)} now; it was {old.shape}."
        raise Trouble(text, "shape")


def _arrays(value):
    if isinstance(value, np.ndarray):
        return [value]
    values = value.values() if isinstance(value, dict) else value if type(value) is list else ()
    return [array for each in values for array in _arrays(each)]


def diagnose(cls, task):
    """Return the mistakes of the reader's class, none if it is right, and an example or ''.

    Trouble where it cannot be run.
    """
    trials = probes(task)
    runs, facts = _observe_all(cls, trials, task)
    pairs = list(zip(runs, trials, strict=False))
    if not any(_moved(*pair) for pair in pairs):
        if not facts & {"integer-state", "returned"}:
            facts.add("nothing-changes")
        return sorted(facts), ""
    facts.discard("returned")
    if _right(pairs, task):
        return sorted(facts), ""
    example = _example(pairs, task)
    if facts & {"integer-state", "shared-between-runs"}:
        return sorted(facts), example
    return [*sorted(facts), *_search(pairs, task)], example


def _observe_all(cls, trials, task):
    """Run on every problem, twice on the first: what the first run leaves must not show."""
    runs, facts = [], set()
    for probe in (trials[0], *trials):
        kept = {name: value for name, value in vars(cls).items() if type(value) in (dict, list)}
        kept = {name: value for name, value in kept.items() if not name.startswith("__")}
        before = copy.deepcopy(kept)
        try:
            runs.append(observe(cls, probe))
        except Trouble:
            if _right(list(zip(runs[1:], trials, strict=False)), task):
                raise
            break
        finally:
            for name, value in before.items():
                if repr(value) != repr(kept[name]):
                    facts.add("shared-between-runs")
                    setattr(cls, name, value)
        facts |= runs[-1].facts
        if len(runs) == 2 and not _close(runs[0].path, runs[1].path, 1e-9):
            return runs[:1], facts | {"shared-between-runs"}
    return runs[1:], facts


def _moved(done, probe):
    return not all(np.array_equal(done.path[-1][key], p) for key, p in probe.start.items())


def _close(path, other, tolerance):
    with np.errstate(all="ignore"):
        return all(
            np.allclose(mine[key], theirs[key], tolerance, 1e-3 * tolerance, equal_nan=True)
            for mine, theirs in zip(path, other, strict=True)
            for key in mine
        )


def _agrees(pairs, task, wrong, eps):
    try:
        return all(
            _close(done.path, walk(task, probe, wrong, eps), probe.tolerance)
            for done, probe in pairs
        )
    except ValueError:  # one state for arrays of different shapes
        return False


def _right(pairs, task):
    return any(_agrees(pairs, task, form, eps) for form in task.forms for eps in EPSILONS)


def _search(pairs, task):
    """Return the one or two mistakes that lead along the reader's paths."""
    for number in (1, 2):
        for wrong in combinations(task.mistakes, number):
            if any(
                _agrees(pairs, task, form.union(wrong), eps)
                for form in task.forms
                for eps in EPSILONS
            ):
                return tuple(dict.fromkeys(each.partition(":")[0] for each in wrong))
    first, probe = pairs[0]
    right = _close(first.path[:1], walk(task, probe)[:1], probe.tolerance)
    return ("later-updates",) if right else ("unknown",)


def _example(pairs, task):
    """Return the first number that differs, on the simplest problem that shows a difference."""
    for done, probe in pairs:
        expected = walk(task, probe)
        for t, (mine, right) in enumerate(zip(done.path, expected, strict=True), 1):
            for key in mine:
                if not _close([{key: mine[key]}], [{key: right[key]}], probe.tolerance):
                    wrong = ~np.isclose(mine[key], right[key], probe.tolerance, 0, equal_nan=True)
                    place = tuple(int(i) for i in np.argwhere(wrong)[0])
                    return _told(probe, key, place, t, mine, right)
    return ""


def _told(probe, key, place, t, mine, right):
    many = probe.start[key].size > 1
    name = f"{key}[{', '.join(map(str, place))}]" if many else key
    settings = ", ".join(f"{name} = {value:g}" for name, value in probe.settings.items())
    text = f"Smallest example: {settings}; {name} starts at {probe.start[key][place]:.4g}"
    if len(probe.start) == 1:
        gradients = [probe.gradient(probe.start, step)[key][place] for step in range(1, t + 1)]
        are = "gradients are" if t > 1 else "gradient is"
        text += f", its {are} {', '.join(f'{g:g}' for g in gradients)}"
    elif t == 1:
        text += f", its gradient is {probe.gradient(probe.start, 1)[key][place]:.4g}"
    yours, expected = mine[key][place], right[key][place]
    return f"{text}. After update {t} your {name} is {yours:.6g}, expected {expected:.6g}."
