"""The tasks: optimizers and functions to write, and values to find."""

import math

import numpy as np

from course_utils.descent import descend
from course_utils.optimizers import AdaGrad
from course_utils.surfaces import Rosenbrock
from course_utils.tutor.checks.functions import function_tasks
from course_utils.tutor.checks.rules import rule_tasks
from course_utils.tutor.checks.task import shown, trouble
from course_utils.tutor.checks.values import ValueTask, number

EDGES = {
    "half-of-it": 1 / 6,
    "flat-direction": 4,
    "best-rate": 2 / 6.5,
    "coefficient": 2 / 3,
    "the-ravines": 1,
    "curvature": 6,
    "inverted": 3,
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


def stall(answer):
    """AdaGrad on Rosenbrock stalls: 500 updates move it less than 0.05, on a slope above 0.1."""
    if not isinstance(answer, dict) or answer.keys() != {"lr", "start"}:
        raise trouble("wrong-kind:stall", "adagrad-stall", what=shown(answer))
    lr, start = number(answer["lr"], "a number for lr"), answer["start"]
    if not isinstance(start, tuple | list | np.ndarray) or len(start) != 2:
        raise trouble("wrong-kind:start", "adagrad-stall")
    start = tuple(number(value, "numbers in start") for value in start)
    judged = f"lr {lr:g}, start ({start[0]:g}, {start[1]:g})"
    if lr <= 0:
        return judged, "lr-not-positive", {}
    if max(map(abs, start)) > 2:
        return judged, "start-outside", {}
    return judged, *_stalls(lr, start)


def _stalls(lr, start):
    path = descend(Rosenbrock(), AdaGrad(lr=lr), start, steps=1000)
    if path.diverged_at is not None:
        return "diverges", {"update": path.diverged_at}
    early = math.dist(path.positions[0], path.positions[10])
    late = math.dist(path.positions[500], path.positions[1000])
    slope = float(np.hypot(*path.gradients[-1]))
    moved = f"it moves {early:.2g} in the first 10 updates and {late:.2g} in the last 500."
    words = {"moved": moved, "slope": f"{slope:.2g}"}
    if slope < 0.1 and late < 0.05:
        return "arrived", words
    if early < 0.5:
        return "never-moved", words
    return ("still-moving" if late >= 0.05 else ""), words


VALUES = (ValueTask("sgd-edge", edge), ValueTask("adagrad-stall", stall))
TASKS = {task.id: task for task in (*rule_tasks(), *function_tasks(), *VALUES)}
