"""Schedules: lines against records, the sentence against sums, and the explorer's controls."""

import numpy as np
import pytest

from course_utils.experiments import METHODS, compare_schedules, constant, cosine, step
from course_utils.lab import schedules_figure
from course_utils.lab.picture import LivePicture
from course_utils.lab.schedules import BASIS
from tests.lab.tables import at_first, diverging_schedules, schedules


@pytest.fixture
def explorer():
    return at_first("schedules")


def check_lines(figure, comparison):
    above, factors, losses = figure.axes
    labels = [text.get_text() for text in above.get_legend().get_texts()]
    assert labels == [label.split()[0] for label in comparison.factors]
    labels = list(comparison.factors)
    steps = len(comparison.factors[labels[0]])
    paths = [line for line in above.lines if line.get_marker() != "*"]
    for label, path, factor, loss in zip(labels, paths, factors.lines, losses.lines, strict=True):
        assert np.array_equal(path.get_xydata(), comparison.paths[label])
        assert list(factor.get_xdata()) == list(range(1, steps + 1))
        assert np.array_equal(factor.get_ydata(), comparison.factors[label])
        assert list(loss.get_xdata()) == list(range(steps + 1))
        assert np.array_equal(loss.get_ydata(), comparison.losses[label])


def test_the_figure_shows_paths_factors_and_losses():
    figure = schedules_figure(schedules())
    check_lines(figure, schedules())
    assert figure.axes[2].get_title() == "mean loss f"
    for ax in figure.axes[1:]:
        for line in ax.lines:
            x, y = np.array(line.get_data())
            for (low, high), values in ((ax.get_xlim(), x), (ax.get_ylim(), y)):
                assert low <= values.min() <= values.max() <= high


def test_the_schedules_can_be_told_apart():
    basis, *others = schedules_figure(schedules()).axes[1].lines
    assert (basis.get_color(), basis.get_linewidth()) == (BASIS["color"], BASIS["linewidth"])
    for what in ("color", "marker"):
        assert len({getattr(line, f"get_{what}")() for line in others}) == len(others)


def test_the_sentence_has_the_ends():
    ends = {label: loss[-6:].mean() for label, loss in schedules().losses.items()}
    assert schedules_figure(schedules()).description == (
        "SGD, lr 0.95, noise 0.5, mean of 20 runs: f in the last tenth of 60 updates: "
        + ", ".join(f"{end:.2g} ({label})" for label, end in ends.items())
        + "."
    )


def test_a_schedule_that_diverges_leaves_the_picture():
    figure = schedules_figure(diverging_schedules())
    assert figure.axes[2].get_title() == "loss f"
    assert "Momentum, lr 0.05, momentum 0.9, noise 0, one run: f in" in figure.description
    assert "out of sight (constant), 0.0" in figure.description


@pytest.mark.parametrize(
    ("method", "label", "schedule", "lr", "noise"),
    [
        ("Momentum", "cosine", cosine(50), 0.2, 0.25),
        ("AdamW", "step", step(50), 0.3, 0.25),
        ("SGD", "cosine", cosine(50), 0.5, 0),
    ],
)
def test_the_explorer_shows_the_comparison(explorer, method, label, schedule, lr, noise):
    explorer.set(method=method, schedule=label, updates=50, lr=lr, noise=noise)
    label += " every 50" if label == "step" else " over 50"
    optimizer = type(METHODS[method].optimizer)(lr)
    tried = {"constant": constant, label: schedule}
    alone = compare_schedules(optimizer, tried, steps=60, noise=noise, runs=10 if noise else 1)
    check_lines(explorer.live.figure, alone)
    last = lr * schedule(60)
    assert explorer.sentence == schedules_figure(alone).description
    assert f"{label} lr goes from {lr:.3g} to {last:.3g}. {method}, lr {lr}" in explorer.sentence
    assert ("one run: " in explorer.sentence) == (noise == 0)
    losses = explorer.live.figure.axes[2]
    assert losses.get_title() == ("mean loss f" if noise else "loss f")
    assert losses.get_ylim() == ((1e-4, 1e2) if noise else (1e-14, 1e2))


METHOD_NAMES = [name for name in METHODS if name != "UncorrectedAdam"]


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_a_method_brings_its_rate_and_its_look(explorer, name, monkeypatch):
    monkeypatch.setattr(LivePicture, "png", lambda picture: b"")
    assert list(explorer.controls["method"].options) == METHOD_NAMES
    explorer.controls["lr"].value = 0.02
    explorer.controls["method"].value = name if name != "SGD" else "Adam"
    explorer.controls["method"].value = name
    lr = explorer.controls["lr"]
    assert lr.value == METHODS[name].optimizer.lr
    steps = (np.log10(lr.value) - lr.min) / lr.step
    assert steps == pytest.approx(round(steps), abs=1e-6)
    above, factors, losses = explorer.live.figure.axes
    color = METHODS[name].look["color"]
    (_, handle) = above.get_legend().legend_handles
    assert factors.lines[1].get_color() == losses.lines[1].get_color() == color
    assert handle.get_color() == color
    for value, updates, noise in ((0.5, 20, 0.5), (10, 1, 2), (0.0011, 60, 0)):
        explorer.set(method=name, lr=value, updates=updates, noise=noise)
        assert lr.value == value
        assert f"{name}, lr {value:.4g}" in explorer.sentence
