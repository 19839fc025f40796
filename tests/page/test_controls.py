"""What each control takes: exact values, round numbers for the arrow keys, and nothing else."""

import numpy as np
import pytest

from course_utils.lab import Explorer, Picture
from course_utils.page.controls import (
    Choice,
    describe,
    log_slider,
    setting_slider,
    share_slider,
    slider,
    whole_slider,
)

SLIDERS = [
    log_slider("lr", 0.1),
    log_slider("κ", 20, 1, 1000),
    log_slider("lr", 0.00123),
    share_slider("momentum", 0.9),
    share_slider("decay", 0, high=1),
    slider("noise", 0.35, 0, 2, 0.05, 0.1),
    slider("start x", -7, -10, 10, 0.01, 0.5),
    slider("beyond", 12, -10, 10, 1),
    whole_slider("steps", 33, 1, 200),
]


@pytest.mark.parametrize("control", SLIDERS, ids=str)
def test_arrow_keys_go_through_round_numbers_and_the_first_value(control):
    stops = control.stops
    assert list(stops) == sorted(set(stops))
    assert (stops[0], stops[-1]) == (control.low, control.high)
    assert control.value in stops
    others = set(stops) - {control.value, control.low, control.high}
    assert all(len(f"{stop:g}".strip("-0.")) <= 4 for stop in others)
    steps = np.diff(np.log(stops) if control.log else stops)
    assert len(stops) > 8
    assert steps.max() < 0.26 * steps.sum()


def test_the_rates_that_the_lessons_speak_of_are_stops():
    stops = log_slider("lr", 0.1).stops
    assert {0.01, 0.1, 0.3, 0.5, 0.9, 0.95, 1, 1.05, 1.5, 1.9} <= set(stops)
    assert {0, 0.5, 0.9, 0.95, 0.99, 0.999} <= set(share_slider("momentum", 0.9).stops)


@pytest.mark.parametrize("control", SLIDERS, ids=str)
def test_a_value_is_taken_exactly_or_brought_to_an_end(control):
    inside = 57 if control.whole else (control.low + control.high) / 3.3
    assert control.clean(inside, {}) == inside
    assert control.clean(control.high + 1, {}) == control.high
    assert control.clean(control.low - 1, {}) == control.low
    assert type(control.clean(5, {})) is (int if control.whole else float)


@pytest.mark.parametrize("wrong", ["0.5", None, True, float("nan"), [1]])
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises(ValueError, match="momentum must be a number, got"):
        share_slider("momentum", 0.9).clean(wrong, {})


def test_a_choice_takes_its_options_only():
    made = Choice("surface", {"ravine": 1, "saddle": 2}, "ravine")
    assert made.clean("saddle", {}) == "saddle"
    with pytest.raises(ValueError, match=r"surface must be one of \('ravine', 'saddle'\), got 'h"):
        made.clean("hill", {})


@pytest.mark.parametrize(
    ("label", "value", "log", "whole", "ends"),
    [
        ("lr", 0.95, True, False, (1e-3, 10)),
        ("lr", 1e-4, True, False, (1e-6, 10)),
        ("Adam lr", 30.0, True, False, (1e-3, 1000)),
        ("beta1", 0.9, False, False, (0, 0.999)),
        ("memory", 0.9995, False, False, (0, 0.9995)),
        ("shift", -0.5, False, False, (-1, 0.999)),
        ("power", 3.0, True, False, (1e-3, 100)),
        ("period", 2, False, True, (1, 20)),
    ],
)
def test_a_setting_gets_the_slider_that_fits_it(label, value, log, whole, ends):
    made = setting_slider(label, value)
    assert (made.log, made.whole, (made.low, made.high)) == (log, whole, ends)
    assert made.value == value


def test_many_share_rows_but_the_first_and_what_is_played():
    few = describe({"a": SLIDERS[0], "b": SLIDERS[1]})
    assert [one["share"] for one in few] == [1, 1]
    played = whole_slider("update", 3, 0, 9, play=100)
    many = describe(dict(enumerate([*SLIDERS[:4], played])))
    assert [one["share"] for one in many] == [1, 2, 2, 2, 1]


class Sum(Picture):
    def show(self, parts, record):
        return f"{record}."


def test_what_looks_at_the_end_goes_on_to_do_so():
    steps, at = whole_slider("steps", 30, 1, 200), whole_slider("at", 30, 0, "steps")
    explorer = Explorer(Sum(), lambda steps, at: (steps, at), {"steps": steps, "at": at})
    explorer.set(steps=50)
    assert explorer.values() == {"steps": 50, "at": 50}
    explorer.set(at=20)
    explorer.set(steps=40)
    assert explorer.values() == {"steps": 40, "at": 20}
    explorer.set(steps=10)
    assert explorer.values() == {"steps": 10, "at": 10}


def test_what_fails_leaves_the_values_as_they_were():
    explorer = Explorer(Sum(), lambda a: 1 / a, {"a": slider("a", 1, 0, 5, 1)})
    with pytest.raises(ZeroDivisionError):
        explorer.set(a=0)
    assert explorer.values() == explorer.view.values == {"a": 1}
    explorer.view.values = {"a": 2}  # as from a page
    assert explorer.sentence == "0.5."
