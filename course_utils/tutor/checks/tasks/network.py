"""The network's loss, and the gradient through its second layer."""

import numpy as np

from course_utils.network import softmax_cross_entropy
from course_utils.tutor.checks.functions import FunctionTask


def second_layer(d_scores, a, W2):
    return a.T @ d_scores, d_scores.sum(axis=0), d_scores @ W2.T


def cross_entropy(scores, t):
    return softmax_cross_entropy(scores, t)[0]


def _log_softmax(scores, axis=1):
    shifted = scores - scores.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _picked(scores, t, axis=1):
    return _log_softmax(scores, axis)[np.arange(len(t)), t]


def _overflowing(scores, t):
    exp = np.exp(scores)
    return -np.log((exp / exp.sum(axis=1, keepdims=True))[np.arange(len(t)), t]).mean()


def _layer(rng, n, hidden, classes, dtype=float):
    shapes = (n, classes), (n, hidden), (hidden, classes)
    return tuple(rng.normal(size=shape).round(2).astype(dtype) for shape in shapes)


def _scores(rng, n, classes, scale=1.0):
    return (scale * rng.normal(size=(n, classes)).round(2), rng.integers(classes, size=n))


_rng = np.random.default_rng(4)
TASKS = (
    FunctionTask(
        "second-layer",
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
                "dW2-transposed": lambda d, a, W2: d.T @ a,
                "dW2-averaged": lambda d, a, W2: a.T @ d / len(d),
                "dW2-a-not-transposed": lambda d, a, W2: a @ d,
                "dW2-sign": lambda d, a, W2: -a.T @ d,
            },
            "db2": {
                "db2-axis": lambda d, a, W2: d.sum(axis=1),
                "db2-mean": lambda d, a, W2: d.mean(axis=0),
                "db2-not-summed": lambda d, a, W2: d,
                "db2-keeps-rows": lambda d, a, W2: d.sum(axis=0, keepdims=True),
                "db2-one-number": lambda d, a, W2: d.sum(),
                "db2-sign": lambda d, a, W2: -d.sum(axis=0),
            },
            "da": {
                "da-not-transposed": lambda d, a, W2: d @ W2,
                "da-relu": lambda d, a, W2: d @ W2.T * (a > 0),
                "da-elementwise": lambda d, a, W2: d * W2.T,
                "da-transposed": lambda d, a, W2: W2 @ d.T,
                "da-sign": lambda d, a, W2: -d @ W2.T,
            },
        },
    ),
    FunctionTask(
        "cross-entropy",
        cross_entropy,
        ("the loss",),
        (
            _scores(_rng, 1, 3),
            _scores(_rng, 3, 3),
            _scores(_rng, 6, 10),
            (np.array([[1000.0, 0.0], [999.0, 1001.0], [1.0, 0.0]]), np.array([0, 0, 1])),
            (np.array([[1000.0, 0.0], [0.0, 1.0]]), np.array([1, 1])),
        ),
        {
            "the loss": {
                "summed": lambda s, t: -_picked(s, t).sum(),
                "sign": lambda s, t: _picked(s, t).mean(),
                "log-missing": lambda s, t: -np.exp(_picked(s, t)).mean(),
                "probability": lambda s, t: np.exp(_picked(s, t)).mean(),
                "log-of-mean": lambda s, t: -np.log(np.exp(_picked(s, t)).mean()),
                "softmax-missing": lambda s, t: -s[np.arange(len(t)), t].mean(),
                "wrong-axis": lambda s, t: -_picked(s, t, axis=0).mean(),
                "whole-array": lambda s, t: -_picked(s, t, axis=None).mean(),
                "other-logarithm": lambda s, t: -_picked(s, t).mean() / np.log(10),
                "not-averaged": lambda s, t: -_picked(s, t),
                "all-classes": lambda s, t: -_log_softmax(s).mean(),
                "overflow": _overflowing,
                "underflow": lambda s, t: -np.log(np.exp(_picked(s, t))).mean(),
            },
        },
    ),
)
