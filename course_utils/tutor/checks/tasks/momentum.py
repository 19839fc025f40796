"""Momentum, its step in the long run, and Nesterov's form."""

from course_utils.tutor.checks.functions import FunctionTask
from course_utils.tutor.checks.rules import RuleTask


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
    if "state-not-kept:unused" in wrong:
        step = push
    return p - k["lr"] * step


SETTINGS = {"lr": (0.1, 0.05, 0.01), "momentum": (0.8, 0.6, 0.9)}
TASKS = (
    RuleTask("momentum-rule", momentum, SETTINGS),
    FunctionTask(
        "momentum-long-run",
        lambda lr, momentum: lr / (1 - momentum),
        ("the step",),
        ((0.1, 0.9), (0.1, 0.5), (0.02, 0.0), (0.01, 0.95), (1.0, 0.8)),
        {
            "the step": {
                "alternating": lambda lr, m: lr / (1 + m),
                "inverted": lambda lr, m: lr * (1 - m),
                "momentum-not-resistance": lambda lr, m: lr * (1 + m),
                "sign": lambda lr, m: -lr / (1 - m),
                "lr-missing": lambda lr, m: 1 / (1 - m),
                "divided-by-momentum": lambda lr, m: lr / m,
                "only-lr": lambda lr, m: lr,
            },
        },
    ),
    RuleTask("nesterov-rule", nesterov, SETTINGS, ("state-not-kept:unused",)),
)
