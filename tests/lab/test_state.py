"""What an optimizer remembers, drawn as recorded."""

import numpy as np
import pytest

from course_utils import AdaGrad
from course_utils.experiments import METHODS, effective_rate
from course_utils.lab import explore_descent, state_figure
from course_utils.lab.state import RATE
from tests.lab.tables import at_first, walk

TITLES = {"velocity": "velocity v", "rate": "effective learning rate"}
TITLES |= {"h": "h", "m": "m", "v": "v", "correction": "bias correction of lr"}
PANELS = {
    name: [TITLES[panel] for panel in method.panels]
    for name, method in METHODS.items()
    if method.panels
}


def check_panels(axes, descent):
    """Assert that the lines of the panels are what the descent has recorded."""
    t = np.arange(1, descent.updates + 1)
    for ax in axes:
        title = ax.get_title()
        if title == "effective learning rate":
            columns = effective_rate(descent).T
        elif title == "bias correction of lr":
            columns = [np.append(np.nan, np.sqrt(1 - 0.999**t) / (1 - 0.9**t))]
        else:
            columns = descent.state[title.split()[-1]].T
        for line, column in zip(ax.lines, columns, strict=True):
            assert np.array_equal(line.get_xdata(), [0, *t])
            np.testing.assert_allclose(line.get_ydata()[1:], column[1:], rtol=1e-12)
        assert ax.get_xlim() == (0, len(t))
        assert len(ax.get_legend().get_texts()) == len(ax.lines)


@pytest.mark.parametrize("name", METHODS)
def test_the_state_is_drawn_as_recorded(name):
    descent = walk(name)
    if name == "SGD":
        with pytest.raises(ValueError, match=r"descent must be of an optimizer .* got SGD"):
            state_figure(descent)
        return
    figure = state_figure(descent)
    assert [ax.get_title() for ax in figure.axes] == PANELS[name]
    check_panels(figure.axes, descent)


@pytest.mark.parametrize("name", ["Momentum", "Adam"])
def test_the_panels_follow_the_sliders(name):
    explorer = at_first(name)
    explorer.set(lr=0.2, steps=12)
    descent = next(iter(explorer.compute(**explorer.values()).values()))
    panels = [ax for ax in explorer.live.figure.axes if ax.get_title() in PANELS[name]]
    assert len(panels) == len(PANELS[name])
    check_panels(panels, descent)


def test_no_line_crosses_the_legend():
    live = explore_descent(AdaGrad(1.5)).live
    (ax,) = [each for each in live.figure.axes if each.get_title() == RATE.title]

    def inside_legend():
        live.png()
        box = ax.get_legend().get_window_extent().padded(-4)  # without the round corners
        pixels = np.asarray(live.canvas.buffer_rgba())
        return pixels[-int(box.y1) : -int(box.y0), int(box.x0) : int(box.x1)].copy()

    for line in ax.lines:
        line.set_data([], [])
    empty = inside_legend()
    for line in ax.lines:
        line.set_data([0, 30], np.geomspace(1e-3, 1e2, 2))
    assert np.array_equal(inside_legend(), empty)
