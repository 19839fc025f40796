"""SGD, and the learning rate at which it begins to diverge."""

from course_utils.tutor.checks.rules import RuleTask
from course_utils.tutor.checks.values import ValueTask, number

EDGES = {
    "half-of-it": 1 / 6,
    "flat-direction": 4,
    "best-rate": 2 / 6.5,
    "coefficient": 2 / 3,
    "the-ravines": 1,
    "curvature": 6,
    "flat-coefficient": 8,
}


def edge(answer):
    lr = number(answer, "a number")
    judged = f"lr {lr:.4g}"
    for mistake, value in {"": 1 / 3, **EDGES}.items():
        if abs(lr - value) <= 0.01 * value:
            return judged, mistake, {}
    if lr <= 0:
        return judged, "lr-not-positive", {}
    factor = 1 - 6 * lr
    mistake = "unknown:grows" if abs(factor) > 1 else "unknown:shrinks"
    return judged, mistake, {"factor": f"{factor:.4g}"}


def sgd(p, g, state, t, k, wrong):
    return p - k["lr"] * g


TASKS = (ValueTask("sgd-edge", edge), RuleTask("sgd-rule", sgd, {"lr": (0.1, 0.05, 0.01)}))
