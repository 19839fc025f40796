"""The table of the methods under test: a new method is one row here."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from course_utils.optimizers import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    RMSProp,
    UncorrectedAdam,
)


@dataclass(frozen=True)
class Row:
    """What is known of a method.

    text: how it prints with its defaults, which are the article's.
    cases: settings in which it is compared with PyTorch's `torch_class`, made with the arguments
        that `theirs` returns. Where the conventions differ, `adapt` sets what PyTorch's step t
        (from 1) needs in its group of parameters. A method that PyTorch lacks has none of these,
        and a test of its own.
    state: PyTorch's memory of one parameter, in our terms.
    grid: settings to cross with each other. heights: the learning rate and how near to the lowest
        height it has to come within 500 steps, on the ravine, the saddle, Rosenbrock and Beale.
    """

    text: str
    cases: tuple
    torch_class: str | None
    theirs: Callable | None
    state: Callable | None
    grid: dict
    heights: tuple
    adapt: Callable = lambda ours, group, t: None


def torch_momentum(ours, memory):
    """PyTorch keeps its buffer without the learning rate: ours is −lr times it."""
    return {"v": -ours.lr * memory["momentum_buffer"].numpy()}


def torch_adam(ours, memory):
    return {"m": memory["exp_avg"].numpy(), "v": memory["exp_avg_sq"].numpy()}


def corrected(ours, group, t):
    """PyTorch corrects v before it adds ε: √(v/(1 − β2^t)) + ε."""
    group["eps"] = ours.eps / sqrt(1 - ours.beta2**t)


def uncorrected(ours, group, t):
    corrected(ours, group, t)
    group["lr"] = ours.lr * (1 - ours.beta1**t) / sqrt(1 - ours.beta2**t)


def betas(ours):
    return {"lr": ours.lr, "betas": (ours.beta1, ours.beta2)}


METHODS: dict[Any, Row] = {
    SGD: Row(
        "SGD(lr=0.01)",
        (SGD(0.1), SGD(0.95)),
        "SGD",
        lambda ours: {"lr": ours.lr},
        lambda ours, memory: {},
        {"lr": [0.01, 0.3, 0.95, 1.2]},
        ((0.95, 1e-12), (0.5, 1e-12), (0.002, 0.5), (0.01, 1e-2)),
    ),
    Momentum: Row(
        "Momentum(lr=0.01, momentum=0.9)",
        (Momentum(0.1), Momentum(0.05, 0.5)),
        "SGD",
        lambda ours: {"lr": ours.lr, "momentum": ours.momentum},
        torch_momentum,
        {"lr": [0.01, 0.1, 1.0], "momentum": [0.0, 0.5, 0.9, 0.999]},
        ((0.1, 1e-12), (0.1, 1e-12), (0.001, 1e-2), (0.01, 1e-3)),
    ),
    AdaGrad: Row(
        "AdaGrad(lr=0.01, eps=1e-07)",
        (AdaGrad(0.5), AdaGrad(0.5, eps=0.1)),
        "Adagrad",
        lambda ours: {"lr": ours.lr, "eps": ours.eps},
        lambda ours, memory: {"h": memory["sum"].numpy()},
        {"lr": [0.1, 1.5], "eps": [0.0, 1e-7, 0.1]},
        ((1.5, 1e-12), (0.5, 1e-12), (0.5, 1.0), (0.5, 1e-2)),
    ),
    RMSProp: Row(
        "RMSProp(lr=0.01, decay_rate=0.99, eps=1e-07)",
        (RMSProp(0.05), RMSProp(0.01, 0.9, eps=0.1)),
        "RMSprop",
        lambda ours: {"lr": ours.lr, "alpha": ours.decay_rate, "eps": ours.eps},
        lambda ours, memory: {"h": memory["square_avg"].numpy()},
        {"lr": [0.01, 0.1], "decay_rate": [0.0, 0.9, 0.99], "eps": [1e-7, 0.1]},
        ((0.1, 1e-3), (0.01, 1e-3), (0.02, 0.2), (0.01, 1e-2)),
    ),
    Adam: Row(
        "Adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-07)",
        (Adam(0.1), Adam(0.01, 0.8, 0.9, eps=0.1)),
        "Adam",
        betas,
        torch_adam,
        {"lr": [0.01, 0.3], "beta1": [0.0, 0.9], "beta2": [0.0, 0.9, 0.999], "eps": [1e-7, 0.1]},
        ((0.3, 1e-12), (0.1, 1e-12), (0.2, 1e-2), (0.1, 1e-3)),
        corrected,
    ),
    UncorrectedAdam: Row(
        "UncorrectedAdam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-07)",
        (UncorrectedAdam(0.1), UncorrectedAdam(0.01, 0.8, 0.9, eps=0.1)),
        "Adam",
        betas,
        torch_adam,
        {"lr": [0.01, 0.3], "beta1": [0.0, 0.9], "beta2": [0.9, 0.999]},
        ((0.3, 1e-3), (0.1, 1e-12), (0.2, 0.1), (0.1, 1e-2)),
        uncorrected,
    ),
    Nesterov: Row(
        "Nesterov(lr=0.01, momentum=0.9)",
        (Nesterov(0.1), Nesterov(0.05, 0.5)),
        "SGD",
        lambda ours: {"lr": ours.lr, "momentum": ours.momentum, "nesterov": True},
        torch_momentum,
        {"lr": [0.01, 0.1, 0.5], "momentum": [0.0, 0.5, 0.9]},
        ((0.1, 1e-12), (0.1, 1e-12), (0.001, 1e-2), (0.01, 1e-3)),
    ),
    AdamW: Row(
        "AdamW(lr=0.001, beta1=0.9, beta2=0.999, weight_decay=0.01, eps=1e-07)",
        (AdamW(0.1), AdamW(0.01, 0.8, 0.9, weight_decay=0.5, eps=0.1)),
        "AdamW",
        lambda ours: betas(ours) | {"weight_decay": ours.weight_decay},
        torch_adam,
        {"lr": [0.01, 0.3], "beta2": [0.9, 0.999], "weight_decay": [0.0, 0.1, 1.0]},
        ((0.3, 1e-12), (0.1, 1e-2), (0.2, 0.1), (0.1, 0.1)),
        corrected,
    ),
}


def walk(optimizer, surface, start, steps):
    """Return the positions before the first of `steps` updates and after each."""
    params = dict(zip("xy", start, strict=True))
    path = [np.array(list(params.values()))]
    for _ in range(steps):
        optimizer.update(params, dict(zip("xy", surface.gradient(**params), strict=True)))
        path.append(np.array(list(params.values())))
    return np.array(path)


def steps_along(optimizer, gradients):
    """Return the sizes of the steps that a single parameter makes for given gradients."""
    params, places = {"x": 0.0}, [0.0]
    for g in gradients:
        optimizer.update(params, {"x": g})
        places.append(params["x"])
    return np.diff(places)
