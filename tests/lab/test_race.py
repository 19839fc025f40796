"""The race: lines, heads and cursor against the records, words against sums."""

import numpy as np
import pytest

import course_utils.lab.race as race_module
from course_utils import SGD, Adam, Ravine, descend
from course_utils.experiments import RACES, down_at
from course_utils.experiments.race import LEVEL
from course_utils.lab import explore_race, race_figure
from tests.lab.drawn import head, same, seen, trail
from tests.lab.tables import at_first


def two(steps=100):
    optimizers = {"SGD": SGD(0.95), "Adam": Adam(0.3)}
    return {name: descend(Ravine(), each, steps=steps) for name, each in optimizers.items()}


@pytest.mark.parametrize("t", [0, 7, 100])
def test_runners_show_the_race_up_to_t(t):
    figure = race_figure("ravine", two(), t)
    above, heights, board = figure.axes
    for name, descent in two().items():
        relative = np.maximum(descent.losses / descent.losses[0], 1e-300)
        curves = {above: descent.positions, heights: np.array([np.arange(101), relative]).T}
        for ax, curve in curves.items():
            assert np.allclose(trail(ax, name), curve[: t + 1], rtol=1e-12)
            assert np.allclose(head(ax, name), curve[t], rtol=1e-12)
    assert [list(line.get_xdata()) for line in heights.lines].count([t, t]) >= 1
    level = [line for line in heights.lines if list(line.get_ydata()) == [LEVEL, LEVEL]]
    assert len(level) == 1
    ahead = [line for ax in (above, heights) for line in ax.lines if line.get_zorder() == 1.8]
    assert len(ahead) == 4
    assert not any(line.get_visible() for line in ahead), "what comes is not shown"
    flags = [text for text in heights.texts if text.get_text() == "⚑"]
    down = [down_at(descent) for descent in two().values()]
    assert [flag.get_visible() for flag in flags] == [count <= t for count in down]
    assert [flag.get_position()[0] for flag in flags] == down
    names = [text for text in board.texts if text.get_weight() == "bold"]
    ranked = sorted(names, key=lambda name: name.get_position()[1])
    first = ranked[0].get_text()
    assert first in figure.description.split("lowest")[-1].split(",")[0] or not t
    said = [text.get_text() for text in board.texts if text not in names]
    assert [text.startswith("⚑ at ") for text in said] == [count <= t for count in down]
    assert max(down) < heights.get_xlim()[1] <= 100, "the axis ends after the last arrival"
    assert figure.description.startswith(f"Ravine, update {t}: ")


def test_a_path_that_diverged_stays_where_it_was_last_seen():
    gone = {"SGD": descend(Ravine(), SGD(10), steps=30), "Adam": descend(Ravine(), Adam(0.3))}
    figure = race_figure("ravine", gone, 30)
    above = figure.axes[0]
    assert same(trail(above, "SGD"), seen(above, gone["SGD"].positions))
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
