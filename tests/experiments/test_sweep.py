"""Reading the stored sweep, choosing, intervals and ties, on results known in advance."""

import json

import numpy as np
import pytest
from scipy import stats

from course_utils.experiments.sweep import (
    accuracy_on_test,
    interval,
    load_sweep,
    place_text,
    ranking_table,
    ranks,
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


@pytest.mark.parametrize("count", range(2, 11))
def test_interval_is_that_of_scipy(count):
    values = np.random.default_rng(count).normal(3, 2, count)
    half = stats.t.ppf(0.975, count - 1) * stats.sem(values)
    mean, low, high = interval(values)
    assert mean == values.mean()
    assert [mean - low, high - mean] == pytest.approx([half, half], rel=2e-4)


def test_about_95_of_100_intervals_hold_the_truth():
    samples = np.random.default_rng(0).normal(3, 2, (2000, 5))
    bounds = np.array([interval(sample)[1:] for sample in samples])
    held = np.mean((bounds[:, 0] < 3) & (bounds[:, 1] > 3))
    assert held == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("values", [[], [1.0], [[1, 2], [3, 4]], range(11)])
def test_interval_needs_two_to_ten_numbers(values):
    with pytest.raises(ValueError, match="values must be 2 to 10 numbers"):
        interval(values)


def test_a_diverged_run_leaves_no_interval():
    assert np.isnan(interval([1, np.nan, 2])).all()


def test_ranks_of_what_is_clear_and_of_what_is_tied():
    bounds = {"a": (5, 4, 6), "b": (4, 3, 4.5), "c": (3, 2.5, 3.5), "d": (0, -1, 1)}
    assert ranks(bounds) == {"a": (1, 2), "b": (1, 3), "c": (2, 3), "d": (4, 4)}


def test_two_intervals_that_touch_are_tied():
    assert ranks({"a": (2, 1, 3), "b": (4, 3, 5)}) == {"a": (1, 2), "b": (1, 2)}


def test_a_method_without_an_interval_is_tied_with_all():
    nan = float("nan")
    assert ranks({"a": (2, 1, 3), "b": (nan, nan, nan)}) == {"a": (1, 2), "b": (1, 2)}


@pytest.mark.parametrize(("places", "text"), [((1, 1), "1"), ((2, 4), "2–4")])
def test_place_text(places, text):
    assert place_text(places) == text


def test_accuracy_on_test_is_the_interval_of_each_method():
    found = accuracy_on_test([SWEEP.article("SGD"), SWEEP.best("Adam")])
    assert list(found) == ["SGD", "Adam"]
    assert found["SGD"] == interval(SWEEP.article("SGD").test_accuracy)


def test_a_setting_that_is_not_reported_has_no_test_accuracy():
    with pytest.raises(ValueError, match=r"SGD at lr 0\.001 was not judged on the test data"):
        accuracy_on_test([SWEEP.rates("SGD")[0]])


def test_the_table_says_rates_scores_and_places_side_by_side():
    lines = ranking_table(SWEEP).splitlines()
    assert lines[0].split("at ")[1:] == ["the rate of the article     ", "its own best rate"]
    assert [line.split()[0] for line in lines[2:7]] == list(BEST)
    assert lines[7:] == ["", "pairs whose intervals are apart: 7 of 10, then 0 of 10"]
    assert lines[2].split()[1:] == [
        "0.01",
        "93.00",
        "±",
        "0.25",
        "5",
        "1",
        "97.00",
        "±",
        "0.25",
        "1–5",
    ]
    assert lines[5].split()[5:6] == ["1"]
    assert lines[6].split()[1:] == [
        "0.001",
        "95.04",
        "±",
        "0.25",
        "2–4",
        "0.01",
        "97.04",
        "±",
        "0.25",
        "1–5",
    ]
    assert not any(line.endswith(" ") for line in lines)
