"""The update rules that readers write, each able to make the mistakes that people make in it.

A rule takes a parameter `p`, its gradient `g`, its `state`, the update's number `t` from 1, the
settings `k` by name and `wrong`, the mistakes to make. With none it is the method; each mistake is
one `if`, so that any two of them can be made together. It returns the new p.
"""

import numpy as np


class State(dict):
    """What a rule remembers for one parameter: 0 where nothing has been kept yet."""

    def __init__(self, wrong):
        super().__init__()
        self.wrong = wrong

    def __missing__(self, name):
        return 0.0

    def __getitem__(self, name):
        forgotten = {"state-not-kept", f"{name}-forgotten"} & self.wrong
        return 0.0 if forgotten else super().__getitem__(name)

    def keep(self, name, value):
        self[name] = value
        return value


def sgd(p, g, state, t, k, wrong):
    return p - k["lr"] * g


def momentum(p, g, state, t, k, wrong):
    kept, push = k["momentum"], -k["lr"] * g
    if "averaged" in wrong:
        push = (1 - kept) * push
    if "resistance" in wrong:
        kept = 1 - kept
    if "memory-not-scaled" in wrong:
        kept = 1.0
    if "memory-sign" in wrong:
        kept = -kept
    old = state["v"]
    v = state.keep("v", kept * old + push)
    if "late" in wrong:
        v = old
    if "looks-ahead" in wrong:
        v = kept * v + push
    return p + v


def nesterov(p, g, state, t, k, wrong):
    """Sutskever's look-ahead in PyTorch's form, for a gradient taken at p itself."""
    kept, push = k["momentum"], g
    if "averaged" in wrong:
        push = (1 - kept) * push
    if "resistance" in wrong:
        kept = 1 - kept
    memory = 1.0 if "memory-not-scaled" in wrong else kept
    v = state.keep("v", memory * state["v"] + push)
    step = push + kept * v
    if "no-look-ahead" in wrong:
        step = v
    if "look-ahead-not-scaled" in wrong:
        step = push + v
    if "push-missing" in wrong:
        step = kept * v
    if "state-not-kept:unused" in wrong:
        step = push
    return p - k["lr"] * step


def adagrad(p, g, state, t, k, wrong):
    old = state["h"]
    h = state.keep("h", old + _square(g, wrong))
    return p - k["lr"] * _divided(g, old + 0 * g if "late" in wrong else h, k, wrong)


def rmsprop(p, g, state, t, k, wrong):
    kept, new = k["decay_rate"], 1 - k["decay_rate"]
    if "decay-swapped" in wrong:
        kept, new = new, kept
    if "decay-swapped:new" in wrong:
        new = kept
    if "one-minus-missing" in wrong:
        new = 1.0
    if "decay-missing" in wrong:
        kept = 1.0
    old = state["h"]
    h = state.keep("h", kept * old + new * _square(g, wrong))
    if "late" in wrong:
        h = old + 0 * g
    if "corrected" in wrong:
        h = h / (1 - np.float64(k["decay_rate"]) ** t)
    return p - k["lr"] * _divided(g, h, k, wrong)


def adam(p, g, state, t, k, wrong):
    rate, step = _adam(g, state, t, k, wrong)
    return p - rate * step


def adamw(p, g, state, t, k, wrong):
    """Adam with Loshchilov and Hutter's decoupled weight decay, as PyTorch has it."""
    decay, within = k["lr"] * k["weight_decay"], 0.0
    if "decay-in-gradient" in wrong:
        g, decay = g + k["weight_decay"] * p, 0.0
    if "decay-divided" in wrong:
        within, decay = k["weight_decay"] * p, 0.0
    if "weight-decay-missing" in wrong:
        decay = 0.0
    if "decay-without-lr" in wrong:
        decay = k["weight_decay"]
    if "decay-grows" in wrong:
        decay = -decay
    rate, step = _adam(g, state, t, k, wrong, within)
    if "decay-corrected" in wrong:
        decay *= rate / k["lr"]
    shrinks = p - rate * step if "decay-after-step" in wrong else p
    if "decay-without-p" in wrong:
        shrinks = 1.0
    return p - rate * step - decay * shrinks


def _adam(g, state, t, k, wrong, within=0.0):
    """Return the rate and what it multiplies; `within` is added to m in the fraction."""
    b1, b2 = k["beta1"], k["beta2"]
    if "betas-swapped" in wrong:
        b1, b2 = b2, b1
    new = g * g if "square-in-m" in wrong else g
    m = state.keep("m", _average(state["m"], new, b1, "m", wrong))
    square = _square(m if "square-of-m" in wrong else g, wrong)
    v = state.keep("v", _average(state["v"], square, b2, "v", wrong))
    c1, c2 = _corrections(b1, b2, t, wrong)
    if "correction-stored" in wrong:
        m, v, c1, c2 = state.keep("m", m / c1), state.keep("v", v / c2), 1.0, 1.0
    if "m-not-used" in wrong:
        m = g
    if "m-not-used:plain" in wrong:
        m, c1 = g, 1.0
    if "corrects-m-and-v" in wrong:
        return k["lr"], _divided(m / c1 + within, v / c2, k, wrong)
    rate = state.keep("lr_t", k["lr"] * np.sqrt(c2) / c1)
    return rate, _divided(m + within, v, k, wrong)


def _average(old, new, beta, name, wrong):
    kept, part = beta, 1 - beta
    if f"{name}-one-minus-missing" in wrong:
        part = 1.0
    if f"{name}-swapped" in wrong:
        kept, part = part, kept
    if f"{name}-swapped:new" in wrong:
        part = beta
    if f"{name}-sum" in wrong:
        kept = part = 1.0
    if f"{name}-sum:part" in wrong:
        kept = 1.0
    return kept * old + part * new


def _corrections(b1, b2, t, wrong):
    """Return what m and v are divided by."""
    b1, b2 = np.float64(b1), np.float64(b2)
    c1, c2 = 1 - b1**t, 1 - b2**t
    if wrong & {"power-as-product", "power-as-product:m"}:
        c1 = 1 - b1 * t
    if "power-as-product" in wrong:
        c2 = 1 - b2 * t
    if "t-fixed:m" in wrong:
        c1 = 1 - b1
    if "t-fixed:v" in wrong:
        c2 = 1 - b2
    if "correction-inverted" in wrong:
        c1, c2 = 1 / c1, 1 / c2
    if wrong & {"correction-root:both", "correction-root:other"}:
        c1 = np.sqrt(c1)
    if wrong & {"correction-root:missing", "correction-root:other"}:
        c2 = c2**2
    if wrong & {"no-correction", "v-corrected-only"}:
        c1 = np.float64(1)
    if wrong & {"no-correction", "m-corrected-only"}:
        c2 = np.float64(1)
    return c1, c2


def _square(g, wrong):
    square = g if "not-squared" in wrong else g * g
    if "not-squared:doubled" in wrong:
        square = 2 * g
    if "one-number:sum" in wrong:
        return np.sum(square)
    return np.mean(square) if "one-number:mean" in wrong else square


def _divided(g, h, k, wrong):
    eps = 0.0 if wrong & {"eps-missing", "eps-missing:outside"} else k["eps"]
    if "root-missing" in wrong:
        return g / (h + eps)
    root = np.sqrt(h + eps) if "eps-inside" in wrong else np.sqrt(h) + eps
    if "multiplied" in wrong:
        return g * root
    return 1 / root if "gradient-missing" in wrong else g / root
