"""Surfaces from above."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils import SGD, Ravine, descend
from course_utils.experiments import FIVE, METHODS
from course_utils.ground.map import GROUND
from course_utils.lab import descent_figure
from tests.lab.tables import SURFACES, surface_figure


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


def test_a_frame_of_ones_own_is_drawn():
    """A surface's limits are for drawing alone, so that a picture can be cut out."""
    surface = Ravine(200, 45)
    surface.xlim, surface.ylim = (-7, 2), (-5.5, 0.5)
    ax = descent_figure(descend(surface, SGD(0.8), (-5, -2))).axes[0]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-7, 2), (-5.5, 0.5))
