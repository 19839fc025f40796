"""The functions that readers write: the reference, cases to compare, and the usual mistakes."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_utils.network import softmax_cross_entropy


@dataclass(frozen=True)
class FunctionTask:
    """A function to write.

    names: of its results. cases: lists of arguments, the simplest first. mistakes: for each
    result, functions of the same arguments that make one mistake each, with what to say.
    """

    reference: Callable
    names: tuple[str, ...]
    cases: tuple[tuple, ...]
    mistakes: dict[str, dict[str, tuple[Callable, str]]]


def second_layer(d_scores, a, W2):
    return a.T @ d_scores, d_scores.sum(axis=0), d_scores @ W2.T


def cross_entropy(scores, t):
    return softmax_cross_entropy(scores, t)[0]


def _softmax(scores, axis=1):
    exp = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exp / exp.sum(axis=axis, keepdims=True)


def _picked(scores, t):
    return _softmax(scores)[np.arange(len(t)), t]


def _overflowing(scores, t):
    exp = np.exp(scores)
    return -np.log((exp / exp.sum(axis=1, keepdims=True))[np.arange(len(t)), t]).mean()


def _layer(rng, n, hidden, classes, dtype=float):
    shapes = (n, classes), (n, hidden), (hidden, classes)
    return tuple(rng.normal(size=shape).round(2).astype(dtype) for shape in shapes)


def _scores(rng, n, classes, scale=1.0):
    return (scale * rng.normal(size=(n, classes)).round(2), rng.integers(classes, size=n))


_rng = np.random.default_rng(4)
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
        lambda t, beta1, beta2: (1 - beta1**t) / math.sqrt(1 - beta2**t),
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
    "second-layer": FunctionTask(
        second_layer,
        ("dW2", "db2", "da"),
        (
            _layer(_rng, 2, 2, 2),
            _layer(_rng, 4, 4, 4),
            _layer(_rng, 5, 4, 3),
            _layer(_rng, 6, 3, 4, np.float32),
        ),
        {
            "dW2": {
                "dW2-transposed": (
                    lambda d, a, W2: d.T @ a,
                    "dW2 is transposed: it has to have the shape of W2, (hidden, classes).",
                ),
                "dW2-averaged": (
                    lambda d, a, W2: a.T @ d / len(d),
                    "dW2 is divided by n. d_scores holds that division already.",
                ),
                "dW2-a-not-transposed": (
                    lambda d, a, W2: a @ d,
                    "In dW2 the sum has to run over the examples: `a.T @ d_scores`.",
                ),
                "dW2-sign": (lambda d, a, W2: -a.T @ d, "dW2 has the wrong sign."),
            },
            "db2": {
                "db2-axis": (
                    lambda d, a, W2: d.sum(axis=1),
                    "db2 is summed over the classes; sum over the examples, axis 0.",
                ),
                "db2-mean": (
                    lambda d, a, W2: d.mean(axis=0),
                    "db2 is a mean. d_scores holds the division by n already, so sum.",
                ),
                "db2-not-summed": (
                    lambda d, a, W2: d,
                    "db2 is not summed: every example adds to the same bias.",
                ),
                "db2-keeps-rows": (
                    lambda d, a, W2: d.sum(axis=0, keepdims=True),
                    "db2 has one row too many: b2 has the shape (classes,).",
                ),
                "db2-one-number": (
                    lambda d, a, W2: d.sum(),
                    "db2 is one number; each class has a bias of its own: sum along axis 0.",
                ),
                "db2-sign": (lambda d, a, W2: -d.sum(axis=0), "db2 has the wrong sign."),
            },
            "da": {
                "da-not-transposed": (
                    lambda d, a, W2: d @ W2,
                    "In da, W2 has to be transposed: backwards it leads from classes to hidden "
                    "units.",
                ),
                "da-relu": (
                    lambda d, a, W2: d @ W2.T * (a > 0),
                    "da is already sent through the ReLU. That comes next, in the first layer.",
                ),
                "da-elementwise": (
                    lambda d, a, W2: d * W2.T,
                    "da is a matrix product, not an elementwise one.",
                ),
                "da-transposed": (
                    lambda d, a, W2: W2 @ d.T,
                    "da is transposed: it has to have the shape of a, (n, hidden).",
                ),
                "da-sign": (lambda d, a, W2: -d @ W2.T, "da has the wrong sign."),
            },
        },
    ),
    "cross-entropy": FunctionTask(
        cross_entropy,
        ("the loss",),
        (
            _scores(_rng, 1, 3),
            _scores(_rng, 3, 3),
            _scores(_rng, 6, 10),
            (np.array([[1000.0, 0.0], [999.0, 1001.0]]), np.array([0, 0])),
        ),
        {
            "the loss": {
                "summed": (
                    lambda s, t: -np.log(_picked(s, t)).sum(),
                    "That is the sum over the examples. The loss is their mean.",
                ),
                "sign": (
                    lambda s, t: np.log(_picked(s, t)).mean(),
                    "The sign is wrong: log of a probability is negative, the loss is not.",
                ),
                "log-missing": (
                    lambda s, t: -_picked(s, t).mean(),
                    "The logarithm is missing: the loss is −log of the probability.",
                ),
                "probability": (
                    lambda s, t: _picked(s, t).mean(),
                    "That is the mean probability of the label; take −log of each first.",
                ),
                "log-of-mean": (
                    lambda s, t: -np.log(_picked(s, t).mean()),
                    "The mean is taken too early: take −log of each, then the mean.",
                ),
                "softmax-missing": (
                    lambda s, t: -s[np.arange(len(t)), t].mean(),
                    "These are the scores themselves. Softmax turns a row into probabilities.",
                ),
                "wrong-axis": (
                    lambda s, t: -np.log(_softmax(s, 0)[np.arange(len(t)), t]).mean(),
                    "Softmax runs over the examples. Each row has to add up to 1: axis 1.",
                ),
                "whole-array": (
                    lambda s, t: -np.log(_softmax(s, None)[np.arange(len(t)), t]).mean(),
                    "Softmax runs over the whole array. Each row has to add up to 1: axis 1, "
                    "keepdims=True.",
                ),
                "other-logarithm": (
                    lambda s, t: -np.log10(_picked(s, t)).mean(),
                    "That is the logarithm to base 10. Use the natural one, `np.log`.",
                ),
                "not-averaged": (
                    lambda s, t: -np.log(_picked(s, t)),
                    "These are the losses of the examples. Return their mean, one number.",
                ),
                "all-classes": (
                    lambda s, t: -np.log(_softmax(s)).mean(),
                    "You average over all classes. Only the probability of the label counts.",
                ),
                "overflow": (
                    _overflowing,
                    "Right, until a score is large: exp(1000) is inf. Subtract the row's largest "
                    "score first; that changes nothing in softmax.",
                ),
            }
        },
    ),
}
