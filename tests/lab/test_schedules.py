"""Schedules: lines against records, the sentence against sums, and the explorer's controls."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils import SGD, Ravine
from course_utils.experiments import METHODS, compare_schedules, constant, cosine, step, warm_up
from course_utils.lab import schedules_figure
from course_utils.lab.schedules import BASIS, COLOURS, EXACT, NOISY
from tests.lab.tables import at_first, diverging_schedules, schedules


@pytest.fixture
def explorer():
    return at_first("schedules")


def drawn(figure):
    """Return a way and a cloud of each schedule, and the lines of each diagram."""
    *maps, factors, losses = figure.axes
    lines = [line for ax in maps for line in ax.lines if line.get_marker() != "*"]
    return lines[::2], lines[1::2], factors.lines, losses.lines


def darker(line):
    return tuple(np.multiply(0.7, to_rgb(line.get_color())))


def check_lines(figure, comparison):
    labels = list(comparison.factors)
    steps = len(comparison.factors[labels[0]])
    for ax in figure.axes[-2:]:
        shown = [text.get_text().split(" ")[0] for text in ax.texts]
        assert shown == [label.split()[0] for label in labels]
    rows = zip(labels, figure.axes[:-2], *drawn(figure), strict=True)
    for place, (label, ax, way, cloud, factor, loss) in enumerate(rows):
        last = steps // 10
        places = comparison.positions[label]
        assert cloud.get_xydata().shape == (comparison.runs, 2)
        np.testing.assert_array_equal(cloud.get_xydata(), places[-1].T)
        one = places[np.isfinite(places[:, 0, 0]), :, 0]
        assert np.array_equal(way.get_xydata(), one)
        assert way.get_visible() == (comparison.noise == 0)
        assert cloud.get_linestyle() == "None"
        mean = "mean " * (comparison.runs > 1)
        title = f"{label}: {mean}f = {comparison.losses[label][-last:].mean():.2g}"
        assert [text.get_text() for text in ax.texts if "f =" in text.get_text()] == [title]
        between = np.interp(np.arange(1, steps + 1), *factor.get_data())
        np.testing.assert_allclose(between, comparison.factors[label])
        assert list(loss.get_xdata()) == list(range(steps + 1))
        assert ax.get_position().x0 == pytest.approx(figure.axes[-2:][place % 2].get_position().x0)
        assert np.array_equal(loss.get_ydata(), comparison.losses[label])


def test_the_figure_shows_the_ends_of_a_run_the_factors_and_the_losses():
    figure = schedules_figure(schedules())
    check_lines(figure, schedules())
    *maps, factors, losses = figure.axes
    assert losses.get_title("left") == "mean loss f, ▼ lr drops"
    drops = [line.get_markevery() for line in losses.lines[1:]]
    assert [list(each) for each in drops] == [[20, 40], []]
    frames = {(ax.get_xlim(), ax.get_ylim()) for ax in maps}
    ((x, y),) = frames
    dots = np.concatenate([cloud.get_xydata() for cloud in drawn(figure)[1]])
    assert (abs(dots) < (x[1], y[1])).all()
    assert (abs(dots) / (x[1], y[1])).max() > 0.45
    (told,) = [text for text in maps[0].texts if "runs" in text.get_text()]
    assert (told.get_text(), told.get_visible()) == ("all runs at update 60", True)
    for ax in (factors, losses):
        for line in ax.lines:
            x, y = np.array(line.get_data())
            for (low, high), values in ((ax.get_xlim(), x), (ax.get_ylim(), y)):
                assert low <= values.min() <= values.max() <= high
    heights = np.concatenate([line.get_ydata() for line in losses.lines])
    low, high = np.log10(losses.get_ylim())
    assert high - low < np.ptp(np.log10(heights)) + 2


def test_one_schedule_alone_has_a_map_too():
    alone = compare_schedules(SGD(0.5), {"constant": constant}, steps=40, runs=2)
    check_lines(schedules_figure(alone), alone)


def test_a_noisy_run_that_leaves_does_not_take_the_maps_with_it():
    tried = {"constant": constant, "warm-up": warm_up(10)}
    figure = schedules_figure(compare_schedules(SGD(1.2), tried, steps=200, runs=1))
    surface = Ravine()
    for ax in figure.axes[:-2]:
        assert np.ptp(ax.get_xlim()) <= np.ptp(surface.xlim)


def test_the_schedules_can_be_told_apart():
    basis, *others = schedules_figure(schedules()).axes[-2].lines
    assert (basis.get_color(), basis.get_linewidth()) == (BASIS["color"], BASIS["linewidth"])
    colours = {line.get_color() for line in others}
    assert len(colours) == len(others)
    assert not colours & {method.look["color"] for method in METHODS.values()}


@pytest.mark.parametrize("comparison", [schedules(), diverging_schedules()], ids=["", "diverging"])
def test_names_stand_beside_the_ends_in_their_colours(comparison):
    figure = schedules_figure(comparison)
    figure.png(2)
    assert not any(ax.get_legend() for ax in figure.axes)
    for ax in figure.axes[-2:]:
        # Before matplotlib 3.11 a text's box is a pixel higher.
        boxes = [text.get_window_extent().padded(0, -1) for text in ax.texts]
        for place, (text, box) in enumerate(zip(ax.texts, boxes, strict=True)):
            assert tuple(text.get_color()) == darker(ax.lines[place])
            if "▲" in text.get_text():  # where it left, early
                assert box.x0 < ax.bbox.x0 + 0.25 * ax.bbox.width
            else:
                assert ax.bbox.x1 < box.x0 < box.x1 <= figure.bbox.width
            assert ax.bbox.y0 - 2 < (box.y0 + box.y1) / 2 < ax.bbox.y1 + 2
            assert not any(box.overlaps(other) for other in boxes[:place])


def test_without_noise_all_of_the_path_is_shown_on_all_of_the_surface():
    figure = schedules_figure(diverging_schedules())
    surface = diverging_schedules().surface
    for ax, way in zip(figure.axes, drawn(figure)[0], strict=False):
        assert (ax.get_xlim(), ax.get_ylim()) == (surface.xlim, surface.ylim)
        assert way.get_visible()
    told = [[text.get_text() for text in ax.texts if text.get_text()] for ax in figure.axes[:2]]
    assert told[0][0] == "constant: out of sight"
    assert [len(each) for each in told] == [3, 1]
    outside = [not (-1 <= x <= 4.5 and -1.5 <= y <= 2) for x, y in drawn(figure)[0][0].get_xydata()]
    assert outside[1:3] == [False, True], "and back for a moment: no step is inside any more"
    assert all(outside[2:])
    assert told[0][1] == "▼ leaves at update 2"
    assert len(drawn(figure)[0][0].get_xydata()) == 3, "it is not followed farther"
    losses = figure.axes[-1]
    (name,) = [text for text in losses.texts if "constant" in text.get_text()]
    (height,) = [line.get_ydata() for line in losses.lines if line.get_linewidth() == 4]
    left = np.argmax(height > losses.get_ylim()[1])
    assert name.get_text() == "constant ▲"
    assert name.get_position()[0] * losses.get_xlim()[1] == pytest.approx(left)
    dots = [text for ax in figure.axes for text in ax.texts if "runs" in text.get_text()]
    assert [text.get_visible() for text in dots] == [False]


def test_the_sentence_has_the_ends():
    ends = {label: loss[-6:].mean() for label, loss in schedules().losses.items()}
    assert schedules_figure(schedules()).description == (
        "SGD, lr 0.95, noise 0.5, mean of 20 runs: f in the last tenth of 60 updates: "
        + ", ".join(f"{end:.2g} ({label})" for label, end in ends.items())
        + "."
    )


def test_a_schedule_that_diverges_leaves_the_picture():
    figure = schedules_figure(diverging_schedules())
    assert figure.axes[-1].get_title("left") == "loss f"
    assert [text.get_text() for text in figure.axes[-1].texts] == ["constant ▲", "warm-up"]
    assert not len(drawn(figure)[1][0].get_xdata())
    assert "Momentum, lr 0.05, momentum 0.9, noise 0, one run: f in" in figure.description
    assert "out of sight (constant), 0.0" in figure.description


@pytest.mark.parametrize(
    ("method", "label", "schedule", "lr", "noise"),
    [
        ("Momentum", "cosine", cosine(50), 0.2, 0.25),
        ("AdamW", "step", step(50), 0.3, 0.25),
        ("SGD", "cosine", cosine(50), 0.5, 0),
    ],
)
def test_the_explorer_shows_the_comparison(explorer, method, label, schedule, lr, noise):
    explorer.set(method=method, schedule=label, updates=50, lr=lr, noise=noise)
    label += " every 50" if label == "step" else " over 50"
    optimizer = type(METHODS[method].optimizer)(lr)
    tried = {"constant": constant, label: schedule}
    alone = compare_schedules(optimizer, tried, steps=60, noise=noise, runs=10 if noise else 1)
    check_lines(explorer.live.figure, alone)
    last = lr * schedule(60)
    assert explorer.sentence == schedules_figure(alone).description
    assert f"{label} lr goes from {lr:.3g} to {last:.3g}. {method}, lr {lr}" in explorer.sentence
    assert ("one run: " in explorer.sentence) == (noise == 0)
    losses = explorer.live.figure.axes[-1]
    drops = ", ▼ lr drops" * (schedule(51) < 0.5 * schedule(50))
    assert losses.get_title("left") == "mean " * (noise > 0) + "loss f" + drops
    assert losses.get_ylim() == (NOISY if noise else EXACT)


@pytest.mark.parametrize("lr", [0.95, 0.001])
def test_the_maps_hold_the_dots_from_the_start_on_and_close_in_on_them(explorer, lr):
    explorer.set(lr=lr)
    frames = []
    for update in range(1, 61):
        explorer.set(update=update)
        *maps, _, _ = explorer.live.figure.axes
        ((left, right), (low, high)) = frame = maps[0].get_xlim(), maps[0].get_ylim()
        assert (maps[1].get_xlim(), maps[1].get_ylim()) == frame
        for cloud in drawn(explorer.live.figure)[1]:
            x, y = cloud.get_data()
            assert len(x) == 10
            assert left < min(x) <= max(x) < right
            assert low < min(y) <= max(y) < high
        frames.append(frame)
    assert frames == sorted(frames), "it never widens"
    assert len(set(frames)) <= 6


METHOD_NAMES = [name for name in METHODS if name != "UncorrectedAdam"]


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_a_method_brings_its_rate_and_a_schedule_its_colour(explorer, name):
    assert list(explorer.controls["method"].options) == METHOD_NAMES
    explorer.set(method=name if name != "SGD" else "Adam")
    explorer.set(method="SGD" if name != "SGD" else "Adam", lr=0.02)
    explorer.set(method=name)
    assert explorer.values()["lr"] == METHODS[name].optimizer.lr
    *_, factors, losses = explorer.live.figure.axes
    for schedule, color in COLOURS.items():
        explorer.set(schedule=schedule)
        for artists in drawn(explorer.live.figure):
            assert artists[1].get_color() == color
            assert artists[0].get_color() == BASIS["color"]
        for ax in (factors, losses):
            assert [tuple(text.get_color()) for text in ax.texts] == [*map(darker, ax.lines)]
    assert COLOURS["step"] == schedules_figure(schedules()).axes[-1].lines[1].get_color()
    for value, updates, noise in ((0.5, 20, 0.5), (10, 1, 2), (0.0011, 60, 0)):
        explorer.set(method=name, lr=value, updates=updates, noise=noise)
        assert explorer.values()["lr"] == value
        assert f"{name}, lr {value:.4g}" in explorer.sentence


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_the_live_axis_stands_still_and_has_room_for_what_its_sliders_make(explorer, name):
    explorer.set(method=name)
    lr, lows, losses = METHODS[name].optimizer.lr, [], explorer.live.figure.axes[-1]
    for factor, noise in ((1, 0.5), (0.3, 0.05), (1, 0.05), (1, 2)):
        explorer.set(lr=factor * lr, noise=noise)
        assert losses.get_ylim() == NOISY
        heights = np.concatenate([line.get_ydata() for line in losses.lines])
        assert heights.max() < NOISY[1]
        lows.append(heights.min())
    assert NOISY[0] < min(lows) < 100 * NOISY[0]
    assert NOISY[1] < 10 * heights.max()


def bands(figure):
    """Return from where to where the band reaches in each diagram."""
    found = [[each for each in ax.patches if each.get_width() > 1] for ax in figure.axes[-2:]]
    return [(each.get_x(), each.get_x() + each.get_width()) for (each,) in found]


@pytest.mark.parametrize("panel", [0, 1])
def test_a_hand_in_either_diagram_moves_the_band_and_the_dots(explorer, panel):
    assert bands(explorer.live.figure) == [(54, 60)] * 2
    at_end = explorer.sentence
    ax = explorer.live.figure.axes[panel - 2]
    x, y = ax.transData.transform((30, ax.get_ylim()[1]))
    grab = explorer.view.grabs[panel]
    explorer.view.pointer = [grab["number"], x, explorer.live.figure.bbox.height - y, 0]
    assert explorer.values()["update"] == 30
    assert bands(explorer.live.figure) == [(24, 30)] * 2
    tried = {"constant": constant, "step every 20": step(20)}
    alone = compare_schedules(METHODS["SGD"].optimizer, tried, steps=60, runs=10)
    ways, clouds, factors, _ = drawn(explorer.live.figure)
    for label, way, cloud in zip(tried, ways, clouds, strict=True):
        assert np.array_equal(cloud.get_xydata(), alone.positions[label][30].T)
        assert np.array_equal(way.get_xydata(), alone.positions[label][:31, :, 0])
        assert f"{alone.losses[label][25:31].mean():.2g} ({label})" in explorer.sentence
    assert "lr goes from 0.95 to 0.095. " in explorer.sentence
    assert "f in updates 25 to 30: " in explorer.sentence
    assert factors[0].get_xdata()[-1] == 60
    explorer.set(update=60)
    assert explorer.sentence == at_end


def test_looking_at_another_update_walks_no_step_again(explorer, monkeypatch):
    explorer.set(lr=0.5)
    monkeypatch.setattr("course_utils.lab.schedules.compare_schedules", None)
    for update in (1, 3, 60):
        explorer.set(update=update)
        assert len(drawn(explorer.live.figure)[0][0].get_xdata()) == update + 1
