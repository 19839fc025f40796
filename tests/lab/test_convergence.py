"""The map of rates: its colours against the rates, what is drawn over it against theory."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from course_utils import Momentum, Ravine, descend
from course_utils.experiments import rate_plane
from course_utils.experiments.convergence import (
    best_momentum,
    best_sgd,
    predicted_rate,
    stability_edge,
)
from course_utils.lab import explore_plane, plane_figure
from course_utils.lab.convergence import COLUMNS, DIVERGES, LEVELS, ROWS, STEPS, rate_colours
from tests.lab.drawn import check_texts, trail
from tests.lab.tables import at_first, plane


def xy(ax, label):
    (line,) = [each for each in ax.lines if each.get_label() == label]
    return line.get_xydata()


def test_colours_are_bands_of_the_measured_rate():
    colours = rate_colours(plane()).reshape(-1, 4)
    band = np.digitize(plane().measured.ravel(), LEVELS)
    one_per_band = {}
    for colour, number in zip(colours, band, strict=True):
        assert tuple(colour) == one_per_band.setdefault(number, tuple(colour))
    assert len(set(one_per_band.values())) == len(one_per_band) > 6


def test_what_diverges_is_plain_grey_and_nothing_else_is():
    grey = (rate_colours(plane())[..., :3] == round(255 * float(DIVERGES))).all(axis=-1)
    assert np.array_equal(grey, plane().measured >= 1)
    assert 0.2 < grey.mean() < 0.4


def test_slower_is_darker():
    """So the map can be read without seeing colours."""
    measured = plane().measured
    luminance = rate_colours(plane())[..., :3] @ np.array([0.299, 0.587, 0.114])
    band = np.digitize(measured, LEVELS)
    steps = [luminance[band == number].mean() for number in np.unique(band[measured < 1])]
    assert (np.diff(steps) < 0).all()


def check_dots(ax, shown):
    """Assert that each dot has the colour of the measured rate; return how many there are."""
    dots = [line for line in ax.lines if line.get_markersize() == 5]
    for line in dots:
        for lr, momentum in line.get_xydata():
            cell = np.abs(shown.momentum - momentum).argmin(), np.abs(shown.lr - lr).argmin()
            colour = 255 * np.array(to_rgba(line.get_color()))
            np.testing.assert_allclose(colour, rate_colours(shown)[cell], atol=1)
    return sum(len(line.get_xdata()) for line in dots)


def test_the_map_and_the_theory_over_it():
    figure = plane_figure(plane())
    ax, shown = figure.axes[0], plane()
    assert not ax.images
    assert 40 < check_dots(ax, shown) < shown.measured.size / 10
    filled = next(each for each in ax.collections if getattr(each, "filled", False))
    for path, level in zip(filled.get_paths(), LEVELS[:-1], strict=False):
        for x, y in path.vertices[::50]:
            ball = Momentum(max(x, 1e-3), min(max(y, 0), 0.999))
            assert predicted_rate(Ravine(), ball) > level - 0.03
    for colour in np.unique(rate_colours(shown).reshape(-1, 4), axis=0):
        assert np.abs(255 * filled.get_facecolors() - colour).max(axis=1).min() < 1
    lines = next(each for each in ax.collections if getattr(each, "filled", True) is False)
    assert list(lines.levels) == list(LEVELS[1:-1])
    lr, momentum = xy(ax, "edge").T
    np.testing.assert_allclose(lr, stability_edge(Ravine(), momentum))
    assert momentum[0] == 0
    assert momentum[-1] > 0.99
    np.testing.assert_allclose(xy(ax, "best setting"), [(1.3358, 0.4026)], atol=1e-4)
    np.testing.assert_allclose(xy(ax, "best SGD"), [(2 / 2.1, 0)])
    best = np.unravel_index(shown.measured.argmin(), shown.measured.shape)
    assert figure.description == (
        "Rates measured at 1,428 settings on the ravine with condition number 20: best "
        f"{shown.measured[best]:.3f} at lr {shown.lr[best[1]]:.3g}, "
        f"momentum {shown.momentum[best[0]]:.3g}; predicted best 0.635 at lr 1.34, "
        "momentum 0.403; SGD's best 0.905 at lr 0.952. From lr = 2(1 + momentum)/L on it "
        "diverges; measured and predicted rates differ by at most "
        f"{np.abs(shown.measured - shown.predicted).max():.4f}."
    )
    assert not figure.legends
    words = {text.get_text().strip() for text in ax.texts}
    assert {"edge 2(1 + momentum)/L", "best setting", "best SGD", "diverges"} <= words


def test_a_setting_is_told_in_numbers():
    explorer = explore_plane()
    assert explorer.sentence == (
        "Condition number 20, Momentum, lr 0.1, momentum 0.9: an update multiplies the distance "
        "by 0.9486, predicted 0.9487; a further digit takes 43.6 updates; from lr 1.9 on it does "
        "not converge. Best here: Momentum, lr 1.336, momentum 0.4026, factor 0.6345."
    )
    explorer.set(lr=1.05, momentum=0)
    past = explorer.sentence
    assert (
        "lr 1.05, momentum 0: an update multiplies the distance by 1.1000, predicted 1.1000; "
        in past
    )
    assert "; from lr 1 on it does not converge." in past
    assert "digit" not in past


@pytest.mark.parametrize("kappa", [1, 20, 1000])
def test_no_number_stands_over_the_edge(kappa, monkeypatch):
    surface = Ravine(kappa)
    figure = plane_figure(rate_plane(surface, 40, 40, updates=400))
    check_texts(figure, figure.png, monkeypatch)
    texts = figure.axes[0].texts
    numbers = [text for text in texts if text.get_text()[0].isdigit()]
    level = [text for text in texts if text.get_visible() and text.get_rotation() == 0]
    boxes = [text.get_window_extent() for text in level]
    assert len(boxes) >= 3
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
    for number in numbers:
        lr, momentum = number.get_position()
        inside = momentum < 0.97 and lr < 0.9 * stability_edge(surface, max(momentum, 0))
        assert inside or not number.get_visible()
    assert sum(number.get_visible() for number in numbers) >= 2


@pytest.mark.parametrize("at", [(0.1, 0.9, 20.0), (1.3, 0.4, 200.0), (1.9, 0.0, 1.0)])
def test_the_cursor_and_its_path(at):
    explorer = at_first("plane")
    assert explorer.values() == {"lr": 0.1, "momentum": 0.9, "condition": pytest.approx(20)}
    assert "a further digit takes 43.6 updates" in explorer.sentence
    at = dict(zip(explorer.controls, at, strict=True))
    explorer.set(**at)
    surface, ball = Ravine(at["condition"]), Momentum(at["lr"], at["momentum"])
    rates, above, losses, *_ = explorer.live.figure.axes
    shown = explorer.compute(**at).plane
    assert check_dots(rates, shown) == ROWS * COLUMNS
    assert shown.surface.condition_number == at["condition"]
    best = best_momentum(surface)
    assert xy(rates, "best setting").tolist() == [[best.lr, best.momentum]]
    assert xy(rates, "best SGD").tolist() == [[best_sgd(surface).lr, 0]]
    (cursor,) = [line for line in rates.lines if line.get_marker() == "P"]
    assert cursor.get_xydata().tolist() == [[at["lr"], at["momentum"]]]
    descent = descend(surface, ball, steps=STEPS)
    assert np.array_equal(trail(above, "Momentum"), descent.positions)
    heights = trail(losses, "Momentum")[:, 1]
    np.testing.assert_allclose(heights, np.maximum(descent.losses, 1e-300), rtol=1e-12)
    assert f"Condition number {at['condition']:g}, Momentum, lr {at['lr']}" in explorer.sentence
    assert f"predicted {predicted_rate(surface, ball):.4f}" in explorer.sentence


def test_a_hand_moves_through_the_plane():
    explorer = at_first("plane")
    explorer.view.width = 900
    live, (grab,) = explorer.live, explorer.view.grabs
    left, top, width, height = grab["box"]
    explorer.view.pointer = [0, left + width / 2, top + height / 2, 0]
    middle = explorer.values()
    assert middle["lr"] == pytest.approx(sum(live.parts.rates.get_xlim()) / 2, abs=1e-3)
    assert middle["momentum"] == pytest.approx(sum(live.parts.rates.get_ylim()) / 2, abs=1e-3)
    assert f"lr {middle['lr']:.4g}, momentum {middle['momentum']:.4g}" in explorer.sentence
    explorer.view.pointer = [0, left - 50, top + height + 50, 1]
    assert (explorer.values()["lr"], explorer.values()["momentum"]) == (0.01, 0)


def test_the_dots_agree_with_theory_at_every_condition():
    for kappa in 10 ** np.linspace(0, 3, 13):
        cursor = at_first("plane").compute(0.1, 0.9, kappa)
        assert cursor.plane.largest_difference < 0.005, kappa


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"lr": 5.0}, "lr"), ({"momentum": 1.0}, "momentum"), ({"condition_number": 0.5}, "condit")],
)
def test_a_start_beyond_the_sliders_is_refused(wrong, named):
    with pytest.raises(ValueError, match=f"{named}.* must be .* got {next(iter(wrong.values()))}"):
        explore_plane(**wrong)
