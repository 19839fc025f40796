"""Directions against closed forms; the picture's arrows against the gradient."""

import numpy as np
import pytest

from course_utils.figures.field import angle_to_minimum, directions, draw_field, field_figure
from course_utils.figures.style import CourseFigure
from course_utils.surfaces import Ravine, Saddle


def test_on_a_round_bowl_downhill_is_the_way_to_the_minimum():
    downhill, to_minimum = directions(Ravine(condition_number=1), (-7, 2))
    assert downhill == pytest.approx(to_minimum)
    assert angle_to_minimum(Ravine(condition_number=1), (-7, 2)) == pytest.approx(0, abs=1e-6)


def test_directions_have_length_1_and_lead_downhill_and_to_the_minimum():
    downhill, to_minimum = directions(Ravine(), (-7, 2))
    assert downhill == pytest.approx(np.array([0.7, -4]) / np.hypot(0.7, 4))
    assert to_minimum == pytest.approx(np.array([7, -2]) / np.hypot(7, 2))


@pytest.mark.parametrize("condition_number", [2, 20, 2000])
@pytest.mark.parametrize("point", [(-7, 2), (7, 2), (-7, -2), (3, -0.1)])
def test_angle_is_the_difference_of_two_slopes(condition_number, point):
    x, y = np.abs(point)
    expected = np.degrees(np.arctan(condition_number * y / x) - np.arctan(y / x))
    assert angle_to_minimum(Ravine(condition_number), point) == pytest.approx(expected)


def test_angle_does_not_change_when_the_valley_is_turned():
    turned = Ravine(rotation=130)
    assert angle_to_minimum(turned, turned.start) == pytest.approx(
        angle_to_minimum(Ravine(), Ravine().start)
    )


def test_angle_can_be_blunt():
    """Below the saddle, downhill leads away from the upper minimum."""
    assert angle_to_minimum(Saddle(), (0, -0.5)) == pytest.approx(180)


def test_field_arrows_are_minus_the_gradient_in_true_proportion():
    ax = CourseFigure().add_subplot()
    arrows = draw_field(ax, Ravine())
    gx, gy = Ravine().gradient(arrows.X, arrows.Y)
    assert np.array_equal(arrows.U, -gx)
    assert np.array_equal(arrows.V, -gy)
    assert np.hypot(arrows.U, arrows.V).max() / arrows.scale == pytest.approx(1.5)


def test_figure_says_and_shows_what_it_describes():
    figure = field_figure(Ravine(), (-7, 2))
    assert figure.description == (
        "At (-7, 2) the gradient is (-0.7, 4); −gradient is 64° off the way to the minimum."
    )
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["−gradient", "to the minimum"]
    tails = [a for a in figure.axes[0].texts if a.arrow_patch is not None]
    assert [tuple(arrow.xyann) for arrow in tails] == [(-7, 2), (-7, 2)]
    ends = [np.subtract(arrow.xy, (-7, 2)) / 3.5 for arrow in tails]
    assert np.allclose(ends, directions(Ravine(), (-7, 2)))
    assert figure.png()[:4] == b"\x89PNG"
