"""Sentences with numbers: captions, alternative texts and verdicts."""

import numpy as np

from course_utils.experiments.anatomy import effective_rate
from course_utils.experiments.methods import method_of
from course_utils.lab.style import plain
from course_utils.optimizer import settings_of
from course_utils.optimizers import SGD, AdaGrad, Adam, Momentum, RMSProp
from course_utils.surfaces import Ravine


def adjustable(optimizer):
    """Return the settings that a reader may want to change, by name: single numbers, but not ε."""
    settings = settings_of(optimizer).items()
    return {name: value for name, value in settings if name != "eps" and np.ndim(value) == 0}


def describe_settings(optimizer):
    """Return an optimizer's name and settings: "Momentum, lr 0.1, momentum 0.9"."""
    parts = [f"{name} {value:.4g}" for name, value in adjustable(optimizer).items()]
    return ", ".join([type(optimizer).__name__, *parts])


def describe_descent(descent, end=False):
    """Return one sentence on a single path: its settings, maybe what is typical of it, its end."""
    typical = "" if end else _TYPICAL.get(type(descent.optimizer), _unknown)(descent)
    if not end and len(descent.lr) and np.ptp(descent.lr) > 0:
        typical = f"lr goes from {descent.lr[0]:.3g} to {descent.lr[-1]:.3g}; "
    return f"{describe_settings(descent.optimizer)}: {typical}{describe_end(descent)}."


def describe_end(descent):
    """Return how a path ends: "f = 0.0133 after 30 updates", or after how many it left for good."""
    end, count = f"f = {plain(descent.losses[-1])}", descent.updates
    if descent.diverged_at is not None:
        ends = np.array([descent.surface.xlim, descent.surface.ylim]).T
        seen = (descent.positions == descent.positions.clip(*ends)).all(axis=1)
        end, count = "out of sight", len(seen) - seen[::-1].argmax()
    return f"{end} after {count} update{'' if count == 1 else 's'}"


def _sgd(descent):
    surface, lr = descent.surface, descent.optimizer.lr
    if not isinstance(surface, Ravine) or descent.noise:
        height = settled(descent)
        return f"settles around {plain(height, 2)}; " if height else ""
    low, high = surface.curvature(0.0, 0.0)
    x, y = 1 - lr * low, 1 - lr * high
    along, across = ("x", "y") if surface.rotation == 0 else ("along the valley", "across it")
    _, start = surface.own_axes(*descent.positions[0])
    if lr > 2 / high and start != 0:
        edge = f"past 2/L = {2 / high:.2f}"
        return f"{edge}: {across} grows by {_factor(abs(y), 2)} per step, so it diverges; "
    sign = "changes sign at every step and " if y < 0 else ""
    if start == 0:
        across += " stays at 0"
    elif abs(abs(y) - 1) < 1e-12:
        across += f" {sign}keeps its size"
    elif y == 0:
        across += " lands on 0"
    else:
        across += f" {sign}shrinks to {_factor(abs(y), 2)} of its size per step"
    shrinks = "" if "shrinks" in across else "shrinks "
    return f"{across}, {along} {shrinks}to {_factor(abs(x), 3)}; "


def settled(descent):
    """Return around which height a walk of SGD settles under noise in a valley, or 0: where what an
    update adds to the variance of x and of y is what it takes away."""
    surface, noise, lr = descent.surface, descent.noise, descent.lr
    if not (noise and type(descent.optimizer) is SGD and isinstance(surface, Ravine) and len(lr)):
        return 0
    left = 2 - lr[0] * np.array(surface.curvature(0.0, 0.0))
    return float(np.ptp(lr) == 0 and left.min() > 0 and (lr[0] * noise**2 / 2 / left).sum())


def _factor(size, digits):
    """Return a size in so many digits, or more where it would be told as 0 or 1."""
    more = int(np.ceil(-np.log10(min(size, abs(1 - size)) or 1) - 0.3))
    return f"{size:.{max(digits, more)}f}"


def _momentum(descent):
    ball, text = descent.optimizer, ""
    if isinstance(descent.surface, Ravine):
        edge = 2 * (1 + ball.momentum) / descent.surface.curvature(0.0, 0.0)[1]
        text = f"past the edge 2(1 + momentum)/L = {edge:.2f}; " if ball.lr > edge else ""
    return f"{text}long-run step {ball.lr / (1 - ball.momentum):.3g} × gradient; "


def _adaptive(descent):
    if not descent.updates:
        return ""
    (x0, y0), (x1, y1) = effective_rate(descent)[[1, -1]]
    first = "" if type(descent.optimizer) is AdaGrad else _first_step(descent)
    return f"{first}effective lr of x from {x0:.3g} to {x1:.3g}, of y from {y0:.3g} to {y1:.3g}; "


def _unknown(descent):
    if method_of(descent.optimizer) or not descent.updates:
        return ""
    if not np.ptp(descent.positions, axis=0).any() and descent.gradients[0].any():
        return "its update changes nothing yet; "
    return _first_step(descent)


def _first_step(descent):
    x, y = np.abs(descent.positions[1] - descent.positions[0])
    return f"first step {x:.3g} in x and {y:.3g} in y; "


_TYPICAL = {SGD: _sgd, Momentum: _momentum, **dict.fromkeys((AdaGrad, RMSProp, Adam), _adaptive)}
