"""The cursor on the map of rates, without a browser."""

import html
import itertools
import re

import numpy as np
import pytest

from course_utils import Momentum, Ravine, descend
from course_utils.convergence import (
    best_momentum,
    best_sgd,
    measured_rate,
    predicted_rate,
    rate_plane,
)
from course_utils.explorers import ConvergenceExplorer
from course_utils.explorers.convergence import SIDE, STEPS, UPDATES
from course_utils.figures import projector
from course_utils.figures.convergence import describe_rate, rate_colours
from course_utils.figures.live import LivePicture
from tests.drawn_texts import check_texts

ELSEWHERE = {"lr": 1.3, "momentum": 0.4, "condition": 200.0}


@pytest.fixture(scope="module")
def built():
    return ConvergenceExplorer()


@pytest.fixture
def explorer(built):
    built.reset()
    return built


@pytest.fixture(autouse=True)
def _projector_off():
    yield
    projector(False)


def check_agreement(explorer):
    """Map, marks, cursor, path, loss and sentence are those of the controls."""
    lr, momentum, kappa = (control.value for control in explorer.controls.values())
    surface, ball = Ravine(kappa), Momentum(lr, momentum)
    plane = rate_plane(surface, SIDE, SIDE, UPDATES)
    assert np.array_equal(explorer.plane.measured, plane.measured)
    assert np.array_equal(explorer.image.get_array(), rate_colours(plane))
    best = best_momentum(surface)
    star, circle = (mark.get_xydata().tolist() for mark in explorer.marks)
    assert (star, circle) == ([[best.lr, best.momentum]], [[best_sgd(surface).lr, 0]])
    assert explorer.cursor.get_xydata().tolist() == [[lr, momentum]]
    descent = descend(surface, ball, steps=STEPS)
    assert np.array_equal(explorer.path.get_xydata(), descent.positions)
    np.testing.assert_allclose(explorer.loss.get_ydata(), np.maximum(descent.losses, 1e-300))
    rate = measured_rate(surface, ball, UPDATES)
    assert explorer.sentence == describe_rate(surface, ball, rate) == repr(explorer)
    assert f"predicted {predicted_rate(surface, ball):.4f}" in explorer.sentence
    assert html.escape(explorer.sentence) in explorer.picture.value
    assert html.escape(explorer.sentence) in explorer.verdict.value


def test_it_starts_at_the_articles_momentum(explorer):
    check_agreement(explorer)
    assert {name: control.value for name, control in explorer.controls.items()} == {
        "lr": 0.1,
        "momentum": 0.9,
        "condition": pytest.approx(20),
    }
    assert "a further digit takes 43.6 updates" in explorer.sentence


@pytest.mark.parametrize("control", ELSEWHERE)
def test_every_control_moves_picture_and_verdict(explorer, control):
    before, said = explorer.png, explorer.sentence
    explorer.controls[control].value = ELSEWHERE[control]
    assert explorer.png != before
    assert explorer.sentence != said
    check_agreement(explorer)


def test_at_least_2000_cells_that_agree_with_theory_at_every_condition(explorer):
    assert explorer.plane.measured.size >= 2000
    for kappa in 10 ** np.linspace(0, 3, 31):
        explorer.set(condition=kappa)
        assert explorer.plane.largest_difference < 0.005, kappa


def test_the_cursor_leaves_the_map_and_the_background_alone(explorer, monkeypatch):
    plane, background = explorer.plane, explorer.live._background
    valley = list(explorer.valley)
    explorer.set(lr=0.7, momentum=0.2)
    assert explorer.plane is plane
    assert explorer.valley == valley
    explorer.set(condition=50.0)
    assert explorer.plane is not plane
    assert explorer.live._background is background


def test_reset_and_detours_leave_nothing_behind(explorer):
    first = explorer.png
    explorer.set(**ELSEWHERE)
    there = explorer.png
    explorer.set(lr=2.1, momentum=0.0, condition=1000.0)
    for name, value in ELSEWHERE.items():
        explorer.controls[name].value = value
    assert explorer.png == there
    straight = ConvergenceExplorer()
    straight.set(**ELSEWHERE)
    assert straight.png == there
    explorer.reset_button.click()
    assert explorer.png == first


def test_artists_do_not_pile_up(explorer):
    def artists():
        return sum(1 for _ in explorer.live.figure.findobj())

    explorer.set(condition=30.0)
    before = artists()
    for kappa in (40.0, 50.0, 60.0, 30.0):
        explorer.set(condition=kappa, lr=kappa / 100)
    assert artists() == before


def test_the_blitted_picture_is_that_of_a_full_redraw():
    explorer = ConvergenceExplorer()
    explorer.set(**ELSEWHERE)
    blitted = np.asarray(explorer.live.canvas.buffer_rgba())[..., :3].astype(int)
    for ax in explorer.live.figure.axes:
        for artist in ax.get_children():
            artist.set_animated(False)
    explorer.live.canvas.draw()
    full = np.asarray(explorer.live.canvas.buffer_rgba())[..., :3].astype(int)
    # Lines lie over the frame in one and under it in the other.
    assert (np.abs(blitted - full).max(axis=2) > 24).mean() < 0.005


def test_all_corners_of_the_sliders_compute(explorer, monkeypatch):
    monkeypatch.setattr(LivePicture, "png", lambda picture: b"")
    controls = dict(reversed(explorer.controls.items()))
    ends = [
        (c.base**c.min, c.base**c.max) if hasattr(c, "base") else (c.min, c.max)
        for c in controls.values()
    ]
    for corner in itertools.product(*ends):
        explorer.set(**dict(zip(controls, corner, strict=True)))
        assert not re.search(r"\b(nan|inf)\b", explorer.sentence), explorer.sentence


def test_controls_are_in_the_view_under_their_names(explorer):
    row, picture, verdict = explorer.view.children
    assert (picture, verdict) == (explorer.picture, explorer.verdict)
    assert {*explorer.controls.values(), explorer.reset_button} <= {*row.children}
    names = [control.description for control in explorer.controls.values()]
    assert names == ["lr", "momentum", "condition κ"]


def test_other_starts():
    explorer = ConvergenceExplorer(lr=1.9, momentum=0.0, condition_number=1)
    assert "Condition number 1, Momentum, lr 1.9, momentum 0: " in explorer.sentence
    check_agreement(explorer)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"lr": 5.0}, "lr"), ({"momentum": 1.0}, "momentum"), ({"condition_number": 0.5}, "condit")],
)
def test_a_start_beyond_the_sliders_is_refused(wrong, named):
    with pytest.raises(ValueError, match=f"{named}.* must be .* got {next(iter(wrong.values()))}"):
        ConvergenceExplorer(**wrong)


@pytest.mark.parametrize("large", [False, True])
def test_no_text_is_cut_off_or_small(large, monkeypatch):
    projector(large)
    explorer = ConvergenceExplorer()
    check_texts(explorer.live.canvas, explorer.live.size, large, monkeypatch, 20)
