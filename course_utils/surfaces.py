"""Functions of two variables to descend on, each with gradient, curvature and minima.

A surface is called with x and y, floats or arrays of one shape, and answers elementwise:
`surface(x, y)` is its height, `surface.gradient(x, y)` the pair (df/dx, df/dy) and
`surface.hessian(x, y)` the second derivatives ((fxx, fxy), (fxy, fyy)). A number gets the
gradient of an array's entry, to the last digit: powers are products (np.power is far slower).
"""

from abc import ABC, abstractmethod
from functools import cached_property
from math import cos, radians, sin

import numpy as np

from course_utils.checked import check_number


class Surface(ABC):
    """A height over the plane.

    formula: the function as LaTeX.
    minima: its lowest points, as (x, y) pairs; `lowest` is the height there.
    start: where a descent customarily begins.
    bounds: ((x_low, x_high), (y_low, y_high)), in the surface's own axes: where a walk may be and
        still counts as on the surface; see `inside`.
    xlim, ylim: the part of the plane worth drawing; only pictures use it, and it can be set.
    """

    formula: str
    minima: tuple[tuple[float, float], ...]
    start: tuple[float, float]
    bounds: tuple[tuple[float, float], tuple[float, float]]

    name = property(lambda self: type(self).__name__)
    lowest = property(lambda self: float(self(*self.minima[0])))
    xlim = cached_property(lambda self: self.bounds[0])
    ylim = cached_property(lambda self: self.bounds[1])

    def inside(self, x, y):
        """Return whether (x, y) lies within the bounds."""
        (left, right), (low, high) = self.bounds
        return (left <= x) & (x <= right) & (low <= y) & (y <= high)

    @abstractmethod
    def __call__(self, x, y):
        """Return the height at (x, y)."""

    @abstractmethod
    def gradient(self, x, y):
        """Return (df/dx, df/dy) at (x, y)."""

    @abstractmethod
    def hessian(self, x, y):
        """Return ((fxx, fxy), (fxy, fyy)) at (x, y)."""

    def curvature(self, x, y):
        """Return the smallest and the largest curvature at (x, y): the Hessian's eigenvalues."""
        (fxx, fxy), (_, fyy) = self.hessian(x, y)
        mean, spread = (fxx + fyy) / 2, np.hypot((fxx - fyy) / 2, fxy)
        return mean - spread, mean + spread


class Ravine(Surface):
    """The article's valley, f(x, y) = x²/κ + y², with any condition number and direction.

    condition_number: κ, at least 1: how many times more the valley curves across (2) than along
        (2/κ). The article's is 20.
    rotation: degrees, counter-clockwise, by which the valley is turned about its minimum; its
        `start` is turned with it.
    """

    minima = ((0.0, 0.0),)
    bounds = ((-10.0, 10.0), (-5.0, 5.0))

    def __init__(self, condition_number=20.0, rotation=0.0):
        check_number("condition_number", condition_number, "at least 1", lambda value: value >= 1)
        check_number("rotation", rotation, "of degrees, and finite")
        self.condition_number, self.rotation = condition_number, rotation
        self._cos, self._sin = cos(radians(rotation)), sin(radians(rotation))

    @property
    def formula(self):
        turned = rf",\ \mathrm{{turned\ by}}\ {self.rotation:g}°" if self.rotation else ""
        return rf"f(x, y) = x^2/{self.condition_number:g} + y^2{turned}"

    start = property(lambda self: self._turned(-7.0, 2.0))
    ylim = cached_property(lambda self: (-7.5, 7.5) if self.rotation else self.bounds[1])

    def inside(self, x, y):
        return super().inside(*self.own_axes(x, y))

    def __call__(self, x, y):
        along, across = self.own_axes(x, y)
        return along * along / self.condition_number + across * across

    def gradient(self, x, y):
        along, across = self.own_axes(x, y)
        return self._turned(2 / self.condition_number * along, 2 * across)

    def hessian(self, x, y):
        c, s, low = self._cos, self._sin, 2 / self.condition_number
        ones = np.ones_like(np.asarray(x) + np.asarray(y), dtype=float)
        fxy = (low - 2) * c * s * ones
        return ((low * c * c + 2 * s * s) * ones, fxy), (fxy, (low * s * s + 2 * c * c) * ones)

    def own_axes(self, x, y):
        """Return how far (x, y) lies along the valley and across it."""
        return self._cos * x + self._sin * y, self._cos * y - self._sin * x

    def _turned(self, along, across):
        return self._cos * along - self._sin * across, self._sin * along + self._cos * across


class Saddle(Surface):
    """f(x, y) = x²/2 − y²/2 + y⁴/4: a saddle at the origin between two minima at (0, ±1).

    On the ridge y = 0 the gradient has no part that leads off it. The start lies 0.001 beside it.
    """

    formula = r"f(x, y) = x^2/2 - y^2/2 + y^4/4"
    minima = ((0.0, 1.0), (0.0, -1.0))
    start = (-1.5, 0.001)
    bounds = ((-2.0, 2.0), (-1.75, 1.75))

    def __call__(self, x, y):
        return x * x / 2 - y * y / 2 + y * y * y * y / 4

    def gradient(self, x, y):
        return +x, y * y * y - y

    def hessian(self, x, y):
        zero = np.zeros_like(np.asarray(x) + np.asarray(y), dtype=float)
        return (zero + 1, zero), (zero, zero + 3 * y * y - 1)


class Rosenbrock(Surface):
    """f(x, y) = (1 − x)² + 100 (y − x²)²: a curved valley, minimum at (1, 1).

    Source: Rosenbrock 1960; start from Moré, Garbow and Hillstrom 1981, problem 1.
    """

    formula = r"f(x, y) = (1 - x)^2 + 100\,(y - x^2)^2"
    minima = ((1.0, 1.0),)
    start = (-1.2, 1.0)
    bounds = ((-2.0, 2.0), (-1.0, 3.0))

    def __call__(self, x, y):
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    def gradient(self, x, y):
        off = y - x * x
        return -2 * (1 - x) - 400 * x * off, 200 * off

    def hessian(self, x, y):
        zero = np.zeros_like(np.asarray(x) + np.asarray(y), dtype=float)
        fxy = zero - 400 * x
        return (zero + 2 - 400 * (y - 3 * x * x), fxy), (fxy, zero + 200)


class Beale(Surface):
    """f(x, y) = Σ (cₖ − x (1 − yᵏ))², c = 1.5, 2.25, 2.625: flat, with steep corners.

    Its minimum is at (3, 0.5). Source: Beale 1958; Moré, Garbow and Hillstrom 1981, problem 5,
    where the start is (1, 1).
    """

    formula = r"f(x, y) = \sum_{k=1}^{3} (c_k - x\,(1 - y^k))^2"
    minima = ((3.0, 0.5),)
    start = (1.0, 1.0)
    bounds = ((-1.0, 4.5), (-1.5, 2.0))
    _terms = ((1, 1.5), (2, 2.25), (3, 2.625))

    def __call__(self, x, y):
        powers = zip(self._terms, (y, y * y, y * y * y), strict=True)
        return sum((c - x * (1 - power)) ** 2 for (_, c), power in powers)

    def gradient(self, x, y):
        fx, fy, before = 0.0, 0.0, 1.0
        for k, c in self._terms:
            power = before * y
            rest = c - x * (1 - power)
            fx = fx - 2 * rest * (1 - power)
            fy = fy + 2 * rest * x * k * before
            before = power
        return fx, fy

    def hessian(self, x, y):
        fxx = fxy = fyy = np.zeros_like(np.asarray(x) + np.asarray(y), dtype=float)
        for k, c in self._terms:
            rest, rx, ry = c - x * (1 - y**k), y**k - 1, x * k * y ** (k - 1)
            ryy = x * k * (k - 1) * y ** max(k - 2, 0)
            fxx = fxx + 2 * rx * rx
            fxy = fxy + 2 * (rx * ry + rest * k * y ** (k - 1))
            fyy = fyy + 2 * (ry * ry + rest * ryy)
        return (fxx, fxy), (fxy, fyy)
