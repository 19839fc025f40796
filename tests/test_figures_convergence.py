"""The map of rates: its colours against the rates, what is drawn over it against theory."""

import numpy as np
import pytest

from course_utils import SGD, Momentum, Ravine
from course_utils.convergence import best_momentum, measured_rate, rate_plane, stability_edge
from course_utils.figures import plane_figure, projector
from course_utils.figures.convergence import (
    DIVERGES,
    LEVELS,
    describe_rate,
    draw_rates,
    draw_theory,
    move_best,
    rate_colours,
)
from course_utils.figures.style import CourseFigure
from tests.drawn_texts import check_texts


@pytest.fixture(scope="module")
def plane():
    return rate_plane(rows=34, columns=42)


@pytest.fixture(autouse=True)
def _projector_off():
    yield
    projector(False)


def test_colours_are_bands_of_the_measured_rate(plane):
    colours = rate_colours(plane).reshape(-1, 4)
    band = np.digitize(plane.measured.ravel(), LEVELS)
    one_per_band = {}
    for colour, number in zip(colours, band, strict=True):
        assert tuple(colour) == one_per_band.setdefault(number, tuple(colour))
    assert len(set(one_per_band.values())) == len(one_per_band) > 6


def test_what_diverges_is_plain_grey_and_nothing_else_is(plane):
    grey = (rate_colours(plane)[..., :3] == round(255 * float(DIVERGES))).all(axis=-1)
    assert np.array_equal(grey, plane.measured >= 1)
    assert 0.2 < grey.mean() < 0.4


def test_slower_is_darker(plane):
    """So the map can be read without seeing colours."""
    luminance = rate_colours(plane)[..., :3] @ np.array([0.299, 0.587, 0.114])
    band = np.digitize(plane.measured, LEVELS)
    steps = [luminance[band == number].mean() for number in np.unique(band[plane.measured < 1])]
    assert (np.diff(steps) < 0).all()


def test_cells_lie_around_their_settings(plane):
    left, right, bottom, top = draw_rates(CourseFigure().add_subplot(), plane).get_extent()
    np.testing.assert_allclose((right - left) / 42, plane.lr[0])
    np.testing.assert_allclose((left + right) / 2, plane.lr.mean())
    np.testing.assert_allclose((top - bottom) / 34, plane.momentum[1])
    np.testing.assert_allclose((bottom + top) / 2, plane.momentum.mean())


def test_theory_is_where_the_formulas_put_it():
    ax = CourseFigure().add_subplot()
    star, circle = draw_theory(ax, Ravine())
    lr, momentum = ax.lines[0].get_data()
    np.testing.assert_allclose(lr, stability_edge(Ravine(), momentum))
    assert momentum[0] == 0
    assert momentum[-1] > 0.99
    np.testing.assert_allclose(star.get_xydata(), [(1.3358, 0.4026)], atol=1e-4)
    np.testing.assert_allclose(circle.get_xydata(), [(2 / 2.1, 0)])
    move_best([star, circle], Ravine(200))
    ball = best_momentum(Ravine(200))
    np.testing.assert_allclose(star.get_xydata(), [(ball.lr, ball.momentum)])
    np.testing.assert_allclose(circle.get_xydata(), [(2 / 2.01, 0)])


def test_the_plane_is_told_in_numbers(plane):
    figure = plane_figure(plane)
    best = np.unravel_index(plane.measured.argmin(), plane.measured.shape)
    assert figure.description == (
        "Rates measured at 1,428 settings on the ravine with condition number 20: best "
        f"{plane.measured[best]:.3f} at lr {plane.lr[best[1]]:.3g}, "
        f"momentum {plane.momentum[best[0]]:.3g}; predicted best 0.635 at lr 1.34, "
        "momentum 0.403; SGD's best 0.905 at lr 0.952. From lr = 2(1 + momentum)/L on it "
        "diverges; measured and predicted rates differ by at most "
        f"{np.abs(plane.measured - plane.predicted).max():.4f}."
    )
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["edge 2(1 + momentum)/L", "best setting", "best SGD"]


def test_a_setting_is_told_in_numbers():
    ball = Momentum(0.1, 0.9)
    assert describe_rate(Ravine(), ball, measured_rate(Ravine(), ball)) == (
        "Condition number 20, Momentum, lr 0.1, momentum 0.9: an update multiplies the distance "
        "by 0.9487, predicted 0.9487; a further digit takes 43.7 updates; from lr 1.9 on it does "
        "not converge. Best here: Momentum, lr 1.336, momentum 0.4026, factor 0.6345."
    )
    past = describe_rate(Ravine(), SGD(1.05), measured_rate(Ravine(), SGD(1.05)))
    assert "SGD, lr 1.05: an update multiplies the distance by 1.1000, predicted 1.1000; " in past
    assert "; from lr 1 on it does not converge." in past
    assert "digit" not in past


@pytest.mark.parametrize("kappa", [1, 20, 1000])
@pytest.mark.parametrize("large", [False, True])
def test_no_text_is_cut_off_small_or_over_the_edge(kappa, large, monkeypatch):
    projector(large)
    surface = Ravine(kappa)
    figure = plane_figure(rate_plane(surface, 40, 40, updates=400))
    figure.png()
    check_texts(figure.canvas, figure.canvas.get_width_height(), large, monkeypatch, 20)
    numbers = [text for text in figure.axes[0].texts if text.get_text() != "diverges"]
    for number in numbers:
        lr, momentum = number.get_position()
        inside = momentum < 0.95 and lr < 0.9 * stability_edge(surface, momentum)
        assert inside or not number.get_visible()
    assert sum(number.get_visible() for number in numbers) >= 2
