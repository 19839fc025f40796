"""What an optimizer remembers, drawn as recorded."""

from itertools import pairwise

import numpy as np
import pytest

from course_utils.experiments import METHODS, effective_rate
from course_utils.lab import state_figure
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
    explorer.set(lr=0.2, steps=12)
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
