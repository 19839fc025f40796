"""Checks an optimizer written by the reader: runs it beside the rule and looks for the mistake."""

import copy
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from course_utils.checks.example import example, first_difference
from course_utils.checks.probes import close, probes
from course_utils.checks.rules import updates
from course_utils.checks.sandbox import Trouble, run

EPSILONS = (1e-7, 1e-8)  # the article's and PyTorch's; either is right where it is outside


@dataclass
class Run:
    """What the reader's class did on a probe: the path, and what else could be seen."""

    path: list[dict] = field(default_factory=list)
    facts: set[str] = field(default_factory=set)


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
    state = _state(optimizer)
    if any(array.dtype.kind in "iu" and array.ndim for array in _arrays(state)):
        result.facts.add("integer-state")
    owned = [set(map(id, _arrays(value))) for value in state.values()]
    if any(one & other for one, other in combinations(owned, 2)):
        result.facts.add("same-dict")
    return result


def _state(optimizer):
    names = [n for cls in type(optimizer).__mro__ for n in vars(cls).get("__slots__", ())]
    slots = {n: getattr(optimizer, n) for n in names if hasattr(optimizer, n)}
    return slots | getattr(optimizer, "__dict__", {})


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
    one_dict = "same-dict" in facts
    facts.discard("same-dict")
    pairs = list(zip(runs, trials, strict=False))
    if not any(_moved(*pair) for pair in pairs):
        if not facts & {"integer-state", "returned"}:
            facts.add("nothing-changes")
        return sorted(facts), ""
    facts.discard("returned")
    if _right(pairs, task):
        return sorted(facts - {"integer-state"}), ""
    where = first_difference(pairs, task)
    if facts & {"integer-state", "shared-between-runs"}:
        return sorted(facts), example(task, where)
    found = _search(pairs, task)
    if not found and one_dict:
        found = ("same-dict",)
    if found:
        return [*sorted(facts), *found], example(task, where)
    found = "unknown" if where.t == 1 else "later-updates"
    return [*sorted(facts), found], example(task, where, parts=True)


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
        if len(runs) == 2 and not close(runs[0].path, runs[1].path, 1e-9):
            return runs[:1], facts | {"shared-between-runs"}
    return runs[1:], facts


def _moved(done, probe):
    return not all(np.array_equal(done.path[-1][key], p) for key, p in probe.start.items())


def _agrees(pairs, task, wrong, eps):
    try:
        with np.errstate(all="ignore"):
            return all(
                close([mine], [theirs], probe.tolerance)
                for done, probe in pairs
                for mine, (theirs, _) in zip(
                    done.path, updates(task, probe, wrong, eps), strict=True
                )
            )
    except ValueError:  # one state for arrays of different shapes
        return False


def _right(pairs, task):
    return any(_agrees(pairs, task, form, eps) for form in task.forms for eps in EPSILONS)


def _search(pairs, task):
    """Return the one or two mistakes that lead along the reader's paths, () if none do."""
    for number in (1, 2):
        for wrong in combinations(task.mistakes, number):
            if any(
                _agrees(pairs, task, form.union(wrong), eps)
                for form in task.forms
                for eps in EPSILONS
            ):
                return tuple(dict.fromkeys(each.partition(":")[0] for each in wrong))
    return ()
