"""Surfaces from the side, and how a hand turns them."""

from time import process_time

import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv

from course_utils import Beale, Ravine, Saddle
from course_utils.ground import solid
from course_utils.lab import explore_surface
from course_utils.lab.style import X, Y
from tests.lab.tables import at_first, surface_figure


def cloth(figure):
    """Return the outlines of the surface from the side: points and fills."""
    (drawn,) = figure.axes[0].collections
    points = [path.vertices for path in drawn.get_paths()]
    return points, np.asarray(drawn.get_facecolors())


def test_the_surface_from_the_side_has_the_colours_of_the_map_in_another_light():
    figure = surface_figure(Ravine())
    side, above = figure.axes
    points, fills = cloth(figure)
    shown = fills[fills[:, 3] == 1]
    assert len(shown) > 80
    hue = rgb_to_hsv(shown[:, :3])
    assert np.allclose(hue[hue[:, 1] > 0.1][:, 0], 0.57, atol=0.05)
    middles = np.array([np.nanmean(each, axis=0) for each in points])
    blue = fills[:, 3] == 1
    high = middles[:, 1] > np.quantile(middles[blue][:, 1], 0.8)
    assert fills[blue & high][:, :3].mean() < fills[blue & ~high][:, :3].mean() - 0.1
    assert [text.get_text() for text in side.texts] == ["x", "y", "0", "f = 30"]
    (steep, *_) = surface_figure(Beale()).axes
    assert "log f" in [text.get_text().strip() for text in steep.texts]
    assert "x^2" in above.get_title()


@pytest.mark.parametrize("turn", [-170, -100, -46, 0, 30, 89, 135])
def test_what_is_near_is_drawn_over_what_is_far(turn):
    explorer = at_first("surface")
    explorer.set(turn=turn)
    points, fills = cloth(explorer.live.figure)
    a, t = np.radians((turn, explorer.values()["tilt"]))
    looked = np.array([-np.sin(a), np.cos(a)])  # the way on the map
    axis = np.argmax(abs(looked))
    places = {}
    for _, delay, part, *_ in explorer.live.picture.solid.cloths[axis]:
        across, away = np.cos(a) * part[0, 0] + np.sin(a) * part[0, 1], looked @ part[0, :2]
        first = across, np.sin(t) * away + 0.6 * np.cos(t) * part[0, 2]
        places.setdefault((len(part), *np.round(first, 9)), []).append((delay, np.nanmean(part, 0)))
    depths = []
    for part, fill in zip(points, fills, strict=True):
        ((delay, middle), *_) = places[len(part), *np.round(part[0], 9)]
        if fill[3] and not delay:
            depths.append(middle[axis] * np.sign(looked[axis]))
    assert len(depths) > 100
    assert (np.diff(depths) < 0.06).all()  # the width of a strip
    assert depths[0] - depths[-1] > 1.5


def test_a_hand_turns_the_surface_from_where_it_takes_hold(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(solid, "monotonic", lambda: now[0])
    explorer = at_first("surface")
    first = explorer.values()
    (grab,) = explorer.view.grabs
    left, top, width, height = grab["box"]

    def move(x, y, wait=0.03):
        now[0] += wait
        explorer.view.pointer = [0, left + x * width, top + y * height, now[0]]
        return explorer.values()

    assert move(0.5, 0.5, 9) == first  # taken hold of: nothing leaps
    right = move(0.6, 0.5)
    assert right["turn"] < first["turn"] - 5  # what is near goes to the right too
    assert right["tilt"] == first["tilt"]
    assert explorer.sentence.endswith(f" Turned by {right['turn']:g}°, seen from 60° above.")
    assert move(0.6, 0.6)["tilt"] > first["tilt"] + 5
    assert move(0.5, 0.5) == first  # back there, all is as it was
    assert move(0.5, 0.5, 9) == first  # and after a pause
    assert move(0.51, 0.5)["turn"] == pytest.approx(first["turn"] - 2, abs=2)
    let_go = move(0.9, 0.4)
    assert move(0.1, 0.9, 9) == let_go  # elsewhere, anew
    assert move(0.1, 0.1)["tilt"] == 10
    assert -180 <= move(-3, 0.1)["turn"] <= 180
    explorer.press("Reset")
    assert explorer.values() == first


@pytest.mark.parametrize(("turn", "tilt", "seen"), [(30, 60, 1), (30, 10, 0), (90, 10, 1)])
def test_a_wall_in_front_hides_the_star(turn, tilt, seen):
    explorer = explore_surface(Ravine())
    explorer.set(turn=turn, tilt=tilt)
    (star,) = [each for each in explorer.live.figure.axes[0].lines if each.get_marker() == "*"]
    assert np.isfinite(star.get_xdata()).sum() == seen


@pytest.mark.parametrize("width", [760, 1400])
def test_a_turned_surface_stays_in_its_part_of_the_picture(width):
    explorer = explore_surface(Ravine())
    explorer.view.width = width
    (side, above), figure = explorer.live.figure.axes, explorer.live.figure
    right = above.get_tightbbox(figure.canvas.get_renderer()).x0
    for turn in range(-180, 180, 30):
        for tilt in 10, 40, 70:
            explorer.set(turn=turn, tilt=tilt)
            points = np.concatenate(cloth(figure)[0])
            x, y = side.transData.transform(points[np.isfinite(points).all(axis=1)]).T
            assert min(x) > 0
            assert max(x) < right
            assert min(y) > 0
            assert max(y) < figure.bbox.height


def test_a_turn_is_light():
    """What is sent for one is points alone, as long as the same side is near."""
    explorer = at_first("surface")
    looks = explorer.view.laid_looks
    start = process_time()
    for turn in range(10, 30):
        explorer.set(turn=turn)
    assert (process_time() - start) / 20 < 0.1
    assert explorer.view.laid_looks == looks
    assert len(explorer.view.laid) < 100_000


def test_a_surface_in_words():
    assert surface_figure(Saddle()).description == (
        "The surface Saddle over x from -2 to 2 and y from -1.75 to 1.75, "
        "lowest at (0, 1) and (0, -1). Turned by 30°, seen from 60° above."
    )


@pytest.mark.parametrize("surface", [Ravine(), Beale(), Saddle()], ids=lambda s: s.name)
def test_its_profiles_meet_in_the_lowest_point_on_both_pictures(surface):
    side, above = surface_figure(surface).axes
    for ax in side, above:
        (star,) = [line for line in ax.lines if line.get_marker() == "*"]
        for look in X, Y:
            (line,) = [each for each in ax.lines if each.get_color() == look["color"]]
            assert line.get_linestyle() == look["linestyle"]
            away = np.hypot(*(line.get_xydata() - star.get_xydata()[0]).T)
            assert np.nanmin(away) < 0.02 * np.ptp(ax.get_xlim())
    (x,) = [each for each in above.lines if each.get_color() == X["color"]]
    assert {*x.get_ydata()} == {surface.minima[0][1]}
    assert (x.get_xdata()[0], x.get_xdata()[-1]) == surface.xlim
