"""Runs an optimizer written by the reader on the problems, and notes what can be seen."""

import copy
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from course_utils.tutor.checks.probes import close
from course_utils.tutor.checks.sandbox import run
from course_utils.tutor.checks.task import Trouble, trouble


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
        with np.errstate(all="ignore"):
            grads = probe.gradient(params, t)
        given = {key: g.copy() for key, g in grads.items()}
        returned = run(optimizer.update, params, grads)
        if returned is not None:
            result.facts.add("returned")
        if params.keys() != own.keys() or grads.keys() != given.keys():
            raise trouble("keys-changed", before=list(own), after=list(params))
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
        raise trouble("kind", key=repr(key), kind=type(p).__name__)
    if np.shape(p) != old.shape:
        raise trouble("shape", key=repr(key), now=np.shape(p), before=old.shape)


def _arrays(value):
    if isinstance(value, np.ndarray):
        return [value]
    values = value.values() if isinstance(value, dict) else value if type(value) is list else ()
    return [array for each in values for array in _arrays(each)]


def observe_all(cls, trials, right):
    """Run on every problem, twice on the first: what the first run leaves must not show.

    Return a Run for each problem and what was seen in any. Where the class breaks only the runs
    before that are returned, and Trouble is raised if `right` says so of them.
    """
    runs, facts = [], set()
    for probe in (trials[0], *trials):
        kept = {name: value for name, value in vars(cls).items() if type(value) in (dict, list)}
        kept = {name: value for name, value in kept.items() if not name.startswith("__")}
        before = copy.deepcopy(kept)
        try:
            runs.append(observe(cls, probe))
        except Trouble:
            if right(list(zip(runs[1:], trials, strict=False))):
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


def moved(done, probe):
    """Return whether a run has changed anything."""
    return not all(np.array_equal(done.path[-1][key], p) for key, p in probe.start.items())
