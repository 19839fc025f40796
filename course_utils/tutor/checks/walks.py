"""The walks that a rule makes on a problem, with or without mistakes."""

from itertools import islice

import numpy as np

from course_utils.optimizer import EPS


class State(dict):
    """What a rule remembers for one parameter: 0 where nothing has been kept yet."""

    def __init__(self, wrong):
        super().__init__()
        self.wrong = wrong

    def __missing__(self, name):
        return 0.0

    def __getitem__(self, name):
        return 0.0 if "state-not-kept" in self.wrong else super().__getitem__(name)

    def keep(self, name, value):
        self[name] = value
        return value


def updates(task, probe, wrong=frozenset(), eps=EPS):
    """Yield a probe's parameters and what is remembered of each, update by update.

    wrong: the mistakes to make. Yielded are the dicts themselves, which the next update changes.
    """
    k = task.values(2) if "settings-ignored" in wrong else dict(probe.settings)
    k |= {n: values[2] for n, values in task.settings.items() if f"settings-ignored:{n}" in wrong}
    k["eps"] = eps
    if "lr-twice" in wrong:
        k["lr"] *= k["lr"]
    if "lr-missing" in wrong:
        k["lr"] = 1.0
    params = probe.fresh()
    shared = wrong & {"one-state-for-all", "state-not-kept:local"}
    states = dict.fromkeys(params, State(wrong)) if shared else {p: State(wrong) for p in params}
    turns = list(enumerate(params))
    if "first-key-only" in wrong:
        turns = turns[:1]
    if "last-key-only" in wrong:
        turns = turns[-1:]
    for t in range(1, probe.steps + 1):
        grads = probe.gradient(params, t)
        if "state-not-kept:local" in wrong:
            states = dict.fromkeys(params, State(wrong))
        for place, key in turns:
            p, g = params[key], grads[key]
            n = t - ("t-from-0" in wrong)
            if "t-per-key" in wrong:
                n = (t - 1) * len(params) + place + 1
            if "t-fixed" in wrong:
                n = 1
            g = -g if "uphill" in wrong else g
            new = np.asarray(task.rule(p, g, states[key], n, k, wrong))
            params[key] = (new - eps * ("eps-missing:outside" in wrong)).astype(p.dtype)
        yield params, states


def walk(task, probe, wrong=frozenset(), eps=EPS):
    """Return what a probe's parameters are after each update, made with these mistakes."""
    with np.errstate(all="ignore"):
        return [dict(params) for params, _ in updates(task, probe, wrong, eps)]


def remembered(task, probe, t):
    """Return what the rule remembers of each parameter after update t."""
    with np.errstate(all="ignore"):
        return next(islice(updates(task, probe), t - 1, None))[1]
