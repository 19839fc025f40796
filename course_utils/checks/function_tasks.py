"""The functions that readers write: the reference, cases to compare, and the usual mistakes."""

import math

import numpy as np

from course_utils.checks import network_tasks
from course_utils.checks.functions import FunctionTask


def _ratio(t, beta1, beta2):
    return (1 - beta1**t) / math.sqrt(1 - beta2**t)


def _product_for_power(t, beta1, beta2):
    return (1 - beta1 * t) / np.sqrt(1 - np.float64(beta2) * t)


TASKS = {
    "momentum-long-run": FunctionTask(
        lambda lr, momentum: lr / (1 - momentum),
        ("the step",),
        ((0.1, 0.9), (0.1, 0.5), (0.02, 0.0), (0.01, 0.95), (1.0, 0.8)),
        {
            "the step": {
                "alternating": (
                    lambda lr, m: lr / (1 + m),
                    "That is the step for a gradient that changes sign at every update.",
                ),
                "inverted": (
                    lambda lr, m: lr * (1 - m),
                    "You multiply by 1 − momentum. The memory makes the step longer: divide.",
                ),
                "momentum-not-resistance": (
                    lambda lr, m: lr * (1 + m),
                    "You count one update of memory. The update before that is still in v too, "
                    "and all the earlier ones.",
                ),
                "sign": (lambda lr, m: -lr / (1 - m), "That is v; a length is not negative."),
                "lr-missing": (lambda lr, m: 1 / (1 - m), "The learning rate is missing."),
                "divided-by-momentum": (
                    lambda lr, m: lr / m,
                    "What is lost at each update is 1 − momentum, not momentum.",
                ),
                "only-lr": (lambda lr, m: lr, "That is the first step; v is still 0 before it."),
            }
        },
    ),
    "half-life": FunctionTask(
        lambda decay_rate: math.log(2) / -math.log(decay_rate),
        ("the half-life",),
        ((0.5,), (0.9,), (0.99,), (0.999,)),
        {
            "the half-life": {
                "sign": (
                    lambda rho: math.log(2) / math.log(rho),
                    "The sign is wrong: ln(decay_rate) is negative, as is ln(1/2).",
                ),
                "window": (
                    lambda rho: 1 / (1 - rho),
                    "That is 1/(1 − decay_rate), the window: after it about 0.37 is left.",
                ),
                "linear": (
                    lambda rho: 0.5 / (1 - rho),
                    "You let the weight lose the same amount at each update. It loses the same "
                    "part: after k updates it is decay_rate**k.",
                ),
                "rounded-up": (
                    lambda rho: math.ceil(math.log(2) / -math.log(rho) - 1e-9),
                    "Counted in whole updates. Solve decay_rate**k = 1/2 for k with a logarithm.",
                ),
                "inverted": (
                    lambda rho: -math.log(rho) / math.log(2),
                    "Upside down: a rate nearer to 1 should take longer.",
                ),
                "other-logarithm": (
                    lambda rho: math.log10(2) / -math.log(rho),
                    "Two different logarithms are mixed; use `np.log` for both.",
                ),
            }
        },
    ),
    "adam-first-steps": FunctionTask(
        _ratio,
        ("the ratio",),
        ((1, 0.9, 0.999), (12, 0.9, 0.999), (1, 0.9, 0.9), (5, 0.5, 0.99), (1000, 0.9, 0.999)),
        {
            "the ratio": {
                "inverted": (
                    lambda t, b1, b2: math.sqrt(1 - b2**t) / (1 - b1**t),
                    "Upside down: that is the correction itself. Left out, the step changes by "
                    "its inverse.",
                ),
                "root-missing": (
                    lambda t, b1, b2: (1 - b1**t) / (1 - b2**t),
                    "The step divides by the root of v, so v's part needs a root.",
                ),
                "power-as-product": (
                    _product_for_power,
                    "beta · t is not beta to the power t: write `beta1**t`.",
                ),
                "betas-ignored": (
                    lambda t, b1, b2: _ratio(t, 0.9, 0.999),
                    "A measured list, or written-out numbers, fits one pair of betas only. Use "
                    "the arguments `beta1` and `beta2`.",
                ),
                "t-ignored": (
                    lambda t, b1, b2: (1 - b1) / math.sqrt(1 - b2),
                    "That is the first update for every t. After t updates m has gathered "
                    "1 − beta1**t of the gradient.",
                ),
                "betas-swapped": (
                    lambda t, b1, b2: (1 - b2**t) / math.sqrt(1 - b1**t),
                    "beta1 and beta2 have changed places.",
                ),
                "m-only": (
                    lambda t, b1, b2: 1 - b1**t,
                    "That is m's part. v is too small as well, and stands below the line.",
                ),
                "v-only": (
                    lambda t, b1, b2: 1 / math.sqrt(1 - b2**t),
                    "That is v's part. m is too small as well.",
                ),
                "one-late": (
                    lambda t, b1, b2: (1 - b1 ** (t + 1)) / math.sqrt(1 - b2 ** (t + 1)),
                    "You count one update too many.",
                ),
                "both-roots": (
                    lambda t, b1, b2: math.sqrt((1 - b1**t) / (1 - b2**t)),
                    "The root belongs to v only.",
                ),
            }
        },
    ),
    **network_tasks.TASKS,
}
