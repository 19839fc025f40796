"""The stored sweep over learning rates: what was tried, what was best, and what is a tie."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.checked import frozen

# The 97.5 % points of Student's t with 1, 2, … 9 degrees of freedom.
T_975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


@dataclass(frozen=True)
class Setting:
    """One setting and what became of its runs, a row for each seed, in read-only arrays."""

    method: str
    values: dict[str, float]  # the optimizer's hyperparameters, batch_size and hidden_size
    seeds: tuple[int, ...]
    loss: np.ndarray  # on the validation data, a column for each look; nan where not finite
    accuracy: np.ndarray  # likewise
    train_loss: np.ndarray  # mean of the last 100 batches, before the step made with each
    diverged_at: tuple[int | None, ...]  # the update that made the loss infinite
    test_loss: np.ndarray | None = None  # only of what is reported
    test_accuracy: np.ndarray | None = None

    @property
    def lr(self):
        return self.values["lr"]

    @property
    def score(self):
        """The mean over the seeds of the last validation loss; infinite if one run diverged."""
        last = self.loss[:, -1]
        return float(np.mean(np.where(np.isfinite(last), last, np.inf)))


@dataclass(frozen=True)
class Sweep:
    """All that was tried; every method started from the same weights and saw the same batches."""

    data_name: str
    iterations: int  # updates in each run
    evaluated_at: np.ndarray  # the updates after which the main sweep looked
    article_lr: dict[str, float]  # of each method
    main: tuple[Setting, ...]  # that differ in the learning rate alone
    side: tuple[Setting, ...]  # that differ in one thing more
    content: dict  # the file as read: also SHA-256 of data, weights, batches, and what versions ran

    @property
    def methods(self):
        return list(self.article_lr)

    def rates(self, method):
        """Return the settings of a method in the main sweep, by increasing learning rate."""
        if method not in self.article_lr:
            raise ValueError(f"method must be one of {', '.join(self.methods)}, got {method!r}")
        return sorted((s for s in self.main if s.method == method), key=lambda s: s.lr)

    def article(self, method):
        """Return the setting with the article's learning rate."""
        return next(s for s in self.rates(method) if s.lr == self.article_lr[method])

    def best(self, method):
        """Return the setting with the lowest `score`; the smaller rate where two are equal."""
        return min(self.rates(method), key=lambda setting: setting.score)

    def varied(self, method, name):
        """Return {value: best setting} of the second sweep, where `name` was varied.

        The learning rate is chosen anew for each value, all else is as in the main sweep.
        """
        usual = self.rates(method)[0].values
        if name == "lr" or name not in usual:
            names = ", ".join(key for key in usual if key != "lr")
            raise ValueError(f"name must be one of {names} for {method}, got {name!r}")
        found = {}
        for one in self.side:
            free = {"lr": one.lr, name: one.values.get(name)}
            if one.method == method and one.values == usual | free:
                known = found.setdefault(one.values[name], one)
                found[one.values[name]] = min(known, one, key=lambda setting: setting.score)
        return dict(sorted(found.items()))


def load_sweep(path):
    """Read the data file that `make sweep` writes; a ValueError says that it is something else."""
    try:
        return sweep_from(json.loads(Path(path).read_text("utf-8")))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"path must be a data file that make sweep has written, got {str(path)!r}: {error!r}"
        ) from error


def sweep_from(content):
    """Return the `Sweep` that the content of a data file describes."""
    name, looks = content["data"]["name"], frozen(np.array(content["evaluated_at"]))
    main, side = (tuple(map(_setting, content[part])) for part in ("main", "side"))
    return Sweep(name, content["iterations"], looks, content["article"], main, side, content)


def _setting(entry):
    values, runs = {}, {}
    for name, value in entry.items():
        if name not in Setting.__dataclass_fields__:
            values[name] = value
        elif name in ("seeds", "diverged_at"):
            runs[name] = tuple(value)
        elif name != "method":
            runs[name] = frozen(np.array(value, float))  # None becomes nan
    return Setting(entry["method"], values, **runs)


def interval(values):
    """Return the mean, and low and high of its 95 % confidence interval (Student's t)."""
    values = np.asarray(values, float)
    if values.ndim != 1 or not 2 <= len(values) <= len(T_975) + 1:
        raise ValueError(f"values must be 2 to 10 numbers in a row, got shape {values.shape}")
    half = T_975[len(values) - 2] * values.std(ddof=1) / len(values) ** 0.5
    mean = values.mean()
    return float(mean), float(mean - half), float(mean + half)


def ranks(intervals):
    """Return {name: (first, last)}, the places that each of a dict of intervals may have.

    Where two overlap, either may stand first. A comparison seed by seed may still tell them apart.
    """
    _, lows, highs = np.array([*intervals.values()]).T
    return {
        name: (1 + int(np.sum(lows > high)), len(intervals) - int(np.sum(highs < low)))
        for name, (_, low, high) in intervals.items()
    }


def place_text(places):
    first, last = places
    return f"{first}" if first == last else f"{first}–{last}"


def accuracy_on_test(settings):
    """Return {method: interval} of the test accuracy of settings that were judged on it."""
    found = {}
    for one in settings:
        if one.test_accuracy is None:
            raise ValueError(f"{one.method} at lr {one.lr:g} was not judged on the test data")
        found[one.method] = interval(one.test_accuracy)
    return found


def ranking_table(sweep):
    """Return as text each method's test accuracy, 95 % interval and place, at both rates."""
    rows, clear = {method: f"{method:10}" for method in sweep.methods}, []
    for choose in (sweep.article, sweep.best):
        scores = accuracy_on_test(map(choose, sweep.methods))
        places = ranks(scores)
        clear.append(sum(first - 1 for first, _ in places.values()))
        for method, (mean, _, high) in scores.items():
            score = f"{100 * mean:6.2f} ± {100 * (high - mean):.2f}"
            cell = f"{choose(method).lr:<7g}{score}  {place_text(places[method])}"
            rows[method] += f"{cell:31}"
    pairs = len(rows) * (len(rows) - 1) // 2
    lines = (
        f"{'':10}{'at the rate of the article':31}at its own best rate",
        f"{'':10}" + 2 * f"{'lr':7}{'test, %':>13}   {'place':8}",
        *rows.values(),
        f"\npairs whose intervals are apart: {clear[0]} of {pairs}, then {clear[1]} of {pairs}",
    )
    return "\n".join(line.rstrip() for line in lines)
