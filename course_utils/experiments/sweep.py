"""The stored sweep over learning rates: what was tried, what was best, and what is a tie."""

import json
from dataclasses import dataclass
from itertools import combinations, compress, product
from pathlib import Path

import numpy as np

from course_utils.checked import frozen

STORED = Path(__file__).with_name("sweep.json")


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
    test_seeds: tuple[int, ...] = ()  # of the runs judged on the test data: of what is reported
    test_loss: np.ndarray | None = None
    test_accuracy: np.ndarray | None = None

    @property
    def lr(self):
        return self.values["lr"]

    @property
    def score(self):
        """The mean over the seeds of the last validation loss; infinite if one run diverged."""
        return float(np.nan_to_num(self.loss[:, -1].mean(), nan=np.inf, posinf=np.inf))


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


def load_sweep(path=STORED):
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
        elif name in ("seeds", "diverged_at", "test_seeds"):
            runs[name] = tuple(value)
        elif name != "method":
            runs[name] = frozen(np.array(value, float))  # None becomes nan
    return Setting(entry["method"], values, **runs)


def interval(values):
    """Return the mean, and low and high of its 95 % confidence interval (Student's t)."""
    from scipy.special import stdtrit

    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"values must be at least 2 numbers in a row, got shape {values.shape}")
    half = stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / len(values) ** 0.5
    return tuple(float(values.mean() + shift) for shift in (0, -half, half))


def accuracy_on_test(sweep, choice):
    """Return {method: accuracies}, a number per seed, the best first; "article" or "best" rates."""
    found = {name: getattr(sweep, choice)(name).test_accuracy for name in sweep.methods}
    return dict(sorted(found.items(), key=lambda item: -item[1].mean()))


def pairs_on_test(sweep, choice):
    """Return {(method, other): (mean difference in test accuracy, low, high, p)} of all pairs.

    A t test of the differences seed by seed, as each seed gave all the same weights and batches.
    low to high is the 95 % interval of this one difference; p is Holm's, for all pairs at once.
    Both hold the noise of the seeds only, of one split and one test set. Other test images would
    shift the accuracies: 97 % of 10,000 has a standard error of 0.17 points.
    """
    from scipy.stats import ttest_rel

    tested = accuracy_on_test(sweep, choice)
    both = {two: [tested[name] for name in two] for two in combinations(tested, 2)}
    p_values = holm([ttest_rel(a, b).pvalue for a, b in both.values()])
    rows = zip(both.items(), p_values, strict=True)
    return {two: (*interval(a - b), p) for (two, (a, b)), p in rows}


def holm(p_values):
    """Return p values corrected for looking at all of them at once (Holm 1979)."""
    p, order = np.array(p_values, float), np.argsort(p_values)
    p[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return p.tolist()


def groups_on_test(sweep, choice):
    """Return the largest groups of methods of which no two can be told apart, the best first."""
    tied = {two for two, (*_, p) in pairs_on_test(sweep, choice).items() if not p < 0.05}
    methods, masks = accuracy_on_test(sweep, choice), product((1, 0), repeat=len(sweep.methods))
    found = [[*compress(methods, mask)] for mask in masks]
    alike = [group for group in found if tied.issuperset(combinations(group, 2))]
    return [group for group in alike if not any({*group} < {*other} for other in alike)]


def ranking_table(sweep, *choices):
    """Return as text lr, test accuracy, its 95 % interval and ties; "article", "best" or both."""
    lines = []
    for choice in choices or ("article", "best"):
        lines += ["", f"{choice:13} lr     test, %        tied with"]
        alike = groups_on_test(sweep, choice)
        for name, values in accuracy_on_test(sweep, choice).items():
            mean, _, high = interval(values)
            score = f"{100 * mean:.2f} ± {100 * (high - mean):.2f}"
            tied = dict.fromkeys(other for group in alike if name in group for other in group)
            others = ", ".join(other for other in tied if other != name) or "none"
            lines.append(f"{name:13} {getattr(sweep, choice)(name).lr:<7g}{score:15}{others}")
    return "\n".join(lines[1:])
