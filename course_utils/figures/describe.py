"""Sentences with numbers: captions, alternative texts and verdicts."""

import numpy as np

from course_utils.optimizers import UncorrectedAdam
from course_utils.surfaces import Ravine


def describe_settings(optimizer):
    """Return an optimizer's name and settings: "Momentum, lr 0.1, momentum 0.9"."""
    parts = [f"{name} {getattr(optimizer, name):.4g}" for name in optimizer.hyperparameters]
    return ", ".join([type(optimizer).__name__, *(p for p in parts if not p.startswith("eps"))])


def describe_descent(descent):
    """Return one sentence on a single path: its settings, what is typical of it, how it ends."""
    if np.ptp(descent.lr[: len(descent.losses)]) > 0:
        typical = f"lr goes from {descent.lr[0]:.3g} to {descent.lr[-1]:.3g}; "
    else:
        typical = _TYPICAL.get(type(descent.optimizer).__name__, lambda descent: "")(descent)
    return f"{describe_settings(descent.optimizer)}: {typical}{describe_end(descent)}."


def describe_end(descent):
    """Return how a path ends: "f = 0.0133 after 30 updates", or that it left."""
    if descent.diverged_at is not None:
        return f"out of sight after {_updates(descent.diverged_at)}"
    return f"f = {descent.losses[-1]:.3g} after {_updates(len(descent.losses) - 1)}"


def _updates(count):
    return "1 update" if count == 1 else f"{count} updates"


def _sgd(descent):
    surface, lr = descent.surface, descent.optimizer.lr
    if not isinstance(surface, Ravine):
        return ""
    if not np.allclose(np.diff(descent.positions, axis=0), -lr * descent.gradients[:-1]):
        return "noise in the gradients; "
    low, high = surface.curvature(0.0, 0.0)
    x, y = 1 - lr * low, 1 - lr * high
    along, across = ("x", "y") if surface.rotation == 0 else ("along the valley", "across it")
    _, start = surface.own_axes(*descent.positions[0])
    if lr > 2 / high and start != 0:
        edge = f"past 2/L = {2 / high:.2f}"
        return f"{edge}: {across} grows by {abs(y):.2f} per step, so it diverges; "
    sign = "changes sign at every step and " if y < 0 else ""
    if start == 0:
        across += " stays at 0"
    elif abs(abs(y) - 1) < 1e-12:
        across += f" {sign}keeps its size"
    else:
        across += f" {sign}shrinks to {abs(y):.2f} of its size per step"
    return f"{across}, {along} to {abs(x):.3f}; "


def _momentum(descent):
    ball, text = descent.optimizer, ""
    if isinstance(descent.surface, Ravine):
        edge = 2 * (1 + ball.momentum) / descent.surface.curvature(0.0, 0.0)[1]
        text = f"past the edge 2(1 + momentum)/L = {edge:.2f}; " if ball.lr > edge else ""
    return f"{text}long-run step {ball.lr / (1 - ball.momentum):.3g} × gradient; "


def _adaptive(descent):
    rate = effective_rate(descent)
    if len(rate) < 2:
        return ""
    (x0, y0), (x1, y1) = rate[1], rate[-1]
    return f"effective rate of x from {x0:.3g} to {x1:.3g}, of y from {y0:.3g} to {y1:.3g}; "


def _with_first_step(descent):
    if len(descent.positions) < 2:
        return ""
    x, y = np.abs(descent.positions[1] - descent.positions[0])
    return f"first step {x:.3g} in x and {y:.3g} in y; {_adaptive(descent)}"


_TYPICAL = {
    "SGD": _sgd,
    "Momentum": _momentum,
    "AdaGrad": _adaptive,
    "RMSProp": _with_first_step,
    "Adam": _with_first_step,
}


def effective_rate(descent):
    """Return the learning rate that each coordinate effectively had, shape (k + 1, 2).

    It is what the gradient (for Adam m) is multiplied by in each update. Row t belongs to update
    t, row 0 is nan.
    """
    optimizer, state = descent.optimizer, descent.state
    rate = np.full(descent.positions.shape, np.nan)
    updates = len(rate) - 1
    rate[1:] = descent.lr[:updates, np.newaxis]
    if "m" in state:
        t = np.arange(1, updates + 1)[:, np.newaxis]
        rate[1:] *= correction(optimizer, t)
    squares = state["h"] if "h" in state else state["v"] if "m" in state else None
    if squares is not None:
        rate[1:] /= np.sqrt(squares[1:]) + optimizer.eps
    return rate


def correction(adam, t):
    """Return the factor √(1 − β2^t)/(1 − β1^t) by which Adam corrects update t."""
    if isinstance(adam, UncorrectedAdam):
        return np.ones(np.shape(t))
    return np.sqrt(1 - adam.beta2**t) / (1 - adam.beta1**t)
