"""RMSProp, and how long it remembers."""

import math

import numpy as np

from course_utils.tutor.checks.functions import FunctionTask
from course_utils.tutor.checks.rules import RuleTask
from course_utils.tutor.checks.tasks.dividing import VARIANTS, divided, square


def rmsprop(p, g, state, t, k, wrong):
    kept, new = k["decay_rate"], 1 - k["decay_rate"]
    if "decay-swapped" in wrong:
        kept, new = new, kept
    if "decay-swapped:new" in wrong:
        new = kept
    if "one-minus-missing" in wrong:
        new = 1.0
    if "decay-missing" in wrong:
        kept = 1.0
    old = state["h"]
    h = state.keep("h", kept * old + new * square(g, wrong))
    if "late" in wrong:
        h = old + 0 * g
    if "corrected" in wrong:
        h = h / (1 - np.float64(k["decay_rate"]) ** t)
    return p - k["lr"] * divided(g, h, k, wrong)


TASKS = (
    RuleTask(
        "rmsprop-rule",
        rmsprop,
        {"lr": (0.1, 0.05, 0.01), "decay_rate": (0.8, 0.6, 0.99)},
        (*VARIANTS, "decay-swapped:new"),
    ),
    FunctionTask(
        "half-life",
        lambda decay_rate: math.log(2) / -math.log(decay_rate),
        ("the half-life",),
        ((0.5,), (0.9,), (0.99,), (0.999,)),
        {
            "the half-life": {
                "sign": lambda rho: math.log(2) / math.log(rho),
                "window": lambda rho: 1 / (1 - rho),
                "linear": lambda rho: 0.5 / (1 - rho),
                "rounded-up": lambda rho: math.ceil(math.log(2) / -math.log(rho) - 1e-9),
                "inverted": lambda rho: -math.log(rho) / math.log(2),
                "other-logarithm": lambda rho: math.log10(2) / -math.log(rho),
            },
        },
    ),
)
