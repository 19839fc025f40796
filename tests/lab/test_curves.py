"""Curves are the numbers given, and their names stand where they end."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from course_utils.experiments import effective_rate
from course_utils.lab import curves_figure, projector
from course_utils.lab.style import X, Y, plain_ticks
from course_utils.page.axes import name_ends
from course_utils.page.picture import CourseFigure
from tests.lab.tables import FIGURES, walk

ROOT = Path(__file__).parents[2]


def test_curves_are_the_numbers_given():
    x, curves = np.array([1.0, 2, 5]), {"Adam": np.array([3.0, 2, 1]), "other": np.ones(3)}
    figure = curves_figure(curves, x, "title", "iterations", log=True, ylim=(0.5, 4), marks=(2.5,))
    (ax,) = figure.axes
    for line, values in zip(ax.lines, curves.values(), strict=False):
        assert np.array_equal(line.get_data(), [x, values])
    assert list(ax.lines[2].get_xdata()) == [2.5, 2.5]
    assert (ax.get_title("left"), ax.get_xlabel(), ax.get_ylabel()) == ("title", "iterations", "")
    assert (ax.get_yscale(), ax.get_ylim()) == ("log", (0.5, 4))
    assert figure.description == "title, over iterations: Adam from 3 to 1; other from 1 to 1."
    (ax,) = curves_figure({"a": [4, 5, 6]}, title="steps").axes
    assert ax.get_title("left") == "steps"
    assert np.array_equal(ax.lines[0].get_data(), [[0, 1, 2], [4, 5, 6]])
    assert ax.get_legend() is None
    assert not ax.texts  # a single curve is named by its axes


def test_words_of_marks_stand_over_their_lines_above_all_curves():
    curves = {"a": np.linspace(0, 1, 81), "b": np.ones(81)}
    figure = curves_figure(curves, title="a title", marks={40: "push ends", 80: "end"})
    figure.png()
    (ax,) = figure.axes
    words = [text for text in ax.texts if text.get_text() not in curves]
    assert [text.get_text() for text in words] == ["push ends", "end"]
    for text, line, mark in zip(words, ax.lines[2:], (40, 80), strict=True):
        box = text.get_window_extent()
        assert line.get_linestyle() == ":"
        assert list(line.get_xdata()) == [mark, mark]
        assert (box.x0 + box.x1) / 2 == pytest.approx(ax.transData.transform((mark, 0))[0], abs=2)
        assert ax.bbox.y1 <= box.y0 < ax.bbox.y1 + 10
        others = [ax._left_title, *(name for name in ax.texts if name is not text)]
        assert not any(box.overlaps(other.get_window_extent()) for other in others)


def test_a_curve_without_a_first_value_is_told_from_the_first_that_there_is():
    rate = effective_rate(walk("AdaGrad"))[:, 0]
    description = curves_figure({"x": rate}, title="rate").description
    assert description == f"rate, over updates: x from {rate[1]:.3g} to {rate[-1]:.3g}."


def ends(curves, **axes):
    """Return the axes of curves that were drawn once, and their names from above."""
    figure = curves_figure(curves, **axes)
    figure.png()
    (ax,) = figure.axes
    return ax, sorted(ax.texts, key=lambda text: -text.get_position()[1])


def test_names_stand_at_the_ends_in_their_lines_colours():
    ax, names = ends({"Adam": [1, 2, 9.0], "low": [9, 2, 1.0], "SGD": [1, 1, 5.0]})
    assert [name.get_text() for name in names] == ["Adam", "SGD", "low"]
    assert ax.figure.legends == []
    colors = {line.get_label(): np.array(to_rgb(line.get_color())) for line in ax.lines}
    for name in names:
        assert to_hex(name.get_color()) == to_hex(0.7 * colors[name.get_text()])
        box = name.get_window_extent()
        end = next(line for line in ax.lines if line.get_label() == name.get_text()).get_xydata()[
            -1
        ]
        x, y = ax.transData.transform(end)
        assert (box.y0 + box.y1) / 2 == pytest.approx(y, abs=2)
        assert 5 < box.x0 - x < 25
    left, right = ax.get_xlim()
    assert -0.05 < left < 0 < 2 < right < 2.05  # the axes begin and end with the data


def test_names_of_lines_that_end_alike_move_apart_by_as_little_as_can_be():
    heights = {"a": 5.0, "b": 5.0, "c": 5.0, "d": 0.0, "e": 9.0}
    ax, names = ends({name: [0, 1, height] for name, height in heights.items()})
    assert [name.get_text() for name in names][::4] == ["e", "d"]
    boxes = [name.get_window_extent() for name in names]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    line = ax.transData.transform((0, 5))[1]
    over, at, under = ((box.y0 + box.y1) / 2 - line for box in boxes[1:4])
    assert at == pytest.approx(0, abs=2)
    assert over == pytest.approx(-under, abs=2)
    assert over < 1.7 * boxes[0].height


def test_names_stay_beside_the_axes_that_lines_end_at():
    ax, names = ends({"a": [0, 1, 1.0], "b": [0, 1, 1.0], "c": [1, 0, 0.0]}, ylim=(0, 1))
    frame = ax.get_window_extent()
    for box in (name.get_window_extent() for name in names):
        assert frame.y0 - 2 <= box.y0
        assert box.y1 <= frame.y1 + 2
        assert box.x0 > frame.x1


def test_curves_that_leave_the_picture_are_named_with_a_mark():
    ax, names = ends({"a": [1, 2, np.inf], "b": [1, 2, 3.0]})
    assert {name.get_text() for name in names} == {"a ▲", "b"}
    assert ax.figure.legends == []
    ax, names = ends({"a": [1, 9.0], "b": [1, -2.0], "c": [1, 1.0]}, ylim=(0, 5))
    assert [name.get_text() for name in names] == ["a ▲", "c", "b ▼"]
    frame = ax.get_window_extent()
    boxes = [name.get_window_extent() for name in names]
    assert all(frame.y0 - 2 <= box.y0 and box.y1 <= frame.y1 + 2 for box in boxes)


def test_lines_lead_from_a_point_to_both_axes():
    curves = {"a": [1, 0.5, 0.2, 0.1, 0.1], "b": [1, 0.9, 0.8, 0.7, 0.6]}
    figure = curves_figure(curves, marks={(1, 0.5): "half", (3, 0.1): "a tenth"})
    figure.png()
    (ax,) = figure.axes
    corner, (left, _), (low, _) = ax.lines[2], ax.get_xlim(), ax.get_ylim()
    assert corner.get_xydata().tolist() == [[left, 0.5], [1, 0.5], [1, low]]
    (words,) = [text for text in ax.texts if text.get_text() == "half"]
    x, y = ax.transData.transform((1, 0.5))
    box = words.get_window_extent()
    assert 0 < box.x0 - x < 15
    assert 0 < box.y0 - y < 15
    (words,) = [text for text in ax.texts if text.get_text() == "a tenth"]
    assert 0 < ax.transData.transform((3, 0.1))[0] - words.get_window_extent().x1 < 15


def test_names_of_lines_that_end_far_from_each_other_stay_at_their_ends():
    ax, names = ends({"short": [1, 0.1], "long": np.linspace(1, 0.1, 101)})
    for name in names:
        (line,) = [each for each in ax.lines if each.get_label() == name.get_text()]
        y = ax.transData.transform(line.get_xydata()[-1])[1]
        box = name.get_window_extent()
        assert (box.y0 + box.y1) / 2 == pytest.approx(y, abs=2)


def test_coordinates_and_what_is_measured_have_their_looks():
    figure = curves_figure({"x": [1, 2.0], "y": [2, 3.0], "measured": [2, 3.0], "other": [1, 1.0]})
    x, y, measured, other = figure.axes[0].lines
    assert "● measured" in [text.get_text() for text in figure.axes[0].texts]
    many = curves_figure({"x": np.ones(30), "measured": np.ones(30)}).axes[0].lines[1]
    assert many.get_markevery() == 1  # all that was measured
    assert [(each.get_color(), each.get_linestyle()) for each in (x, y)] == [
        (look["color"], look["linestyle"]) for look in (X, Y)
    ]
    assert (measured.get_linestyle(), measured.get_marker()) == ("None", "o")
    assert (other.get_linestyle(), other.get_markevery()) == ("-", [-1])


def test_an_x_axis_can_be_logarithmic():
    x = np.logspace(-7, -3, 201)
    figure = curves_figure({"Adam": x, "other": -x}, x, "f", "|g|", log="x", marks={1e-5: "ε"})
    figure.png()
    (ax,) = figure.axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    low, high = ax.get_xlim()
    shown = [t.get_text() for t in ax.get_xticklabels() if low <= t.get_position()[0] <= high]
    assert shown == ["10⁻⁷", "10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³"]
    assert ax.lines[0].get_markevery() == 0.1  # by their distance in the picture


def test_both_axes_can_be_logarithmic():
    x = np.logspace(0, 3, 31)
    figure = curves_figure({"Adam": 10 / x, "other": x}, x, "f", log="xy", ylim=(0.01, 1000))
    figure.png()
    (ax,) = figure.axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [t.get_text() for t in ax.get_xticklabels()][1:-1] == ["1", "10", "100", "10³"]
    assert "0.01" in [t.get_text() for t in ax.get_yticklabels()]


def test_a_shorter_curve_ends_earlier_and_is_named_there():
    x = np.array([2.0, 4, 6, 8, 10])
    ax, (short, long) = ends({"short": [1, 1.0], "long": np.zeros(5)}, x=x)
    assert ax.lines[0].get_xdata().tolist() == [2, 4]
    end, _ = ax.transData.transform((4, 1))
    assert (short.get_text(), long.get_text()) == ("short", "long")
    assert 5 < short.get_window_extent().x0 - end < 25


def test_names_move_with_lines_and_keep_to_their_own():
    figure = CourseFigure((6, 4))
    ax = figure.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    lines = [ax.plot([], [], label=label)[0] for label in ("one", "other")]
    names = name_ends(lines)
    waiting = [name.get_position() for name in names]
    lines[0].set_data([0, 5], [0, 4])
    assert name_ends(lines, names) is names
    assert [name.get_text() for name in names] == ["one", "other"]
    assert len(ax.texts) == 2
    assert all(x < 0.05 and y > 0.8 for x, y in waiting)  # where a curve of losses begins
    assert names[0].get_position() == pytest.approx((0.5, 0.4))


def test_names_stand_apart_in_axes_of_any_height():
    figure = CourseFigure((6, 4))
    for ax in figure.subplots(3, 1):
        names = name_ends([ax.plot([0, 1], [0, 1], label=label)[0] for label in "ab"])
        one, other = (name.get_window_extent() for name in names)
        assert not one.overlaps(other)


def test_plain_ticks_are_plain_numbers():
    figure = CourseFigure((6, 4))
    ax = figure.subplots()
    ax.set(yscale="log", ylim=(0.04, 3))
    plain_ticks(ax)
    figure.png()
    low, high = ax.get_ylim()
    shown = [t.get_text() for t in ax.get_yticklabels() if low <= t.get_position()[1] <= high]
    assert shown == ["0.05", "0.1", "0.2", "0.5", "1", "2"]
    assert not ax.yaxis.get_minorticklocs().size


NAMED = ["curves", "training", "held out", "seeds", "rates", "article", "tuning", "scores"]
NAMED += ["other settings"]


@pytest.mark.parametrize("large", [False, True], ids=["screen", "projector"])
@pytest.mark.parametrize("name", NAMED)
def test_no_two_texts_overlap(name, large, monkeypatch):
    projector(large)
    figure, drawn, draw = FIGURES[name](), [], Text.draw
    figure.png()

    def note(text, renderer):
        if text.get_visible() and text.get_text().strip():
            drawn.append((text.get_text(), text.get_window_extent(renderer)))
        draw(text, renderer)

    monkeypatch.setattr(Text, "draw", note)
    for density in (1, 2):
        drawn.clear()
        figure.png(density)
        assert len(drawn) > 10
        for (one, a), (other, b) in combinations(drawn, 2):
            assert not a.overlaps(b), (one, other)
