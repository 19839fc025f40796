"""Where the reader's numbers first go wrong: in the path, in what is kept, or in the step."""

import re
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

import numpy as np

from course_utils.optimizer import EPS
from course_utils.tutor.checks.observe import Run
from course_utils.tutor.checks.probes import Probe, close
from course_utils.tutor.checks.walks import formulas, updates, walk


@dataclass(frozen=True, eq=False)
class Difference:
    """Where the reader's path and the expected one first part: after update t, in one entry."""

    run: Run
    probe: Probe
    t: int
    key: str
    place: tuple[int, ...]

    def along(self, path):
        """Return the entry at the start and after each update of a path."""
        return np.array([each[self.key][self.place] for each in (self.probe.start, *path)], float)

    def gradients(self, path):
        """Return the entry's gradients along a path, one for each update."""
        points = enumerate([self.probe.start, *path[:-1]], 1)
        return np.array([self.probe.gradient(p, t)[self.key][self.place] for t, p in points], float)

    def entry(self, value):
        """Return the entry in what is kept, NaN where it is of another shape."""
        value = np.asarray(value)
        if value.size == 1:
            return value.item()
        return value[self.place] if value.shape == self.probe.start[self.key].shape else np.nan


def first_difference(pairs, task):
    """Return the first Difference, on the simplest problem that shows one."""
    for done, probe in pairs:
        for t, (mine, right) in enumerate(zip(done.path, walk(task, probe), strict=True), 1):
            for key in mine:
                if not close([{key: mine[key]}], [{key: right[key]}], probe.tolerance):
                    limits = probe.tolerance, probe.tolerance / 10
                    wrong = ~np.isclose(mine[key], right[key], *limits, equal_nan=True)
                    place = tuple(int(i) for i in np.argwhere(wrong)[0])
                    return Difference(done, probe, t, key, place)
    raise ValueError("pairs must hold a path that differs from the rule's")


def example(task, where):
    """Tell a Difference: the problem, and the two numbers."""
    probe, t, key = where.probe, where.t, where.key
    many = probe.start[key].size > 1
    name = f"{key}[{', '.join(map(str, where.place))}]" if many else key
    settings = ", ".join(f"{name} = {value:g}" for name, value in probe.settings.items())
    path = walk(task, probe)
    mine, right = where.along(where.run.path), where.along(path)
    keys = f" with the keys {' and '.join(probe.start)}" if len(probe.start) > 1 else ""
    text = f"Smallest example{keys}: {settings}; {name} starts at {right[0]:.6g}"
    gradients = ", ".join(f"{g:.6g}" for g in where.gradients(path)[:t])
    text += f", its gradient{'s are' if t > 1 else ' is'} {gradients}. After update {t} your "
    return text + f"{name} is {mine[t]:.6g}, expected {right[t]:.6g}."


def look(task, where):
    """Return the mistake and its words: what is kept that is wrong first, or else the step.

    What is kept is known by its values, whatever its name: it is right as long as it has the
    expected ones (or these times −1, lr or 1/lr, as other books have it), and wrong after that.
    What is never right is known by its name.
    """
    with np.errstate(all="ignore"):
        held, right = _histories(where), _remembered(task, where, task.rule)
        if changed := _overwritten(where):
            return "setting-overwritten", changed
        found = [_Held(name, where, right, held) for name in task.kept]
        wrong = [each for each in found if each.label and each.wrong <= where.t]
        if wrong:
            first = min(wrong, key=lambda each: each.wrong)
            return _state(task, where, first, held[first.label], right)
        return _step(task, where, [each for each in found if each.label], right)


def keeps(task, run, probe, rule, fixed):
    """Whether what a rule remembers is what the reader's object keeps under the same names.

    It may be in another form there, but not where the task's own rule has the very numbers. None
    where they never change: of a line that does not run they tell nothing.
    """
    where, known = Difference(run, probe, 1, *probe.start, (0,)), True
    with np.errstate(all="ignore"):
        made = _remembered(task, where, rule, fixed)
        right = _remembered(task, where, task.rule)
        for name, (label, values) in product(task.kept, _histories(where).items()):
            if not re.search(rf"\b{name}\b", label, re.I):
                continue
            one, own = (_Held(name, where, each, {label: values}) for each in (made, right))
            if len(np.unique(values[1:])) == 1:
                known = None
            elif one.wrong <= probe.steps or (one.factor != 1 and own.exact):
                return False
    return known


def _remembered(task, where, rule, fixed=()):
    """Return what a rule has under each name of the task's own, in the entry, update by update."""
    lines, made = formulas(task.rule), updates(task, where.probe, rule, fixed=fixed)
    return [{n: where.entry(names[where.key].get(n, np.nan)) for n in lines} for _, names in made]


def _overwritten(where):
    """Return words for a setting that the reader's object has, and changes."""
    kept, settings = where.run.kept, [*where.probe.settings.values()]
    given = {name: v for name, v in kept[0].items() if v.size == 1 and v in settings}
    for t, (label, value) in product(range(1, len(kept)), given.items()):
        if kept[t].get(label, value) != value:
            return {"label": label, "t": t, "mine": _digits(kept[t][label].item())}
    return {}


def _histories(where):
    """Return {name: values} of what is kept of the entry and changes, before and after updates."""
    kept, key = where.run.kept, f"[{where.key!r}]"
    grown = {name.rpartition("[")[0] for name in kept[-1].keys() - kept[1].keys()} - {""}
    found = {}
    for name in kept[-1]:
        values = np.array([where.entry(each.get(name, np.nan)) for each in kept])
        changes = len(np.unique(values[1:][np.isfinite(values[1:])])) > 1
        if key in name or (changes and "['" not in name):
            found[name] = values
    return {n: v for n, v in found.items() if n.rpartition("[")[0] not in grown}


class _Held:
    """Where a remembered number stands in the reader's object.

    label: its name there, '' where nothing has it. wrong: the first update after which it is not
    the expected one, beyond the last where it always is. factor: what it is multiplied by there.
    """

    def __init__(self, name, where, right, held):
        lr = where.probe.settings["lr"]
        right = np.array([each[name] for each in right])
        self.name, self.label, self.wrong, self.factor = name, "", 0, 1
        for label, values in held.items():
            for factor in (1, -1, 1 / lr, -1 / lr, lr, -lr):
                agree = np.isclose(values[1:], factor * right, 1e-4, 1e-9)
                wrong = len(agree) + 1 if agree.all() else int(np.argmin(agree)) + 1
                if wrong > max(1 if factor == 1 else 2, self.wrong):
                    self.label, self.wrong, self.factor = label, wrong, factor
        self.exact = self.wrong > len(right) and self.factor == 1
        named = [label for label in held if re.search(rf"\b{name}\b", label, re.I)]
        if not self.label and named:
            self.label, self.wrong = named[0], 1

    def __str__(self):
        sign, size = "−" if self.factor < 0 else "", abs(self.factor)
        times = "" if size == 1 else "lr · " if size < 1 else "1/lr · "
        return f"`{self.label}` is {f'{sign}{times}{self.name}' if self.factor != 1 else 'right'}"


def _state(task, where, held, values, right):
    t = held.wrong
    before = right[t - 2] if t > 1 else dict.fromkeys(task.kept, 0.0)
    value = right[t - 1][held.name]
    should = _worked(formulas(task.rule)[held.name], _known(task, where, t) | before, value)
    if held.factor != 1:
        should = f"{_digits(held.factor * value)}, which is {held.name} in another form"
    followed = _followed(values, where)
    if followed == _followed(np.array([0.0, *(each[held.name] for each in right)]), where):
        followed = ""  # once wrong, it goes on as it should
    words = {"label": held.label, "t": t, "before": t - 1, "mine": _digits(values[t])}
    words |= {"should": should, "followed": followed}
    return ("state:later" if t > 1 else "state"), words


def _step(task, where, held, right):
    t, known = where.t, _known(task, where, where.t) | right[where.t - 1]
    paths = where.run.path, walk(task, where.probe)
    mine, expected = (np.diff(where.along(path))[t - 1] for path in paths)
    words = {"t": t, "mine": _digits(mine), "kept": " and ".join(map(str, held))}
    words["should"] = _worked(formulas(task.rule)["step"], known, expected)
    return ("step" if held else "step:alone"), words


def _known(task, where, t):
    path = walk(task, where.probe)
    p, g = where.along(path), where.gradients(path)
    return {**where.probe.settings, "g": g[t - 1], "p": p[t - 1], "t": t, "ε": EPS}


def _worked(formula, known, value):
    """Return a formula, the same with numbers, and its value."""

    def number(match):
        digits = _digits(known[match[0]])
        return f"({digits})" if digits.startswith("−") else digits

    names = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    worked = re.sub(rf"(?<![a-zA-Z_0-9])({names})(?![a-zA-Z_0-9])", number, formula)
    middle = "" if worked.strip("()") == _digits(value) else f" = {worked}"
    return f"{formula}{middle} = {_digits(value)}"


def _digits(value):
    return f"{value:.5g}".replace("-", "−")


def _followed(values, where):
    """Say how a kept number goes on from update to update, where that is a · itself + b · g."""
    old, new, g = values[1:-1], values[2:], where.gradients(where.run.path)
    if len(new) < 4 or not np.isfinite(values[1:]).all():
        return ""
    for text, driving in {"g²": g * g, "g": g, "|g|": abs(g), "√|g|": np.sqrt(abs(g))}.items():
        columns = np.stack([old, driving[1:]], axis=1)
        (a, b), *_ = np.linalg.lstsq(columns, new, rcond=None)
        if np.allclose(columns @ (a, b), new, 1e-5, 1e-9) and abs(b) > 1e-9:
            parts = [p for p in (_part(a, "itself", where), _part(b, text, where)) if p]
            followed = f" By its numbers it becomes {' + '.join(parts)} in each update"
            return f"{followed}.".replace("+ −", "− ")
    return ""


def _part(factor, what, where):
    """Return a factor and what it multiplies, the factor in settings where it is made of them."""
    if abs(factor) < 1e-9:
        return ""
    parts = [("", 1.0)]
    for name, value in where.probe.settings.items():
        parts += [(name, value), (f"(1 − {name})", 1 - value), (f"(1 + {name})", 1 + value)]
    pairs = combinations_with_replacement(parts, 2)
    made = ([one, two] for (one, a), (two, b) in pairs if np.isclose(abs(factor), a * b, 1e-5))
    names = next(made, [_digits(abs(factor))])
    return ("−" if factor < 0 else "") + " · ".join(filter(None, [*names, what]))
