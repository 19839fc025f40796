"""The surfaces against autograd, closed forms and numpy's eigenvalues."""

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import Beale, Ravine, Rosenbrock, Saddle

SURFACES = {
    "ravine": Ravine(),
    "round": Ravine(1),
    "turned": Ravine(200, rotation=30),
    "narrow": Ravine(20_000, rotation=-135),
    "saddle": Saddle(),
    "rosenbrock": Rosenbrock(),
    "beale": Beale(),
}
each_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)

# The formulas once more, as the literature writes them.
FORMULAS = {
    "ravine": lambda x, y: x**2 / 20 + y**2,
    "round": lambda x, y: x**2 + y**2,
    "turned": lambda x, y: turned_ravine(x, y, 200, radians(30)),
    "narrow": lambda x, y: turned_ravine(x, y, 20_000, radians(-135)),
    "saddle": lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4,
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "beale": lambda x, y: (
        (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
    ),
}


def turned_ravine(x, y, condition_number, angle):
    along, across = x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)
    return along**2 / condition_number + across**2


def points(surface, n=50):
    """Return n points in the part of the plane that is drawn, and the special ones."""
    rng = np.random.default_rng(0)
    special = np.array([*surface.minima, surface.start, (0, 0), (1, 0), (0, 1)]).T
    random = [rng.uniform(*surface.xlim, n), rng.uniform(*surface.ylim, n)]
    return np.concatenate([random, special], axis=1)


@pytest.mark.parametrize("name", SURFACES)
def test_height_gradient_and_hessian_agree_with_autograd(name):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    surface, formula = SURFACES[name], FORMULAS[name]
    for x, y in points(surface).T:
        place = tuple(torch.tensor(value, dtype=torch.float64) for value in (x, y))
        height = formula(*place)
        slopes = torch.autograd.functional.jacobian(formula, place)
        curves = torch.autograd.functional.hessian(formula, place)
        assert surface(x, y) == pytest.approx(height.item(), rel=1e-10, abs=1e-12)
        np.testing.assert_allclose(surface.gradient(x, y), slopes, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(surface.hessian(x, y), curves, rtol=1e-10, atol=1e-10)


@each_surface
def test_gradient_and_hessian_agree_with_finite_differences(surface):
    x, y = points(surface)
    h = 1e-5

    def slopes(f):
        """Return the derivatives of f's answer, by x first."""
        by_x = (np.array(f(x + h, y)) - np.array(f(x - h, y))) / (2 * h)
        return by_x, (np.array(f(x, y + h)) - np.array(f(x, y - h))) / (2 * h)

    np.testing.assert_allclose(surface.gradient(x, y), slopes(surface), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        surface.hessian(x, y), slopes(surface.gradient), rtol=1e-5, atol=1e-5
    )


@each_surface
def test_minima_are_flat_lowest_and_curved_upwards(surface):
    for x, y in surface.minima:
        assert surface.gradient(x, y) == pytest.approx((0, 0), abs=1e-12)
        assert surface(x, y) == surface.lowest
        assert min(surface.curvature(x, y)) > 0
    x, y = np.meshgrid(np.linspace(*surface.xlim, 301), np.linspace(*surface.ylim, 301))
    assert np.all(surface(x, y) >= surface.lowest)


def test_the_lowest_heights():
    lowest = {name: surface.lowest for name, surface in SURFACES.items()}
    assert lowest.pop("saddle") == -0.25
    assert set(lowest.values()) == {0.0}


@each_surface
def test_start_and_minima_lie_in_the_drawn_part(surface):
    for x, y in [surface.start, *surface.minima]:
        assert surface.xlim[0] < x < surface.xlim[1]
        assert surface.ylim[0] < y < surface.ylim[1]
    assert surface(*surface.start) > surface.lowest


@each_surface
def test_minima_and_start_lie_inside_the_bounds_and_those_are_drawn(surface):
    for x, y in [surface.start, *surface.minima]:
        assert surface.inside(x, y)
    (left, right), (low, high) = surface.bounds
    assert (surface.xlim, surface.ylim[0] <= low, surface.ylim[1] >= high) == (
        (left, right),
        True,
        True,
    )
    x, y = np.array([left - 1, left, right, right + 1, 0]), np.array([0, low, high, 0, high + 1])
    if not isinstance(surface, Ravine):
        assert surface.inside(x, y).tolist() == [False, True, True, False, False]


@pytest.mark.parametrize("rotation", [0, 30, 45, 90, -135])
def test_the_bounds_of_a_ravine_turn_with_it(rotation):
    valley, angle = Ravine(20, rotation), radians(rotation)
    assert valley.bounds == ((-10, 10), (-5, 5))
    along = np.array([9.9, 0, -9.9, 10.1, 0, 9.9, 10.1])
    across = np.array([4.9, -4.9, 0, 0, 5.1, -5.1, 5.1])
    x = cos(angle) * along - sin(angle) * across
    y = sin(angle) * along + cos(angle) * across
    assert valley.inside(x, y).tolist() == [True] * 3 + [False] * 4
    assert valley.inside(*valley.start)
    assert not valley.inside(np.nan, 0.0)
    assert valley.ylim == ((-7.5, 7.5) if rotation else (-5, 5))


@each_surface
def test_curvature_is_the_hessians_eigenvalues(surface):
    x, y = points(surface)
    hessians = np.moveaxis(np.array(surface.hessian(x, y)), -1, 0)
    expected = np.linalg.eigvalsh(hessians)
    np.testing.assert_allclose(np.array(surface.curvature(x, y)).T, expected, rtol=1e-9, atol=1e-9)


@each_surface
@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 1, 3)])
def test_arrays_are_answered_elementwise(surface, shape):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1.5, 1.5, (2, *shape))
    height, gradient = surface(x, y), surface.gradient(x, y)
    hessian, curvature = surface.hessian(x, y), surface.curvature(x, y)
    assert np.shape(height) == shape
    assert np.shape(gradient) == np.shape(curvature) == (2, *shape)
    assert np.shape(hessian) == (2, 2, *shape)
    for i in np.ndindex(shape):
        here = float(x[i]), float(y[i])
        pick = (..., *i)
        np.testing.assert_allclose(height[pick], surface(*here), rtol=1e-12)
        for array, alone in [
            (gradient, surface.gradient(*here)),
            (hessian, surface.hessian(*here)),
            (curvature, surface.curvature(*here)),
        ]:
            np.testing.assert_allclose(np.array(array)[pick], alone, rtol=1e-12, atol=1e-12)


@each_surface
def test_a_number_gets_the_gradient_of_an_arrays_entry_to_the_last_digit(surface):
    """So a path alone is the path of its settings in a grid."""
    x, y = np.random.default_rng(0).uniform(-2, 3, (2, 4000))
    alone = [surface.gradient(*place) for place in zip(x, y, strict=True)]
    assert np.array_equal(np.array(alone).T, surface.gradient(x, y))
    heights = [surface(*place) for place in zip(x, y, strict=True)]
    np.testing.assert_allclose(heights, surface(x, y), rtol=1e-14)


@each_surface
def test_answers_are_not_the_arrays_that_were_asked_about(surface):
    """An optimizer that changes x in place must not change the gradient that it reads."""
    x, y = np.array([0.5, 1.5]), np.array([0.3, -0.7])
    for answer in [surface(x, y), *surface.gradient(x, y)]:
        assert not np.shares_memory(answer, x)
        assert not np.shares_memory(answer, y)


def test_the_default_ravine_is_the_articles():
    x, y = np.random.default_rng(0).uniform(-10, 10, (2, 100))
    for surface in (Ravine(), Ravine(20), Ravine(condition_number=20, rotation=0)):
        assert np.array_equal(surface(x, y), x * x / 20 + y * y)
        np.testing.assert_allclose(surface.gradient(x, y), (x / 10, 2 * y), rtol=1e-15)
        assert surface.curvature(-7.0, 2.0) == pytest.approx((0.1, 2))
        assert surface.start == (-7, 2)
        assert surface.minima == ((0, 0),)


coordinates = st.floats(-10, 10)


@given(
    condition_number=st.floats(1, 1e6), rotation=st.floats(-720, 720), x=coordinates, y=coordinates
)
def test_a_turned_ravine_is_the_straight_one_turned(condition_number, rotation, x, y):
    c, s = cos(radians(rotation)), sin(radians(rotation))

    def turn(x, y):
        return c * x - s * y, s * x + c * y

    straight, turned = Ravine(condition_number), Ravine(condition_number, rotation)
    assert turned(*turn(x, y)) == pytest.approx(straight(x, y), rel=1e-9, abs=1e-9)
    expected = turn(*straight.gradient(x, y))
    assert turned.gradient(*turn(x, y)) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert turned.start == pytest.approx(turn(*straight.start))
    low, high = turned.curvature(x, y)
    assert (low, high) == pytest.approx((2 / condition_number, 2), abs=1e-9)


def test_rotation_is_counter_clockwise():
    """Turned by 45°, the valley's floor runs from lower left to upper right."""
    surface = Ravine(20, rotation=45)
    assert surface(1.0, 1.0) < surface(1.0, -1.0)
    assert Ravine(20, rotation=90)(0.0, 1.0) == pytest.approx(1 / 20)


def test_the_saddle_is_one():
    surface = Saddle()
    assert surface.gradient(0.0, 0.0) == (0, 0)
    assert surface.curvature(0.0, 0.0) == (-1, 1)
    assert surface.gradient(1.3, 0.0)[1] == 0


@each_surface
def test_a_surface_says_what_it_is(surface):
    assert surface.name == type(surface).__name__
    assert surface.formula.startswith("f(x, y) = ")


def test_the_ravines_formula_names_its_settings():
    assert Ravine().formula == "f(x, y) = x^2/20 + y^2"
    assert "x^2/200 " in Ravine(200, 45).formula
    assert "45°" in Ravine(200, 45).formula


@pytest.mark.parametrize("wrong", [0, 0.99, -20, float("nan"), float("inf"), -float("inf")])
def test_a_bad_condition_number_is_refused(wrong):
    with pytest.raises(ValueError, match=rf"condition_number must be at least 1, got {wrong}"):
        Ravine(wrong)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_a_bad_rotation_is_refused(wrong):
    with pytest.raises(ValueError, match=rf"^rotation must be of degrees, and finite, got {wrong}"):
        Ravine(20, rotation=wrong)


@pytest.mark.parametrize("name", ["condition_number", "rotation"])
@pytest.mark.parametrize("wrong", ["20", None, 1j, [20, 30]], ids=repr)
def test_a_setting_that_is_no_number_is_refused_by_name(name, wrong):
    with pytest.raises(TypeError, match=name):
        Ravine(**{name: wrong})
