"""Runs an optimizer written by the reader on the problems, and notes what can be seen."""

import inspect
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from numbers import Number

import numpy as np

from course_utils.tutor.checks.sandbox import run
from course_utils.tutor.checks.task import Trouble, trouble

MOST = 64  # things looked at in one container


@dataclass
class Run:
    """What the reader's class did on a probe: the path, and what else could be seen.

    kept: before and after each update, {name: numbers} of all that the object keeps.
    """

    path: list[dict] = field(default_factory=list)
    kept: list[dict] = field(default_factory=list)
    facts: set[str] = field(default_factory=set)


def observe_all(cls, of, trials, beside=None):
    """Run the reader's class on problems; return the Runs up to where it breaks, and how.

    beside: settings of one more optimizer, which is there in the second run.
    """
    runs = []
    for probe in trials:
        try:
            runs.append(observe(cls, of, probe, beside if len(runs) == 1 else None))
        except Trouble as found:
            return runs, found.diagnosis
    return runs, None


def observe(cls, of, probe, beside=None):
    """Run the reader's class on a probe; Trouble where it breaks."""
    optimizer = _made(cls, of, probe.settings)
    if beside:
        _made(cls, of, beside)
    if not callable(getattr(optimizer, "update", None)):
        raise trouble("no-update", of)
    params, result = probe.fresh(), Run()
    own, handed = dict(params), []
    result.kept.append(_numbers(_kept(optimizer)))
    for t in range(1, probe.steps + 1):
        with np.errstate(all="ignore"):
            grads = probe.gradient(params, t)
        given = {key: g.copy() for key, g in grads.items()}
        handed += [(grads[key], g) for key, g in given.items()]
        returned = run(of, "optimizer", optimizer.update, params, grads)
        if returned is not None:
            result.facts.add("returned")
        for name, before, after in (("params", own, params), ("grads", given, grads)):
            if before.keys() != after.keys():
                raise trouble("keys-changed", name=name, before=list(before), after=[*after])
        handed += [(grads[key], g) for key, g in given.items()]
        if not all(_same(*pair) for pair in handed):
            result.facts.add("gradient-changed")
        for key, p in params.items():
            _check_value(key, p, own[key])
            if p is not own[key]:
                result.facts.add("replaced")
                params[key] = own[key] = np.array(p, own[key].dtype)
        result.path.append({key: np.array(p) for key, p in params.items()})
        kept = _kept(optimizer)
        result.kept.append(_numbers(kept))
    arrays = [v for n, v in kept.items() if isinstance(v, np.ndarray) and n.startswith("self.")]
    if any(array.dtype.kind in "iu" and array.ndim for array in arrays):
        result.facts.add("integer-state")
    if len({*map(id, arrays)}) < len(arrays):
        result.facts.add("same-dict")
    return result


def _made(cls, of, settings):
    """Make the reader's optimizer, with settings by name where it has these names."""
    try:
        names = inspect.signature(cls).parameters
    except (TypeError, ValueError):
        names = {}
    if names.keys() >= settings.keys() and "params" not in names:
        return run(of, "optimizer", cls, **settings)
    return run(of, "optimizer", cls, *settings.values())


def _same(one, other):
    try:
        return np.array_equal(one, other, equal_nan=True)
    except (TypeError, ValueError):
        return False


def _check_value(key, p, old):
    if not isinstance(p, np.ndarray | np.generic | float):
        raise trouble("kind", key=repr(key), kind=type(p).__name__)
    if np.asarray(p).dtype.kind != "f":
        raise trouble("kind:dtype", key=repr(key), kind=np.asarray(p).dtype)
    if np.shape(p) != old.shape:
        raise trouble("shape", key=repr(key), now=np.shape(p), before=old.shape)


def _kept(optimizer):
    """Return {name: value} of all numbers and arrays that an object keeps, wherever it does."""
    found = {}

    def look(name, value, above):
        if isinstance(value, np.ndarray | Number):
            found[name] = value
        elif len(above) < 5 and id(value) not in above:
            for inner, each in islice(_parts(name, value, type(optimizer).__module__), MOST):
                look(inner, each, {*above, id(value)})

    look("self", optimizer, set())
    return found


def _parts(name, value, home):
    """Yield what a container, an object or a function of the module `home` holds, with its name."""
    if isinstance(value, Mapping):
        yield from ((f"{name}[{key!r}]", each) for key, each in value.items())
    elif isinstance(value, list | tuple | deque):
        yield from ((f"{name}[{place}]", each) for place, each in enumerate(value))
    elif getattr(value, "__module__", None) != home:
        return
    elif inspect.isfunction(value):
        variables = inspect.getclosurevars(inspect.unwrap(value))
        yield from (variables.nonlocals | variables.globals).items()
    else:
        held = {}
        for cls in reversed(type(value).__mro__):
            slots = vars(cls).get("__slots__", ())
            held |= {slot: getattr(value, slot) for slot in slots if hasattr(value, slot)}
            held |= {n: each for n, each in vars(cls).items() if not n.startswith("__")}
        held |= getattr(value, "__dict__", {})
        yield from ((f"{name}.{attribute}", each) for attribute, each in held.items())


def _numbers(kept):
    found = {}
    for name, value in kept.items():
        with suppress(TypeError, ValueError, OverflowError):
            found[name] = np.array(value, float)
    return found


def moved(done, probe):
    """Return whether a run has changed anything."""
    return not all(np.array_equal(done.path[-1][key], p) for key, p in probe.start.items())
