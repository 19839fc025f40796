"""What the switchboard says, each answer against numbers made without it."""

import re

import pytest

import course_utils.figures.switchboard as figures_switchboard
from course_utils import SGD, Momentum, Ravine, descend
from course_utils.figures import projector, switchboard_figure
from course_utils.figures.switchboard import describe_switches
from course_utils.switchboard import Switches, descents


@pytest.fixture(autouse=True)
def _projector_off():
    yield
    projector(False)


CLASSIC = (
    "Valley along the axes, κ = 20, the picture's rates. Height at update 30: AdaGrad 0.00072, "
    "SGD 0.013, RMSProp 0.024, Momentum 0.048, Adam 0.1. SGD ends 3.6 times lower than Momentum. "
    "AdaGrad is not frozen."
)

SAYS = [
    (
        Switches(rotation=45),
        "Without the turn: the same path for SGD and Momentum; AdaGrad 1.8e-11, "
        "RMSProp 1.8e-07, Adam 4.2e-05.",
    ),
    (Switches(rotation=45), "Valley turned by 45°, κ = 20, the picture's rates."),
    (Switches(rotation=45, condition=200), "AdaGrad 0.086"),
    (
        Switches(condition=200),
        "With κ = 20: the same path for AdaGrad, RMSProp and Adam; SGD 8.1e-09, Momentum 5e-05.",
    ),
    (Switches(rotation=90), "the same path for SGD, Momentum, AdaGrad, RMSProp and Adam."),
    (
        Switches(noise=0.5),
        "noise 0.5, the picture's rates. Height at update 100, mean of the last "
        "quarter: RMSProp 0.016, ",
    ),
    (Switches(noise=0.5), "Without the noise: SGD 8.1e-09, Momentum 5e-05, "),
    (Switches(rates="one"), "lr 0.1 for all. "),
    (
        Switches(rates="one", steps=30),
        "Momentum ends 28 times lower than SGD; Momentum's long-run step is 10 lr.",
    ),
    (Switches(rates="own"), "each at its own best rate. "),
    (Switches(rates="own"), "SGD 4e-08 (lr 0.86)"),
    (Switches("near ridge", rates="one"), "Saddle, 0.001 beside the ridge, lr 0.1 for all."),
    (
        Switches("near ridge", rates="one"),
        "Who leaves the ridge (|y| past 0.5)? RMSProp at update "
        "1, Adam at update 6, AdaGrad at update 7, Momentum at update 25, SGD at update 67.",
    ),
    (Switches("on ridge"), "Who leaves the ridge? None: "),
    (Switches("on ridge", noise=0.1), "SGD at update 9, Momentum at update 20."),
    (Switches(decay_rate=0.9, steps=300), "RMSProp ends in a cycle of ±0.05; lr/2 is 0.05."),
    (
        Switches("corner", rates="one", lr=0.5, steps=300),
        "AdaGrad is frozen: the second half of the updates divides its height by only 1.2, but by "
        "7.7 if its h is set to 0 halfway.",
    ),
    (Switches("corner"), "AdaGrad is not frozen."),
    (Switches("corner"), "SGD out of sight, Momentum out of sight."),
    (Switches(rates="one", lr=10, steps=10), "AdaGrad"),
]


def test_the_classic_picture_in_words():
    assert describe_switches(Switches(steps=30)) == CLASSIC


@pytest.mark.parametrize(("switches", "words"), SAYS, ids=lambda value: str(value)[:40])
def test_what_is_said(switches, words):
    said = describe_switches(switches)
    assert words in said
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?!:)|  |\.\.", said)


def test_no_answer_where_nothing_was_asked():
    said = describe_switches(Switches())
    assert not re.search("Without|With κ|ridge|cycle|frozen:", said)
    assert "cycle" not in describe_switches(Switches(decay_rate=0.9, steps=30))


def test_sgd_and_momentum_swap_with_the_choice_of_rates():
    book = [descend(Ravine(), each, steps=30).losses[-1] for each in (SGD(0.95), Momentum(0.1))]
    same = [descend(Ravine(), each, steps=30).losses[-1] for each in (SGD(0.1), Momentum(0.1))]
    assert book[0] < book[1]
    assert same[0] > same[1]
    assert f"{book[1] / book[0]:.2g} times" in describe_switches(Switches(steps=30))
    assert f"{same[0] / same[1]:.0f} times" in describe_switches(Switches(rates="one", steps=30))


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        (Switches(condition=1, rates="one", lr=0.5), ": SGD 0, "),
        (Switches(condition=1e6, steps=300), "SGD and Momentum end equally low."),
    ],
    ids=str,
)
def test_a_height_of_0_and_equal_heights(switches, words):
    said = describe_switches(switches)
    assert words in said
    assert "AdaGrad is" in said


def test_a_rate_at_the_searchs_edge_is_told(monkeypatch):
    assert "edge" not in describe_switches(Switches(rates="own"))
    monkeypatch.setattr(figures_switchboard, "at_edge", lambda lr: lr > 5)
    said = describe_switches(Switches(rates="own"))
    assert re.search(r"AdaGrad \S+ \(lr 7.4, the search's edge\)", said)
    assert said.count("edge") == 1


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("switches", [Switches(), Switches("corner", steps=300)], ids=str)
def test_the_figure(switches, big):
    projector(big)
    figure = switchboard_figure(switches)
    left, right = figure.axes
    for name, run in descents(switches).items():
        paths = [line for line in left.lines if line.get_label() == name]
        assert len(paths) == 1
        assert (paths[0].get_xydata() == run.positions).all()
        assert paths[0].get_markevery() == switches.steps // 30
    assert right.get_xlim() == (0, switches.steps)
    assert figure.description == describe_switches(switches)
    assert figure.png().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("switches", "lowest"),
    [
        (Switches(), 1e-12),
        (Switches(rotation=45), 1e-12),
        (Switches(rates="one", steps=30), 1e-4),
        (Switches("corner", rates="one", lr=0.5, steps=300), 1e-12),
    ],
    ids=str,
)
def test_the_loss_axis_shows_all_ends(switches, lowest):
    bottom, top = switchboard_figure(switches).axes[1].get_ylim()
    assert (bottom, top) == (lowest, 1e3)
    for run in descents(switches).values():
        assert run.diverged_at or bottom < run.losses[-1] - run.surface.lowest < top


def test_a_condition_that_a_slider_returns_a_hair_off_is_the_articles():
    assert "With κ = 20" not in describe_switches(Switches(condition=20.000000000000004))
    assert "With κ = 20" in describe_switches(Switches(condition=21))


def test_nobody_has_left_the_ridge_for_two_reasons():
    exact = Switches(terrain="on ridge", rates="one")
    assert "None: the gradient has no part that leads off it." in describe_switches(exact)
    for slow in ({"terrain": "near ridge"}, {"terrain": "on ridge", "noise": 0.1}):
        text = describe_switches(Switches(**slow, rates="one", lr=0.001, steps=50))
        assert "Who leaves the ridge? None so far." in text
