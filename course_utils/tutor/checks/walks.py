"""The walks that a rule makes on a problem, as it stands or with mistakes in it."""

import re
from functools import cache

import numpy as np

from course_utils.optimizer import EPS

ALIKE = "# one for all"


def edited(rule, way, kept=()):
    """Return a rule with a mistake made in it, None where there is nothing to edit.

    rule: lines of Python. way: as rules.toml says. kept: the names of what is remembered.
    """
    for edit in way.replace("{h}", kept[-1] if kept else "h").split(" & "):
        for name in kept if "{s}" in edit else [""]:
            what = edit.replace("{s}", name)
            if what.startswith("^ "):
                rule = f"{what[2:]}\n{rule}"
            elif what.startswith("$ "):
                rule = f"{rule}{what[2:]}\n"
            else:
                old, new = what.split(" -> ") if " -> " in what else (what.removesuffix(" ->"), "")
                if old not in rule:
                    return None
                rule = rule.replace(old, new)
    return rule


def updates(task, probe, rule=None, eps=EPS, fixed=()):
    """Yield a probe's parameters and all names of the rule for each, update by update.

    rule: the task's own, or an edited one. fixed: names and values of settings that are ignored.
    Yielded are the dicts themselves, which the next update changes.
    """
    rule = task.rule if rule is None else rule
    code = _compiled(rule)
    given = {**probe.settings, **dict(fixed), "eps": eps}
    params = probe.fresh()
    one = dict.fromkeys(task.kept, 0.0)
    names = {key: one if ALIKE in rule else dict(one) for key in params}
    for t in range(1, probe.steps + 1):
        grads = probe.gradient(params, t)
        for place, (key, p) in enumerate(params.items()):
            turn = (t - 1) * len(params) + place + 1
            here = {"p": p, "g": grads[key], "t": np.float64(t), "turn": np.float64(turn)}
            names[key].update(given, **here, key=key, place=place, keys=len(params))
            exec(code, vars(np), names[key])
            params[key] = np.asarray(p + names[key]["step"]).astype(p.dtype)
        yield params, names


@cache
def _compiled(rule):
    return compile(rule, "<rule>", "exec")


def walk(task, probe):
    """Return what a probe's parameters are after each update, rightly made."""
    with np.errstate(all="ignore"):
        return [dict(params) for params, _ in updates(task, probe)]


def formulas(rule):
    """Return {name: formula} of a rule's lines, as a reader would write them."""
    lines = (line.split(" = ") for line in rule.split("\n") if line)
    return {name: _written(formula) for name, formula in lines}


def _written(formula):
    for old, new in WRITTEN:
        formula = re.sub(old, new, formula)
    return formula


WRITTEN = (
    (r"\*\*2", "²"), (r"\*\*t", "^t"), (r" \* ", " · "), (r" / ", "/"), ("-", "−"),
    (r"sqrt\((\w+)\)", r"√\1"), (r"sqrt\(", "√("), (r"\beps\b", "ε"),
)  # fmt: skip
