"""What the figures of the sweep show: artists against the sweep, sentences against its numbers."""

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from course_utils.experiments import METHODS
from course_utils.experiments.sweep import interval, pairs_on_test, sweep_from
from course_utils.lab import (
    article_figure,
    other_settings_figure,
    rates_figure,
    scores_figure,
    seeds_figure,
    tuning_figure,
)
from course_utils.lab.sweep import FAILED, SIDES
from tests.experiments.made_sweep import BEST, RATES, content, last_loss, made_sweep
from tests.lab.tables import sweep as stored

SWEEP = made_sweep()


def made(change, part="main"):
    """Return the made sweep after change(entries of its main or side sweep)."""
    changed = content()
    change(changed[part])
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


def names_in(ax, va="center"):
    """Return the names at the ends of the lines of some axes, from above, and their colours."""
    texts = [text for text in ax.texts if text.get_va() == va]
    found = sorted(texts, key=lambda text: -text.get_position()[1])
    return {text.get_text(): to_hex(text.get_color()) for text in found}


def darker(method):
    return to_hex(0.7 * np.array(to_rgb(METHODS[method].look["color"])))


def test_rates_line_band_and_ring():
    (ax,) = rates_figure(SWEEP).axes
    for method in BEST:
        marks, ring, hollow, line = drawn(ax, method)
        losses = [last_loss(method, lr) for lr in RATES]
        if method in ("SGD", "Adam"):
            losses[-1] = np.nan
        assert np.allclose(line.get_xdata(), RATES)
        assert np.allclose(line.get_ydata(), losses, equal_nan=True)
        assert band_at(ax, method, BEST[method]) == pytest.approx((0.09, 0.11))
        assert ring.get_xydata().ravel() == pytest.approx([BEST[method], 0.1])
        article = SWEEP.article(method)
        assert hollow.get_xydata().ravel() == pytest.approx([article.lr, article.score])
        assert (ring.get_fillstyle(), hollow.get_markerfacecolor()) == ("none", "white")
        assert line.get_linestyle() == "-"
        assert len(marks.get_xdata()) == (method in ("SGD", "Adam"))


def test_diverged_and_useless_rates_stand_above():
    def spoil(entries):
        for one in entries:
            if one["method"] == "RMSProp" and one["lr"] == 1:
                one["loss"] = [[2.3, 9.0, FAILED + 1]] * 3

    ax = rates_figure(made(spoil)).axes[0]
    heights = []
    for method, lr in (("SGD", 10), ("RMSProp", 1), ("Adam", 10)):
        marks = drawn(ax, method)[0]
        ((rate, height),) = marks.get_xydata()
        assert rate == lr
        assert marks.get_marker() == METHODS[method].look["marker"]
        heights.append(height)
    assert len(set(heights)) == 3
    assert FAILED < min(heights) < max(heights) < ax.get_ylim()[1]
    lowest = np.nanmin(np.concatenate([line.get_ydata() for line in ax.lines]))
    assert ax.get_ylim()[0] < lowest


def test_the_zones_of_failure_are_shaded_and_every_line_is_named():
    (ax,) = rates_figure(SWEEP).axes
    guess, failed = (
        patch.get_extents().transformed(ax.transData.inverted()) for patch in ax.patches
    )
    assert (guess.y0, failed.y0) == pytest.approx((np.log(10), FAILED * 1.15))
    assert [guess.y1, failed.y1] == pytest.approx([ax.get_ylim()[1]] * 2)
    words = [text.get_text() for text in ax.texts]
    assert words[:2] == ["no better than a guess", "diverged or above 4"]
    assert names_in(ax) == {method: darker(method) for method in BEST}
    assert max(ax.get_yticks()) < np.log(10)  # the heights of failed marks mean nothing
    assert "hollow: the article's; ring: the best" in ax.get_xlabel()


def test_rates_in_words():
    assert rates_figure(SWEEP).description == (
        "Lowest mean validation loss on made digits: SGD 0.100 at lr 1, Momentum 0.100 at lr 0.1, "
        "AdaGrad 0.100 at lr 0.1, RMSProp 0.100 at lr 0.01, Adam 0.100 at lr 0.01. "
        "The loss is above 1 from these learning rates on: SGD 10, Adam 10."
    )
    tame = made(lambda entries: [entries.remove(e) for e in list(entries) if e["lr"] == 10])
    assert "above 1" not in rates_figure(tame).description


def test_a_validation_curve_is_the_mean_and_its_band_the_range():
    left, right = tuning_figure(SWEEP).axes
    (single,) = article_figure(SWEEP).axes
    for place, method in enumerate(BEST):
        (curve,) = drawn(right, method)
        assert curve.get_xdata().tolist() == [0, 100, 200]
        assert curve.get_ydata()[1:] == pytest.approx([1.0, 0.1])
        band = right.collections[place].get_paths()[0].vertices
        assert sorted(set(band[band[:, 0] == 200, 1])) == pytest.approx([0.09, 0.11])
        (before,), (alone,) = drawn(left, method), drawn(single, method)
        assert before.get_ydata()[-1] == pytest.approx(last_loss(method, SWEEP.article(method).lr))
        assert np.array_equal(before.get_xydata(), alone.get_xydata())
    assert left.get_ylim() == right.get_ylim()
    assert left.get_ylabel() == single.get_ylabel() == "validation loss"
    for ax in left, right:
        low, high = ax.get_ylim()
        values = np.concatenate([line.get_ydata() for line in ax.lines])
        assert low < values.min() <= values.max() < high
        assert ax.get_yscale() == "log"


def test_the_ends_of_the_lines_name_method_and_rate():
    left, right = tuning_figure(SWEEP).axes
    for ax, choose in (left, SWEEP.article), (right, SWEEP.best):
        wanted = {f"{method}, lr {choose(method).lr:g}": darker(method) for method in BEST}
        assert names_in(ax) == wanted
        assert all(line.get_linestyle() == "-" for line in ax.lines)
    figure = tuning_figure(stored())
    figure.png()
    order = [name.split(",")[0] for name in names_in(figure.axes[1])]
    assert order == ["AdaGrad", "Adam", "Momentum", "SGD", "RMSProp"]  # by their losses
    for ax in figure.axes:
        assert len({text.get_position()[0] for text in ax.texts}) <= 2
        ends = max(line.get_window_extent().x1 for line in ax.lines)
        assert all(text.get_window_extent().x0 >= ends for text in ax.texts[1:])


def test_seeds_are_dots_and_pairs_are_bars():
    left, right = seeds_figure(stored()).axes
    sgd, *others = (100 * stored().article(name).test_accuracy for name in stored().methods)
    assert sgd.max() < left.get_xlim()[0] < min(map(min, others))
    (told,) = left.texts
    assert told.get_text() == f" ◀ from {sgd.min():.1f} to {sgd.max():.1f} %"
    assert (told.get_position()[1], to_hex(told.get_color())) == (0, darker("SGD"))
    for row, (line, method) in enumerate(zip(left.lines, stored().methods, strict=True)):
        assert np.array_equal(line.get_xdata(), 100 * stored().article(method).test_accuracy)
        assert (line.get_linestyle(), to_hex(line.get_color())) == (
            "None",
            to_hex(METHODS[method].look["color"]),
        )
        assert abs(line.get_ydata() - row).max() < 0.5
    assert [text.get_text() for text in left.get_yticklabels()] == list(stored().methods)
    pair = [stored().article(name).test_accuracy for name in ("RMSProp", "Adam")]
    lead = 100 * np.sort(np.subtract(*pair))
    assert [bar.get_width() for bar in right.patches] == pytest.approx(lead)
    for bar in right.patches:
        ahead = "RMSProp" if bar.get_width() > 0 else "Adam"
        assert to_hex(bar.get_facecolor()) == to_hex(METHODS[ahead].look["color"])
    (mean,) = right.texts
    assert right.lines[1].get_xdata() == pytest.approx([lead.mean()] * 2)
    assert mean.get_text() == f"mean {lead.mean():.2f} ".replace("-", "−")
    told = "RMSProp is ahead of Adam with 2 of 20 seeds"
    assert right.get_title() == told
    description = seeds_figure(stored()).description
    assert description == f"{told}; on the mean it is by -0.37 points."


def test_tuning_in_words():
    before = (
        "Mean validation loss on made digits after 200 updates at the article's learning rates: "
        "RMSProp 0.100, Momentum 0.400, AdaGrad 0.400, Adam 0.400, SGD 0.700"
    )
    assert article_figure(SWEEP).description == f"{before}."
    assert tuning_figure(SWEEP).description == (
        f"{before}; each at its own best: SGD 0.100, Momentum 0.100, AdaGrad 0.100, "
        "RMSProp 0.100, Adam 0.100."
    )


def overlapping():
    """Return the made sweep, in which Momentum is tied with SGD and AdaGrad, which are not tied."""

    def spoil(entries):
        means = {"SGD": 0.97, "Momentum": 0.969, "AdaGrad": 0.968, "RMSProp": 0.9, "Adam": 0.8}
        for one in entries:
            if "test_accuracy" in one:
                noise = np.roll([-1e-4, 1e-4, 0, -5e-5, 5e-5, 0], list(BEST).index(one["method"]))
                noise = noise * (30 if one["method"] == "Momentum" else 1)
                one["test_accuracy"] = (means[one["method"]] + noise).tolist()

    return made(spoil)


def test_scores_show_each_method_before_and_after():
    left, _ = scores_figure(SWEEP).axes
    order = ["Adam", "RMSProp", "AdaGrad", "Momentum", "SGD"]  # by their means at the best rates
    article, best = (
        [interval(choose(method).test_accuracy) for method in order]
        for choose in (SWEEP.article, SWEEP.best)
    )
    wanted = [each for pair in zip(article, best, strict=True) for each in pair]
    for (dot, caps, (bar,)), (mean, low, high) in zip(left.containers, wanted, strict=True):
        assert dot.get_xdata()[0] == pytest.approx(100 * mean)
        assert [cap.get_xdata()[0] for cap in caps] == pytest.approx([100 * low, 100 * high])
        assert bar.get_segments()[0][:, 0] == pytest.approx([100 * low, 100 * high])
    hollow = [to_hex(box.lines[0].get_markerfacecolor()) == "#ffffff" for box in left.containers]
    assert hollow == [True, False] * 5
    assert [text.get_text() for text in left.get_yticklabels()] == order
    top, bottom = left.get_ylim()
    assert top > bottom  # the first method stands at the top
    assert left.figure.get_suptitle() == "made digits: means and 95 % intervals, 6 seeds"


@pytest.mark.parametrize("sweep", [SWEEP, overlapping()], ids=["tied", "overlapping"])
def test_scores_show_the_difference_of_each_pair_hollow_where_tied(sweep):
    _, right = scores_figure(sweep).axes
    pairs = pairs_on_test(sweep, "best")
    assert [text.get_text() for text in right.get_yticklabels()] == [
        f"{better} − {other}" for better, other in pairs
    ]
    rows = zip(right.containers, pairs.items(), strict=True)
    for row, ((dot, caps, (bar,)), ((better, _), (mean, low, high, p))) in enumerate(rows):
        assert dot.get_xydata() == pytest.approx(np.array([[100 * mean, row]]))
        assert [cap.get_xdata()[0] for cap in caps] == pytest.approx([100 * low, 100 * high])
        assert to_hex(bar.get_colors()[0]) == to_hex(METHODS[better].look["color"])
        assert (to_hex(dot.get_markerfacecolor()) == "#ffffff") == (p >= 0.05)
    (zero,) = [line for line in right.lines if len(line.get_xdata()) == 2]
    assert list(zero.get_xdata()) == [0, 0]
    assert "hollow: a tie" in right.get_xlabel()
    top, bottom = right.get_ylim()
    assert top > bottom


def test_scores_in_words():
    assert scores_figure(SWEEP).description == (
        "Right on the test digits of made digits at the article's learning rates: RMSProp 97.03%, "
        "Adam 95.04%, AdaGrad 95.02%, Momentum 95.01%, SGD 93.00%; can't be told apart: Adam, "
        "AdaGrad and Momentum. Each at its own best: Adam 97.04%, RMSProp 97.03%, AdaGrad 97.02%, "
        "Momentum 97.01%, SGD 97.00%; can't be told apart: Adam, RMSProp, AdaGrad, Momentum and "
        "SGD."
    )
    ties = "; can't be told apart: SGD and Momentum; Momentum and AdaGrad."
    assert scores_figure(overlapping()).description.endswith(ties)


def test_scores_in_words_where_all_are_told_apart():
    def spoil(entries):
        for one in entries:
            if "test_accuracy" in one:
                place = list(BEST).index(one["method"])
                one["test_accuracy"] = [accuracy - place / 10 for accuracy in one["test_accuracy"]]

    assert scores_figure(made(spoil)).description.count("; can't be told apart: none.") == 2


def rows(sweep):
    """Return the words of each row of changes, the heights they stand at, and the axes."""
    (ax,) = other_settings_figure(sweep).axes
    return [tick.get_text() for tick in ax.get_yticklabels()], ax.get_yticks(), ax


def test_other_settings_have_a_row_for_each_change():
    words, at, ax = rows(SWEEP)
    assert words == [
        "hidden units 100 → 30",
        "batch size 128 → 32",
        "beta2 0.999 → 0.9",
        "beta1 0.9 → 0",
        "decay_rate 0.99 → 0.9",
    ]
    assert len(words) == len(SIDES)
    assert ax.get_xlabel() == "change of validation loss (bars: lowest to highest of 3 seeds)"
    assert list(at) == sorted(at)
    top, bottom = ax.get_ylim()[::-1]
    assert top < at[0] < at[-1] < bottom, "the first stands above"
    for method in BEST:
        marks = [line.get_ydata()[0] for line in drawn(ax, method) if len(line.get_xdata()) == 1]
        assert sum(abs(mark - at[0]) < 3 for mark in marks) == 1
        assert sum(abs(mark - at[1]) < 3 for mark in marks) == 1
    named = names_in(ax, "center_baseline")
    assert named == {method: darker(method) for method in BEST}
    words, _, ax = rows(stored())
    names = [text for text in ax.texts if text.get_va() == "center_baseline"]
    assert (len(words), len(names)) == (10, 4 * len(BEST) + 6)
    bars = {line.get_ydata()[0]: line for line in ax.lines if len(line.get_xdata()) == 2}
    for name in names:
        x, row = name.get_position()
        low, high = bars[row].get_xdata()
        assert x < low if name.get_ha() == "right" else x > high
    assert {name.get_ha() for name in names} == {"left", "right"}


def test_other_settings_are_changes_from_the_default():
    """Each seed is compared with itself, so a factor shared by all seeds leaves no bar."""

    def spoil(entries):
        for one in entries:
            if one["method"] == "Adam" and one["beta1"] == 0:
                one["loss"] = [[1.5 * last for last in row] for row in one["loss"]]
            if one["method"] == "Adam" and one["beta2"] == 0.9:
                one["loss"] = [[loss + 0.009] for (loss,) in one["loss"]]

    words, at, ax = rows(made(spoil, "side"))
    for change, mean, low, high in (
        ("beta1 0.9 → 0", 50, 50, 50),
        ("beta2 0.999 → 0.9", 9.06, 8.18, 10),
    ):
        here = at[words.index(change)]
        bar, mark = [line for line in drawn(ax, "Adam") if line.get_ydata()[0] == here]
        assert bar.get_xdata() == pytest.approx([low, high], abs=0.01)
        assert mark.get_xdata() == pytest.approx([mean], abs=0.01)
        assert mark.get_marker() == METHODS["Adam"].look["marker"]
    format_tick = ax.xaxis.get_major_formatter()
    assert [format_tick(value) for value in (50, 0, -25)] == ["+50 %", "default", "−25 %"]


def test_other_settings_in_words():
    sentence = other_settings_figure(SWEEP).description
    assert "beta1: Adam 0.100 (lr 0.01) at 0, 0.100 (lr 0.01) at 0.9." in sentence
    assert "batch size: SGD 0.100 (lr 1) at 32, 0.100 (lr 1) at 128; Momentum" in sentence
