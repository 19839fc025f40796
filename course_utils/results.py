"""The stored sweep over learning rates: what was tried, what was best, and what is a tie."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

T_975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""The 97.5 % points of Student's t with 1, 2, … 9 degrees of freedom."""


@dataclass(frozen=True)
class Setting:
    """One setting and what became of its runs, a row for each seed, in read-only arrays.

    hyperparameters: those of the optimizer, lr among them.
    loss, accuracy: shape (seeds, looks): on the validation data; nan where the loss is not finite.
    train_loss: shape (seeds,): mean loss of the last 100 batches, before the step made with each.
    diverged_at: for each seed the number of the update that made the loss infinite, or None.
    test_loss, test_accuracy: shape (seeds,), or None for a setting that is not reported.
    """

    method: str
    hyperparameters: Mapping[str, float]
    batch_size: int
    hidden_size: int
    seeds: tuple[int, ...]
    loss: np.ndarray
    accuracy: np.ndarray
    train_loss: np.ndarray
    diverged_at: tuple[int | None, ...]
    test_loss: np.ndarray | None = None
    test_accuracy: np.ndarray | None = None

    @property
    def lr(self):
        return self.hyperparameters["lr"]

    @property
    def score(self):
        """The mean over the seeds of the last validation loss; infinite if one run diverged."""
        last = self.loss[:, -1]
        return float(np.mean(np.where(np.isfinite(last), last, np.inf)))

    def value(self, name):
        """Return a hyperparameter, batch_size or hidden_size."""
        sizes = {"batch_size": self.batch_size, "hidden_size": self.hidden_size}
        return (self.hyperparameters | sizes)[name]


@dataclass(frozen=True)
class Sweep:
    """All that the data file holds.

    data_name: the data set's. data_sha256: of its parts. versions: of python, numpy and the course.
    iterations: updates in each run. evaluated_at: those after which the main sweep looked.
    article_lr: the article's learning rate of each method.
    weights, batches: SHA-256 of the initial weights for each hidden size and seed, and of the
        indices of all batches for each batch size and seed; every method started from them.
    main: the settings that differ in the learning rate alone. side: those of the second sweep.
    """

    data_name: str
    data_sha256: dict[str, str]
    versions: dict[str, str]
    iterations: int
    evaluated_at: np.ndarray
    article_lr: dict[str, float]
    weights: dict[str, dict[str, str]]
    batches: dict[str, dict[str, str]]
    main: tuple[Setting, ...]
    side: tuple[Setting, ...]

    @property
    def methods(self):
        return list(self.article_lr)

    def rates(self, method):
        """Return the settings of a method in the main sweep, by increasing learning rate."""
        if method not in self.article_lr:
            raise ValueError(f"method must be one of {', '.join(self.methods)}, got {method!r}")
        found = [setting for setting in self.main if setting.method == method]
        return sorted(found, key=lambda setting: setting.lr)

    def article(self, method):
        """Return the setting with the article's learning rate."""
        return next(s for s in self.rates(method) if s.lr == self.article_lr[method])

    def best(self, method):
        """Return the setting with the lowest `score`; the smaller rate where two are equal."""
        return min(self.rates(method), key=lambda setting: setting.score)

    def varied(self, method, name):
        """Return {value: best setting} of the second sweep for one setting that was varied.

        name: "decay_rate", "beta1", "beta2", "batch_size" or "hidden_size", where the method has
            it. All else but the learning rate is as in the main sweep; that is chosen anew for
            each value.
        """
        usual, found = self.rates(method)[0], {}
        names = [each for each in usual.hyperparameters if each != "lr"]
        names += ["batch_size", "hidden_size"]
        if name not in names:
            raise ValueError(f"name must be one of {', '.join(names)} for {method}, got {name!r}")
        fixed = set(names) - {name}
        for setting in self.side:
            if setting.method == method and all(
                setting.value(key) == usual.value(key) for key in fixed
            ):
                found.setdefault(setting.value(name), []).append(setting)
        return {value: min(found[value], key=lambda one: one.score) for value in sorted(found)}


def load_sweep(path):
    """Read the data file that `make sweep` writes and return a `Sweep`.

    Raises ValueError when the file is something else.
    """
    try:
        return sweep_from(json.loads(Path(path).read_text("utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"path must be a data file that make sweep has written, got {str(path)!r}: {error!r}"
        ) from error


def sweep_from(content):
    """Return the `Sweep` that the content of a data file describes."""
    return Sweep(
        data_name=content["data"]["name"],
        data_sha256=content["data"]["sha256"],
        versions=content["versions"],
        iterations=content["iterations"],
        evaluated_at=_array(content["evaluated_at"]),
        article_lr=content["article"],
        weights=content["weights"],
        batches=content["batches"],
        main=tuple(_setting(entry) for entry in content["main"]),
        side=tuple(_setting(entry) for entry in content["side"]),
    )


def _setting(entry):
    entry = dict(entry)
    whole = {name: entry.pop(name) for name in ("method", "batch_size", "hidden_size")}
    for name in ("seeds", "diverged_at"):
        whole[name] = tuple(entry.pop(name))
    for name in ("loss", "accuracy", "train_loss", "test_loss", "test_accuracy"):
        if name in entry:
            whole[name] = _array(entry.pop(name), float)
    return Setting(hyperparameters=entry, **whole)


def _array(values, dtype=None):
    array = np.array(values, dtype)  # None becomes nan
    array.flags.writeable = False
    return array


def interval(values):
    """Return mean, low and high of a 95 % confidence interval of the mean (Student's t).

    values: 2 to 10 numbers, one for each seed. With nan among them all three are nan.
    """
    values = np.asarray(values, float)
    if values.ndim != 1 or not 2 <= len(values) <= len(T_975) + 1:
        raise ValueError(
            f"values must be 2 to {len(T_975) + 1} numbers in a row, got shape {values.shape}"
        )
    half = T_975[len(values) - 2] * values.std(ddof=1) / len(values) ** 0.5
    mean = values.mean()
    return float(mean), float(mean - half), float(mean + half)


def ranks(intervals):
    """Return {name: (first, last)}, the places that each name may have, from 1 for the highest.

    intervals: dict of names and (mean, low, high). Two whose intervals overlap are tied: either
        may stand before the other. So "1 to 3" is a name that nothing beats clearly and that
        beats clearly all but two others. This is careful: where the intervals overlap a little, a
        comparison seed by seed may still tell the two apart.
    """
    found = {}
    for name, (_, low, high) in intervals.items():
        others = [bounds for other, bounds in intervals.items() if other != name]
        above = sum(other_low > high for _, other_low, _ in others)
        below = sum(other_high < low for _, _, other_high in others)
        found[name] = (1 + above, len(intervals) - below)
    return found


def accuracy_on_test(settings):
    """Return {method: interval} of the test accuracy of settings that were judged on it."""
    found = {}
    for setting in settings:
        if setting.test_accuracy is None:
            raise ValueError(
                f"{setting.method} at lr {setting.lr:g} was not judged on the test data"
            )
        found[setting.method] = interval(setting.test_accuracy)
    return found


def ranking_table(sweep):
    """Return text: each method's test accuracy and place at the article's rate and at its best.

    The interval is the 95 % one over the seeds; methods whose intervals overlap share places. The
    last line counts the pairs whose intervals do not overlap, before and after.
    """
    columns, clear = [], []
    for choose in (sweep.article, sweep.best):
        settings = [choose(method) for method in sweep.methods]
        scores = accuracy_on_test(settings)
        places = ranks(scores)
        clear.append(sum(first - 1 for first, _ in places.values()))
        columns.append(
            [
                f"{setting.lr:<7g}{100 * scores[method][0]:6.2f} ± "
                f"{100 * (scores[method][2] - scores[method][0]):.2f}  {place_text(places[method])}"
                for method, setting in zip(sweep.methods, settings, strict=True)
            ]
        )
    lines = [f"{'':10}{'at the rate of the article':31}at its own best rate"]
    lines += [f"{'':10}" + 2 * f"{'lr':7}{'test, %':>13}   {'place':8}"]
    for row in zip(sweep.methods, *columns, strict=True):
        lines.append("{:10}{:31}{}".format(*row))
    pairs = len(sweep.methods) * (len(sweep.methods) - 1) // 2
    apart = f"{clear[0]} of {pairs}, then {clear[1]} of {pairs}"
    lines += ["", f"pairs whose intervals are apart: {apart}"]
    return "\n".join(line.rstrip() for line in lines)


def place_text(places):
    first, last = places
    return f"{first}" if first == last else f"{first}–{last}"
