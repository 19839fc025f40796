"""Surfaces from above and from the side, and where they slope."""

import numpy as np
import pytest
from matplotlib.quiver import Quiver

from course_utils import SGD, Beale, Ravine, Rosenbrock, Saddle, descend
from course_utils.experiments.anatomy import directions
from course_utils.lab import descent_figure, field_figure, surface_figure

SURFACES = [Ravine(), Ravine(1000), Ravine(20, 45), Saddle(), Rosenbrock(), Beale()]


@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
def test_a_surface_from_above(surface):
    ax = surface_figure(surface).axes[1]
    assert (ax.get_xlim(), ax.get_ylim()) == (surface.xlim, surface.ylim)
    stars = [tuple(line.get_xydata()[0]) for line in ax.lines if line.get_marker() == "*"]
    assert stars == list(surface.minima)
    (quiver,) = [each for each in ax.collections if hasattr(each, "U")]
    gx, gy = surface.gradient(quiver.X, quiver.Y)
    steep = np.hypot(gx, gy)
    np.testing.assert_allclose(quiver.U * steep, -gx, atol=1e-12)
    np.testing.assert_allclose(quiver.V * steep, -gy, atol=1e-12)
    filled, lines = (each for each in ax.collections if hasattr(each, "levels"))
    x, y = np.meshgrid(np.linspace(*surface.xlim, 400), np.linspace(*surface.ylim, 400))
    assert 0 == filled.levels[0] < filled.levels[1]
    assert filled.levels[-1] > 0.9 * (surface(x, y) - surface.lowest).max()
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        heights = surface(*path.vertices.T) - surface.lowest
        np.testing.assert_allclose(heights, level, rtol=0.1, atol=0.03 * lines.levels[0])


def test_a_surface_in_words():
    figure = surface_figure(Saddle())
    assert figure.description == (
        "The surface Saddle over x from -2 to 2 and y from -1.75 to 1.75, "
        "lowest at (0, 1) and (0, -1)."
    )
    assert figure.axes[0].get_zlabel() == "f"


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


def test_the_field_and_its_two_directions():
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
