"""Reading the stored sweep, choosing, intervals and ties, on results known in advance."""

import json
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from course_utils.experiments import load_sweep, pairs_on_test, ranking_table
from course_utils.experiments.sweep import (
    accuracy_on_test,
    groups_on_test,
    holm,
    interval,
    sweep_from,
)
from tests.experiments.made_sweep import ARTICLE, BEST, RATES, content, made_sweep

SWEEP = made_sweep()


def test_a_file_gives_what_was_written(tmp_path):
    path = tmp_path / "sweep.json"
    path.write_text(json.dumps(content()), "utf-8")
    sweep = load_sweep(path)
    assert sweep.data_name == "made digits"
    assert sweep.methods == list(BEST)
    assert sweep.evaluated_at.tolist() == [0, 100, 200]
    first = sweep.main[0]
    assert (first.method, first.lr, first.seeds) == ("SGD", 0.001, (0, 1, 2))
    assert first.values == {"lr": 0.001, "batch_size": 128, "hidden_size": 100}
    assert sweep.main[-1].values.items() >= {"lr": 10, "beta1": 0.9, "beta2": 0.999}.items()
    assert sweep.content == content()
    assert first.loss.shape == (3, 3)
    assert first.loss.tolist() == content()["main"][0]["loss"]
    assert first.test_loss is None
    assert (first.test_seeds, sweep.best("SGD").test_seeds) == ((), (0, 1, 2, 3, 4, 5))


def test_a_loss_that_is_not_finite_is_nan_and_the_score_infinite():
    diverged = SWEEP.rates("SGD")[-1]
    assert diverged.diverged_at == (None, 7, None)
    assert np.isnan(diverged.loss[1, -1])
    assert np.isfinite(diverged.loss[[0, 2]]).all()
    assert diverged.score == np.inf


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": 1}', '{"cells": []}'])
def test_another_file_is_refused_by_name(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"path must be a data file .*other\.json"):
        load_sweep(path)


def test_the_courses_own_sweep_is_found_from_any_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert load_sweep().data_name == "MNIST"


def test_arrays_are_read_only():
    setting = SWEEP.article("Adam")
    for array in (setting.loss, setting.accuracy, setting.test_loss, SWEEP.evaluated_at):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("method", BEST)
def test_the_rates_are_ordered_and_the_best_is_found(method):
    assert [setting.lr for setting in SWEEP.rates(method)] == list(RATES)
    assert SWEEP.best(method).lr == BEST[method]
    assert SWEEP.best(method).score == pytest.approx(0.1)
    assert SWEEP.article(method).lr == ARTICLE[method]


def test_the_mean_decides_and_a_diverged_run_is_worse_than_any():
    made = content()
    rows = [one for one in made["main"] if one["method"] == "SGD"]
    rows[3]["loss"][0][-1] = None  # of the best: one seed diverges, the others are as good
    rows[1]["loss"] = [[2.3, 1, 0.01], [2.3, 1, 0.01], [2.3, 1, 5.0]]  # two seeds lowest of all
    assert sweep_from(made).best("SGD").lr == 0.1


def test_the_test_data_have_no_say():
    made = content()
    for one in made["main"]:
        if one["lr"] == 0.001:
            one["test_loss"], one["test_accuracy"] = [0.0] * 3, [1.0] * 3
    assert sweep_from(made).best("SGD").lr == BEST["SGD"]


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match=r"method must be one of SGD, .*got 'Adamax'"):
        SWEEP.best("Adamax")


def test_varied_holds_all_else_and_chooses_the_rate_anew():
    made = content()
    for one in made["side"]:
        if one["method"] == "Adam" and one["beta1"] == 0.0:
            one["loss"] = [[0.5 if one["lr"] == BEST["Adam"] else 0.2]] * 3
    for one in made["side"]:
        if one["method"] == "Adam" and one["beta2"] != 0.999:
            one["loss"] = [[0.01]] * 3  # the lowest, but something else was varied there
    found = sweep_from(made).varied("Adam", "beta1")
    assert list(found) == [0.0, 0.9]
    assert [setting.lr for setting in found.values()] == [0.001, 0.01]
    assert all(setting.values["beta2"] == 0.999 for setting in found.values())
    assert all(setting.values["batch_size"] == 128 for setting in found.values())
    assert list(SWEEP.varied("SGD", "batch_size")) == [32, 128]
    assert SWEEP.varied("SGD", "hidden_size")[30].values["hidden_size"] == 30


@pytest.mark.parametrize("name", ["beta1", "lr"])
def test_varied_refuses_what_was_not_varied(name):
    names = "batch_size, hidden_size"
    with pytest.raises(ValueError, match=f"^name must be one of {names} for SGD, got '{name}'"):
        SWEEP.varied("SGD", name)


# Intervals and ties


@pytest.mark.parametrize("count", [*range(2, 11), 20, 100])
def test_interval_is_that_of_scipy(count):
    values = np.random.default_rng(count).normal(3, 2, count)
    mean, low, high = interval(values)
    assert mean == values.mean()
    expected = stats.t.interval(0.95, count - 1, values.mean(), stats.sem(values))
    assert (low, high) == pytest.approx(expected, rel=1e-12)


def test_about_95_of_100_intervals_hold_the_truth():
    samples = np.random.default_rng(0).normal(3, 2, (2000, 5))
    bounds = np.array([interval(sample)[1:] for sample in samples])
    held = np.mean((bounds[:, 0] < 3) & (bounds[:, 1] > 3))
    assert held == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("values", [[], [1.0], [[1, 2], [3, 4]]])
def test_interval_needs_at_least_two_numbers(values):
    with pytest.raises(ValueError, match="values must be at least 2 numbers"):
        interval(values)


def test_a_diverged_run_leaves_no_interval():
    assert np.isnan(interval([1, np.nan, 2])).all()


@pytest.mark.parametrize(
    ("p_values", "corrected"),
    [
        # Wikipedia's "Holm–Bonferroni method": at 0.05 the fourth and the first are rejected.
        ((0.01, 0.04, 0.03, 0.005), (0.03, 0.06, 0.06, 0.02)),
        # R's p.adjust.
        ((0.05, 0.03, 0.01, 0.5), (0.1, 0.09, 0.04, 0.5)),
        ((1, 0.5, 0.1, 0.001, 0.0001, 0.002), (1, 1, 0.3, 0.005, 0.0006, 0.008)),
        ((0.05, 0.05, 0.05), (0.15, 0.15, 0.15)),
        ((0.6, 0.7), (1, 1)),
    ],
)
def test_holm_on_known_examples(p_values, corrected):
    assert holm(p_values) == pytest.approx(corrected, rel=1e-12)


def test_holm_is_below_a_level_where_the_steps_down_reject():
    """At each level: the smallest p against level/n, the next against level/(n − 1), …."""
    rng = np.random.default_rng(0)
    for level in (0.01, 0.05, 0.2):
        for _ in range(200):
            p_values, rejected = rng.uniform(size=10) ** 3, set()
            for step, place in enumerate(sorted(range(10), key=p_values.__getitem__)):
                if p_values[place] > level / (10 - step):
                    break
                rejected.add(place)
            assert {i for i, p in enumerate(holm(p_values)) if p <= level} == rejected


def test_pairs_are_scipys_paired_tests_corrected():
    found = pairs_on_test(SWEEP, "best")
    tested = {name: SWEEP.best(name).test_accuracy for name in BEST}
    names = sorted(BEST, key=lambda name: -tested[name].mean())
    assert list(found) == list(combinations(names, 2))
    tests = [stats.ttest_rel(tested[a], tested[b]) for a, b in found]
    for (a, b), test, (difference, low, high, _) in zip(found, tests, found.values(), strict=True):
        assert difference == pytest.approx(tested[a].mean() - tested[b].mean())
        assert (low, high) == pytest.approx(tuple(test.confidence_interval()), rel=1e-9)
    assert [p for *_, p in found.values()] == holm([test.pvalue for test in tests])


def test_pairs_are_counted_seed_by_seed():
    """What all methods share of the noise goes; an unpaired test would show nothing."""
    shared = np.array([-0.03, 0.02, 0.01, -0.01, 0.03, -0.02])
    sweep = judged(**{name: 0.97 - 0.002 * i + shared for i, name in enumerate(BEST)})
    assert all(p < 0.05 for *_, p in pairs_on_test(sweep, "best").values())
    overlap = [interval(sweep.best(name).test_accuracy) for name in BEST]
    assert max(low for _, low, _ in overlap) < min(high for *_, high in overlap)


def judged(**accuracies):
    """Return a sweep with these accuracies on the test digits, each with a noise of its own."""
    made, noise = content(), np.random.default_rng(1).normal(0, 1e-4, (len(BEST), 6))
    for one in made["main"]:
        if "test_accuracy" in one:
            own = noise[list(BEST).index(one["method"])]
            one["test_accuracy"] = (accuracies[one["method"]] + own).tolist()
    return sweep_from(made)


def test_groups_of_what_is_clear_and_of_what_is_tied():
    assert groups_on_test(SWEEP, "article") == [
        ["RMSProp"], ["Adam", "AdaGrad", "Momentum"], ["SGD"]
    ]  # fmt: skip
    assert groups_on_test(SWEEP, "best") == [["Adam", "RMSProp", "AdaGrad", "Momentum", "SGD"]]


def test_a_method_between_two_is_tied_with_both_and_these_are_not_tied():
    wide = np.array([-0.003, 0.003, -0.002, 0.002, -0.001, 0.001])
    sweep = judged(SGD=0.97, Momentum=0.969 + wide, AdaGrad=0.968, RMSProp=0.9, Adam=0.8)
    assert groups_on_test(sweep, "best") == [
        ["SGD", "Momentum"], ["Momentum", "AdaGrad"], ["RMSProp"], ["Adam"]
    ]  # fmt: skip
    table = ranking_table(sweep, "best").splitlines()
    ends = [line.split("± ")[1].split(maxsplit=1)[1] for line in table[1:6]]
    assert ends == ["Momentum", "SGD, AdaGrad", "Momentum", "none", "none"]


def test_a_method_whose_runs_diverged_is_tied_with_all():
    sweep = judged(SGD=0.97, Momentum=0.96, AdaGrad=0.95, RMSProp=0.94, Adam=np.nan)
    groups = {frozenset(group) for group in groups_on_test(sweep, "best")}
    assert groups == {frozenset({"Adam", name}) for name in BEST if name != "Adam"}


def test_accuracy_on_test_is_that_of_the_choice_the_best_first():
    found = accuracy_on_test(SWEEP, "article")
    assert list(found) == ["RMSProp", "Adam", "AdaGrad", "Momentum", "SGD"]
    assert found["Adam"] is SWEEP.article("Adam").test_accuracy
    assert accuracy_on_test(SWEEP, "best")["Adam"] is SWEEP.best("Adam").test_accuracy


def test_the_table_says_rates_scores_and_ties():
    lines = ranking_table(SWEEP).splitlines()
    assert lines[:7] == [
        "article       lr     test, %        tied with",
        "RMSProp       0.01   97.03 ± 0.08   none",
        "Adam          0.001  95.04 ± 0.08   AdaGrad, Momentum",
        "AdaGrad       0.01   95.02 ± 0.08   Adam, Momentum",
        "Momentum      0.01   95.01 ± 0.08   Adam, AdaGrad",
        "SGD           0.01   93.00 ± 0.08   none",
        "",
    ]
    assert lines[7] == "best          lr     test, %        tied with"
    assert lines[8] == "Adam          0.01   97.04 ± 0.08   RMSProp, AdaGrad, Momentum, SGD"
    assert len(lines) == 13
    assert ranking_table(SWEEP, "article").splitlines() == lines[:6]
    assert ranking_table(SWEEP, "best").splitlines() == lines[7:]


def test_scipy_is_loaded_when_it_is_needed():
    code = """
import sys
import course_utils.experiments, course_utils.lab
assert "scipy" not in sys.modules
course_utils.experiments.sweep.interval([1, 2])
assert "scipy" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
