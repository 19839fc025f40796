"""A small made-up sweep whose numbers are known in advance."""

import numpy as np

from course_utils.experiments.sweep import sweep_from

RATES = (0.001, 0.01, 0.1, 1.0, 10.0)
BEST = {"SGD": 1.0, "Momentum": 0.1, "AdaGrad": 0.1, "RMSProp": 0.01, "Adam": 0.01}
ARTICLE = {"SGD": 0.01, "Momentum": 0.01, "AdaGrad": 0.01, "RMSProp": 0.01, "Adam": 0.001}
OTHERS = {
    "Momentum": {"momentum": 0.9},
    "RMSProp": {"decay_rate": 0.99},
    "Adam": {"beta1": 0.9, "beta2": 0.999},
}
SEEDS = [0, 1, 2]
WOBBLE = np.array([-0.01, 0.0, 0.01])
TEST_SEEDS = [0, 1, 2, 3, 4, 5]
TEST_WOBBLE = np.array([-0.001, -0.0006, 0, 0, 0.0006, 0.001])


def last_loss(method, lr):
    """Return the mean of the last losses: 0.1 at the best rate, 0.3 more for each decade off."""
    return 0.1 + 0.3 * abs(np.log10(lr / BEST[method]))


def entry(method, lr, diverged=False, curve=True, **changed):
    last = last_loss(method, lr) + WOBBLE
    rows = [[2.3, 1.0, end] if curve else [end] for end in last.tolist()]
    if diverged:
        rows[1] = [*rows[1][:-1], None]
    return {
        "method": method,
        **OTHERS.get(method, {}),
        "batch_size": 128,
        "hidden_size": 100,
        "lr": lr,
        "seeds": SEEDS,
        "loss": rows,
        "accuracy": [[None if x is None else 1 - x / 3 for x in row] for row in rows],
        "train_loss": last.tolist(),
        "diverged_at": [None, 7 if diverged else None, None],
        **changed,
    }


def content():
    """Return what the data file would hold: SGD and Adam diverge at 10."""
    main = []
    for place, method in enumerate(BEST):
        for lr in RATES:
            one = entry(method, lr, diverged=lr == 10 and method in ("SGD", "Adam"))
            if lr in (BEST[method], ARTICLE[method]):
                mean = 0.97 - 0.02 * abs(np.log10(lr / BEST[method])) + 0.0001 * place
                one["test_seeds"] = TEST_SEEDS
                one["test_accuracy"] = (mean + np.roll(TEST_WOBBLE, place)).tolist()
                one["test_loss"] = (0.1 + np.roll(TEST_WOBBLE, place)).tolist()
            main.append(one)
    side = [
        entry(method, lr, curve=False, **{name: value})
        for method, name, values in (
            ("RMSProp", "decay_rate", (0.9, 0.99)),
            ("Adam", "beta1", (0.0, 0.9)),
            ("Adam", "beta2", (0.9, 0.999)),
            *((method, "batch_size", (32, 128)) for method in BEST),
            *((method, "hidden_size", (30, 100)) for method in BEST),
        )
        for value in values
        for lr in (BEST[method] / 10, BEST[method])
    ]
    return {
        "data": {"name": "made digits", "sha256": {"train": "a", "validation": "b", "test": "c"}},
        "versions": {"python": "3", "numpy": "2", "course": "0"},
        "iterations": 200,
        "evaluated_at": [0, 100, 200],
        "article": ARTICLE,
        "weights": {"100": {"0": "w"}},
        "batches": {"128": {"0": "b"}},
        "main": main,
        "side": side,
    }


def made_sweep():
    return sweep_from(content())
