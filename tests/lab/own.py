"""Classes as a reader writes them: nothing but `__init__` and `update(params, grads)`."""

import numpy as np

from tests.experiments.readers import MySGD


def zeros(params):
    return {key: np.zeros_like(p) for key, p in params.items()}


class MyMomentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        self.v = self.v or zeros(params)
        for key in params:
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


class MyAdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.h = lr, None

    def update(self, params, grads):
        self.h = self.h or zeros(params)
        for key in params:
            self.h[key] += grads[key] ** 2
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)


class MyAdam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2
        self.m, self.v, self.t = None, None, 0

    def update(self, params, grads):
        self.m, self.v, self.t = self.m or zeros(params), self.v or zeros(params), self.t + 1
        for key in params:
            self.m[key] += (1 - self.beta1) * (grads[key] - self.m[key])
            self.v[key] += (1 - self.beta2) * (grads[key] ** 2 - self.v[key])
            m, v = self.m[key] / (1 - self.beta1**self.t), self.v[key] / (1 - self.beta2**self.t)
            params[key] -= self.lr * m / (np.sqrt(v) + 1e-7)


class OtherNames:
    """Its settings have names that the article does not use, and values of all sizes."""

    def __init__(self, rate=0.1, friction=0.3, power=3.0, shift=-0.5, memory=0.9995):
        self.rate, self.friction, self.power = rate, friction, power
        self.shift, self.memory = shift, memory

    def update(self, params, grads):
        for key in params:
            params[key] -= self.rate * self.friction * grads[key]


class Unanswered(MySGD):
    def update(self, params, grads): ...


class Fragile(MySGD):
    """It breaks at learning rates above 1, in its third update."""

    def __init__(self, lr=0.01):
        super().__init__(lr)
        self.count = 0

    def update(self, params, grads):
        self.count += 1
        if self.lr > 1 and self.count == 3:
            raise KeyError("velocity <v>")
        super().update(params, grads)
