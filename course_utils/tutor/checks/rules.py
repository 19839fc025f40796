"""Checks an optimizer written by the reader: runs it beside the rule and looks for the mistake."""

from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import numpy as np

from course_utils.tutor import lessons
from course_utils.tutor.checks import sandbox
from course_utils.tutor.checks.look import example, first_difference, look
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
        RuleTask(id, each["rule"], each["settings"], each.get("kept", []), each.get("also", []))
        for id, each in made("rules.toml").items()
        if "settings" in each
    ]


@dataclass(frozen=True, eq=False)
class RuleTask(Task):
    """An optimizer to write.

    rule: how it changes a parameter. settings: name and values of each argument of the reader's
    class, in order: those of most problems, of another one, and the defaults. kept: the names of
    what is remembered. also: other right forms of the rule. rules.toml has more of each.
    """

    rule: str
    settings: dict[str, list[float]]
    kept: list[str]
    also: list[str]

    def diagnose(self, answer):
        self.expect("class", callable, answer)
        mistakes, example, words = _diagnosed(answer, self)
        says = tuple(self.says(each, **words) for each in mistakes)
        return Diagnosis(tuple(map(lessons.plain, mistakes)), says, example)

    def values(self, which):
        return {name: values[which] for name, values in self.settings.items()}

    @property
    def forms(self):
        """The right forms of the rule."""
        return (self.rule, *self.also)


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
                if _agrees(pairs if eps else pairs[:FAINT], task, rule, fixed):
                    return mistakes
    return ()


FAINT = 4  # the problem whose gradients are as small as ε, where forms of a rule differ


@cache
def _wrong(task, number):
    """Return so many mistakes and the rule with them, for each way to make one, the likelier first.

    Two are made in the likeliest way.
    """
    ways = {m: made("rules.toml")[group] for m, group in lessons.looked_for(task.id)}
    ways = {mistake: group.get("ways", group)[mistake] for mistake, group in ways.items()}
    found = []
    if number == 1:
        for mistake, each in ways.items():
            rules = [edited(rule, way, task.kept) for rule in task.forms for way in each]
            found += [((mistake,), rule) for rule in rules if rule]
    together = [each for each in ways if each not in made("rules.toml")["alone"]]
    for one, two in combinations(together, 2) if number == 2 else ():
        rule = edited(task.rule, ways[one][0], task.kept)
        rule = rule and edited(rule, ways[two][0], task.kept)
        found += [((one, two), rule)] if rule else []
    return found
