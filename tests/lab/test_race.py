"""The race: lines, heads and cursor against the records, words against sums."""

from itertools import combinations

import numpy as np
import pytest

import course_utils.lab.race as race_module
from course_utils import SGD, Adam, Ravine, descend
from course_utils.experiments import RACES, down_at
from course_utils.experiments.race import LEVEL
from course_utils.lab import explore_race
from tests.lab.drawn import head, same, seen, trail
from tests.lab.tables import at_first, race_figure


def two(steps=100):
    optimizers = {"SGD": SGD(0.95), "Adam": Adam(0.3)}
    return {name: descend(Ravine(), each, steps=steps) for name, each in optimizers.items()}


@pytest.mark.parametrize("t", [0, 7, 100])
def test_runners_show_the_race_up_to_t(t):
    figure = race_figure("ravine", two(), t)
    above, heights, board = figure.axes
    for name, descent in two().items():
        relative = np.maximum(descent.losses / descent.losses[0], 1e-6)
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
    assert [name.get_text()[:3] for name in ranked] == ["1. ", "2. " if t else "1. "]
    first = ranked[0].get_text()[3:]
    assert first in figure.description.split("lowest")[-1].split(",")[0] or not t
    said = [text.get_text() for text in board.texts if text not in names]
    assert {text.split()[0] for text in said} <= {"⚑", "height"}
    assert [text.startswith("⚑ update ") for text in said] == [count <= t for count in down]
    assert t <= heights.get_xlim()[1] <= max(10, 2 * t), "the axis ends near t"
    assert [text.get_text() for text in heights.texts].count("down") == 1
    assert figure.description.startswith(f"Ravine, update {t}: ")


def test_a_path_that_diverged_stays_where_it_was_last_seen():
    gone = {"SGD": descend(Ravine(), SGD(10), steps=30), "Adam": descend(Ravine(), Adam(0.3))}
    figure = race_figure("ravine", gone, 30)
    above = figure.axes[0]
    assert same(trail(above, "SGD"), seen(above, gone["SGD"].positions))
    assert "Down for good, below 0.0001 of it: nobody yet." in figure.description


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
        told = f"{ends[first]:.2g}" if ends[first] > 1e-6 else "less than 1e-06"
        assert f"update {t}: lowest {first}, at {told} of the start's height" in said
        for name, each in descents.items():
            assert (f"{name} at {down_at(each):.0f}" in said) == (down_at(each) <= t)


def test_heights_too_low_for_the_picture_are_equal():
    said = race_figure("ravine", two(300), 300).description
    assert "lowest SGD, Adam, at less than 1e-06 of" in said


def test_another_surface_has_its_own_frame_and_is_searched_once(monkeypatch):
    explorer = at_first("race")
    explorer.set(surface="saddle", update=5)
    above = explorer.live.figure.axes[0]
    assert (above.get_xlim(), above.get_ylim()) == (RACES["saddle"].xlim, RACES["saddle"].ylim)
    assert explorer.sentence.startswith("Saddle, update 5: lowest ")
    monkeypatch.setattr(race_module, "race", None)
    explorer.set(surface="ravine")
    explorer.set(surface="saddle")


def test_it_opens_under_way_and_ends_soon_after_the_last_arrival():
    explorer = explore_race()
    explorer.view.width = 900
    last = max(down for down in map(down_at, all_descents(explorer)) if np.isfinite(down))
    assert explorer.sentence.startswith("Ravine, update 10: lowest AdaGrad, at ")
    assert ": AdaGrad at 6. " in explorer.sentence
    explorer.set(update=50)
    assert ": AdaGrad at 6, RMSProp at 21, SGD at 46. " in explorer.sentence
    assert last <= explorer.controls["update"].high < 1.2 * last
    for label in RACES:
        for t in (0, 20, 21, explorer.controls["update"].high):
            explorer.set(surface=label, update=t)
            heights = explorer.live.figure.axes[1]
            assert t <= heights.get_xlim()[1] <= max(10, 2 * t)


def all_descents(explorer):
    for label in RACES:
        yield from explorer.compute(surface=label, update=0).descents.values()


def test_a_height_near_the_level_has_two_digits_and_a_flag_only_below_it():
    """RMSProp is at 0.00011 after update 20 and down at 21."""
    explorer = explore_race()
    for t, told in ((20, "height 0.00011"), (21, "⚑ update 21")):
        explorer.set(update=t)
        board = explorer.live.figure.axes[2]
        assert told in [text.get_text() for text in board.texts]


def test_a_fall_to_nothing_is_drawn_at_its_update_and_equals_share_a_rank():
    descents = {name: descend(Ravine(1), SGD(0.5), steps=8) for name in ("SGD", "Adam")}
    figure = race_figure("bowl", descents, 8)
    assert trail(figure.axes[1], "SGD")[:3].tolist() == [[0, 1], [1, 1e-6], [2, 1e-6]]
    assert head(figure.axes[1], "SGD").tolist() == [8, 1e-6]
    names = [text.get_text() for text in figure.axes[2].texts if text.get_weight() == "bold"]
    assert names == ["1. SGD", "1. Adam"]


def test_flags_that_would_cover_each_other_stand_at_different_heights():
    explorer = explore_race()
    explorer.view.width = 1084
    explorer.set(update=100)
    heights = explorer.live.figure.axes[1]
    boxes = [text.get_window_extent() for text in heights.texts if text.get_text() == "⚑"]
    assert len(boxes) == 5
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
