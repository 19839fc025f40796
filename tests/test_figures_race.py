"""The race in one picture: lines, heads and cursor against the records, words against sums."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_utils import SGD, Adam, Ravine, Saddle, descend
from course_utils.best_rate import LEVEL, down_at
from course_utils.figures import projector, race_figure
from course_utils.figures.paths import draw_ground, draw_surface
from course_utils.figures.race import (
    describe_race,
    draw_runners,
    height_curves,
    move_runners,
    path_curves,
)
from course_utils.figures.style import looks


@pytest.fixture(autouse=True)
def _projector_off():
    yield
    projector(False)


def two(surface=None, steps=60):
    surface = surface or Ravine()
    return {
        "SGD": descend(surface, SGD(0.95), steps=steps),
        "Adam": descend(surface, Adam(0.3), steps=steps),
    }


def test_heights_start_at_1_and_stay_drawable():
    curves = height_curves(two(Saddle(), 300))
    for name, (updates, heights) in curves.items():
        assert np.array_equal(updates, np.arange(301)), name
        assert heights[0] == 1
        assert heights.min() > 0
        assert heights[-1] < LEVEL


@pytest.mark.parametrize("t", [0, 7, 60])
def test_runners_show_the_race_up_to_t(t):
    descents = two()
    runners = draw_runners(Figure().subplots(), descents)
    move_runners(runners, path_curves(descents), t)
    for (name, (line, head)), style in zip(runners.items(), looks(runners), strict=True):
        path = descents[name].positions
        assert np.array_equal(line.get_xydata(), path[: t + 1])
        assert np.array_equal(head.get_xydata(), path[t : t + 1])
        assert line.get_color() == head.get_color() == style["color"]
        assert (line.get_marker(), head.get_marker()) == ("", style["marker"])


def test_a_path_that_diverged_stays_where_it_was_last_seen():
    descents = {"SGD": descend(Ravine(), SGD(10), steps=30)}
    runners = draw_runners(Figure().subplots(), descents)
    move_runners(runners, path_curves(descents), 30)
    assert np.array_equal(runners["SGD"][1].get_xydata(), descents["SGD"].positions[-1:])
    assert "Down for good, below 0.0001 of it: nobody yet." in describe_race("x", descents, 30)


def test_a_ground_takes_the_place_of_the_one_before():
    ax, fresh = Figure().subplots(), Figure().subplots()
    first = draw_ground(ax, Ravine())
    line = ax.plot([0], [0])[0]
    draw_ground(ax, Saddle(), first)
    draw_surface(fresh, Saddle())
    kinds = sorted(type(artist).__name__ for artist in ax.get_children() if artist is not line)
    assert kinds == sorted(type(artist).__name__ for artist in fresh.get_children())
    assert line in ax.lines
    assert ax.get_xlim() == Saddle.xlim


@pytest.mark.parametrize("big", [False, True])
def test_the_figure(big):
    projector(big)
    descents = two()
    figure = race_figure("ravine", descents, 20)
    left, right = figure.axes
    heads = [line for line in left.lines if len(line.get_xdata()) == 1 and line.get_zorder() == 3]
    ends = {tuple(head.get_xydata()[0]) for head in heads}
    assert {tuple(each.positions[20]) for each in descents.values()} <= ends
    cursors = [line for line in right.lines if list(line.get_xdata()) == [20, 20]]
    assert len(cursors) == 1
    level = [line for line in right.lines if list(line.get_ydata()) == [LEVEL, LEVEL]]
    assert len(level) == 1
    assert right.get_xlim() == (0, 60)
    assert figure.description == describe_race("ravine", descents, 20)
    assert figure.png().startswith(b"\x89PNG")


def test_the_last_update_is_the_default():
    descents = two()
    assert race_figure("ravine", descents).description == describe_race("ravine", descents, 60)


@pytest.mark.parametrize("t", [-1, 61])
def test_an_update_outside_the_race_is_refused(t):
    with pytest.raises(ValueError, match=f"t must be from 0 to 60, got {t}"):
        race_figure("ravine", two(), t)


def test_who_leads_and_who_is_down():
    descents = two(steps=100)
    assert describe_race("ravine", descents, 0) == (
        "Ravine, update 0: all at the start. Down for good, below 0.0001 of it: nobody yet. "
        "Learning rates: SGD 0.95, Adam 0.3."
    )
    for t in (5, 44, 45, 84, 85, 100):
        said = describe_race("ravine", descents, t)
        ends = {name: each.losses[t] / each.losses[0] for name, each in descents.items()}
        first = min(ends, key=lambda name: ends[name])
        assert f"update {t}: lowest {first}, at {max(ends[first], 1e-8):.2g} of" in said or (
            f"update {t}: lowest {first}, at less than 1e-08 of" in said
        )
        for name, each in descents.items():
            assert (f"{name} at {down_at(each):.0f}" in said) == (down_at(each) <= t)


def test_heights_too_low_for_the_picture_are_equal():
    descents = two(steps=300)
    assert "lowest SGD, Adam, at less than 1e-08 of" in describe_race("ravine", descents, 300)
