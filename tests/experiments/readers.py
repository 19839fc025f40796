"""Optimizers as a reader might write them, none of which knows of this package."""

import numpy as np


class MySGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params:
            params[key] -= self.lr * grads[key]


class MyMomentum:
    """Its velocity hangs on the instance and has no reset."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = {}

    def update(self, params, grads):
        for key in params:
            self.v[key] = self.momentum * self.v.get(key, 0.0) - self.lr * grads[key]
            params[key] = params[key] + self.v[key]


class Averaging:
    """Keeps an average under Adam's name m, but is no Adam."""

    def __init__(self, lr=0.01):
        self.lr = lr
        self.m = None

    def update(self, params, grads):
        if self.m is None:
            self.m = {key: np.zeros_like(grads[key]) for key in grads}
        for key in params:
            self.m[key] = 0.5 * self.m[key] + 0.5 * grads[key]
            params[key] -= self.lr * self.m[key]


class Clipped:
    """Clips the gradient by its norm over everything it is given: in a grid, over all walks."""

    def __init__(self, lr=0.01, longest=0.5):
        self.lr = lr
        self.longest = longest

    def update(self, params, grads):
        norm = np.sqrt(sum(np.sum(np.square(grad)) for grad in grads.values()))
        for key in params:
            params[key] -= self.lr * min(1.0, self.longest / max(norm, 1e-12)) * grads[key]


class Picky:
    """Takes single numbers only."""

    def __init__(self, lr=0.01):
        if np.ndim(lr):
            raise TypeError("lr must be a single number")
        self.lr = lr

    def update(self, params, grads):
        for key in params:
            params[key] = float(params[key]) - self.lr * float(grads[key])
