"""The race without a browser: surface, slider, play, and what they show."""

import html
import re

import numpy as np
import pytest

import course_utils.explorers.race as race_explorer
from course_utils.best_rate import RACES, race
from course_utils.explorers import RaceExplorer
from course_utils.figures.race import describe_race, height_curves


@pytest.fixture(scope="module")
def explorer():
    return RaceExplorer()


@pytest.fixture(autouse=True)
def _at_first(explorer):
    explorer.set(**explorer.defaults)


@pytest.mark.parametrize(("label", "t"), [("ravine", 0), ("ravine", 40), ("saddle", 20)])
def test_picture_and_verdict_are_of_one_moment(explorer, label, t):
    explorer.set(surface=label, update=t)
    descents = race(RACES[label])
    assert explorer.sentence == describe_race(label, descents, t) == repr(explorer)
    assert re.search('alt="([^"]*)"', explorer.picture.value)[1] == html.escape(explorer.sentence)
    heights = height_curves(descents)
    for name, descent in descents.items():
        path, head = explorer.paths[name]
        assert np.array_equal(path.get_xydata(), descent.positions[: t + 1])
        assert np.array_equal(head.get_xydata(), descent.positions[t : t + 1])
        assert np.array_equal(explorer.heights[name][1].get_xydata(), heights[name][:, t : t + 1].T)
    assert list(explorer.cursor.get_xdata()) == [t, t]
    assert explorer.map.get_xlim() == RACES[label].xlim
    explorer.live.redraw()
    assert explorer.png == explorer.live.png()


def test_each_frame_is_a_picture_of_its_own(explorer):
    frames = set()
    for t in range(8):
        explorer.controls["update"].value = t
        assert explorer.picture.value.startswith("<img ")
        frames.add(explorer.png)
    assert len(frames) == 8


def test_a_frame_draws_the_fixed_parts_no_second_time(explorer, monkeypatch):
    explorer.set(update=1)
    monkeypatch.setattr(type(explorer.live.figure), "draw_styled", None)
    for t in (2, 3, 4):
        explorer.controls["update"].value = t


def test_there_and_back_is_the_same_picture(explorer):
    explorer.set(update=30)
    before = explorer.png
    explorer.set(surface="saddle", update=5)
    assert explorer.png != before
    explorer.set(surface="ravine", update=30)
    assert explorer.png == before


def test_a_surface_is_searched_once(explorer, monkeypatch):
    explorer.set(surface="saddle")
    explorer.set(surface="ravine")
    monkeypatch.setattr(race_explorer, "race", None)
    explorer.set(surface="saddle")
    explorer.set(surface="ravine")


def test_play_and_slider_have_the_same_updates(explorer):
    update = explorer.controls["update"]
    assert (explorer.play.min, explorer.play.max) == (update.min, update.max) == (0, 300)
    assert explorer.play.value == update.value == 0
    assert explorer.play in explorer.view.children[0].children
    assert "play or pause" in explorer.play.tooltip


def test_it_can_start_on_another_surface():
    explorer = RaceExplorer("turned ravine")
    assert explorer.sentence.startswith("Turned ravine, update 0: all at the start.")
    assert explorer.map.get_ylim() == RACES["turned ravine"].ylim
    with pytest.raises(ValueError, match=r"surface must be one of ravine, .*, got 'hill'"):
        RaceExplorer("hill")
