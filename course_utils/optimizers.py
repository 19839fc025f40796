"""The five update rules: SGD, Momentum, AdaGrad, RMSProp and Adam; then Nesterov and AdamW.

Read the `rule` methods one after the other: each is the previous idea with one change, Nesterov
is Momentum with one and AdamW is Adam with one. All of them are elementwise, so a hyperparameter
may be an array of the parameters' shape (or one that broadcasts to it): a single run then covers a
whole grid of settings.
"""

import numpy as np

from course_utils.optimizer import EPS, Optimizer, fraction, not_negative


class SGD(Optimizer):
    r"""Stochastic gradient descent: a step against the gradient.

    .. math:: p \leftarrow p - \eta\, g

    with p the parameter, g its gradient and η = `lr`. It is stochastic only when the gradient is,
    as that of a minibatch; with the full gradient it is gradient descent.

    lr: learning rate, > 0; 0.01 is the article's default and PyTorch's is 0.001.
        On a quadratic of largest curvature L it converges for lr < 2/L.

    Source: Robbins and Monro 1951; Goodfellow, Bengio and Courville 2016, algorithm 8.1.

    >>> params = {"x": 1.0}
    >>> SGD(lr=0.1).update(params, {"x": 2.0})
    >>> params
    {'x': 0.8}
    """

    def __init__(self, lr=0.01):
        self.lr = lr

    def rule(self, p, g):
        p -= self.lr * g


class Momentum(Optimizer):
    r"""SGD with a velocity: a ball that rolls, pushed by −gradient and slowed by resistance.

    .. math:: v \leftarrow \alpha v - \eta\, g, \qquad p \leftarrow p + v

    with v the velocity (state `v`), α = `momentum` and η = `lr`. The resistance is 1 − momentum.
    Along a steady gradient the step grows to lr/(1 − momentum).

    PyTorch keeps v without the learning rate (v ← α v + g, p ← p − η v): the same path as long as
    lr is constant. An averaged form, v ← α v + (1 − α) g, equals PyTorch's with lr (1 − α).

    lr: learning rate, > 0; 0.01 is the article's default.
    momentum: the part of the velocity kept at each step, in [0, 1); 0.9, a tenfold long-run step,
        is the common choice.

    Source: Polyak 1964, equation (9); in this form Sutskever et al. 2013, equations (1) and (2).

    >>> params, ball = {"x": 1.0}, Momentum(lr=0.1)
    >>> ball.update(params, {"x": 2.0})
    >>> params, ball.v
    ({'x': 0.8}, {'x': array(-0.2)})
    """

    momentum = fraction()
    state = ("v",)

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum = lr, momentum

    def rule(self, p, g, v):
        v *= self.momentum
        v -= self.lr * g
        p += v


class AdaGrad(Optimizer):
    r"""A learning rate per parameter, which falls as squared gradients add up.

    .. math:: h \leftarrow h + g^2, \qquad p \leftarrow p - \eta\, g / (\sqrt h + \epsilon)

    with h the sum of squared gradients so far (state `h`), η = `lr` and ε = `eps`. The effective
    rate of a parameter is lr/(√h + ε) and never grows.

    lr: learning rate, > 0; 0.01 is the article's and PyTorch's default. The first step of every
        parameter has the size lr, whatever its gradient.
    eps: ≥ 0, in units of the gradient; keeps 0/0 away. `EPS` outside the root, as in the article;
        PyTorch has 1e-10, and Keras starts h at 0.1 instead of 0.

    Source: Duchi, Hazan and Singer 2011, figure 1 (the diagonal form, with δ = ε).

    >>> params = {"x": 1.0}
    >>> AdaGrad(lr=0.1, eps=0).update(params, {"x": 200.0})
    >>> params
    {'x': 0.9}
    """

    eps = not_negative()
    state = ("h",)

    def __init__(self, lr=0.01, eps=EPS):
        self.lr, self.eps = lr, eps

    def rule(self, p, g, h):
        h += g * g
        p -= self.lr * g / (np.sqrt(h) + self.eps)


class RMSProp(Optimizer):
    r"""AdaGrad that forgets: an average of squared gradients instead of their sum.

    .. math:: h \leftarrow \rho h + (1 - \rho)\, g^2, \qquad
              p \leftarrow p - \eta\, g / (\sqrt h + \epsilon)

    with h the running average (state `h`), ρ = `decay_rate`, η = `lr` and ε = `eps`. h starts at 0
    and is not corrected for it, so the first step has the size lr/√(1 − decay_rate): ten times lr
    at the default.

    lr: learning rate, > 0; 0.01 is the article's and PyTorch's default.
    decay_rate: the part of h kept at each step, in [0, 1); 0.99 is the article's and PyTorch's
        default, Hinton and Keras take 0.9. A squared gradient's weight halves in
        ln 2 / −ln decay_rate steps: 69 at 0.99, 6.6 at 0.9.
    eps: ≥ 0, in units of the gradient; `EPS` outside the root, as in the article.

    Source: Tieleman and Hinton 2012, lecture 6e, slide 29.

    >>> params = {"x": 1.0}
    >>> RMSProp(lr=0.01, decay_rate=0.75, eps=0).update(params, {"x": 200.0})
    >>> params
    {'x': 0.98}
    """

    decay_rate, eps = fraction(), not_negative()
    state = ("h",)

    def __init__(self, lr=0.01, decay_rate=0.99, eps=EPS):
        self.lr, self.decay_rate, self.eps = lr, decay_rate, eps

    def rule(self, p, g, h):
        h *= self.decay_rate
        h += (1 - self.decay_rate) * g * g
        p -= self.lr * g / (np.sqrt(h) + self.eps)


class Adam(Optimizer):
    r"""Momentum's average of gradients over RMSProp's average of squares, both corrected.

    .. math:: m \leftarrow m + (1 - \beta_1)(g - m), \qquad v \leftarrow v + (1 - \beta_2)(g^2 - v)
    .. math:: \eta_t = \eta\, \sqrt{1 - \beta_2^t} / (1 - \beta_1^t), \qquad
              p \leftarrow p - \eta_t\, m / (\sqrt v + \epsilon)

    with m and v the running averages (states `m` and `v`; this v is not a velocity), β1 = `beta1`,
    β2 = `beta2`, ε = `eps`, and t = `iter` the number of this update, from 1. Both averages start
    at 0; η_t makes up for it, so the first step of every parameter has the size lr.

    The correction sits in the learning rate, so `eps` is the ε̂ of the paper. PyTorch corrects m
    and v instead; its eps is this one divided by √(1 − β2^t).

    lr: learning rate, > 0; 0.001 is the paper's default.
    beta1: part of m kept at each step, in [0, 1); 0.9 is the paper's default.
    beta2: part of v kept at each step, in [0, 1); 0.999 is the paper's default.
    eps: ≥ 0, in units of the gradient; `EPS` outside the root, as in the article.

    Source: Kingma and Ba 2014 (arXiv 1412.6980), algorithm 1 and the last lines of section 2.

    >>> params = {"x": 1.0}
    >>> Adam(lr=0.1, eps=0).update(params, {"x": 200.0})
    >>> round(params["x"], 9)
    0.9
    """

    beta1, beta2, eps = fraction(), fraction(), not_negative()
    state = ("m", "v")

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=EPS):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps

    def rule(self, p, g, m, v):
        m += (1 - self.beta1) * (g - m)
        v += (1 - self.beta2) * (g * g - v)
        lr_t = self.lr * (1 - self.beta2**self.iter) ** 0.5 / (1 - self.beta1**self.iter)
        p -= lr_t * m / (np.sqrt(v) + self.eps)


class UncorrectedAdam(Adam):
    """Adam without its bias correction, to see what the correction does.

    At the default betas its first steps are larger than Adam's, not smaller: by the factor
    (1 − β1^t)/√(1 − β2^t), 3.16 at t = 1 and 6.57 at its peak, t = 12.
    """

    def rule(self, p, g, m, v):
        m += (1 - self.beta1) * (g - m)
        v += (1 - self.beta2) * (g * g - v)
        p -= self.lr * m / (np.sqrt(v) + self.eps)


class Nesterov(Momentum):
    r"""Momentum that looks ahead: the step adds what the velocity will still do to it.

    .. math:: v \leftarrow \alpha v - \eta\, g, \qquad p \leftarrow p + \alpha v - \eta\, g

    with v the velocity (state `v`), α = `momentum` and η = `lr`. Momentum steps by v; this step is
    the one that Momentum would make next if the gradient stayed, so it brakes one update earlier.

    Sutskever's form keeps a point q and takes the gradient ahead of it, at q + α v; p is that point
    ahead. PyTorch's SGD with nesterov=True keeps v without the learning rate: the same path as long
    as lr is constant. Keras has this form.

    lr: learning rate, > 0; 0.01 is Momentum's default here. On a quadratic of largest curvature L
        it converges for lr < 2 (1 + α)/(L (1 + 2α)): less room than Momentum has.
    momentum: the part of v kept at each step, in [0, 1); 0.9 as for Momentum.

    Source: Nesterov 1983; Sutskever et al. 2013, equations (3) and (4).

    >>> params, ball = {"x": 1.0}, Nesterov(lr=0.1)
    >>> ball.update(params, {"x": 2.0})
    >>> round(params["x"], 9), ball.v
    (0.62, {'x': array(-0.2)})
    """

    def rule(self, p, g, v):
        v *= self.momentum
        v -= self.lr * g
        p += self.momentum * v - self.lr * g


class AdamW(Adam):
    r"""Adam whose weights also shrink by themselves, past m and v.

    .. math:: p \leftarrow p - \eta \lambda p - \eta_t\, m / (\sqrt v + \epsilon)

    with λ = `weight_decay`, p on the right as it was before the update, and all else as in Adam.
    Added to the gradient (L2 regularization), λ p would be divided by √v too, and weights with
    large gradients would shrink less.

    PyTorch's AdamW is the same, its eps as for Adam. The paper multiplies λ p by the schedule's
    factor alone, not by η.

    lr, beta1, beta2, eps: as in Adam.
    weight_decay: ≥ 0; every update takes the part lr · weight_decay off a weight. 0.01 is PyTorch's
        default; 0 is Adam.

    Source: Loshchilov and Hutter 2019 (arXiv 1711.05101), algorithm 2.

    >>> params = {"x": 1.0}
    >>> AdamW(lr=0.1, weight_decay=0.5, eps=0).update(params, {"x": 200.0})
    >>> round(params["x"], 9)
    0.85
    """

    weight_decay = not_negative()

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, weight_decay=0.01, eps=EPS):
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def rule(self, p, g, m, v):
        decay = self.lr * self.weight_decay * p
        super().rule(p, g, m, v)
        p -= decay
