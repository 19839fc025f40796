"""What an optimizer remembers, drawn as recorded."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils import SGD, RMSProp
from course_utils.experiments import METHODS, effective_rate, inverse_time
from course_utils.lab import explore_descent
from course_utils.lab.state import panels_of
from course_utils.lab.style import X, Y
from course_utils.page.axes import typeset
from tests.lab.tables import at_first, state_figure, walk

TITLES = {"velocity": "velocity v", "rate": "effective learning rate lr/√h"}
TITLES |= {"h": "h", "m": "m", "v": "v", "correction": "bias correction"}
PANELS = {
    name: [TITLES[panel] for panel in method.panels]
    for name, method in METHODS.items()
    if method.panels
}


def check_panels(axes, descent):
    """Assert that the lines of the panels are what the descent has recorded."""
    t = np.arange(1, descent.updates + 1)
    for ax in axes:
        title = ax.get_title("left")
        if title == TITLES["rate"]:
            columns = effective_rate(descent).T
        elif title == TITLES["correction"]:
            columns = [np.append(np.nan, (1 - 0.9**t) / np.sqrt(1 - 0.999**t))]
        else:
            columns = descent.state[title.split()[-1]].T
        for line, column in zip(ax.lines[: len(columns)], columns, strict=True):
            assert np.array_equal(line.get_xdata(), [0, *t])
            np.testing.assert_allclose(line.get_ydata()[1:], column[1:], rtol=1e-12)
        assert ax.get_xlim() in ((0, len(t)), (1, len(t)))
        low, high = ax.get_ylim()
        shown = np.concatenate([line.get_ydata() for line in ax.lines[: len(columns)]])
        shown = shown[np.isfinite(shown)]
        if ax.get_yscale() == "log":
            low, high, shown = np.log10(low), np.log10(high), np.log10(shown)
        assert low <= shown.min() <= shown.max() <= high
        assert np.ptp(shown) > 0.2 * (high - low), title


@pytest.mark.parametrize("name", PANELS)
def test_the_state_is_drawn_as_recorded(name):
    descent = walk(name)
    _, _, *axes = state_figure(descent).axes
    assert [ax.get_title("left") for ax in axes] == PANELS[name]
    check_panels(axes, descent)


def test_without_a_state_there_are_the_path_and_its_losses():
    assert len(state_figure(walk("SGD")).axes) == 2


@pytest.mark.parametrize("name", ["Momentum", "Adam"])
def test_the_panels_follow_the_sliders(name):
    explorer = at_first(name)
    explorer.set(lr=0.2, steps=20)
    descent = next(iter(explorer.compute(**explorer.values()).descents.values()))
    panels = [ax for ax in explorer.live.figure.axes if ax.get_title("left") in PANELS[name]]
    assert len(panels) == len(PANELS[name])
    check_panels(panels, descent)


def guide(name, panel):
    """Return the dotted line of a panel, which the text speaks of, and its name."""
    figure = state_figure(walk(name))
    (ax,) = [each for each in figure.axes if each.get_title("left") == TITLES[panel]]
    lines = [each.get_ydata() for each in ax.lines if each.get_linestyle() == ":"]
    return lines, {text.get_text() for text in ax.texts}


def test_guides():
    (rate, _), names = guide("AdaGrad", "rate")
    t, rates = np.arange(1, 31), effective_rate(walk("AdaGrad"))
    np.testing.assert_allclose(rate[1:], rates[1, 1] / np.sqrt(t))
    assert "~ 1/√t" in names
    assert np.isnan(rate[0])
    (most, _), names = guide("Adam", "correction")
    assert most == pytest.approx(((1 - 0.9**t) / np.sqrt(1 - 0.999**t)).max())
    assert "up to ÷ 6.57" in names
    (x, y), names = guide("RMSProp", "rate")
    assert x == pytest.approx(20)
    assert y == pytest.approx(1)
    assert {"edge of x: 20", "edge of y: 1"} <= names


@pytest.mark.parametrize("name", ["Momentum", "AdaGrad", "Adam"])
def test_no_name_stands_over_a_line(name):
    figure = state_figure(walk(name))
    figure.png()
    for ax in figure.axes[2:]:
        names = [text.get_window_extent() for text in ax.texts if text.get_text()[:1] in {*"xy"}]
        assert all(name.x0 >= ax.bbox.x1 for name in names)
        assert not any(a.overlaps(b) for a, b in pairwise(names))


@pytest.mark.parametrize("name", ["Momentum", "AdaGrad", "RMSProp", "Adam"])
def test_the_axes_of_a_state_follow_it_in_round_stages(name):
    explorer, frames = explore_descent(METHODS[name].optimizer), []
    explorer.view.width = 900
    for lr in np.logspace(-3, 0.5, 50):
        explorer.set(lr=lr)
        (descent,) = explorer.live.record.descents.values()
        axes = explorer.live.figure.axes[2:]
        for ax, panel in zip(axes, panels_of(descent), strict=True):
            rows, (low, high) = panel.series(descent), ax.get_ylim()
            rows = rows[np.isfinite(rows) & ((rows > 1e-9) | (panel.yscale == "linear"))]
            assert low <= rows.min() <= rows.max() <= high
            scale = np.log10 if panel.yscale == "log" else np.asarray
            assert max(np.ptp(scale(rows)), 0.1) > 0.1 * np.ptp(scale([low, high]))
        frames.append([ax.get_ylim() for ax in axes])
    assert sum(one != other for one, other in pairwise(frames)) < 36


def test_what_is_too_small_for_its_panel_is_marked_at_the_edge_with_its_value():
    explorer = explore_descent(RMSProp(lr=0.1, decay_rate=0), steps=400)
    explorer.view.width = 800
    least = explorer.live.record.descents["RMSProp"].state["h"][1:].min(axis=0)
    h = explorer.live.figure.axes[2]
    one, other = [each for each in h.texts if "▼" in each.get_text()]
    assert {one.get_text(), other.get_text()} == {typeset(f"▼ {value:.3g}") for value in least}
    dark = {tuple(np.multiply(0.7, to_rgb(each["color"]))) for each in (X, Y)}
    assert {tuple(one.get_color()), tuple(other.get_color())} == dark
    assert not one.get_window_extent().overlaps(other.get_window_extent())


def test_a_single_update_is_a_dot():
    explorer = explore_descent(RMSProp(lr=0.1, decay_rate=0.9), steps=1)
    for ax in explorer.live.figure.axes[2:]:
        assert [line.get_marker() for line in ax.lines[:2]] == ["o", "o"]
        assert all(tick == round(tick) for tick in ax.get_xticks())


def test_a_schedule_shows_the_learning_rate_under_the_edge():
    explorer = explore_descent(SGD(0.95), schedule=inverse_time, steps=100)
    ax = explorer.live.figure.axes[2]
    for settings in {}, {"decay": 1.0}, {"lr": 1.05, "decay": 0.01}:
        explorer.set(**settings)
        assert ax.get_ylim()[0] == 0
        assert ax.lines[0].get_ydata()[1:].max() < 0.9 * ax.get_ylim()[1]
        assert "edge of y: 1" in said(ax)


def said(ax):
    """Return what is written in ax, with its colour."""
    return {t.get_text(): t.get_color() for t in ax.texts if t.get_text() and t.get_visible()}
