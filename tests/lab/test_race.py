"""The race: lines, heads and cursor against the records, words against sums."""

import numpy as np
import pytest

import course_utils.lab.race as race_module
from course_utils import SGD, Adam, Ravine, descend
from course_utils.experiments import METHODS, RACES, down_at
from course_utils.experiments.race import LEVEL
from course_utils.lab import explore_race, race_figure
from tests.lab.tables import at_first


def two(steps=100):
    optimizers = {"SGD": SGD(0.95), "Adam": Adam(0.3)}
    return {name: descend(Ravine(), each, steps=steps) for name, each in optimizers.items()}


@pytest.mark.parametrize("t", [0, 7, 100])
def test_runners_show_the_race_up_to_t(t):
    figure = race_figure("ravine", two(), t)
    above, heights = figure.axes
    for name, descent in two().items():
        style = METHODS[name].look
        relative = np.maximum(descent.losses / descent.losses[0], 1e-300)
        curves = {above: descent.positions, heights: np.array([np.arange(101), relative]).T}
        for ax, curve in curves.items():
            mine = [line for line in ax.lines if line.get_color() == style["color"]]
            line, head = (each for each in mine if len(each.get_xdata()))
            assert np.allclose(line.get_xydata(), curve[: t + 1], rtol=1e-12)
            assert np.allclose(head.get_xydata(), curve[t : t + 1], rtol=1e-12)
            assert (line.get_marker(), head.get_marker()) == ("", style["marker"])
    assert [list(line.get_xdata()) for line in heights.lines].count([t, t]) >= 1
    level = [line for line in heights.lines if list(line.get_ydata()) == [LEVEL, LEVEL]]
    assert len(level) == 1
    assert heights.get_xlim() == (0, 100)
    assert figure.description.startswith(f"Ravine, update {t}: ")


def test_a_path_that_diverged_stays_where_it_was_last_seen():
    gone = {"SGD": descend(Ravine(), SGD(10), steps=30), "Adam": descend(Ravine(), Adam(0.3))}
    figure = race_figure("ravine", gone, 30)
    color = METHODS["SGD"].look["color"]
    ends = [
        line.get_xydata()[-1].tolist()
        for line in figure.axes[0].lines
        if line.get_color() == color and len(line.get_xdata())
    ]
    assert ends == [gone["SGD"].positions[-1].tolist()] * 2
    assert "Down for good, below 0.0001 of it: nobody yet." in figure.description


def test_the_last_update_is_the_default():
    assert race_figure("ravine", two()).description == race_figure("ravine", two(), 100).description


@pytest.mark.parametrize("t", [-1, 101])
def test_an_update_outside_the_race_is_refused(t):
    with pytest.raises(ValueError, match=f"t must be from 0 to 100, got {t}"):
        race_figure("ravine", two(), t)


def test_who_leads_and_who_is_down():
    descents = two()
    assert race_figure("ravine", descents, 0).description == (
        "Ravine, update 0: all at the start. Down for good, below 0.0001 of it: nobody yet. "
        "Learning rates: SGD 0.95, Adam 0.3."
    )
    for t in (5, 44, 45, 84, 85, 100):
        said = race_figure("ravine", descents, t).description
        ends = {name: each.losses[t] / each.losses[0] for name, each in descents.items()}
        first = min(ends, key=lambda name: ends[name])
        told = f"{ends[first]:.2g}" if ends[first] > 1e-8 else "less than 1e-08"
        assert f"update {t}: lowest {first}, at {told} of the start's height" in said
        for name, each in descents.items():
            assert (f"{name} at {down_at(each):.0f}" in said) == (down_at(each) <= t)


def test_heights_too_low_for_the_picture_are_equal():
    said = race_figure("ravine", two(300), 300).description
    assert "lowest SGD, Adam, at less than 1e-08 of" in said


def test_another_surface_has_its_own_frame_and_is_searched_once(monkeypatch):
    explorer = at_first("race")
    explorer.set(surface="saddle", update=5)
    above = explorer.live.figure.axes[0]
    assert (above.get_xlim(), above.get_ylim()) == (RACES["saddle"].xlim, RACES["saddle"].ylim)
    assert explorer.sentence.startswith("Saddle, update 5: lowest ")
    monkeypatch.setattr(race_module, "race", None)
    explorer.set(surface="ravine")
    explorer.set(surface="saddle")


def test_it_can_start_on_another_surface():
    explorer = explore_race("turned ravine", steps=20)
    assert explorer.sentence.startswith("Turned ravine, update 0: all at the start.")
    assert explorer.live.figure.axes[0].get_ylim() == RACES["turned ravine"].ylim
    with pytest.raises(ValueError, match=r"surface must be one of ravine, .*, got 'hill'"):
        explore_race("hill")
