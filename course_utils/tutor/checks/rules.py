"""Checks an optimizer written by the reader: runs it beside the rule and looks for the mistake."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import isclass
from itertools import combinations, islice, product

import numpy as np

from course_utils.tutor import lessons
from course_utils.tutor.checks.example import example, first_difference
from course_utils.tutor.checks.observe import moved, observe_all
from course_utils.tutor.checks.probes import close, probes
from course_utils.tutor.checks.task import Diagnosis, Task, trouble
from course_utils.tutor.checks.walks import updates

EPSILONS = (1e-7, 1e-8)  # the article's and PyTorch's; either is right where it is outside


@dataclass(frozen=True, eq=False)
class RuleTask(Task):
    """An optimizer to write.

    rule: takes a parameter `p`, its gradient `g`, its `state`, the update's number `t` from 1, the
        settings `k` by name and `wrong`, the mistakes to make. With none it is the method; each
        mistake is one `if`, so that any two of them can be made together. It returns the new p.
    settings: name and value of each argument of the reader's class, in order: those of most
        probes, of another one, and the defaults, all different.
    variants: further ways to make a mistake, each with a word of its own after a colon.
    forms: ways to write the rule that differ only where a gradient is as small as ε.
    """

    rule: Callable
    settings: dict[str, tuple[float, float, float]]
    variants: tuple[str, ...] = ()
    forms: tuple[frozenset, ...] = (frozenset(),)

    def diagnose(self, answer):
        self.expect("class", isclass, answer)
        if not callable(getattr(answer, "update", None)):
            raise trouble("no-update", name=lessons.task(self.id)["name"])
        mistakes, example = _diagnosed(answer, self)
        return Diagnosis(tuple(mistakes), tuple(map(self.says, mistakes)), example)

    def values(self, which):
        return {name: values[which] for name, values in self.settings.items()}

    def mistakes(self):
        """Return what the rule can do wrong, each variant, the likelier first."""
        found = []
        for mistake in lessons.looked_for(self.id):
            variants = ("state-not-kept:local", *self.variants)
            found += [mistake, *(each for each in variants if lessons.plain(each) == mistake)]
        return (*found, *(f"settings-ignored:{name}" for name in self.settings))


def _diagnosed(cls, task):
    """Return the mistakes of the reader's class, none if it is right, and an example or ''."""
    trials = probes(task)
    runs, facts = observe_all(cls, trials, lambda pairs: _right(pairs, task))
    one_dict = "same-dict" in facts
    facts.discard("same-dict")
    pairs = list(zip(runs, trials, strict=False))
    if not any(moved(*pair) for pair in pairs):
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


def _right(pairs, task):
    return any(_agrees(pairs, task, form, eps) for form in task.forms for eps in EPSILONS)


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


def _search(pairs, task):
    """Return the one or two mistakes that lead along the reader's paths, () if none do."""
    done, probe = pairs[0]
    start = np.array([params["x"][0] for params in done.path[:BEGIN]])
    for number in (1, 2):
        ways, starts = _starts(task, number)
        with np.errstate(all="ignore"):
            alike = np.isclose(start, starts, probe.tolerance, 1e-3 * probe.tolerance, True).all(1)
        for place in np.flatnonzero(alike):
            wrong, form, eps = ways[place]
            if _agrees(pairs, task, form.union(wrong), eps):
                return tuple(dict.fromkeys(map(lessons.plain, wrong)))
    return ()


BEGIN = 2  # updates of the first problem that rule out most mistakes


@cache
def _starts(task, number):
    """Return all ways to make so many mistakes, and how each begins: x after the first updates."""
    ways = list(product(combinations(task.mistakes(), number), task.forms, EPSILONS))
    with np.errstate(all="ignore"):
        walks = (
            updates(task, probes(task)[0], form.union(wrong), eps) for wrong, form, eps in ways
        )
        return ways, np.array([[p["x"][0] for p, _ in islice(walk, BEGIN)] for walk in walks])
