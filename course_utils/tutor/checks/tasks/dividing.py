"""What AdaGrad, RMSProp and Adam share: a square that is remembered, and its root to divide by."""

import numpy as np

VARIANTS = ("eps-missing:outside", "not-squared:doubled", "one-number:mean")


def square(g, wrong):
    kept = g if "not-squared" in wrong else g * g
    if "not-squared:doubled" in wrong:
        kept = 2 * g
    if "one-number" in wrong:
        return np.sum(kept)
    return np.mean(kept) if "one-number:mean" in wrong else kept


def divided(g, h, k, wrong):
    eps = 0.0 if wrong & {"eps-missing", "eps-missing:outside"} else k["eps"]
    if "root-missing" in wrong:
        return g / (h + eps)
    root = np.sqrt(h + eps) if "eps-inside" in wrong else np.sqrt(h) + eps
    if "multiplied" in wrong:
        return g * root
    return 1 / root if "gradient-missing" in wrong else g / root
