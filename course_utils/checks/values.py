"""Checks answers that are a number or a few settings."""

import math
from numbers import Real

import numpy as np

from course_utils.checks.sandbox import Trouble
from course_utils.optimizers import AdaGrad
from course_utils.surfaces import Rosenbrock
from course_utils.training import descend

EDGES = {
    "half-of-it": (1 / 6, "1/L is the rate that lands on 0 in one step. The edge is twice that."),
    "flat-direction": (4, "That is 2/μ, the edge of the flat direction. The steep one decides."),
    "best-rate": (2 / 6.5, "That is the best fixed rate, 2/(L + μ). The edge lies beyond it."),
    "coefficient": (
        2 / 3,
        "You took the 3 before y² for the curvature. The curvature is the second derivative, 6.",
    ),
    "the-ravines": (1, "That is the edge of f = x²/20 + y². This bowl curves by other numbers."),
    "curvature": (6, "That is the largest curvature itself. How does the edge follow from it?"),
    "flat-coefficient": (8, "That is 2 over the coefficient of the flat direction."),
}


def edge(answer):
    number = _number(answer, "a number")
    judged = f"lr {number:.4g}"
    if abs(number - 1 / 3) <= 0.01 / 3:
        return judged, "", ""
    for mistake, (value, sentence) in EDGES.items():
        if abs(number - value) <= 0.01 * value:
            return judged, mistake, sentence
    if number <= 0:
        return judged, "lr-not-positive", "lr has to be greater than 0 to step downhill."
    y = 1 - 6 * number
    fate = "y grows, so it diverges" if abs(y) > 1 else "y shrinks, and there is room for more"
    return judged, "unknown", f"each update multiplies y by {y:.4g}: {fate}."


def stall(answer):
    """AdaGrad on Rosenbrock stalls: 500 updates move it less than 0.05, on a slope above 0.1."""
    if not isinstance(answer, dict) or answer.keys() != {"lr", "start"}:
        raise Trouble("The answer is a dict with the keys lr and start.", "wrong-kind")
    lr, start = _number(answer["lr"], "a number for lr"), answer["start"]
    if not isinstance(start, tuple | list | np.ndarray) or len(start) != 2:
        raise Trouble("start has to be a pair of numbers, (x, y).", "wrong-kind")
    start = tuple(_number(value, "numbers in start") for value in start)
    judged = f"lr {lr:g}, start ({start[0]:g}, {start[1]:g})"
    if lr <= 0:
        return judged, "lr-not-positive", "lr has to be greater than 0."
    if max(map(abs, start)) > 2:
        return judged, "start-outside", "the start has to lie inside |x| ≤ 2, |y| ≤ 2."
    return judged, *_stalls(lr, start)


def _stalls(lr, start):
    path = descend(Rosenbrock(), AdaGrad(lr=lr), start, steps=1000)
    if path.diverged_at is not None:
        return "diverges", f"it leaves the picture at update {path.diverged_at}."
    early = math.dist(path.positions[0], path.positions[10])
    late = math.dist(path.positions[500], path.positions[1000])
    slope = float(np.hypot(*path.gradients[-1]))
    told = f"it moves {early:.2g} in the first 10 updates and {late:.2g} in the last 500."
    if slope < 0.1:
        return "arrived", (
            f"{told} But the slope there is only {slope:.2g}: it stops because it has arrived. "
            "Start where the surface is steeper."
        )
    if early < 0.5:
        return "never-moved", (
            f"{told} After 10 updates it is less than 0.5 from its start: lr is too small, or it "
            "starts beside the valley's floor and turns back."
        )
    if late >= 0.05:
        return "still-moving", (
            f"{told} It is still on its way. What makes h large at once, and so all later rates "
            "small?"
        )
    return "", ""


def _number(value, expected):
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, str):
        raise Trouble(
            f"The answer should be {expected}, without quotes; it is {value!r}.", "wrong-kind"
        )
    if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
        raise Trouble(f"The answer should be {expected}; it is {value!r}.", "wrong-kind")
    return float(value)


TASKS = {"sgd-edge": edge, "adagrad-stall": stall}


def diagnose(answer, task_id):
    """Return the mistake, if any, a sentence that begins with what is judged, and no example."""
    judged, mistake, sentence = TASKS[task_id](answer)
    return ([mistake], [f"Judging {judged}: {sentence}"], "") if mistake else ([], [], "")
