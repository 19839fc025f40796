"""Curves are the numbers given."""

import numpy as np

from course_utils.experiments import effective_rate
from course_utils.lab import curves_figure
from tests.lab.tables import walk


def test_curves_are_the_numbers_given():
    x, curves = np.array([1.0, 2, 5]), {"Adam": np.array([3.0, 2, 1]), "other": np.ones(3)}
    figure = curves_figure(
        curves, x, "title", "iterations", "height", log=True, ylim=(0.5, 4), marks=(2.5,)
    )
    (ax,) = figure.axes
    for line, values in zip(ax.lines, curves.values(), strict=False):
        assert np.array_equal(line.get_data(), [x, values])
    assert list(ax.lines[2].get_xdata()) == [2.5, 2.5]
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("title", "iterations", "height")
    assert (ax.get_yscale(), ax.get_ylim()) == ("log", (0.5, 4))
    assert figure.description == "title, over iterations: Adam from 3 to 1; other from 1 to 1."
    (ax,) = curves_figure({"a": [4, 5, 6]}, ylabel="steps").axes
    assert np.array_equal(ax.lines[0].get_data(), [[0, 1, 2], [4, 5, 6]])
    assert ax.get_legend() is None


def test_a_curve_without_a_first_value_is_told_from_the_first_that_there_is():
    rate = effective_rate(walk("AdaGrad"))[:, 0]
    description = curves_figure({"x": rate}, ylabel="rate").description
    assert description == f"rate, over updates: x from {rate[1]:.3g} to {rate[-1]:.3g}."
