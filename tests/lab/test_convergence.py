"""The map of rates: its colours against the rates, what is drawn over it against theory."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.text import Text

from course_utils import Momentum, Ravine, descend
from course_utils.experiments.convergence import (
    best_momentum,
    best_sgd,
    predicted_rate,
    stability_edge,
)
from course_utils.lab import explore_plane
from course_utils.lab.convergence import COLOURS, COLUMNS, DIVERGES, LEVELS, NORM, ROWS, STEPS
from tests.lab.drawn import check_texts, head, same, seen, shapes, trail
from tests.lab.tables import at_first, plane


def xy(ax, label):
    (line,) = [each for each in ax.lines if each.get_label() == label]
    return line.get_xydata()


def rate_colours(plane):
    """Return the colours of a plane's measured rates, bytes of shape (rows, columns, 4)."""
    return COLOURS(NORM(plane.measured), bytes=True)


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
    explorer = at_first("plane")
    figure, shown = explorer.live.figure, explorer.compute(**explorer.values()).about
    ax = figure.axes[0]
    assert not ax.images
    assert check_dots(ax, shown) == ROWS * COLUMNS
    filled = next(each for each in ax.collections if getattr(each, "filled", False))
    for path, level in zip(filled.get_paths(), LEVELS[:-1], strict=False):
        for x, y in path.vertices[::50]:
            ball = Momentum(max(x, 1e-3), min(max(y, 0), 0.999))
            assert predicted_rate(Ravine(), ball) > level - 0.06  # within a cell
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
    assert not figure.legends
    words = {text.get_text().strip() for text in ax.texts}
    assert {"edge 2(1 + momentum)/L", "best setting", "best SGD", "diverges\n(dots too)"} <= words


def test_a_setting_is_told_in_numbers():
    explorer = explore_plane()
    assert explorer.sentence == (
        "Condition number 20, Momentum, lr 0.1, momentum 0.9: an update multiplies the distance "
        "by 0.9486, predicted 0.9487; a further digit takes 43.6 updates; from lr 1.9 on it does "
        "not converge. Best, the star: Momentum, lr 1.336, momentum 0.4026, factor 0.6345."
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
    explorer, surface = at_first("plane"), Ravine(kappa)
    explorer.set(condition=kappa)
    figure = explorer.live.figure
    check_texts(figure, figure.png, monkeypatch)
    texts = figure.axes[0].texts
    numbers = [text for text in texts if text.get_text()[0].isdigit()]
    assert all(number.get_rotation() == 0 for number in numbers)
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
    first = {"lr": 0.1, "momentum": 0.9, "condition": 20, "start x": -7, "start y": 2}
    assert explorer.values() == pytest.approx(first | {"update": STEPS})
    assert "a further digit takes 43.6 updates" in explorer.sentence
    at = dict(zip(("lr", "momentum", "condition"), at, strict=True))
    explorer.set(**at)
    surface, ball = Ravine(at["condition"]), Momentum(at["lr"], at["momentum"])
    rates, above, losses, *_ = explorer.live.figure.axes
    shown = explorer.compute(**explorer.values()).about
    assert check_dots(rates, shown) == ROWS * COLUMNS
    assert shown.surface.condition_number == at["condition"]
    best = best_momentum(surface)
    assert xy(rates, "best setting").tolist() == [[best.lr, best.momentum]]
    assert xy(rates, "best SGD").tolist() == [[best_sgd(surface).lr, 0]]
    (cursor,) = [line for line in rates.lines if line.get_marker() == "P"]
    assert cursor.get_xydata().tolist() == [[at["lr"], at["momentum"]]]
    descent = descend(surface, ball, steps=STEPS)
    assert same(trail(above, "Momentum"), seen(above, descent.positions))
    heights = trail(losses, "Momentum")[:, 1]
    np.testing.assert_allclose(heights, np.maximum(descent.losses, 1e-300), rtol=1e-12)
    assert f"Condition number {at['condition']:g}, Momentum, lr {at['lr']}" in explorer.sentence
    assert f"predicted {predicted_rate(surface, ball):.4f}" in explorer.sentence


def test_a_hand_moves_through_the_plane():
    explorer = at_first("plane")
    explorer.view.width = 900
    live, (grab, *_) = explorer.live, explorer.view.grabs
    left, top, width, height = grab["box"]
    explorer.view.pointer = [0, left + width / 2, top + height / 2, 0]
    middle = explorer.values()
    assert middle["lr"] == pytest.approx(sum(live.parts.board.get_xlim()) / 2, abs=1e-3)
    assert middle["momentum"] == pytest.approx(sum(live.parts.board.get_ylim()) / 2, abs=1e-3)
    assert f"lr {middle['lr']:.4g}, momentum {middle['momentum']:.4g}" in explorer.sentence
    explorer.view.pointer = [0, left - 50, top + height + 50, 1]
    assert (explorer.values()["lr"], explorer.values()["momentum"]) == (0.01, 0)


def test_the_cross_near_the_star_is_the_star():
    """The best setting is a sharp tip: with rounded numbers the factor would be 0.74."""
    explorer = at_first("plane")
    explorer.set(lr=1.34, momentum=0.4)
    typed = explorer.sentence
    assert "Momentum, lr 1.336, momentum 0.4026: an update multiplies the distance by 0.6365, " in (
        typed
    )
    assert "takes 5.1 updates" in typed
    explorer.view.width = 900
    rates, height = explorer.live.parts.board, explorer.live.figure.bbox.height
    for lr, momentum, name in (1.3, 0.42, "picked"), (1.2, 0.42, "lr 1.2, momentum 0.42:"):
        x, y = rates.transData.transform((lr, momentum))
        explorer.view.pointer = [0, x, height - y, 0]
        assert (explorer.sentence == typed) == (name == "picked")
        assert name in explorer.sentence or name == "picked"


@pytest.mark.parametrize("width", [800, 1400])
def test_the_best_sgd_is_named_where_it_converges(width):
    explorer = at_first("plane")
    explorer.view.width = width
    rates = explorer.live.parts.board
    (name,) = [each for each in rates.texts if each.get_text() == "best SGD"]
    box = name.get_window_extent().transformed(rates.transData.inverted())
    assert 0 < box.x0 < box.x1 < stability_edge(Ravine(), box.y0)
    assert box.y0 > 0.015  # above the lowest dots


@pytest.mark.parametrize("kappa", [1, 2, 20, 1000])
@pytest.mark.parametrize("width", [800, 1400])
def test_the_best_setting_is_named_inside_the_plane(kappa, width):
    explorer = at_first("plane")
    explorer.view.width = width
    explorer.set(condition=kappa)
    rates = explorer.live.parts.board
    (name,) = [each for each in rates.texts if each.get_text() == "best setting"]
    box, frame = name.get_window_extent(), rates.get_window_extent()
    assert frame.x0 < box.x0
    assert frame.y0 < box.y0 < box.y1 < frame.y1


def test_the_start_can_be_dragged_beside_the_plane():
    explorer = at_first("plane")
    assert "from (" not in explorer.sentence
    live, (_, start, *_) = explorer.live, explorer.view.grabs
    assert (start["number"], live.parts.grabs[1].names) == (1, ("start x", "start y"))
    ((x, y),) = live.parts.start.get_xydata()
    assert (x, y) == (-7, 2)
    axes, height = live.parts.map.transData, live.figure.bbox.height
    across, up = axes.transform((x, y))
    assert start["at"] == pytest.approx([across, height - up])
    across, up = axes.transform((6, -1.5))
    explorer.view.pointer = [1, across, height - up, 0]
    assert explorer.values()["start x"] == pytest.approx(6, abs=0.01)
    walk = trail(live.parts.map, "Momentum")
    assert walk[0] == pytest.approx((6, -1.5), abs=0.01)
    assert np.array_equal(live.parts.start.get_xydata()[0], walk[0])
    told = f" Update {STEPS} from (6, -1.5): f = {Ravine()(*walk[-1]):.3g}."
    assert explorer.sentence.endswith(told)


def test_a_hand_on_path_and_loss_moves_through_the_updates():
    explorer = at_first("plane")
    parts, height = explorer.live.parts, explorer.live.figure.bbox.height
    (cursor,) = parts.cursors
    losses, positions = cursor.axes, descend(Ravine(), Momentum(0.1), steps=STEPS).positions
    assert not cursor.get_visible()
    for grab, to_pixels, (x, y), t in (
        (2, parts.map.transData, positions[7] + 0.01, 7),
        (3, losses.transData, (30.2, 1), 30),
    ):
        across, up = to_pixels.transform((x, y))
        explorer.view.pointer = [grab, across, height - up, 0]
        assert explorer.values()["update"] == t
        assert trail(parts.map, "Momentum").tolist() == positions[: t + 1].tolist()
        assert head(losses, "Momentum")[0] == t
        assert cursor.get_visible()
        assert list(cursor.get_xdata()) == [t, t]
        told = f" Update {t} from (-7, 2): f = {Ravine()(*positions[t]):.3g}."
        assert explorer.sentence.endswith(told)


@pytest.mark.parametrize("width", [800, 1400])
@pytest.mark.parametrize("kappa", [1, 20, 1000])
def test_the_name_of_the_edge_is_parallel_to_it_and_off_it(width, kappa):
    explorer = at_first("plane")
    explorer.view.width = width
    explorer.set(condition=kappa)
    ax, figure = explorer.live.parts.board, explorer.live.figure
    (text,) = [each for each in ax.texts if "edge" in each.get_text()]
    (line,) = [each for each in ax.lines if each.get_label() == "edge"]
    foot, top = line.get_path().transformed(ax.transData).vertices
    way = (top - foot) / np.hypot(*(top - foot))
    laid = {look.get("text"): (look, points) for look, points in shapes(explorer.view, "laid")}
    look, ((x, y),) = laid["edge 2(1 + momentum)/L"]
    angle = look["angle"]
    assert angle == pytest.approx(np.degrees(np.arctan2(*way[::-1])), abs=0.1)
    upright = Text(0, 0, "edge 2(1 + momentum)/L", figure=figure, fontsize=text.get_fontsize())
    beside = (x, figure.bbox.height - y) - foot
    beside = beside[0] * way[1] - beside[1] * way[0]
    high = upright.get_window_extent(figure.canvas.get_renderer()).height
    assert 4 < beside - 0.8 * high < 12  # between the line and tall letters


def test_the_dots_agree_with_theory_at_every_condition():
    for kappa in 10 ** np.linspace(0, 3, 13):
        rates = at_first("plane").compute(0.1, 0.9, kappa, STEPS, x=-7, y=2).about
        assert rates.largest_difference < 0.005, kappa
