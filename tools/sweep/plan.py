"""Which runs the sweep makes."""

import json
from dataclasses import asdict, dataclass
from itertools import product

from course_utils import SGD, AdaGrad, Adam, Momentum, RMSProp

METHODS = {method.__name__: method for method in (SGD, Momentum, AdaGrad, RMSProp, Adam)}


@dataclass(frozen=True)
class Job:
    """One run: a method and its settings, the network, the batches, and what it is judged by.

    held_out: "validation" or "test". evaluate_every: updates between two looks at it.
    """

    method: str
    hyperparameters: dict[str, float]
    batch_size: int
    hidden_size: int
    seed: int
    iterations: int
    evaluate_every: int
    held_out: str = "validation"

    @property
    def key(self):
        """The job as text, the same for the same run."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Plan:
    """What is tried. The main sweep varies the learning rate, the side sweep one more setting.

    What is reported, each method at its article and at its best rate, is judged on the test data.

    small: take scikit-learn's small digits instead of MNIST. rates: the grid of every method.
    article: the article's rate of each method. side_rates: a short grid around what the main
        sweep found, for each method. sides: (method, setting, values); the main sweep's value is
        tried as well. side_seeds: how many of the seeds the side sweep takes. test_seeds: those of
        the runs that are judged on the test data.
    """

    small: bool
    iterations: int
    evaluate_every: int
    batch_size: int
    hidden_size: int
    seeds: tuple[int, ...]
    test_seeds: tuple[int, ...]
    rates: tuple[float, ...]
    article: dict[str, float]
    side_seeds: int
    side_rates: dict[str, tuple[float, ...]]
    sides: tuple[tuple[str, str, tuple[float, ...]], ...]

    def settings(self, method, lr, **others):
        """Return the settings of a run, a dict: the defaults, and what differs from them."""
        default = METHODS[method]()
        names = [name for name in default.hyperparameters if name != "eps"]
        settings = {name: getattr(default, name) for name in names}
        settings |= {"batch_size": self.batch_size, "hidden_size": self.hidden_size}
        return {"method": method, **settings, "lr": float(lr), **others}

    def main(self):
        """Return the settings of the main sweep."""
        rates = {method: sorted({*self.rates, lr}) for method, lr in self.article.items()}
        return [self.settings(method, lr) for method in METHODS for lr in rates[method]]

    def side(self):
        """Return the settings of the side sweep, each once."""
        found = []
        for method, name, values in self.sides:
            usual = self.settings(method, 1)[name]
            for value, lr in product(sorted({*values, usual}), self.side_rates[method]):
                settings = self.settings(method, lr, **{name: value})
                if settings not in found:
                    found.append(settings)
        return found

    def job(self, settings, seed, held_out="validation"):
        """Return the run with these settings; only the main sweep's runs note a curve."""
        hyperparameters = dict(settings)
        method, batch_size, hidden_size = (
            hyperparameters.pop(name) for name in ("method", "batch_size", "hidden_size")
        )
        curve = held_out == "validation" and settings in self.main()
        return Job(
            method=method,
            hyperparameters=hyperparameters,
            batch_size=batch_size,
            hidden_size=hidden_size,
            seed=seed,
            iterations=self.iterations,
            evaluate_every=self.evaluate_every if curve else self.iterations,
            held_out=held_out,
        )


ARTICLE = {"SGD": 0.01, "Momentum": 0.01, "AdaGrad": 0.01, "RMSProp": 0.01, "Adam": 0.001}

FULL = Plan(
    small=False,
    iterations=2000,
    evaluate_every=100,
    batch_size=128,
    hidden_size=100,
    seeds=(0, 1, 2, 3, 4),
    test_seeds=tuple(range(20)),
    rates=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
    article=ARTICLE,
    side_seeds=3,
    side_rates={
        "SGD": (0.1, 0.2, 0.5, 1, 2),
        "Momentum": (0.01, 0.02, 0.05, 0.1, 0.2),
        "AdaGrad": (0.01, 0.02, 0.05, 0.1),
        "RMSProp": (0.0005, 0.001, 0.002, 0.005),
        "Adam": (0.001, 0.002, 0.005, 0.01),
    },
    sides=(
        ("RMSProp", "decay_rate", (0.9, 0.999)),
        ("Adam", "beta1", (0.0, 0.99)),
        ("Adam", "beta2", (0.9, 0.99)),
        *((method, "batch_size", (32, 512)) for method in METHODS),
        *((method, "hidden_size", (30, 300)) for method in METHODS),
    ),
)
"""The sweep whose results the notebooks show.

The rates are three to a decade, from 0.0005 to 5, the same for all: no method's best lies at an
end, and each reaches rates at which it fails.
"""

TRIAL = Plan(
    small=True,
    iterations=60,
    evaluate_every=20,
    batch_size=32,
    hidden_size=20,
    seeds=(0, 1),
    test_seeds=(0, 1, 2),
    rates=(0.001, 0.1, 10),
    article=ARTICLE,
    side_seeds=1,
    side_rates=dict.fromkeys(METHODS, (0.01, 0.1)),
    sides=(("Adam", "beta1", (0.0,)), ("SGD", "hidden_size", (10,))),
)
"""The same in small, some seconds long, to try a machine or a cluster with."""
