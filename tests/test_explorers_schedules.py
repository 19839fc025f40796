"""The schedules' explorer without a browser: each control, the lines, the sentence."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from course_utils.explorers import ScheduleExplorer
from course_utils.explorers.schedules import METHODS, SCHEDULES
from course_utils.figures import projector
from course_utils.figures.live import LivePicture
from course_utils.figures.schedules import describe_schedules
from course_utils.figures.style import look
from course_utils.schedules import compare_schedules, constant, cosine, step


@pytest.fixture(scope="module")
def built():
    return ScheduleExplorer(steps=60, runs=10)


@pytest.fixture
def explorer(built):
    built.reset()
    return built


@pytest.fixture
def no_drawing(monkeypatch):
    monkeypatch.setattr(LivePicture, "png", lambda picture: b"")


def pixels(explorer):
    return np.asarray(Image.open(BytesIO(explorer.png)).convert("RGB"))


OTHERS: dict[str, list] = {
    "method": list(METHODS)[1:],
    "schedule": ["cosine", "warm-up"],
    "lr": [0.3, 0.01],
    "updates": [5, 40],
    "noise": [0, 1.5],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, each in OTHERS.items() for v in each])
def test_each_control_changes_picture_and_sentence(explorer, name, value):
    sentence, picture = explorer.sentence, pixels(explorer)
    explorer.controls[name].value = value
    assert explorer.sentence != sentence
    assert np.any(pixels(explorer) != picture)
    assert explorer.sentence in explorer.verdict.value
    assert f'alt="{explorer.sentence}"' in explorer.picture.value
    explorer.reset()
    assert explorer.sentence == sentence
    assert np.array_equal(pixels(explorer), picture)


def test_the_lines_show_the_comparison(explorer):
    explorer.set(method="Momentum", schedule="cosine", updates=50, lr=0.2, noise=0.25)
    expected = compare_schedules(
        type(METHODS["Momentum"])(0.2),
        {"constant": constant, "cosine": cosine(50)},
        steps=60,
        noise=0.25,
        runs=10,
    )
    for (path, factor, loss), label in zip(explorer.lines, ("constant", "cosine"), strict=True):
        np.testing.assert_array_equal(np.transpose(path.get_data()), expected.paths[label])
        np.testing.assert_array_equal(factor.get_ydata(), expected.factors[label])
        np.testing.assert_array_equal(loss.get_ydata(), expected.losses[label])
    assert explorer.sentence == (
        "Cosine over 50 updates: lr 0.2 at first, 0.002 at last. " + describe_schedules(expected)
    )


def test_the_sentence_of_a_step_schedule(explorer):
    explorer.set(schedule="step", updates=25)
    expected = compare_schedules(
        METHODS["SGD"], {"constant": constant, "step": step(25)}, steps=60, runs=10
    )
    assert repr(explorer) == (
        "Step every 25 updates: lr 0.95 at first, 0.0095 at last. " + describe_schedules(expected)
    )


@pytest.mark.parametrize("name", METHODS)
def test_a_method_brings_its_rate_and_its_look(explorer, no_drawing, name):
    explorer.controls["lr"].value = 0.02
    explorer.controls["method"].value = name if name != "SGD" else "Adam"
    explorer.controls["method"].value = name
    lr = explorer.controls["lr"]
    assert lr.value == METHODS[name].lr
    grid = (np.log10(lr.value) - lr.min) / lr.step
    assert grid == pytest.approx(round(grid), abs=1e-6)
    path, factor, loss = explorer.lines[1]
    color = look(name)["color"]
    assert path.get_color() == factor.get_color() == loss.get_color() == color
    (_, handle) = explorer.map.get_legend().legend_handles
    assert handle.get_color() == color


def test_the_legend_is_drawn_anew_for_another_method(explorer):
    explorer.controls["method"].value = "Momentum"
    shown = explorer.png
    explorer.live.redraw()
    assert explorer.live.png() == shown


def test_a_change_of_method_is_one_refresh(explorer, no_drawing, monkeypatch):
    calls = []
    monkeypatch.setattr(explorer, "refresh", lambda: calls.append(1))
    explorer.controls["method"].value = "Adam"
    assert len(calls) == 1
    explorer.set(method="RMSProp", lr=0.5, schedule="cosine")
    assert len(calls) == 2
    assert explorer.controls["lr"].value == 0.5


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("name", METHODS)
def test_no_setting_breaks_it(explorer, no_drawing, name, schedule):
    for lr, updates, noise in ((10, 1, 2), (0.0011, 60, 0), (2, 60, 2)):
        explorer.set(method=name, schedule=schedule, lr=lr, updates=updates, noise=noise)
        assert explorer.sentence.startswith(schedule.capitalize())


def test_a_run_that_leaves_is_told(explorer):
    explorer.set(lr=10)
    assert "constant out of sight" in explorer.sentence


def test_without_noise_one_run_and_a_longer_axis(explorer):
    explorer.set(method="Momentum", updates=20)
    explorer.set(noise=0)
    once = compare_schedules(
        METHODS["Momentum"], {"constant": constant, "step": step(20)}, steps=60, noise=0, runs=1
    )
    assert explorer.sentence.endswith(describe_schedules(once))
    assert "noise 0, one run: " in explorer.sentence
    ax = explorer.loss_axes
    assert (ax.get_title(), ax.get_ylim()) == ("loss f", (1e-14, 1e2))
    shown = explorer.png
    explorer.live.redraw()
    assert explorer.live.png() == shown
    explorer.reset()
    assert (ax.get_title(), ax.get_ylim()) == ("mean loss f", (1e-4, 1e2))
    assert "mean of 10 runs" in explorer.sentence


def test_at_the_projector_labels_stand_apart_without_noise():
    projector()
    try:
        explorer = ScheduleExplorer(steps=20, runs=2)
    finally:
        projector(False)
    size = explorer.loss_axes.title.get_size()
    explorer.set(noise=0)
    assert explorer.loss_axes.title.get_size() == size
    labels = [label.get_window_extent() for label in explorer.loss_axes.get_yticklabels()]
    right = max(label.get_window_extent().x1 for label in explorer.map.get_xticklabels())
    assert right + 10 < min(label.x0 for label in labels)


def test_the_legend_grows_with_the_projector_for_every_method():
    projector()
    try:
        explorer = ScheduleExplorer(steps=20, runs=2)
    finally:
        projector(False)
    explorer.controls["method"].value = "Adam"
    sizes = {text.get_size() for text in explorer.map.get_legend().get_texts()}
    assert sizes == {18}
