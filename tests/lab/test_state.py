"""What an optimizer remembers, drawn as recorded."""

from itertools import pairwise

import numpy as np
import pytest

from course_utils import AdaGrad
from course_utils.experiments import METHODS, effective_rate
from course_utils.lab import explore_descent, state_figure
from course_utils.lab.style import Y
from tests.lab.tables import at_first, walk

TITLES = {"velocity": "velocity v", "rate": "effective learning rate"}
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
        if title == "effective learning rate":
            columns = effective_rate(descent).T
        elif title == "bias correction":
            columns = [np.append(np.nan, np.sqrt(1 - 0.999**t) / (1 - 0.9**t))]
        else:
            columns = descent.state[title.split()[-1]].T
        for line, column in zip(ax.lines[: len(columns)], columns, strict=True):
            assert np.array_equal(line.get_xdata(), [0, *t])
            np.testing.assert_allclose(line.get_ydata()[1:], column[1:], rtol=1e-12)
        assert ax.get_xlim() == (0, len(t))
        low, high = ax.get_ylim()
        shown = np.concatenate([line.get_ydata() for line in ax.lines[: len(columns)]])
        shown = shown[np.isfinite(shown)]
        if ax.get_yscale() == "log":
            low, high, shown = np.log10(low), np.log10(high), np.log10(shown)
        assert low <= shown.min() <= shown.max() <= high
        assert np.ptp(shown) > 0.2 * (high - low), title


@pytest.mark.parametrize("name", METHODS)
def test_the_state_is_drawn_as_recorded(name):
    descent = walk(name)
    if name == "SGD":
        with pytest.raises(ValueError, match=r"descent must be of an optimizer .* got SGD"):
            state_figure(descent)
        return
    figure = state_figure(descent)
    assert [ax.get_title("left") for ax in figure.axes] == PANELS[name]
    check_panels(figure.axes, descent)


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
    (line,) = [each for each in ax.lines if each.get_linestyle() == ":"]
    return line.get_ydata(), {text.get_text() for text in ax.texts}


def test_guides():
    rate, names = guide("AdaGrad", "rate")
    t, rates = np.arange(1, 31), effective_rate(walk("AdaGrad"))
    np.testing.assert_allclose(rate[1:], rates[1, 1] / np.sqrt(t))
    assert "~ 1/√t" in names
    low, names = guide("Adam", "correction")
    assert low == pytest.approx((np.sqrt(1 - 0.999**t) / (1 - 0.9**t)).min())
    assert f"lowest: {low[0]:.2f}" in names
    assert len(guide("RMSProp", "rate")[0]) == 0


@pytest.mark.parametrize("name", ["Momentum", "AdaGrad", "Adam"])
def test_no_name_stands_over_a_line(name):
    figure = state_figure(walk(name))
    figure.png()
    for ax in figure.axes:
        names = [text.get_window_extent() for text in ax.texts if text.get_text() in ("x", "y")]
        assert all(name.x0 >= ax.bbox.x1 for name in names)
        assert not any(a.overlaps(b) for a, b in pairwise(names))


def test_a_state_that_leaves_its_panel_is_marked_at_the_edge_with_its_value():
    explorer = at_first("Adam")
    assert not [each for each in said(explorer.live.figure.axes[2]) if each[0] in "▲▼"]
    explorer.set(beta1=0.0)
    m = explorer.live.figure.axes[2]
    (color,) = [color for text, color in said(m).items() if text == "▲ 4"]
    assert color == Y["color"]
    explorer.set(lr=3.0)
    most = explorer.live.record.descents["Adam"].state["v"][:, 1].max()
    assert said(explorer.live.figure.axes[3])[f"▲ {most:.3g}"] == Y["color"]
    explorer.reset()


def test_marks_of_a_panel_stand_apart():
    explorer = explore_descent(AdaGrad(1.5))
    explorer.view.width = 800
    explorer.set(lr=0.001)
    rates = explorer.live.figure.axes[3]
    one, other = [each for each in rates.texts if each.get_text()[:1] == "▼"]
    assert {one.get_text(), other.get_text()} == {"▼ 0.000261", "▼ 4.58e-05"}
    assert not one.get_window_extent().overlaps(other.get_window_extent())


def said(ax):
    """Return what is written in ax, with its colour."""
    return {t.get_text(): t.get_color() for t in ax.texts if t.get_text() and t.get_visible()}
