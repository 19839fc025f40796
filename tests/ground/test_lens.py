"""What lies around a minimum, enlarged in a corner of the map."""

import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Beale, Momentum, Ravine, RMSProp, Saddle, descend
from course_utils.experiments import METHODS, five
from course_utils.lab import descent_figure, explore_descent


def lens(figure):
    """Return of a figure's lens the zone on the map, the box, the enlargement and the lines."""
    (above, *_), star = figure.axes, None
    zone, box = above.patches
    assert zone.get_visible() == box.get_visible()
    if not box.get_visible():
        return None
    (title,) = [text for text in above.texts if "×" in text.get_text()]
    lines = [line for line in above.lines if line.get_zorder() == 5 and len(line.get_xdata())]
    (star,) = [line for line in above.lines if line.get_zorder() == 4.5]
    assert star.get_xydata()[0] == pytest.approx(middle(box))
    return zone.get_bbox(), box.get_bbox(), float(title.get_text().split()[1]), lines


def middle(box):
    return np.mean((box.get_bbox() if hasattr(box, "get_bbox") else box).get_points(), axis=0)


def heads(figure):
    lines = [line for line in figure.axes[0].lines if line.get_zorder() == 5.1]
    return [tuple(line.get_xydata()[0]) for line in lines if len(line.get_xdata())]


def test_a_cycle_too_small_for_the_map_is_seen_in_the_lens():
    walk = descend(Ravine(), RMSProp(0.1, 0.9), steps=400)
    figure = descent_figure(walk)
    zone, box, times, (line,) = lens(figure)
    assert times == 24
    assert np.allclose(line.get_xydata(), middle(box) + times * walk.positions[-60:])
    assert np.allclose(heads(figure), line.get_xydata()[-1:])
    assert np.abs(np.diff(line.get_ydata())).min() > 2  # from side to side
    assert np.allclose(zone.get_points() * times, box.get_points() - middle(box))
    assert box.width / 20 == pytest.approx(box.height / 10)


@pytest.mark.parametrize("walk", [SGD(0.1), Momentum(0.1), SGD(1.05), SGD(1e7)])
def test_where_no_walk_comes_near_there_is_no_lens(walk):
    assert lens(descent_figure(descend(Ravine(), walk, steps=30))) is None


def test_a_walk_that_has_arrived_needs_none():
    assert lens(descent_figure(descend(Ravine(), SGD(0.1), (0, 0)))) is None


@pytest.mark.parametrize("method", [SGD(0.95), AdaGrad(1.5), RMSProp(0.1)])
def test_a_walk_that_ends_on_the_star_needs_none(method):
    """Enlarged a thousand times it would be a point all the same."""
    assert lens(descent_figure(descend(Ravine(), method, steps=300))) is None


def test_it_lies_where_nothing_is_and_shows_what_is_in_its_zone():
    walks = {name: descend(Ravine(), each, steps=30) for name, each in five().items()}
    figure = descent_figure(walks)
    zone, box, times, lines = lens(figure)
    walked = np.concatenate([each.positions for each in walks.values()])
    assert not np.any(np.all((walked > box.min) & (walked < box.max), axis=1))
    frame = np.array([figure.axes[0].get_xlim(), figure.axes[0].get_ylim()])
    assert np.all((frame[:, :1] < box.get_points().T) & (frame[:, 1:] > box.get_points().T))
    shown = np.concatenate([line.get_xydata() for line in lines])
    inside = np.all((shown > box.min) & (shown < box.max), axis=1)
    back = {tuple(each) for each in np.round((shown[inside] - middle(box)) / times, 9)}
    there = np.all(abs(walked) < zone.max, axis=1)
    assert back == {tuple(each) for each in np.round(walked[there], 9)}
    assert len(lines) == 5
    for line in lines:  # is cut off at the edge
        assert np.allclose(
            line.get_clip_box().extents, figure.axes[0].transData.transform(box).ravel()
        )


@pytest.mark.parametrize(("start", "side"), [((7, -2), "left"), ((-7, -2), "right")])
def test_it_gives_way_to_a_walk_in_its_corner(start, side):
    _, box, _, _ = lens(descent_figure(descend(Ravine(), SGD(0.95), start)))
    assert (middle(box)[0] < 0) == (side == "left")


def test_it_shows_those_that_are_near_only():
    corner = descend(Beale(), AdaGrad(0.5), (4.25, 1.9), steps=2000)
    arrived = descend(Beale(), RMSProp(0.06), (4.25, 1.9), steps=2000)
    walks = {"AdaGrad": corner, "RMSProp": arrived}
    figure = descent_figure(walks)
    _, box, times, (line,) = lens(figure)
    assert np.allclose(heads(figure), middle(box) + times * (arrived.positions[-1] - (3, 0.5)))
    assert line.get_color() == METHODS["RMSProp"].look["color"]


def test_a_head_that_lies_in_its_zone_is_in_it():
    walks = {name: descend(Ravine(), each, steps=30) for name, each in five().items()}
    figure = descent_figure(walks)
    zone, box, times, _ = lens(figure)
    ends = np.array([each.positions[-1] for each in walks.values()])
    near = ends[np.all(abs(ends) < zone.max, axis=1)]
    assert 3 <= len(near) < 6
    back = (np.array(heads(figure)) - middle(box)) / times
    assert {tuple(at) for at in np.round(back, 9)} == {tuple(at) for at in np.round(near, 9)}


def test_of_two_minima_it_shows_the_one_that_is_reached():
    walk = descend(Saddle(), SGD(0.1), steps=90)
    zone, *_ = lens(descent_figure(walk))
    assert middle(zone).tolist() == [0, 1]


def test_it_follows_the_update_that_is_looked_at():
    explorer = explore_descent(SGD(0.95), steps=60)
    shown = []
    for t in 5, 32, 45:
        explorer.set(update=t)
        shown.append(lens(explorer.live.figure))
    early, late, last = shown
    assert early is None
    assert late[2] < last[2]


def test_it_does_not_lie_on_its_zone():
    corner = Beale()
    corner.xlim, corner.ylim, corner.start = (2, 4.5), (0, 2), (4.25, 1.9)
    pair = {"RMSProp": RMSProp(0.15, 0.97), "AdaGrad": AdaGrad(0.5)}
    walks = {name: descend(corner, each, steps=300) for name, each in pair.items()}
    zone, box, *_ = lens(descent_figure(walks))
    assert not zone.overlaps(box)


def test_under_noise_there_is_none():
    assert lens(descent_figure(descend(Ravine(), AdaGrad(1.5), steps=60, noise=0.05))) is None
    assert lens(descent_figure(descend(Ravine(), AdaGrad(1.5), steps=30))) is not None
