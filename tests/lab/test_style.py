"""Looks: colours and markers that can be told apart, the same wherever a method is named."""

import itertools
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from course_utils.experiments import FIVE, METHODS
from course_utils.lab import (
    curves_figure,
    held_out_figure,
    projector,
    training_figure,
)
from course_utils.lab.style import DECAY, GRADIENT, REMEMBERED, YOURS, X, Y, looks, plain
from course_utils.optimizers import SGD, Adam
from course_utils.page.axes import typeset
from tests.experiments.readers import MySGD
from tests.lab.tables import classic, trainings


def lab(color, matrix):
    """Return a colour as seen through a matrix, in CIELAB (sRGB primaries, white D65)."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    xyz = np.array(to_xyz) @ linear / [0.95047, 1, 1.08883]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _matrix(numbers):
    return np.array(numbers.split(), float).reshape(3, 3)


# Machado, Oliveira and Fernandes 2009, severity 1.
VISION = {
    "full": np.eye(3),
    "protanopia": _matrix(
        ".152286 1.052583 -.204868 .114503 .786281 .099216 -.003882 -.048116 1.051998"
    ),
    "deuteranopia": _matrix(
        ".367322 .860646 -.227968 .280085 .672501 .047413 -.011820 .042940 .968881"
    ),
    "tritanopia": _matrix(
        "1.255528 -.076749 -.178779 -.078411 .930809 .147602 .004733 .691367 .303900"
    ),
}


class Run(NamedTuple):
    optimizer: object


@pytest.mark.parametrize("vision", VISION)
def test_colours_are_told_apart(vision):
    """ΔE*ab of at least 15 between any two: more than six times a just noticeable 2.3."""
    methods = {METHODS[name].look["color"] for name in FIVE}
    yours = {YOURS["color"], looks({"MySGD": Run(MySGD())})["MySGD"]["color"]}
    for colors in ({*methods, *yours, "w"}, {X["color"], Y["color"]}):
        for a, b in itertools.combinations(colors, 2):
            distance = np.linalg.norm(lab(a, VISION[vision]) - lab(b, VISION[vision]))
            assert distance >= 15, (a, b)


def test_no_two_share_colour_marker_or_dash():
    named = [each.look for each in METHODS.values()]
    for styles, what in itertools.product((named, named[:5]), ("color", "marker", "linestyle")):
        assert len({str(style[what]) for style in styles}) == len(styles), what
    assert X["linestyle"] != Y["linestyle"]


def test_a_colour_has_one_meaning():
    meanings = [each.look["color"] for each in METHODS.values()]
    meanings += [X["color"], Y["color"], GRADIENT, REMEMBERED, DECAY, YOURS["color"]]
    assert len({to_hex(color) for color in meanings}) == len(meanings)


def test_a_method_looks_the_same_wherever_it_is_named():
    names = list(METHODS)
    found = looks(dict.fromkeys(["a", *names, "b"]))
    assert [found[name] for name in names] == [METHODS[name].look for name in names]
    others = looks(dict.fromkeys("abc")).values()
    assert len({str(each) for each in others}) == 3
    assert all(each not in [METHODS[name].look for name in FIVE] for each in others)


def test_a_method_named_with_a_setting_has_its_look_once():
    sgd, other = looks(dict.fromkeys(["SGD, lr 0.1", "SGD, lr 0.95"])).values()
    assert sgd == METHODS["SGD"].look
    assert other != sgd


def test_the_readers_class_has_a_look_of_its_own():
    sgd, mine, adam = looks({type(o).__name__: Run(o) for o in (SGD(), MySGD(), Adam())}).values()
    assert (sgd, adam) == (METHODS["SGD"].look, METHODS["Adam"].look)
    assert mine == looks({"MySGD": Run(MySGD())})["MySGD"]
    assert mine not in [method.look for method in METHODS.values()]


@pytest.mark.parametrize(
    ("words", "typeset_words"),
    [
        ("1.78e-11", "1.78·10⁻¹¹"),
        ("▲ 2.2e+11", "▲ 2.2·10¹¹"),
        ("(-0.56, -2)", "(−0.56, −2)"),
        ("warm-up over 5-10", "warm-up over 5-10"),
        (plain(464_000.0), "464,000"),
    ],
)
def test_numbers_in_pictures_are_written_as_on_axes(words, typeset_words):
    assert typeset(words) == typeset_words


FIGURES = {
    "curves": (FIVE, lambda: curves_figure({n: each.losses for n, each in classic().items()})),
    "training": (("SGD", "Adam"), lambda: training_figure(trainings(), "made data")),
    "held out": (("SGD", "Adam"), lambda: held_out_figure(trainings(), "made data")),
}


@pytest.mark.parametrize("figure", FIGURES)
def test_a_method_looks_the_same_in_every_figure(figure):
    names, make = FIGURES[figure]
    shown = [line for ax in make().axes for line in ax.lines if line.get_alpha() is None]
    for name in names:
        want = METHODS[name].look
        color = to_hex(want["color"])
        lines = [
            each for each in shown if to_hex(each.get_color()) == color and len(each.get_xdata())
        ]
        assert lines
        for line in lines:
            assert line.get_marker() == want["marker"]


def test_a_projector_enlarges_the_page(capsys):
    projector()
    projector(False)
    large, usual = capsys.readouterr().out.splitlines()
    assert "zoom: 1.5 }" in large
    assert "zoom: 1 }" in usual
    for part in (".course-explorer", ".course-question", ".jp-RenderedImage img"):
        assert part in large
