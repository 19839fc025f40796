"""The optimizers to write: what each task allows, and the walks that its rule makes."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np

from course_utils.checks.methods import (
    State,
    adagrad,
    adam,
    adamw,
    momentum,
    nesterov,
    rmsprop,
    sgd,
)


@dataclass(frozen=True)
class RuleTask:
    """An optimizer to write.

    settings: name and value of each argument of the reader's class, in order: those of most
        probes, of another one, and the defaults, all different.
    mistakes: what the rule can do wrong, the likelier first.
    forms: ways to write it that differ only where a gradient is as small as ε.
    """

    rule: Callable
    settings: dict[str, tuple[float, float, float]]
    mistakes: tuple[str, ...]
    forms: tuple[frozenset, ...] = (frozenset(),)

    def __post_init__(self):
        one_each = [f"settings-ignored:{name}" for name in self.settings]
        object.__setattr__(self, "mistakes", (*self.mistakes, *one_each))

    def values(self, which):
        return {name: values[which] for name, values in self.settings.items()}


ALWAYS = ("uphill", "lr-twice", "lr-missing", "first-key-only", "last-key-only", "settings-ignored")
FORGETTING = ("state-not-kept", "state-not-kept:local")
ROLLING = (*FORGETTING, "memory-not-scaled", "averaged", "resistance", "one-state-for-all")
DIVIDING = (
    "root-missing",
    "eps-missing",
    "eps-missing:outside",
    "eps-inside",
    "not-squared",
    "not-squared:doubled",
    "multiplied",
    "one-number:sum",
    "one-number:mean",
)
CORRECTIONS = (
    "correction-inverted",
    "correction-root:missing",
    "correction-root:both",
    "correction-root:other",
    "power-as-product",
    "power-as-product:m",
)
AVERAGES = tuple(
    f"{name}-{mistake}"
    for mistake in ("one-minus-missing", "swapped", "swapped:new", "sum", "sum:part")
    for name in "mv"
)
ADAM = (
    "betas-swapped",
    "no-correction",
    "m-corrected-only",
    "v-corrected-only",
    "t-from-0",
    "t-fixed",
    "t-fixed:m",
    "t-fixed:v",
    "t-per-key",
    *CORRECTIONS,
    *AVERAGES,
    *DIVIDING,
    *FORGETTING,
    "m-forgotten",
    "v-forgotten",
    "square-of-m",
    "square-in-m",
    "correction-stored",
    "m-not-used",
    "m-not-used:plain",
    "one-state-for-all",
)
LR = (0.1, 0.05, 0.01)
ADAM_SETTINGS = {"lr": (0.1, 0.05, 0.001), "beta1": (0.8, 0.6, 0.9), "beta2": (0.9, 0.95, 0.999)}
ADAM_FORMS: tuple[frozenset, ...] = (frozenset(), frozenset({"corrects-m-and-v"}))

TASKS = {
    "sgd-rule": RuleTask(sgd, {"lr": LR}, ALWAYS),
    "momentum-rule": RuleTask(
        momentum,
        {"lr": LR, "momentum": (0.8, 0.6, 0.9)},
        (*ALWAYS, *ROLLING, "memory-sign", "late", "looks-ahead"),
    ),
    "nesterov-rule": RuleTask(
        nesterov,
        {"lr": LR, "momentum": (0.8, 0.6, 0.9)},
        (
            *ALWAYS,
            "no-look-ahead",
            *ROLLING,
            "look-ahead-not-scaled",
            "push-missing",
            "state-not-kept:unused",
        ),
    ),
    "adagrad-rule": RuleTask(
        adagrad,
        {"lr": LR},
        (*ALWAYS, *DIVIDING, *FORGETTING, "late", "gradient-missing", "one-state-for-all"),
    ),
    "rmsprop-rule": RuleTask(
        rmsprop,
        {"lr": LR, "decay_rate": (0.8, 0.6, 0.99)},
        (
            *ALWAYS,
            *DIVIDING,
            "one-minus-missing",
            "decay-missing",
            "decay-swapped",
            "decay-swapped:new",
            *FORGETTING,
            "late",
            "corrected",
            "gradient-missing",
            "one-state-for-all",
        ),
    ),
    "adam-rule": RuleTask(adam, ADAM_SETTINGS, (*ALWAYS, *ADAM), ADAM_FORMS),
    "adamw-rule": RuleTask(
        adamw,
        {**ADAM_SETTINGS, "weight_decay": (0.5, 0.2, 0.01)},
        (
            *ALWAYS,
            "weight-decay-missing",
            "decay-in-gradient",
            "decay-without-lr",
            "decay-grows",
            "decay-after-step",
            "decay-corrected",
            "decay-divided",
            "decay-without-p",
            *ADAM,
        ),
        ADAM_FORMS,
    ),
}


def updates(task, probe, wrong=frozenset(), eps=1e-7):
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


def walk(task, probe, wrong=frozenset(), eps=1e-7):
    """Return what a probe's parameters are after each update, made with these mistakes."""
    with np.errstate(all="ignore"):
        return [dict(params) for params, _ in updates(task, probe, wrong, eps)]


def remembered(task, probe, t):
    """Return what the rule remembers of each parameter after update t."""
    with np.errstate(all="ignore"):
        return next(islice(updates(task, probe), t - 1, None))[1]
