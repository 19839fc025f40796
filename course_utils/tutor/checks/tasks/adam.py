"""Adam, its first steps without the bias correction, and AdamW."""

import math

import numpy as np

from course_utils.tutor.checks.functions import FunctionTask
from course_utils.tutor.checks.rules import RuleTask
from course_utils.tutor.checks.tasks import dividing
from course_utils.tutor.checks.tasks.dividing import divided, square


def adam(p, g, state, t, k, wrong):
    rate, step = _adam(g, state, t, k, wrong)
    return p - rate * step


def adamw(p, g, state, t, k, wrong):
    """Adam with Loshchilov and Hutter's decoupled weight decay, as PyTorch has it."""
    decay, within = k["lr"] * k["weight_decay"], 0.0
    if "decay-in-gradient" in wrong:
        g, decay = g + k["weight_decay"] * p, 0.0
    if "decay-divided" in wrong:
        within, decay = k["weight_decay"] * p, 0.0
    if "weight-decay-missing" in wrong:
        decay = 0.0
    if "decay-without-lr" in wrong:
        decay = k["weight_decay"]
    if "decay-grows" in wrong:
        decay = -decay
    rate, step = _adam(g, state, t, k, wrong, within)
    if "decay-corrected" in wrong:
        decay *= rate / k["lr"]
    shrinks = p - rate * step if "decay-after-step" in wrong else p
    if "decay-without-p" in wrong:
        shrinks = 1.0
    return p - rate * step - decay * shrinks


def _adam(g, state, t, k, wrong, within=0.0):
    """Return the rate and what it multiplies; `within` is added to m in the fraction."""
    b1, b2 = k["beta1"], k["beta2"]
    if "betas-swapped" in wrong:
        b1, b2 = b2, b1
    new = g * g if "square-in-m" in wrong else g
    m = state.keep("m", _average(state["m"], new, b1, "m", wrong))
    new = square(m if "square-of-m" in wrong else g, wrong)
    v = state.keep("v", _average(state["v"], new, b2, "v", wrong))
    c1, c2 = _corrections(b1, b2, t, wrong)
    if "correction-stored" in wrong:
        m, v, c1, c2 = state.keep("m", m / c1), state.keep("v", v / c2), 1.0, 1.0
    if "m-not-used" in wrong:
        m = g
    if "m-not-used:plain" in wrong:
        m, c1 = g, 1.0
    if "corrects-m-and-v" in wrong:
        return k["lr"], divided(m / c1 + within, v / c2, k, wrong)
    rate = state.keep("lr_t", k["lr"] * np.sqrt(c2) / c1)
    return rate, divided(m + within, v, k, wrong)


def _average(old, new, beta, name, wrong):
    kept, part = beta, 1 - beta
    if f"{name}-one-minus-missing" in wrong:
        part = 1.0
    if f"{name}-swapped" in wrong:
        kept, part = part, kept
    if f"{name}-swapped:new" in wrong:
        part = beta
    if f"{name}-sum" in wrong:
        kept = part = 1.0
    if f"{name}-sum:part" in wrong:
        kept = 1.0
    if f"{name}-forgotten" in wrong:
        kept = 0.0
    return kept * old + part * new


def _corrections(b1, b2, t, wrong):
    """Return what m and v are divided by."""
    b1, b2 = np.float64(b1), np.float64(b2)
    c1, c2 = 1 - b1**t, 1 - b2**t
    if wrong & {"power-as-product", "power-as-product:m"}:
        c1 = 1 - b1 * t
    if "power-as-product" in wrong:
        c2 = 1 - b2 * t
    if "t-fixed:m" in wrong:
        c1 = 1 - b1
    if "t-fixed:v" in wrong:
        c2 = 1 - b2
    if "correction-inverted" in wrong:
        c1, c2 = 1 / c1, 1 / c2
    if wrong & {"correction-root:both", "correction-root:other"}:
        c1 = np.sqrt(c1)
    if wrong & {"correction-root", "correction-root:other"}:
        c2 = c2**2
    if wrong & {"no-correction", "v-corrected-only"}:
        c1 = np.float64(1)
    if wrong & {"no-correction", "m-corrected-only"}:
        c2 = np.float64(1)
    return c1, c2


def _ratio(t, beta1, beta2):
    return (1 - beta1**t) / math.sqrt(1 - beta2**t)


def _product_for_power(t, beta1, beta2):
    return (1 - beta1 * t) / np.sqrt(1 - np.float64(beta2) * t)


SETTINGS = {"lr": (0.1, 0.05, 0.001), "beta1": (0.8, 0.6, 0.9), "beta2": (0.9, 0.95, 0.999)}
FORMS: tuple[frozenset, ...] = (frozenset(), frozenset({"corrects-m-and-v"}))
VARIANTS = (
    *dividing.VARIANTS,
    "t-fixed:m",
    "t-fixed:v",
    "correction-root:both",
    "correction-root:other",
    "power-as-product:m",
    "m-swapped:new",
    "v-swapped:new",
    "m-sum:part",
    "v-sum:part",
    "m-not-used:plain",
)
TASKS = (
    RuleTask("adam-rule", adam, SETTINGS, VARIANTS, FORMS),
    FunctionTask(
        "adam-first-steps",
        _ratio,
        ("the ratio",),
        ((1, 0.9, 0.999), (12, 0.9, 0.999), (1, 0.9, 0.9), (5, 0.5, 0.99), (1000, 0.9, 0.999)),
        {
            "the ratio": {
                "inverted": lambda t, b1, b2: math.sqrt(1 - b2**t) / (1 - b1**t),
                "root-missing": lambda t, b1, b2: (1 - b1**t) / (1 - b2**t),
                "power-as-product": _product_for_power,
                "betas-ignored": lambda t, b1, b2: _ratio(t, 0.9, 0.999),
                "t-ignored": lambda t, b1, b2: (1 - b1) / math.sqrt(1 - b2),
                "betas-swapped": lambda t, b1, b2: (1 - b2**t) / math.sqrt(1 - b1**t),
                "m-only": lambda t, b1, b2: 1 - b1**t,
                "v-only": lambda t, b1, b2: 1 / math.sqrt(1 - b2**t),
                "one-late": lambda t, b1, b2: (1 - b1 ** (t + 1)) / math.sqrt(1 - b2 ** (t + 1)),
                "both-roots": lambda t, b1, b2: math.sqrt((1 - b1**t) / (1 - b2**t)),
            },
        },
    ),
    RuleTask("adamw-rule", adamw, {**SETTINGS, "weight_decay": (0.5, 0.2, 0.01)}, VARIANTS, FORMS),
)
