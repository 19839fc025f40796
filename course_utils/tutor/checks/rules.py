"""Checks an optimizer written by the reader: runs it beside the rule and looks for the mistake."""

from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product

import numpy as np

from course_utils.tutor import lessons
from course_utils.tutor.checks import sandbox
from course_utils.tutor.checks.look import example, first_difference, keeps, look
from course_utils.tutor.checks.observe import moved, observe_all
from course_utils.tutor.checks.probes import close, probes
from course_utils.tutor.checks.sandbox import apart
from course_utils.tutor.checks.task import Diagnosis, Task, Trouble, made
from course_utils.tutor.checks.walks import edited, updates

# What is added to a root: the article's, PyTorch's, and others that people take.
EPSILONS = (1e-7, 1e-8, 1e-6, 1e-5, 1e-9, 1e-10, 1e-12, 1e-16)


def rule_tasks():
    """Return the tasks to write an optimizer."""
    return [
        RuleTask(id, [each["rule"], *each.get("also", [])], each["settings"], each.get("kept", []))
        for id, each in made("rules.toml").items()
        if "settings" in each
    ]


@dataclass(frozen=True, eq=False)
class RuleTask(Task):
    """An optimizer to write.

    forms: the right forms of the rule by which it changes a parameter. settings: name and values of
    each argument of the reader's class, in order: those of most problems, of another one, and the
    defaults. kept: the names of what is remembered. rules.toml has more of each.
    """

    forms: list[str]
    settings: dict[str, list[float]]
    kept: list[str]

    def diagnose(self, answer):
        self.expect("class", callable, answer)
        mistakes, example, words = _diagnosed(answer, self)
        says = tuple(self.says(each, **words) for each in mistakes)
        return Diagnosis(tuple(map(lessons.plain, mistakes)), says, example)

    def values(self, which):
        return {name: values[which] for name, values in self.settings.items()}

    @property
    def rule(self):
        return self.forms[0]


def _diagnosed(cls, task):
    """Return the mistakes of the reader's class, an example or '', and words for the mistakes."""
    trials = probes(task)
    bowl, others = trials[2], [{name: value} for name, value in task.values(0).items()]
    varied = [replace(bowl, settings=bowl.settings | other) for other in others]
    listed = [trials[0], *trials, *varied]
    runs, broke = apart(observe_all, cls, task.id, listed, task.values(1))
    if len(runs) > 1 and not close(runs[0].path, runs[1].path, 1e-9):
        again, _ = apart(observe_all, cls, task.id, trials[:1])
        random = sandbox.APART and not close(runs[0].path, again[0].path, 1e-9)
        return ["random" if random else "shared-between-runs"], "", {}
    pairs = list(zip(runs[1 : len(trials) + 1], trials, strict=False))
    right = pairs and any(_agrees(pairs, task, rule) for rule in task.forms)
    if broke and (right or not pairs):
        raise Trouble(broke)
    seen = set().union(*(done.facts for done in runs))
    facts = seen - {"same-dict"}
    if not any(moved(*pair) for pair in pairs):
        if not facts & {"integer-state", "returned"}:
            facts.add("nothing-changes")
        return sorted(facts), "", {}
    facts.discard("returned")
    if right:
        return sorted(facts - {"integer-state"}), "", {}
    where = first_difference(pairs, task)
    if facts & {"integer-state", "gradient-changed"}:  # what follows from these is no mistake more
        return sorted(facts), example(task, where), {}
    ignored = _ignored(runs[3], runs[len(trials) + 1 :], task) if len(runs) > 3 else {}
    found, words = _found(pairs, task, ignored)
    if not found:
        mistake, words = ("same-dict", {}) if "same-dict" in seen else look(task, where)
        found = [mistake]
    return [*sorted(facts), *found], example(task, where), words


def _ignored(done, varied, task):
    """Return the settings that make no difference, with their defaults."""
    finite = all(np.isfinite(p).all() for p in done.path[-1].values())
    pairs = zip(task.settings, varied, strict=False)
    names = [n for n, other in pairs if finite and close(done.path, other.path, 1e-9)]
    return {name: task.settings[name][2] for name in names}


def _found(pairs, task, ignored):
    """Return the mistakes that lead along the reader's paths, [] if none do, and words for them."""
    found = _search(pairs, task)
    if found or not ignored:
        return list(found), {}
    words = {"ignored": " and ".join(f"`{name}`" for name in ignored)}
    fixed = tuple(ignored.items())
    alone = any(_agrees(pairs, task, rule, fixed) for rule in task.forms)
    others = () if alone else _search(pairs, task, fixed, most=1)
    return ["settings-ignored", *others], words


def _agrees(pairs, task, rule, fixed=()):
    """Whether the paths are the rule's, for some ε."""
    return any(_follows(pairs, task, rule, eps, fixed) for eps in EPSILONS)


def _follows(pairs, task, rule, eps, fixed):
    try:
        with np.errstate(all="ignore"):
            return all(
                close([mine], [theirs], probe.tolerance)
                for done, probe in pairs
                for mine, (theirs, _) in zip(
                    done.path, updates(task, probe, rule, eps, fixed), strict=True
                )
            )
    except (ValueError, NameError):  # one state for all shapes, or a name of another form
        return False


def _search(pairs, task, fixed=(), most=2):
    """Return the one or two mistakes that lead along the reader's paths, () if none do.

    fixed: settings that have these values, whatever is given.
    """
    for number in range(1, most + 1):
        for mistakes, rule in _wrong(task, number):
            if _follows(pairs[:1], task, rule, EPSILONS[0], fixed):
                eps = any(mistake.startswith("eps") for mistake in mistakes)
                agrees = _agrees(pairs if eps else pairs[:FAINT], task, rule, fixed)
                kept = agrees and keeps(task, *pairs[0], rule, fixed)
                if kept or (kept is None and number == 1):
                    return mistakes
    return ()


FAINT = 4  # the problem whose gradients are as small as ε, where forms of a rule differ


@cache
def _wrong(task, number):
    """Return (so many mistakes, the rule with them), the likelier first; of two one way of each."""
    ways = {m: made("rules.toml")[group] for m, group in lessons.looked_for(task.id)}
    ways = {mistake: group.get("ways", group)[mistake] for mistake, group in ways.items()}
    if number == 1:
        forms = product(ways, task.forms)
        found = [((m,), edited(form, way, task.kept)) for m, form in forms for way in ways[m]]
    else:
        together = [each for each in ways if each not in made("rules.toml")["alone"]]
        first = {mistake: edited(task.rule, ways[mistake][0], task.kept) for mistake in together}
        pairs = [pair for pair in combinations(together, 2) if first[pair[0]]]
        found = [(pair, edited(first[pair[0]], ways[pair[1]][0], task.kept)) for pair in pairs]
    return [(mistakes, rule) for mistakes, rule in found if rule]
