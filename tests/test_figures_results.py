"""What the figures of the sweep show: artists against the sweep, sentences against its numbers."""

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.figures import (
    article_figure,
    other_settings_figure,
    projector,
    rates_figure,
    scores_figure,
    tuning_figure,
)
from course_utils.figures.results import (
    FAILED,
    SIDES,
    draw_interval,
    draw_rates,
    draw_validation,
    draw_varied,
)
from course_utils.figures.style import LOOKS, CourseFigure
from course_utils.results import accuracy_on_test, load_sweep, ranks, sweep_from
from tests.made_sweep import BEST, RATES, content, last_loss, made_sweep

SWEEP = made_sweep()
FIGURES = (rates_figure, article_figure, tuning_figure, scores_figure, other_settings_figure)
each_method = pytest.mark.parametrize("method", BEST)


def axes():
    return CourseFigure().add_subplot()


def made(change):
    """Return the made sweep after change(entries of its main sweep)."""
    changed = content()
    change(changed["main"])
    return sweep_from(changed)


# Against the learning rate


@each_method
def test_rates_line_band_and_ring(method):
    line, band, ring, marks = draw_rates(axes(), SWEEP, method, height=7)
    losses = [last_loss(method, lr) for lr in RATES]
    if method in ("SGD", "Adam"):
        losses[-1] = np.nan
    assert np.allclose(line.get_xdata(), RATES)
    assert np.allclose(line.get_ydata(), losses, equal_nan=True)
    assert line.get_color() == LOOKS[method]["color"]
    edges = band.get_paths()[0].vertices
    at_best = edges[np.isclose(edges[:, 0], BEST[method]), 1]
    assert (at_best.min(), at_best.max()) == pytest.approx((0.09, 0.11))
    assert ring.get_xydata().ravel() == pytest.approx([BEST[method], 0.1])
    assert len(marks.get_xdata()) == (method in ("SGD", "Adam"))


def test_diverged_and_useless_rates_stand_above():
    def spoil(entries):
        for one in entries:
            if one["method"] == "RMSProp" and one["lr"] == 1:
                one["loss"] = [[2.3, 9.0, FAILED + 1]] * 3

    *_, marks = draw_rates(axes(), made(spoil), "RMSProp", height=7)
    assert marks.get_xydata().tolist() == [[1, 7]]
    assert marks.get_marker() == LOOKS["RMSProp"]["marker"]
    *_, marks = draw_rates(axes(), SWEEP, "SGD", height=7)
    assert marks.get_xydata().tolist() == [[10, 7]]


def test_rates_figure_shows_all_within_its_axes():
    figure = rates_figure(SWEEP)
    ax = figure.axes[0]
    low, high = ax.get_ylim()
    heights = np.concatenate([line.get_ydata() for line in ax.lines])
    assert low < np.nanmin(heights)
    assert np.nanmax(heights) < high
    marked = [height for height in heights if height > FAILED]
    assert len(set(marked)) == len(marked) == 2
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(BEST)


def test_rates_description():
    assert rates_figure(SWEEP).description == (
        "Lowest mean validation loss on made digits: SGD 0.100 at lr 1, Momentum 0.100 at lr 0.1, "
        "AdaGrad 0.100 at lr 0.1, RMSProp 0.100 at lr 0.01, Adam 0.100 at lr 0.01. "
        "The loss is above 1 from these rates on: SGD 10, Adam 10."
    )


def test_a_sweep_without_failures_does_not_speak_of_them():
    tame = made(lambda entries: [entries.remove(e) for e in list(entries) if e["lr"] == 10])
    assert "above 1" not in rates_figure(tame).description


# Before and after tuning


@each_method
def test_validation_curve_is_the_mean_and_the_band_the_range(method):
    setting = SWEEP.best(method)
    line, band = draw_validation(axes(), SWEEP, setting)
    assert line.get_xdata().tolist() == [0, 100, 200]
    assert line.get_ydata() == pytest.approx([2.3, 1.0, 0.1])
    assert line.get_linestyle() == axes().plot([], [], **LOOKS[method])[0].get_linestyle()
    edges = band.get_paths()[0].vertices
    assert sorted(edges[edges[:, 0] == 200, 1])[0] == pytest.approx(0.09)
    assert edges[edges[:, 0] == 200, 1].max() == pytest.approx(0.11)


def test_tuning_panels_share_axes_and_name_their_rates():
    figure = tuning_figure(SWEEP)
    left, right = figure.axes
    assert left.get_ylim() == right.get_ylim()
    assert left.get_xlim() == right.get_xlim()
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[0] == "SGD, lr 0.01 → 1"
    assert legend[4] == "Adam, lr 0.001 → 0.01"
    drawn = [line.get_color() for line in figure.legends[0].get_lines()]
    assert drawn == [LOOKS[method]["color"] for method in BEST]


def test_article_figure_is_the_left_panel_alone():
    (ax,), (left, _) = article_figure(SWEEP).axes, tuning_figure(SWEEP).axes
    for line, other in zip(ax.lines, left.lines, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), other.get_xydata())
    labels = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert labels == [f"{m}, lr {SWEEP.article(m).lr:g}" for m in SWEEP.methods]
    both = tuning_figure(SWEEP).description
    assert both.startswith(article_figure(SWEEP).description + " Each at its own best")


def test_tuning_description():
    assert tuning_figure(SWEEP).description == (
        "Mean validation loss on made digits after 200 updates at the article's rates: "
        "RMSProp 0.100, Momentum 0.400, AdaGrad 0.400, Adam 0.400, SGD 0.700. "
        "Each at its own best rate: SGD 0.100, Momentum 0.100, AdaGrad 0.100, RMSProp 0.100, "
        "Adam 0.100."
    )


# Scores


@pytest.mark.parametrize("hollow", [True, False])
def test_interval_is_drawn_in_percent(hollow):
    dot, caps, (bar,) = draw_interval(axes(), 2, (0.97, 0.965, 0.975), "SGD", hollow)
    assert dot.get_xydata().ravel() == pytest.approx([97, 2])
    assert [cap.get_xdata()[0] for cap in caps] == pytest.approx([96.5, 97.5])
    assert bar.get_segments()[0][:, 0] == pytest.approx([96.5, 97.5])
    filled = to_hex(dot.get_markerfacecolor()).upper()
    assert filled == ("#FFFFFF" if hollow else LOOKS["SGD"]["color"])


def test_scores_show_each_method_before_and_after_and_its_places():
    left, right = scores_figure(SWEEP).axes
    best = accuracy_on_test(SWEEP.best(method) for method in BEST)
    article = accuracy_on_test(SWEEP.article(method) for method in BEST)
    dots = [box.lines[0].get_xdata()[0] for box in left.containers]
    pairs = zip(article.values(), best.values(), strict=True)
    assert dots == pytest.approx([100 * bounds[0] for pair in pairs for bounds in pair])
    dots = [box.lines[0].get_xdata()[0] for box in right.containers]
    assert dots == pytest.approx([100 * bounds[0] for bounds in best.values()])
    assert [text.get_text() for text in right.texts] == ["place 1–5"] * 5
    assert [text.get_text() for text in left.get_yticklabels()] == list(BEST)
    top, bottom = left.get_ylim()
    assert top > bottom  # the first method stands at the top


def test_scores_description_has_scores_and_places():
    sentence = scores_figure(SWEEP).description
    before, after = sentence.split(". Each at its own best rate: ")
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


# The second sweep


def test_varied_is_drawn_with_its_range():
    line, _, (bars,) = draw_varied(axes(), SWEEP, "Adam", "beta1", shift=0.1)
    assert line.get_xdata() == pytest.approx([0.1, 1.1])
    assert line.get_ydata() == pytest.approx([0.1, 0.1])
    assert bars.get_segments()[0][:, 1] == pytest.approx([0.09, 0.11])


def test_other_settings_has_a_panel_for_each():
    figure = other_settings_figure(SWEEP)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == [*SIDES, ""]
    ticks = {ax.get_title(): [t.get_text() for t in ax.get_xticklabels()] for ax in figure.axes}
    assert ticks["beta1"] == ["0", "0.9"]
    assert ticks["batch_size"] == ["32", "128"]
    assert [len(ax.containers) for ax in figure.axes] == [1, 1, 1, 5, 5, 0]
    legend = figure.axes[-1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == list(BEST)
    assert legend.get_title().get_text() == "bars: the seeds' span"
    starts = [bars.lines[0].get_xdata()[0] for bars in figure.axes[3].containers]
    assert starts == pytest.approx([-0.1, -0.05, 0, 0.05, 0.1])


def test_other_settings_description_tells_loss_and_rate():
    sentence = other_settings_figure(SWEEP).description
    assert "beta1: Adam 0.100 (lr 0.01) at 0, 0.100 (lr 0.01) at 0.9." in sentence
    assert "batch_size: SGD 0.100 (lr 1) at 32, 0.100 (lr 1) at 128; Momentum" in sentence


# All


@pytest.mark.parametrize("figure", FIGURES)
def test_nothing_runs_out_of_the_picture_or_into_another(figure):
    for on in (False, True):
        projector(on)
        try:
            drawn = figure(SWEEP)
        finally:
            projector(False)
        drawn.png()
        width, height = drawn.bbox.size
        texts = [ax.title for ax in drawn.axes] + [t for ax in drawn.axes for t in ax.texts]
        texts += [ax.xaxis.label for ax in drawn.axes] + [ax.yaxis.label for ax in drawn.axes]
        boxes = [text.get_window_extent() for text in texts if text.get_text()]
        for box in boxes:
            assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0
        overlaps = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
        assert not overlaps


@pytest.mark.parametrize("figure", FIGURES)
def test_the_stored_sweep_can_be_drawn(figure):
    sweep = load_sweep(Path(__file__).parents[1] / "notebooks" / "data" / "sweep.json")
    drawn = figure(sweep)
    assert drawn.png()[:4] == b"\x89PNG"
    assert sweep.data_name in drawn.description
    assert not re.search("nan|inf", drawn.description)
