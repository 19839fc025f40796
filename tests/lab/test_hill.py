"""Paths on their surface from the side."""

import numpy as np
import pytest

from course_utils import SGD, Adam, Momentum, Ravine, descend
from course_utils.lab import explore_hill, paths
from tests.lab.tables import at_first


def hill(*optimizers, **values):
    explorer = explore_hill(*optimizers)
    explorer.view.width = 900
    explorer.set(**values)
    return explorer


def from_the_side(points, turn, tilt):
    """Return points of the map, with their heights, as seen after two turns of the body."""
    x, y = points.T
    body = np.array([x / 10, y / 10, 0.6 * (Ravine()(x, y) / 30 - 0.5)])
    a, b = np.radians((-turn, tilt - 90))
    about_z = [[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]
    about_x = [[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]]
    return (np.array(about_x) @ np.array(about_z) @ body)[:2].T


@pytest.mark.parametrize(("turn", "tilt"), [(30, 60), (0, 65), (-100, 35), (160, 70)])
def test_paths_lie_on_the_surface(turn, tilt):
    explorer = hill(SGD(0.95), Momentum(0.05), turn=turn, tilt=tilt, update=12)
    for optimizer in SGD(0.95), Momentum(0.05):
        walk = descend(Ravine(), optimizer, steps=30)
        shown = explorer.live.parts.trails[type(optimizer).__name__]
        points = shown.dots.get_xydata()
        assert len(points) == 13
        assert np.allclose(points, from_the_side(walk.positions[:13], turn, tilt))
        assert np.allclose(shown.head.get_xydata()[0], points[12])
        assert np.allclose(
            shown.rest.get_xydata()[-1], from_the_side(walk.positions, turn, tilt)[-1]
        )


def test_the_arrow_leads_straight_down_from_the_first_ones_head():
    explorer = hill(Momentum(0.05), SGD(0.95), turn=0, tilt=70, update=3)
    arrow, at = explorer.live.parts.arrow, descend(Ravine(), Momentum(0.05)).positions[3]
    slope = np.array(Ravine().gradient(*at))
    near = np.array([at, at - 1e-5 * slope])
    tail, head = from_the_side(near, 0, 70)
    assert np.allclose(arrow.xyann, tail)
    way, shown = head - tail, np.subtract(arrow.xy, tail)
    assert np.allclose(way / np.hypot(*way), shown / np.hypot(*shown), atol=1e-3)
    assert explorer.live.parts.word.get_text() == "downhill"


def test_what_a_wall_hides_is_not_drawn():
    explorer = hill(SGD(0.95), turn=0, tilt=45, update=2)
    points = explorer.live.parts.trails["SGD"].dots.get_xydata()
    assert np.isfinite(points).all(axis=1).tolist() == [True, False, True]  # the near wall
    assert explorer.live.parts.arrow.get_visible()
    explorer.set(update=1)
    assert not explorer.live.parts.arrow.get_visible()
    assert not explorer.live.parts.word.get_visible()


def test_the_arrow_does_not_cover_the_star():
    explorer = hill(SGD(0.95))
    arrow = explorer.live.parts.arrow
    assert not arrow.get_visible()
    explorer.set(update=5)
    assert arrow.get_visible()


def test_a_turn_walks_nothing_anew_and_a_walk_turns_nothing(monkeypatch):
    explorer, walked = at_first("hill"), []
    monkeypatch.setattr(paths, "descend", lambda *walk: walked.append(walk))
    before = explorer.sentence
    explorer.set(turn=45, tilt=40)
    assert explorer.sentence == f"{before} Turned by 45°, seen from 40° above."
    assert not walked
    monkeypatch.undo()
    laid = explorer.view.laid
    explorer.set(**{"start x": -5})
    assert explorer.view.laid is laid


def test_a_hand_turns_it_and_drags_the_start():
    explorer = at_first("hill")
    names = [explorer.live.parts.grabs[grab["number"]].names for grab in explorer.view.grabs]
    assert names[:2] == [("turn", "tilt"), ("start x", "start y")]
    left, top, width, height = explorer.view.grabs[0]["box"]
    for share in 0.5, 0.6:
        explorer.view.pointer = [0, left + share * width, top + 0.5 * height, 0]
    assert explorer.values()["turn"] < 25


def test_it_ends_where_the_losses_are_and_names_stand_at_their_ends():
    explorer = at_first("hill")
    (losses,) = explorer.live.parts.timed
    low, high = losses.get_ylim()
    ends = [descend(Ravine(), each).losses for each in (SGD(0.95), Momentum(0.05))]
    assert low < np.min(ends) < np.max(ends) < high
    assert [name.get_text() for name in explorer.live.parts.names] == ["SGD", "Momentum"]


def test_the_factors_of_sgd_move_along_a_line():
    """1 − lr · curvature, of x 0.1 and of y 2."""
    explorer = hill(SGD(0.1))
    line = explorer.live.picture.line
    assert line.get_xlim()[0] < -1 < 1 < line.get_xlim()[1]
    shown = {mark.get_marker().strip("$"): mark for mark in explorer.live.parts.factors}
    for lr, x, y in (0.1, 0.99, 0.8), (0.5, 0.95, 0), (0.95, 0.905, -0.9), (1.05, 0.895, -1.1):
        explorer.set(lr=lr)
        assert shown["x"].get_xdata()[0] == pytest.approx(x)
        assert shown["y"].get_xdata()[0] == pytest.approx(y)
        walk = descend(Ravine(), SGD(lr), steps=1).positions
        assert np.allclose(walk[1] / walk[0], (x, y))
    explorer.set(lr=2)
    assert -1.3 < shown["y"].get_xdata()[0] < -1.1
    grey = [patch for patch in line.patches if patch.get_width()]
    assert [patch.get_x() for patch in grey] == [-1.3, 1]


@pytest.mark.parametrize("other", [(Momentum(0.1),), (SGD(0.1), Momentum(0.1))])
def test_others_have_no_such_factors(other):
    assert hill(*other).live.picture.line is None
    turned = explore_hill(SGD(0.1), surface=Ravine(20, 45))
    assert turned.live.picture.line is None


def test_it_is_of_one_or_two():
    with pytest.raises(ValueError, match="optimizers must be one or two, got 3"):
        explore_hill(SGD(0.1), Momentum(0.1), Adam(0.1))
    with pytest.raises(ValueError, match="optimizers must be one or more"):
        explore_hill()
