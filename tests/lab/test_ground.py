"""Surfaces from above and from the side, and where they slope."""

from time import process_time

import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv, to_rgb, to_rgba
from matplotlib.quiver import Quiver

from course_utils import SGD, Beale, Ravine, Rosenbrock, Saddle, descend
from course_utils.experiments import FIVE, METHODS
from course_utils.experiments.anatomy import angle_to_minimum, directions
from course_utils.lab import descent_figure, explore_field, explore_surface, ground
from course_utils.lab.ground import GROUND
from course_utils.lab.style import GRADIENT
from tests.lab.tables import at_first, field_figure, surface_figure

SURFACES = [Ravine(), Ravine(1000), Ravine(20, 45), Saddle(), Rosenbrock(), Beale()]


def test_lines_of_ravines_are_equally_far_apart_across_the_valley():
    """Equal steps of √f, so that pictures of two of them can be compared."""
    turned = Ravine(200, 45)
    turned.xlim, turned.ylim = (-9, 2.5), (-6.8, 0.8)
    for surface in Ravine(20), Ravine(200), Ravine(200_000), turned:
        levels = surface_figure(surface).axes[1].collections[1]
        roots = [
            np.sqrt(levels_of(surface, p).mean()) for p in levels.get_paths() if len(p.vertices)
        ]
        np.testing.assert_allclose(np.diff(roots), np.mean(np.diff(roots)), rtol=0.1)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
def test_a_surface_from_above(surface):
    ax = surface_figure(surface).axes[1]
    assert (ax.get_xlim(), ax.get_ylim()) == (surface.xlim, surface.ylim)
    (stars,) = [line for line in ax.lines if line.get_marker() == "*"]
    assert stars.get_xydata().tolist() == [list(minimum) for minimum in surface.minima]
    filled, lines = (each for each in ax.collections if hasattr(each, "levels"))
    assert (filled.levels[0], filled.levels[-1]) == (0, 1)
    assert len(filled.levels) == len(lines.levels) + 1
    assert (np.diff(filled.get_facecolors()[:, :3].sum(axis=1)) < 0).all()
    means = [levels_of(surface, path).mean() for path in lines.get_paths() if len(path.vertices)]
    assert (np.diff(means) > 0).all()
    for path, mean in zip(lines.get_paths(), means, strict=False):
        np.testing.assert_allclose(levels_of(surface, path), mean, rtol=0.15, atol=0.04 * means[0])


def levels_of(surface, path):
    return surface(*path.vertices.T) - surface.lowest


@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
def test_a_valley_can_be_seen(surface):
    """A third of the contours lie where a hundredth of the height is not reached, if most does."""
    (lines,) = [each for each in surface_figure(surface).axes[1].collections if not_filled(each)]
    x, y = np.meshgrid(np.linspace(*surface.xlim, 200), np.linspace(*surface.ylim, 200))
    top = (surface(x, y) - surface.lowest).max()
    paths = [path for path in lines.get_paths() if len(path.vertices)]
    low = sum(levels_of(surface, path).mean() < top / 100 for path in paths)
    far = surface.name in ("Rosenbrock", "Beale")
    assert (low >= 5) == far
    assert low >= 1


def not_filled(artist):
    return hasattr(artist, "levels") and not artist.filled


def test_darker_is_higher_and_no_method_is_lost_on_it():
    luminance = GROUND(np.linspace(0, 1, 9))[:, :3] @ [0.299, 0.587, 0.114]
    assert (np.diff(luminance) < 0).all()
    for name in FIVE:
        path = to_rgb(METHODS[name].look["color"])
        assert np.dot(path, [0.299, 0.587, 0.114]) < luminance[-1] - 0.05, name


def cloth(figure):
    """Return the outlines of the surface from the side: points and fills."""
    (drawn,) = figure.axes[0].collections
    points = [path.vertices for path in drawn.get_paths()]
    return points, np.asarray(drawn.get_facecolors())


def test_the_surface_from_the_side_has_the_colours_of_the_map_in_another_light():
    figure = surface_figure(Ravine())
    solid, above = figure.axes
    points, fills = cloth(figure)
    shown = fills[fills[:, 3] == 1]
    assert len(shown) > 80
    hue = rgb_to_hsv(shown[:, :3])
    assert np.allclose(hue[hue[:, 1] > 0.1][:, 0], 0.57, atol=0.05)
    middles = np.array([np.nanmean(each, axis=0) for each in points])
    blue = fills[:, 3] == 1
    high = middles[:, 1] > np.quantile(middles[blue][:, 1], 0.8)
    assert fills[blue & high][:, :3].mean() < fills[blue & ~high][:, :3].mean() - 0.1
    assert [text.get_text() for text in solid.texts] == ["x", "y", "0", "f = 30"]
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
    for _, delay, part, *_ in explorer.live.picture.cloths[axis]:
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
    monkeypatch.setattr(ground, "monotonic", lambda: now[0])
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
    assert len(star.get_xdata()) == seen


@pytest.mark.parametrize("width", [760, 1400])
def test_a_turned_surface_stays_in_its_part_of_the_picture(width):
    explorer = explore_surface(Ravine())
    explorer.view.width = width
    (solid, above), figure = explorer.live.figure.axes, explorer.live.figure
    right = above.get_tightbbox(figure.canvas.get_renderer()).x0
    for turn in range(-180, 180, 30):
        for tilt in 10, 40, 70:
            explorer.set(turn=turn, tilt=tilt)
            points = np.concatenate(cloth(figure)[0])
            x, y = solid.transData.transform(points[np.isfinite(points).all(axis=1)]).T
            assert min(x) > 0
            assert max(x) < right
            assert min(y) > 0
            assert max(y) < figure.bbox.height


def test_a_turn_is_light():
    """What is sent for one is points alone, as long as the same side is near."""
    explorer = at_first("surface")
    looks = explorer.view.moving_looks
    start = process_time()
    for turn in range(10, 30):
        explorer.set(turn=turn)
    assert (process_time() - start) / 20 < 0.1
    assert explorer.view.moving_looks == looks
    assert len(explorer.view.moving) < 100_000


def test_a_surface_in_words():
    assert surface_figure(Saddle()).description == (
        "The surface Saddle over x from -2 to 2 and y from -1.75 to 1.75, "
        "lowest at (0, 1) and (0, -1)."
    )


def test_a_frame_of_ones_own_is_drawn():
    """A surface's limits are for drawing alone, so that a picture can be cut out."""
    surface = Ravine(200, 45)
    surface.xlim, surface.ylim = (-7, 2), (-5.5, 0.5)
    ax = descent_figure(descend(surface, SGD(0.8), (-5, -2))).axes[0]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-7, 2), (-5.5, 0.5))


def test_field_arrows_are_minus_the_gradient_in_true_proportion():
    ax = field_figure(Ravine(), (-7, 2)).axes[0]
    (arrows,) = (each for each in ax.collections if isinstance(each, Quiver))
    gx, gy = Ravine().gradient(arrows.X, arrows.Y)
    assert np.array_equal(arrows.U, -gx)
    assert np.array_equal(arrows.V, -gy)
    assert np.hypot(arrows.U, arrows.V).max() / arrows.scale == pytest.approx(1.5)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
def test_field_arrows_do_not_tangle(surface):
    ax = field_figure(surface, surface.start).axes[0]
    (arrows,) = (each for each in ax.collections if isinstance(each, Quiver))
    apart = np.diff(np.unique(arrows.X)).min(), np.diff(np.unique(arrows.Y)).min()
    assert np.hypot(arrows.U, arrows.V).max() / arrows.scale < 1.1 * min(apart)


def test_the_field_and_its_two_directions():
    figure = field_figure(Ravine(), (-7, 2))
    assert figure.description == (
        "At (-7, 2) the gradient is (-0.7, 4); −gradient is 64° off the way to the minimum."
    )
    assert figure.get_suptitle() == figure.axes[0].get_title() == ""
    assert not figure.legends
    arrows = [a for a in figure.axes[0].texts if getattr(a, "arrow_patch", None)]
    assert [tuple(arrow.xyann) for arrow in arrows] == [(-7, 2), (-7, 2)]
    ways = np.array([np.subtract(arrow.xy, (-7, 2)) for arrow in arrows])
    assert np.allclose(ways / np.hypot(*ways.T)[:, np.newaxis], directions(Ravine(), (-7, 2)))
    assert np.allclose(arrows[1].xy, (0, 0))
    assert arrows[0].arrow_patch.get_edgecolor() == to_rgba(GRADIENT)


def test_the_arc_is_the_shorter_way_round():
    ax = field_figure(Saddle(), (1.5, -0.5)).axes[0]
    arc = next(line.get_xydata() for line in ax.lines if len(line.get_xydata()) > 5)
    assert (arc[:, 0] < 1.5).all()


POINTS = [(-7, 2), (7, 2), (-7, -2), (0, 4), (9, 0.2), (3, -3), (-0.5, 0.3), (-6, 0), (9.8, -4.9)]


@pytest.mark.parametrize("point", POINTS)
def test_the_angle_is_an_arc_and_names_stand_at_their_arrows(point):
    figure = field_figure(Ravine(), point)
    (ax,) = figure.axes
    figure.canvas.draw()
    ways = directions(Ravine(), point)
    arc = next(line.get_xydata() for line in ax.lines if len(line.get_xydata()) > 5) - point
    radius = np.hypot(*arc.T)
    assert np.allclose(radius, radius[0])
    ends = arc[[0, -1]] / radius[0]
    assert np.allclose(ends, ways)
    turned = np.degrees(np.abs(np.diff(np.unwrap(np.arctan2(*arc.T[::-1])))).sum())
    assert turned == pytest.approx(angle_to_minimum(Ravine(), point))
    named = {text.get_text(): text for text in ax.texts if text.get_text()}
    assert set(named) == {"−gradient", "to the minimum", f"{turned:.0f}°"}
    for name, way in zip(("−gradient", "to the minimum"), ways, strict=True):
        at = np.subtract(named[name].get_position(), point)
        assert at @ way > 0.9 * np.hypot(*at) or turned < 25
    boxes = [text.get_window_extent() for text in named.values()]
    assert not [1 for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
    for box in boxes:
        assert ax.bbox.contains(*box.min)
        assert ax.bbox.contains(*box.max)
    ring, hole = [line for line in ax.lines if line.get_marker() == "o"][::-1]
    assert ring.get_fillstyle() == "none"
    assert ring.get_markersize() > hole.get_markersize()
    assert not ring.get_clip_on()
    assert ring.get_xydata().tolist() == [list(map(float, point))]


def test_what_depends_on_the_point_moves():
    explorer = at_first("field")
    for point in POINTS[:3]:
        explorer.set(x=point[0], y=point[1])
        assert explorer.sentence == field_figure(Ravine(), point).description
        alone = explore_field(Ravine(), point)
        alone.view.width = explorer.view.width
        alone.set(x=1, y=1)  # names stand where the page's pixels let them once it is laid out
        alone.set(x=point[0], y=point[1])
        assert explorer.view.moving == alone.view.moving


def test_the_arrows_at_the_point_are_as_long_as_they_say():
    """One more where it is steeper, as the small ones; the other as far as the minimum."""
    explorer, lengths = at_first("field"), []
    down, way = explorer.live.parts.arrows
    for point in (-7, 2), (-7, 4), (0.05, 0.02):
        explorer.set(x=point[0], y=point[1])
        lengths.append(np.hypot(*np.subtract(down.xy, point)))
        assert np.allclose(way.xy, (0, 0))
    steep = [np.hypot(*Ravine().gradient(*point)) for point in ((-7, 2), (-7, 4))]
    assert lengths[1] / lengths[0] == pytest.approx(steep[1] / steep[0])
    assert lengths[2] == pytest.approx(1.2)  # still to be seen
    assert not way.get_visible()


def test_the_point_can_be_dragged():
    explorer = at_first("field")
    (grab,) = explorer.view.grabs
    left, top, width, height = grab["box"]
    explorer.view.pointer = [0, left + 0.75 * width, top + 0.25 * height, 0]
    assert (explorer.values()["x"], explorer.values()["y"]) == pytest.approx((5, 2.5), abs=0.02)
    assert explorer.sentence.startswith("At (5, 2.5) the gradient is")


def test_where_it_is_flat_nothing_leads_downhill():
    explorer = at_first("field")
    explorer.set(x=0, y=0)
    assert explorer.sentence == "At (0, 0) the gradient is (0, 0): flat, nothing leads downhill."
    shown = [artist.get_visible() for artist in explorer.live.parts.arrows]
    assert shown == [False, False]
    explorer.reset()
    assert explorer.live.parts.arrows[0].get_visible()
