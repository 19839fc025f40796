"""The switchboard without a browser: each control, its picture and its verdict."""

import html
import re

import numpy as np
import pytest

from course_utils.best_rate import METHODS
from course_utils.explorers import SwitchboardExplorer
from course_utils.figures import projector
from course_utils.figures.switchboard import describe_switches
from course_utils.switchboard import Switches, descents

OTHERS = {
    "terrain": "near ridge",
    "rates": "own",
    "rotation": 30,
    "condition": 100,
    "noise": 0.3,
    "decay_rate": 0.9,
    "steps": 40,
}


@pytest.fixture(scope="module")
def explorer():
    return SwitchboardExplorer()


@pytest.fixture(autouse=True)
def _at_first(explorer):
    explorer.set(**explorer.defaults)
    yield
    projector(False)


def check_agreement(explorer, switches):
    assert explorer.switches == switches
    assert explorer.sentence == describe_switches(switches) == repr(explorer)
    assert re.search('alt="([^"]*)"', explorer.picture.value)[1] == html.escape(explorer.sentence)
    for name, run in descents(switches).items():
        assert np.array_equal(explorer.paths[name].get_xydata(), run.positions)
        _, height = explorer.losses[name].get_data()
        np.testing.assert_allclose(height, np.maximum(run.losses - run.surface.lowest, 1e-300))
    assert explorer.loss_axes.get_xlim() == (0, switches.steps)
    assert explorer.map.get_xlim() == switches.surface.xlim
    assert explorer.map.get_ylim() == switches.surface.ylim
    explorer.live.redraw()
    assert explorer.png == explorer.live.png()


def test_it_starts_with_the_classic_picture(explorer):
    check_agreement(explorer, Switches())
    assert list(explorer.paths) == [type(method).__name__ for method in METHODS]


@pytest.mark.parametrize("name", OTHERS)
def test_each_control_changes_picture_and_verdict(explorer, name):
    picture, sentence = explorer.png, explorer.sentence
    explorer.controls[name].value = OTHERS[name]
    check_agreement(explorer, Switches(**{name: OTHERS[name]}))
    assert explorer.png != picture
    assert explorer.sentence != sentence
    explorer.reset()
    assert (explorer.png, explorer.sentence) == (picture, sentence)


def test_the_one_rate(explorer):
    explorer.set(rates="one")
    picture = explorer.png
    explorer.controls["lr"].value = 0.5
    check_agreement(explorer, Switches(rates="one", lr=0.5))
    assert explorer.png != picture


def test_a_control_without_effect_is_off(explorer):
    off = lambda: {name for name, each in explorer.controls.items() if each.disabled}  # noqa: E731
    assert off() == {"lr"}
    explorer.set(terrain="corner", rates="one")
    assert off() == {"rotation", "condition"}


def test_all_at_once_and_at_the_projector():
    projector()
    switches = Switches("valley", 30, 50, 0.2, "own", 0.1, 0.9, 60)
    check_agreement(SwitchboardExplorer(switches), switches)


def test_the_loss_axis_shows_all_ends_of_the_classic_picture(explorer):
    low, high = explorer.loss_axes.get_ylim()
    for line in explorer.losses.values():
        assert low < line.get_ydata()[-1] < high


def test_log_sliders_have_their_start_on_the_grid(explorer):
    for name, value in (("condition", 20), ("lr", 0.1), ("lr", 0.5)):
        each = explorer.controls[name]
        steps = (np.log10(value) - each.min) / each.step
        assert steps == pytest.approx(round(steps), abs=1e-6)
    assert (explorer.controls["condition"].value, explorer.controls["lr"].value) == (20, 0.1)
