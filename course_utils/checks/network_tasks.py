"""The network's functions that readers write: the reference, cases, and the usual mistakes."""

import numpy as np

from course_utils.checks.functions import FunctionTask
from course_utils.network import softmax_cross_entropy


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
    "second-layer": FunctionTask(
        second_layer,
        ("dW2", "db2", "da"),
        (
            tuple(
                np.array(each)
                for each in (
                    [[0.1, -0.1], [0.6, 0.2]],
                    [[-0.5, 0.4], [1.3, 1.0]],
                    [[-0.7, -1.3], [-0.6, 0.1]],
                )
            ),
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
            (np.array([[1000.0, 0.0], [999.0, 1001.0], [1.0, 0.0]]), np.array([0, 0, 1])),
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
