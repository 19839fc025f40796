"""Paths and losses: lines against records, and what the explorer's sliders ask for."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils import SGD, Ravine, Saddle, descend
from course_utils.experiments import METHODS
from course_utils.lab import descent_figure, explore_descent
from course_utils.lab.paths import COMPARED
from tests.lab.tables import at_first, classic


def line_of(ax, name):
    """Return the line of ax in a method's colour."""
    color = to_hex(METHODS[name].look["color"])
    lines = [each for each in ax.lines if len(each.get_xdata()) > 1]
    (line,) = [each for each in lines if to_hex(each.get_color()) == color]
    return line


def test_five_paths_and_their_losses():
    figure = descent_figure(classic())
    left, right = figure.axes
    for name, descent in classic().items():
        assert np.array_equal(line_of(left, name).get_xydata(), descent.positions)
        loss = line_of(right, name).get_data()
        assert np.array_equal(loss, [np.arange(31), descent.losses])
    assert right.get_yscale() == "log"
    assert right.get_xlim() == (0, 30)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(classic())


def test_the_loss_is_drawn_above_the_lowest_height():
    saddle = descend(Saddle(), SGD(0.1), steps=200)
    heights = line_of(descent_figure(saddle).axes[1], "SGD").get_ydata()
    assert np.array_equal(heights, np.maximum(saddle.losses + 0.25, 1e-300))


def test_a_diverging_run_says_so_and_the_frame_stays():
    explorer = at_first("SGD")
    frame = [(ax.get_xlim(), ax.get_ylim()) for ax in explorer.live.figure.axes]
    explorer.controls["lr"].value = 10
    assert "SGD, lr 10: past 2/L = 1.00: y grows by 19.00 per step" in explorer.sentence
    assert "out of sight after 5 updates" in explorer.sentence
    assert [(ax.get_xlim(), ax.get_ylim()) for ax in explorer.live.figure.axes] == frame


def test_every_slider_reaches_the_descent():
    explorer = at_first("SGD")
    explorer.set(**{"lr": 0.3, "steps": 12, "start x": 5, "start y": -1, "noise": 0.5})
    explorer.set(condition=200.0)
    (descent,) = explorer.compute(**explorer.values()).values()
    alone = descend(Ravine(200.0), SGD(0.3), (5, -1), 12, noise=0.5)
    assert np.array_equal(descent.positions, alone.positions)
    assert explorer.sentence == descent_figure(alone).description
    losses = explorer.live.figure.axes[1]
    assert losses.get_xlim() == (0, 12)
    assert np.array_equal(losses.lines[0].get_ydata(), alone.losses)


def test_the_condition_slider_starts_at_the_surfaces():
    explorer = explore_descent(SGD(0.5), surface=Ravine(200, 30), condition=True)
    assert explorer.controls["condition"].value == pytest.approx(200)
    explorer.set(condition=50.0)
    (descent,) = explorer.compute(**explorer.values()).values()
    assert (descent.surface.condition_number, descent.surface.rotation) == (50, 30)


def test_a_schedule_shows_the_rate_that_is_left():
    explorer = at_first("saddle")
    explorer.set(decay=0.5)
    (ax,) = [a for a in explorer.live.figure.axes if a.get_title() == "effective learning rate"]
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(0.1 / 15.5)


def test_what_is_compared_is_faint_and_follows_the_sliders():
    explorer = at_first("Momentum")
    assert explorer.sentence == (
        "Momentum, lr 0.1, momentum 0.9: long-run step 1 × gradient; f = 0.0479 after 30 updates. "
        "SGD, lr 0.1: f = 1.34 after 30 updates."
    )
    explorer.set(lr=0.2)
    other = explorer.compute(**explorer.values())["SGD" + COMPARED]
    assert other.optimizer.lr == 0.2
    faint = [line for line in explorer.live.figure.axes[0].lines if line.get_color() == "0.5"]
    assert np.array_equal(faint[0].get_xydata(), other.positions)


@pytest.mark.parametrize("optimizers", [(), (SGD(0.1), SGD(0.2))])
def test_optimizers_are_of_different_kinds(optimizers):
    with pytest.raises(ValueError, match="optimizers must be one or more, of different kinds"):
        explore_descent(*optimizers)


def test_a_condition_needs_a_ravine():
    with pytest.raises(ValueError, match="condition needs a Ravine as surface"):
        explore_descent(SGD(0.1), surface=Saddle(), condition=True)


def test_more_steps_than_the_slider_has_are_made():
    explorer = explore_descent(SGD(0.1), steps=500)
    assert explorer.sentence == descent_figure(descend(Ravine(), SGD(0.1), steps=500)).description
    assert explorer.controls["steps"].value == 500


def test_the_articles_condition_is_not_told():
    """A logarithmic slider sends 20 back as 10 to the power of its rounded logarithm."""
    explorer = explore_descent(SGD(0.1), condition=True)
    usual = explorer.sentence
    explorer.set(condition=20.000000000000004)
    assert explorer.sentence == usual
    explorer.set(condition=200)
    assert explorer.sentence.startswith("Condition number 200. SGD, lr 0.1: ")
