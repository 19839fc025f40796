"""The update rules that readers write, each able to make the mistakes that people make in it.

A rule takes a parameter `p`, its gradient `g`, its `state`, the update's number `t` from 1, the
settings `k` by name and `wrong`, the mistakes to make. With none it is the method; each mistake is
one `if`, so that any two of them can be made together. It returns the new p.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


class State(dict):
    """What a rule remembers for one parameter: 0 where nothing has been kept yet."""

    def __init__(self, wrong):
        super().__init__()
        self.wrong = wrong

    def __missing__(self, name):
        return 0.0

    def __getitem__(self, name):
        forgotten = {"state-not-kept", f"{name}-forgotten"} & self.wrong
        return 0.0 if forgotten else super().__getitem__(name)

    def keep(self, name, value):
        self[name] = value
        return value


def sgd(p, g, state, t, k, wrong):
    return p - k["lr"] * g


def momentum(p, g, state, t, k, wrong):
    kept, push = k["momentum"], -k["lr"] * g
    if "averaged" in wrong:
        push = (1 - kept) * push
    if "resistance" in wrong:
        kept = 1 - kept
    if "memory-not-scaled" in wrong:
        kept = 1.0
    if "memory-sign" in wrong:
        kept = -kept
    old = state["v"]
    v = state.keep("v", kept * old + push)
    if "late" in wrong:
        v = old
    if "looks-ahead" in wrong:
        v = kept * v + push
    return p + v


def nesterov(p, g, state, t, k, wrong):
    """Sutskever's look-ahead in PyTorch's form, for a gradient taken at p itself."""
    kept, push = k["momentum"], g
    if "averaged" in wrong:
        push = (1 - kept) * push
    if "resistance" in wrong:
        kept = 1 - kept
    memory = 1.0 if "memory-not-scaled" in wrong else kept
    v = state.keep("v", memory * state["v"] + push)
    step = push + kept * v
    if "no-look-ahead" in wrong:
        step = v
    if "look-ahead-not-scaled" in wrong:
        step = push + v
    if "push-missing" in wrong:
        step = kept * v
    return p - k["lr"] * step


def adagrad(p, g, state, t, k, wrong):
    old = state["h"]
    h = state.keep("h", old + _square(g, wrong))
    return p - k["lr"] * _divided(g, old + 0 * g if "late" in wrong else h, k, wrong)


def rmsprop(p, g, state, t, k, wrong):
    kept, new = k["decay_rate"], 1 - k["decay_rate"]
    if "decay-swapped" in wrong:
        kept, new = new, kept
    if "one-minus-missing" in wrong:
        new = 1.0
    if "decay-missing" in wrong:
        kept = 1.0
    old = state["h"]
    h = state.keep("h", kept * old + new * _square(g, wrong))
    if "late" in wrong:
        h = old + 0 * g
    if "corrected" in wrong:
        h = h / (1 - np.float64(k["decay_rate"]) ** t)
    return p - k["lr"] * _divided(g, h, k, wrong)


def adam(p, g, state, t, k, wrong):
    b1, b2 = k["beta1"], k["beta2"]
    if "betas-swapped" in wrong:
        b1, b2 = b2, b1
    new = 1.0 if "m-one-minus-missing" in wrong else 1 - b1
    m = state.keep("m", b1 * state["m"] + new * g)
    square = _square(m if "square-of-m" in wrong else g, wrong)
    new = 1.0 if "v-one-minus-missing" in wrong else 1 - b2
    v = state.keep("v", b2 * state["v"] + new * square)
    c1 = c2 = np.float64(1)
    if not wrong & {"no-correction", "v-corrected-only"}:
        c1 = 1 - np.float64(b1) ** t
    if not wrong & {"no-correction", "m-corrected-only"}:
        c2 = 1 - np.float64(b2) ** t
    if "correction-stored" in wrong:
        m, v, c1, c2 = state.keep("m", m / c1), state.keep("v", v / c2), 1.0, 1.0
    if "m-not-used" in wrong:
        m, c1 = g, 1.0
    if "corrects-m-and-v" in wrong:
        return p - k["lr"] * _divided(m / c1, v / c2, k, wrong)
    return p - k["lr"] * np.sqrt(c2) / c1 * _divided(m, v, k, wrong)


def adamw(p, g, state, t, k, wrong):
    """Adam with Loshchilov and Hutter's decoupled weight decay, as PyTorch has it."""
    decay = k["lr"] * k["weight_decay"]
    if "decay-in-gradient" in wrong:
        g, decay = g + k["weight_decay"] * p, 0.0
    if "weight-decay-missing" in wrong:
        decay = 0.0
    if "decay-without-lr" in wrong:
        decay = k["weight_decay"]
    if "decay-grows" in wrong:
        decay = -decay
    new = adam(p, g, state, t, k, wrong)
    return new - decay * (new if "decay-after-step" in wrong else p)


def _square(g, wrong):
    return g if "not-squared" in wrong else g * g


def _divided(g, h, k, wrong):
    eps = 0.0 if "eps-missing" in wrong else k["eps"]
    if "root-missing" in wrong:
        return g / (h + eps)
    root = np.sqrt(h + eps) if "eps-inside" in wrong else np.sqrt(h) + eps
    if "multiplied" in wrong:
        return g * root
    return 1 / root if "gradient-missing" in wrong else g / root


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
ROLLING = ("state-not-kept", "memory-not-scaled", "averaged", "resistance", "one-state-for-all")
DIVIDING = ("root-missing", "eps-missing", "eps-inside", "not-squared", "multiplied")
ADAM = (
    "betas-swapped",
    "no-correction",
    "m-corrected-only",
    "v-corrected-only",
    "t-from-0",
    "t-fixed",
    "t-per-key",
    "m-one-minus-missing",
    "v-one-minus-missing",
    *DIVIDING,
    "state-not-kept",
    "m-forgotten",
    "v-forgotten",
    "square-of-m",
    "correction-stored",
    "m-not-used",
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
        (*ALWAYS, "no-look-ahead", *ROLLING, "look-ahead-not-scaled", "push-missing"),
    ),
    "adagrad-rule": RuleTask(
        adagrad,
        {"lr": LR},
        (*ALWAYS, *DIVIDING, "state-not-kept", "late", "gradient-missing", "one-state-for-all"),
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
            "state-not-kept",
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
            *ADAM,
        ),
        ADAM_FORMS,
    ),
}


def walk(task, probe, wrong=frozenset(), eps=1e-7):
    """Return what a probe's parameters are after each update, made with these mistakes."""
    k = task.values(2) if "settings-ignored" in wrong else dict(probe.settings)
    k |= {n: values[2] for n, values in task.settings.items() if f"settings-ignored:{n}" in wrong}
    k["eps"] = eps
    if "lr-twice" in wrong:
        k["lr"] *= k["lr"]
    if "lr-missing" in wrong:
        k["lr"] = 1.0
    params, path = probe.fresh(), []
    states = {key: State(wrong) for key in params}
    if "one-state-for-all" in wrong:
        states = dict.fromkeys(params, State(wrong))
    turns = list(enumerate(params))
    if "first-key-only" in wrong:
        turns = turns[:1]
    if "last-key-only" in wrong:
        turns = turns[-1:]
    with np.errstate(all="ignore"):
        for t in range(1, probe.steps + 1):
            grads = probe.gradient(params, t)
            for place, key in turns:
                p, g = params[key], grads[key]
                n = t - ("t-from-0" in wrong)
                if "t-per-key" in wrong:
                    n = (t - 1) * len(params) + place + 1
                if "t-fixed" in wrong:
                    n = 1
                g = -g if "uphill" in wrong else g
                params[key] = np.asarray(task.rule(p, g, states[key], n, k, wrong)).astype(p.dtype)
            path.append({key: p.copy() for key, p in params.items()})
    return path
