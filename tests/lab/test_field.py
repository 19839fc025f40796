"""Where surfaces slope: −gradient and the way to the minimum."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.quiver import Quiver

from course_utils import Ravine, Saddle
from course_utils.experiments.anatomy import angle_to_minimum, directions
from course_utils.lab import explore_field
from course_utils.lab.style import GRADIENT
from tests.lab.drawn import exact, shapes
from tests.lab.tables import SURFACES, at_first, field_figure


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
        now, then = (exact(shapes(each.view, "moving")) for each in (explorer, alone))
        assert now == then


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
