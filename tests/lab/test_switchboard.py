"""What the switchboard shows and says, each answer against numbers made without it."""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.path import Path

import course_utils.lab.switchboard as switchboard
from course_utils.experiments import FIVE, METHODS
from course_utils.experiments.switchboard import Switches, report
from course_utils.lab import explore_switches
from course_utils.lab.switchboard import describe_switches
from tests.lab.drawn import same, seen, trail
from tests.lab.tables import at_first, switchboard_figure


def said_of(switches):
    return describe_switches(report(switches))


CLASSIC = (
    "Valley along the axes, κ = 20, the picture's learning rates. Height at update 30: "
    "AdaGrad 0.00072, SGD 0.013, RMSProp 0.024, Momentum 0.048, Adam 0.1."
)

SAYS = [
    (
        Switches(rotation=45),
        "Seen from the valley, the turn changes nothing in the path of SGD and",
    ),
    (Switches(rotation=45), "Valley turned by 45°, κ = 20, the picture's learning rates."),
    (Switches(rotation=45, condition=200), "AdaGrad 0.086"),
    (Switches(condition=200), "κ changes nothing in the path of AdaGrad, RMSProp and Adam."),
    (
        Switches(rotation=45, condition=200),
        "path of SGD and Momentum. κ changes every path.",
    ),
    (Switches(rotation=90), "nothing in the path of SGD, Momentum, AdaGrad, RMSProp and Adam."),
    (
        Switches(noise=0.5),
        "noise 0.5, the picture's learning rates. Height at update 100, mean of the last "
        "quarter in 100 draws: AdaGrad 0.039, ",
    ),
    (Switches(rates="one"), "lr 0.1 for all. "),
    (Switches(rates="own"), "each at its own best learning rate. "),
    (Switches(rates="own"), "SGD 4e-08 (lr 0.86)"),
    (Switches("near ridge", rates="one"), "Saddle, 0.001 beside the ridge, lr 0.1 for all."),
    (
        Switches("near ridge", rates="one"),
        "Who leaves the ridge (|y| past 0.5)? RMSProp at update "
        "1, Adam at update 6, AdaGrad at update 7, Momentum at update 25, SGD at update 67.",
    ),
    (Switches("on ridge"), "Who leaves the ridge? None: "),
    (
        Switches("on ridge", noise=0.1),
        "(|y| past 0.5, in the draw shown)? AdaGrad at update 1, RMSProp at update 1, Adam at "
        "update 2, SGD at update 9, Momentum at update 20.",
    ),
    (Switches("corner"), "SGD out of sight, Momentum out of sight."),
    (Switches(rates="one", lr=10, steps=10), "AdaGrad"),
    (Switches(condition=1, rates="one", lr=0.5), ": SGD 0, "),
    (Switches(rates="one", lr=2, steps=30), "SGD out of sight"),
]


def test_the_classic_picture_in_words():
    assert said_of(Switches(steps=30)) == CLASSIC


@pytest.mark.parametrize(("switches", "words"), SAYS, ids=lambda value: str(value)[:40])
def test_what_is_said(switches, words):
    said = said_of(switches)
    assert words in said
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?!:)|  |\.\.", said)


def test_no_answer_where_nothing_was_asked():
    said = said_of(Switches())
    assert not re.search("changes|ridge", said)


def test_a_rate_at_the_searchs_edge_is_told(monkeypatch):
    assert "edge" not in said_of(Switches(rates="own"))
    monkeypatch.setattr(switchboard, "at_edge", lambda lr: lr > 1)
    said = said_of(Switches(rates="own"))
    assert re.search(r"AdaGrad \S+ \(lr \S+, the search's edge\)", said)
    assert said.count("edge") == 1


def ends_for(switches):
    """Return the ends of the axis of the heights, by the numbers in the sentences."""
    if switches.terrain == "corner":
        return (1e-7, 1e3)
    return (1e-5, 10) if switches.steps == 30 else (1e-12, 10)


@pytest.mark.parametrize(
    "switches",
    [
        Switches(),
        Switches(rotation=45),
        Switches(rates="one", steps=30),
        Switches("corner", rates="one", lr=0.5, steps=300),
    ],
    ids=str,
)
def test_the_figure_shows_all_paths_and_ends(switches):
    figure = switchboard_figure(switches)
    figure.png()
    left, right, board = figure.axes
    bottom, top = right.get_ylim()
    assert (bottom, top) == ends_for(switches)
    assert board.bbox.y0 == pytest.approx(right.bbox.y0, abs=1)
    assert board.bbox.y1 == pytest.approx(right.bbox.y1, abs=1)
    found, classic = report(switches), Switches(steps=switches.steps)
    thrown = switches.terrain == "valley" and switches != classic
    for name, run in found.descents.items():
        assert run.diverged_at or bottom < run.losses[-1] - run.surface.lowest < top
        assert not trail(right, name)[-1][1] > top or run.diverged_at
        assert same(trail(left, name), seen(left, run.positions))
        color = METHODS[name].look["color"]
        (line,) = [line for line in board.lines if line.get_color() == color]
        before, now, _ = line.get_ydata()
        y = right.transData.transform((0, min(found.heights[name], top)))[1]
        shown = board.transData.transform((0, now))[1]
        assert shown == pytest.approx(y, abs=1) or (run.diverged_at and 0.9 < now < 1)
        (ring,) = [each for each in board.lines if each.get_markeredgecolor() == color][1:]
        assert ring.get_markerfacecolor() == "white"
        if thrown:
            y = right.transData.transform((0, report(classic).heights[name]))[1]
            assert board.transData.transform((0, before))[1] == pytest.approx(y, abs=1)
        else:
            assert np.isnan(before)
    faint = [line for line in left.lines if line.get_zorder() == 1.8 and line.get_visible()]
    assert len(faint) == (5 if thrown else 0)
    assert [text.get_visible() for text in board.texts if text.get_text() == "before"] == [thrown]
    names = [text for text in board.texts if text.get_text().split()[0] in found.descents]
    ranked = sorted(names, key=lambda name: name.get_position()[1])
    order = sorted(found.heights.values())
    assert [found.heights[name.get_text().split()[0]] for name in ranked] == order
    boxes = [name.get_window_extent() for name in names]
    assert len(boxes) == 5
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert figure.description == said_of(switches)


def test_a_condition_that_a_slider_returns_a_hair_off_is_the_articles():
    assert "κ changes" not in said_of(Switches(condition=20.000000000000004))
    assert "κ changes" in said_of(Switches(condition=21))


def test_nobody_has_left_the_ridge_for_two_reasons():
    exact = Switches(terrain="on ridge", rates="one")
    assert "None: the gradient has no part that leads off it." in said_of(exact)
    for slow in ({"terrain": "near ridge"}, {"terrain": "on ridge", "noise": 0.1}):
        text = said_of(Switches(**slow, rates="one", lr=0.001, steps=50))
        assert "Who leaves the ridge? None so far." in text


@pytest.mark.parametrize(
    "switches",
    [
        Switches(),
        Switches("corner"),
        Switches(rates="one", lr=0.5),
        Switches("valley", 30, 50, 0.2, "own", 0.1, 60),
    ],
    ids=str,
)
def test_each_switch_throws_what_it_says(switches):
    explorer = explore_switches(switches)
    assert explorer.compute(**explorer.values()).switches == switches
    assert explorer.sentence == said_of(switches)
    above, losses, _ = explorer.live.figure.axes
    assert losses.get_xlim() == (0, switches.steps)
    assert above.get_xlim() == switches.surface.xlim
    valley = switches.terrain == "valley"
    assert above.get_ylim() == ((-7.5, 7.5) if valley else switches.surface.ylim)


def test_a_control_without_effect_is_off():
    explorer = at_first("switches")
    assert explorer.view.idle == ["lr"]
    explorer.set(terrain="corner", rates="one")
    assert explorer.view.idle == ["rotation", "condition"]


def test_only_some_switches_have_a_control():
    explorer = explore_switches(Switches(rates="one"), only=("lr", "steps"))
    assert [*explorer.controls] == ["lr", "steps"]
    explorer.set(lr=0.5)
    assert explorer.compute(**explorer.values()).switches == Switches(rates="one", lr=0.5)
    assert explorer.view.idle == []


def test_the_axis_lies_near_the_heights_and_moves_rarely():
    explorer = explore_switches(only=("steps", "condition"))
    explorer.view.width, frames = 900, []
    heights = explorer.live.figure.axes[1]
    for steps in range(10, 301, 5):
        explorer.set(steps=steps)
        (low, high), ends = heights.get_ylim(), report(Switches(steps=steps)).heights
        frames.append((low, high))
        assert high == 10
        assert low == 1e-12 or low <= min(ends.values()) <= low**0.5
    assert len(set(frames)) == sum(a != b for a, b in pairwise(frames)) + 1 == 6


def test_ends_below_the_axis_stand_on_it_and_their_names_in_their_true_order():
    figure = switchboard_figure(Switches(condition=200, steps=300))
    figure.png()
    _, heights, board = figure.axes
    told = [text for text in board.texts if re.search(r"10⁻(¹⁴|³⁴|⁴⁰)$", text.get_text())]
    assert [text.get_text().split()[0] for text in told] == ["AdaGrad", "RMSProp", "Adam"]
    grad, prop, adam = (text.get_position()[1] for text in told)
    assert prop < grad < adam
    ticks = {text.get_position()[1]: text.get_text() for text in heights.get_yticklabels()}
    low, high = heights.get_ylim()
    told = [ticks[place] for place in sorted(ticks) if low <= place <= high]
    assert told[0] == "≤10⁻¹²"
    assert not any("≤" in each for each in told[1:])


def lines_of(ax, name):
    color = METHODS[name].look["color"]
    return [line for line in ax.lines if line.get_visible() and line.get_color() == color]


def words(board):
    """Return the names and ends of a column, from its top down."""
    shown = [each for each in board.texts if each.get_text().split()[0] in FIVE]
    shown.sort(key=lambda each: -each.get_position()[1])
    return [each.get_text() for each in shown]


@pytest.mark.parametrize("noise", [0.1, 1])
def test_in_noise_the_heights_are_means_and_the_last_quarter_has_its_own(noise):
    switches = Switches(noise=noise, steps=40)
    above, heights, board = switchboard_figure(switches).axes
    found = report(switches)
    (quarter,) = [each for each in heights.patches if each.get_width()]
    assert (quarter.get_x(), quarter.get_width()) == (30, 10)
    assert board.get_title("left") == "mean in the grey"
    for name, run in found.descents.items():
        assert same(trail(above, name), seen(above, run.positions))
        assert np.array_equal(trail(heights, name)[:, 1], found.curves[name])
        (mean,) = [line for line in lines_of(heights, name) if line.get_zorder() == 1.8]
        assert mean.get_xydata().tolist() == [[30, found.heights[name]], [40, found.heights[name]]]
        (_, ring) = [line for line in board.lines if METHODS[name].look["color"] in colours(line)]
        below = report(Switches(steps=40)).heights[name] < heights.get_ylim()[0]
        assert ring.get_marker() == ("v" if below else "o")
        assert (ring.get_ydata()[0] == 0) == below
    shown = [text.get_text() for text in board.texts if text.get_visible()]
    assert {"before", "now"} <= set(shown)


def colours(line):
    return line.get_color(), line.get_markeredgecolor()


def test_where_nothing_was_before_each_end_is_drawn_once():
    for switches in Switches(), Switches(rotation=45):
        before = switches != Switches()
        _, heights, board = switchboard_figure(switches).axes
        for name in FIVE:
            heads = [line for line in lines_of(heights, name) if line.get_zorder() == 3]
            (line,) = lines_of(board, name)
            assert [len(heads), line.get_markersize() > 0] == ([0, True] if before else [1, False])
        shown = [text.get_text() for text in board.texts if text.get_visible()]
        assert ("now" in shown) == ("before" in shown) == before


def test_who_stays_on_the_ridge_stands_below_those_who_left():
    switches = Switches("near ridge", rates="one", steps=20)
    board = switchboard_figure(switches).axes[2]
    left = ["RMSProp at 1", "Adam at 6", "AdaGrad at 7"]
    assert words(board) == [*left, "SGD stays", "Momentum stays"]
    heights = [lines_of(board, name.split()[0])[0].get_ydata()[1] for name in words(board)]
    assert np.allclose(np.diff(heights), -0.16)


@pytest.mark.parametrize("noise", [0, 0.1])
def test_beside_a_ridge_the_picture_tells_who_leaves_it(noise):
    switches = Switches("near ridge", rates="one", noise=noise)
    above, heights, board = switchboard_figure(switches).axes
    assert heights.get_title("left") == "|y|"
    assert board.get_title("left") == "past |y| = 0.5"
    told = {}
    for name, run in report(switches).descents.items():
        away = abs(run.positions[:, 1])
        assert np.array_equal(trail(heights, name)[:, 1], away.clip(1e-4))
        told[name] = int(np.flatnonzero(away > 0.5)[0])
        (head,) = [line for line in lines_of(heights, name) if line.get_zorder() == 3]
        assert head.get_xydata().tolist() == [[told[name], away[told[name]]]]
    first = sorted(told, key=lambda name: told[name])
    assert words(board) == [f"{name} at {told[name]}" for name in first]
    assert ", ".join(f"{name} at update {told[name]}" for name in first) in said_of(switches)
    for ax, levels in ((above, [-0.5, 0.5]), (heights, [0.5])):
        dotted = [line for line in ax.lines if line.get_color() == "0.3"]
        assert [line.get_ydata()[0] for line in dotted] == levels


def test_the_ridges_axis_and_lines_come_and_go_with_it():
    explorer = explore_switches(Switches(rates="one"))
    for terrain, title in (("on ridge", "|y|"), ("valley", "f above its lowest")):
        explorer.set(terrain=terrain)
        above, heights, board = explorer.live.figure.axes
        assert heights.get_title("left") == title
        dotted = [line for ax in (above, heights) for line in ax.lines if line.get_color() == "0.3"]
        assert [line.get_visible() for line in dotted] == 3 * [terrain == "on ridge"]
        if terrain == "on ridge":
            assert words(board) == [f"{name} stays" for name in FIVE]
            assert heights.get_ylim() == (1e-4, 10)


def test_the_start_is_named_beside_the_paths():
    for switches in Switches(), Switches(rotation=45), Switches("near ridge", rates="one"):
        figure = switchboard_figure(switches)
        figure.png()
        above = figure.axes[0]
        (box,) = [t.get_window_extent() for t in above.texts if t.get_text() == "start"]
        for name, run in report(switches).descents.items():
            places = above.transData.transform(run.positions)
            assert not Path(places).intersects_bbox(box, filled=False), name


@pytest.mark.parametrize("rotation", [30, 45, 90])
def test_what_was_before_turns_with_the_valley(rotation):
    """So who stays the same, seen from the valley, lies on its own ghost."""
    switches = Switches(rotation=rotation)
    above, found, on_it = switchboard_figure(switches).axes[0], report(switches), set()
    for name, run in found.descents.items():
        (ghost,) = [line for line in lines_of(above, name) if line.get_zorder() == 1.8]
        assert ghost.get_visible()
        apart = np.hypot(*(ghost.get_xydata() - run.positions).T).max()
        on_it |= {name} if apart < 1e-3 else set()
    assert on_it == ({*FIVE} if rotation == 90 else {"SGD", "Momentum"})
