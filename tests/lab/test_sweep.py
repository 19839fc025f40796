"""What the figures of the sweep show: artists against the sweep, sentences against its numbers."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.experiments import METHODS, accuracy_on_test, ranks
from course_utils.experiments.sweep import sweep_from
from course_utils.lab import (
    article_figure,
    other_settings_figure,
    rates_figure,
    scores_figure,
    tuning_figure,
)
from course_utils.lab.sweep import FAILED, SIDES
from tests.experiments.made_sweep import BEST, RATES, content, last_loss, made_sweep

SWEEP = made_sweep()


def made(change):
    """Return the made sweep after change(entries of its main sweep)."""
    changed = content()
    change(changed["main"])
    return sweep_from(changed)


def drawn(ax, method):
    """Return the lines in a method's colour."""
    color = to_hex(METHODS[method].look["color"])
    return [line for line in ax.lines if to_hex(line.get_color()) == color]


def band_at(ax, method, x):
    """Return the lowest and the highest edge at x of the band in a method's colour."""
    color = METHODS[method].look["color"]
    (band,) = [c for c in ax.collections if to_hex(c.get_facecolor()[0]) == to_hex(color)]
    edges = band.get_paths()[0].vertices
    at = edges[np.isclose(edges[:, 0], x), 1]
    return at.min(), at.max()


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_rates_line_band_and_ring():
    (ax,) = rates_figure(SWEEP).axes
    for method in BEST:
        line, ring, marks = drawn(ax, method)
        losses = [last_loss(method, lr) for lr in RATES]
        if method in ("SGD", "Adam"):
            losses[-1] = np.nan
        assert np.allclose(line.get_xdata(), RATES)
        assert np.allclose(line.get_ydata(), losses, equal_nan=True)
        assert band_at(ax, method, BEST[method]) == pytest.approx((0.09, 0.11))
        assert ring.get_xydata().ravel() == pytest.approx([BEST[method], 0.1])
        assert len(marks.get_xdata()) == (method in ("SGD", "Adam"))


def test_diverged_and_useless_rates_stand_above():
    def spoil(entries):
        for one in entries:
            if one["method"] == "RMSProp" and one["lr"] == 1:
                one["loss"] = [[2.3, 9.0, FAILED + 1]] * 3

    ax = rates_figure(made(spoil)).axes[0]
    heights = []
    for method, lr in (("SGD", 10), ("RMSProp", 1), ("Adam", 10)):
        marks = drawn(ax, method)[2]
        ((rate, height),) = marks.get_xydata()
        assert rate == lr
        assert marks.get_marker() == METHODS[method].look["marker"]
        heights.append(height)
    assert len(set(heights)) == 3
    assert FAILED < min(heights) < max(heights) < ax.get_ylim()[1]
    lowest = np.nanmin(np.concatenate([line.get_ydata() for line in ax.lines]))
    assert ax.get_ylim()[0] < lowest
    assert legend_of(rates_figure(SWEEP)) == list(BEST)


def test_rates_in_words():
    assert rates_figure(SWEEP).description == (
        "Lowest mean validation loss on made digits: SGD 0.100 at lr 1, Momentum 0.100 at lr 0.1, "
        "AdaGrad 0.100 at lr 0.1, RMSProp 0.100 at lr 0.01, Adam 0.100 at lr 0.01. "
        "The loss is above 1 from these rates on: SGD 10, Adam 10."
    )
    tame = made(lambda entries: [entries.remove(e) for e in list(entries) if e["lr"] == 10])
    assert "above 1" not in rates_figure(tame).description


def test_a_validation_curve_is_the_mean_and_its_band_the_range():
    left, right = tuning_figure(SWEEP).axes
    (single,) = article_figure(SWEEP).axes
    for method in BEST:
        (line,), (before,), (alone,) = (drawn(ax, method) for ax in (right, left, single))
        assert line.get_xdata().tolist() == [0, 100, 200]
        assert line.get_ydata() == pytest.approx([2.3, 1.0, 0.1])
        assert band_at(right, method, 200) == pytest.approx((0.09, 0.11))
        assert before.get_ydata()[-1] == pytest.approx(last_loss(method, SWEEP.article(method).lr))
        assert np.array_equal(before.get_xydata(), alone.get_xydata())
    assert (left.get_xlim(), left.get_ylim()) == (right.get_xlim(), right.get_ylim())


def test_the_legends_name_the_rates():
    both = tuning_figure(SWEEP)
    assert legend_of(both)[::4] == ["SGD, lr 0.01 → 1", "Adam, lr 0.001 → 0.01"]
    colors = [line.get_color() for line in both.legends[0].get_lines()]
    assert colors == [METHODS[method].look["color"] for method in BEST]
    article = legend_of(article_figure(SWEEP))
    assert article == [f"{m}, lr {SWEEP.article(m).lr:g}" for m in SWEEP.methods]


def test_tuning_in_words():
    before = (
        "Mean validation loss on made digits after 200 updates at the article's rates: "
        "RMSProp 0.100, Momentum 0.400, AdaGrad 0.400, Adam 0.400, SGD 0.700."
    )
    assert article_figure(SWEEP).description == before
    assert tuning_figure(SWEEP).description == (
        f"{before} Each at its own best rate: SGD 0.100, Momentum 0.100, AdaGrad 0.100, "
        "RMSProp 0.100, Adam 0.100."
    )


def test_scores_show_each_method_before_and_after_and_its_places():
    left, right = scores_figure(SWEEP).axes
    best, article = (
        accuracy_on_test(choose(method) for method in BEST)
        for choose in (SWEEP.best, SWEEP.article)
    )
    wanted = [each for pair in zip(article.values(), best.values(), strict=True) for each in pair]
    for box, (mean, low, high) in [
        *zip(left.containers, wanted, strict=True),
        *zip(right.containers, best.values(), strict=True),
    ]:
        dot, caps, (bar,) = box
        assert dot.get_xdata()[0] == pytest.approx(100 * mean)
        assert [cap.get_xdata()[0] for cap in caps] == pytest.approx([100 * low, 100 * high])
        assert bar.get_segments()[0][:, 0] == pytest.approx([100 * low, 100 * high])
    hollow = [to_hex(box.lines[0].get_markerfacecolor()) == "#ffffff" for box in left.containers]
    assert hollow == [True, False] * 5
    assert [text.get_text() for text in right.texts] == ["place 1–5"] * 5
    assert [text.get_text() for text in left.get_yticklabels()] == list(BEST)
    top, bottom = left.get_ylim()
    assert top > bottom  # the first method stands at the top


def test_scores_in_words():
    before, after = scores_figure(SWEEP).description.split(". Each at its own best rate: ")
    for text, choose in ((before, SWEEP.article), (after, SWEEP.best)):
        bounds = accuracy_on_test(choose(method) for method in BEST)
        told = re.findall(r"(\w+) ([\d.]+)% \(place (\d)(?:–(\d))?\)", text)
        assert {m: float(score) for m, score, *_ in told} == pytest.approx(
            {m: round(100 * mean, 2) for m, (mean, *_) in bounds.items()}
        )
        places = {m: (int(first), int(last or first)) for m, _, first, last in told}
        assert places == ranks(bounds)
        scores = [float(score) for _, score, *_ in told]
        assert scores == sorted(scores, reverse=True)


def test_other_settings_have_a_panel_each():
    figure = other_settings_figure(SWEEP)
    assert [ax.get_title() for ax in figure.axes] == [*SIDES, ""]
    ticks = {ax.get_title(): [t.get_text() for t in ax.get_xticklabels()] for ax in figure.axes}
    assert ticks["beta1"] == ["0", "0.9"]
    assert ticks["batch_size"] == ["32", "128"]
    assert [len(ax.containers) for ax in figure.axes] == [1, 1, 1, 5, 5, 0]
    legend = figure.axes[-1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == list(BEST)
    assert legend.get_title().get_text() == "bars: the seeds' span"
    line, _, (bars,) = figure.axes[1].containers[0]
    assert line.get_xdata() == pytest.approx([0, 1])
    assert line.get_ydata() == pytest.approx([0.1, 0.1])
    assert bars.get_segments()[0][:, 1] == pytest.approx([0.09, 0.11])
    starts = [bars.lines[0].get_xdata()[0] for bars in figure.axes[3].containers]
    assert starts == pytest.approx([-0.1, -0.05, 0, 0.05, 0.1])


def test_other_settings_in_words():
    sentence = other_settings_figure(SWEEP).description
    assert "beta1: Adam 0.100 (lr 0.01) at 0, 0.100 (lr 0.01) at 0.9." in sentence
    assert "batch_size: SGD 0.100 (lr 1) at 32, 0.100 (lr 1) at 128; Momentum" in sentence
