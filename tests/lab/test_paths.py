"""Paths and losses: lines against records, and what the explorer's sliders ask for."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, Momentum, Ravine, Rosenbrock, Saddle, descend
from course_utils.experiments import five, inverse_time
from course_utils.lab import descent_figure, explore_descent, paths
from course_utils.lab.paths import COMPARED, beginning
from course_utils.lab.style import FAINT
from course_utils.optimizers import UncorrectedAdam
from tests.experiments.readers import MySGD
from tests.lab import own
from tests.lab.drawn import head, same, seen, trail
from tests.lab.tables import FIGURES, at_first, classic, walk
from tools.jupyter import drawn


def test_five_paths_and_their_losses():
    figure = descent_figure(classic())
    left, right = figure.axes
    for name, descent in classic().items():
        assert np.array_equal(trail(left, name), descent.positions)
        curve = np.column_stack([np.arange(31), descent.losses])
        assert np.array_equal(trail(right, name), curve)
        assert np.array_equal(head(left, name), descent.positions[-1])
        assert np.array_equal(head(right, name), curve[-1])
    assert right.get_yscale() == "log"
    assert right.get_xlim() == (0, 30)
    figure.png()
    assert figure.legends == []
    names = {text.get_text(): text.get_window_extent() for text in right.texts if text.get_text()}
    assert list(names) == list(classic())
    for name, descent in classic().items():
        end = right.transData.transform((30, descent.losses[-1]))
        assert end[0] < names[name].x0 < names[name].x1 <= figure.bbox.width
        assert abs((names[name].y0 + names[name].y1) / 2 - end[1]) < 60
    assert not any(a.overlaps(b) for a, b in combinations(names.values(), 2))


def test_the_loss_is_drawn_above_the_lowest_height():
    saddle = descend(Saddle(), SGD(0.1), steps=200)
    heights = trail(descent_figure(saddle).axes[1], "SGD")[:, 1]
    assert np.array_equal(heights, np.maximum(saddle.losses + 0.25, 1e-300))


@pytest.mark.parametrize("name", ["one path", "five paths"])
def test_axes_lie_near_the_data(name):
    """No curve is flat in a tenth of its panel."""
    ax = FIGURES[name]().axes[1]
    low, high = np.log(ax.get_ylim())
    drawn = np.concatenate([line.get_ydata() for line in ax.lines if len(line.get_ydata()) > 2])
    assert np.ptp(np.log(drawn)) > 0.4 * (high - low)


def test_a_star_and_heads_on_it_are_both_seen():
    above = descent_figure(walk("AdaGrad")).axes[0]
    star = next(line for line in above.lines if line.get_marker() == "*")
    (head,) = [line for line in above.lines if line.get_zorder() == 3]
    assert star.get_fillstyle() == "none"
    assert star.get_zorder() > head.get_zorder()
    assert star.get_markersize() >= 2 * head.get_markersize()


def test_older_parts_of_a_path_are_fainter():
    ax = descent_figure(walk("Adam")).axes[0]
    ages = [line.get_alpha() for line in ax.lines if line.get_zorder() == 2]
    assert len(ages) > 3
    assert ages == sorted(ages)
    assert ages[0] < 0.5 * ages[-1]


def marks(ax):
    return [text.get_text() for text in ax.texts if {*text.get_text()} & {*"▲▼◀▶"}]


def test_a_run_that_leaves_is_marked_at_the_edge_with_its_value():
    gone = descend(Ravine(), SGD(1.2), steps=30)
    figure = descent_figure(gone)
    assert gone.positions[-1] == pytest.approx([-0.151, 48_400], rel=0.01)
    assert list(map(marks, figure.axes)) == [["▼ (−0.15, 48,000)"], ["▲ 2.34·10⁹"]]
    assert [marks(ax) for ax in descent_figure(walk("SGD")).axes] == [[], []]


@pytest.mark.parametrize("lr", [1.05, 1.2, 1.9])
def test_its_mark_stands_where_the_line_that_is_seen_leaves(lr):
    gone = descend(Ravine(), SGD(lr), steps=30)
    figure = descent_figure(gone)
    figure.png()
    curve = np.column_stack([np.arange(len(gone.heights)), gone.heights])
    for ax, points in zip(figure.axes, (gone.positions, curve), strict=True):
        places = (ax.transScale + ax.transLimits).transform(points)
        out = ((places < 0) | (places > 1)).any(axis=1)
        last = np.flatnonzero(~out)[-1]  # from here it leaves, up or down
        edge = float(places[last + 1, 1] > 1)
        share = (edge - places[last, 1]) / (places[last + 1, 1] - places[last, 1])
        left = ax.transAxes.transform(places[last] + share * (places[last + 1] - places[last]))
        (mark,) = [text for text in ax.texts if text.get_text() in marks(ax)]
        box = mark.get_window_extent()
        assert mark.get_text()[0] == "▼▲"[int(edge)]
        assert 0 < box.x0 - left[0] < 20
        assert min(abs(box.y0 - left[1]), abs(box.y1 - left[1])) < 20


def test_a_path_is_not_drawn_between_places_that_are_not_seen():
    """It would be a block of lines over the others."""
    gone = descend(Ravine(), SGD(1.05), steps=30)
    drawn = trail(descent_figure(gone).axes[0], "SGD")
    assert same(drawn, seen(descent_figure(gone).axes[0], gone.positions))
    assert np.isnan(drawn).any(axis=1).sum() > 15
    there_and_back = descend(Ravine(), SGD(0.95), start=(-7, 5.4), steps=3)
    drawn = trail(descent_figure(there_and_back).axes[0], "SGD")
    assert np.array_equal(drawn, there_and_back.positions)


def test_a_narrow_surface_gets_a_narrow_map_and_a_higher_picture():
    wide, tall = (descent_figure(descend(f, SGD(1e-4))) for f in (Ravine(), Rosenbrock()))
    for figure in (wide, tall):
        figure.png()
    assert tall.bbox.height > 1.15 * wide.bbox.height
    assert tall.axes[0].bbox.height > 1.1 * wide.axes[0].bbox.height
    assert tall.axes[1].bbox.width > 1.3 * wide.axes[1].bbox.width


def test_marks_at_one_edge_stand_apart():
    gone = {name: descend(Ravine(), SGD(lr), steps=40) for name, lr in (("a", 1.3), ("b", 1.31))}
    figure = descent_figure(gone)
    figure.png()
    for ax in figure.axes:
        boxes = [text.get_window_extent() for text in ax.texts if text.get_text() in marks(ax)]
        assert len(boxes) == 2
        assert not boxes[0].overlaps(boxes[1])


def test_what_has_left_is_named_at_the_edge_in_the_order_of_its_values():
    explorer = at_first("five")
    explorer.set(**{"SGD lr": 2.0, "steps": 200})
    ax = explorer.live.figure.axes[1]
    names = {name.get_text(): name.get_window_extent() for name in explorer.live.parts.names}
    order = ["SGD", "Adam", "Momentum", "RMSProp", "AdaGrad"]
    assert sorted(names, key=lambda name: -names[name].y0) == order
    assert all(box.x0 > ax.bbox.x1 for box in names.values())
    explorer.set(**{"SGD lr": 0.95})
    texts = {text.get_text(): text.get_window_extent() for text in ax.texts}
    below = [texts[text] for text in texts if "▼" in text]
    assert len(below) == 3
    assert not any(a.overlaps(b) for a, b in combinations(below, 2))


@pytest.mark.parametrize("lr", [1.05, 1.2, 1.9])
def test_it_is_told_when_a_path_leaves_the_picture(lr):
    """And not when its numbers become too large to go on."""
    gone = descend(Ravine(), SGD(lr), steps=200)
    (inside,) = np.nonzero(abs(gone.positions[:, 1]) <= 5)
    last = int(inside.max()) + 1
    assert (
        f"out of sight after {last} update{'s' * (last > 1)}." in descent_figure(gone).description
    )
    assert last < gone.updates


def test_marks_stand_off_the_lines():
    explorer = explore_descent(SGD(0.95), Momentum(0.1), Adam(0.3))
    explorer.view.width = 1082
    explorer.set(**{"SGD lr": 1.05, "Momentum lr": 4.0})
    above, ax = explorer.live.figure.axes
    for text in above.texts:
        if text.get_text() in marks(above):
            assert above.bbox.contains(*text.get_window_extent().min), "in the map, at either edge"
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text() in marks(ax)]
    assert len(boxes) == 2
    for line in ax.lines:
        path = line.get_path().transformed(line.get_transform())
        crossed = any(path.intersects_bbox(box, filled=False) for box in boxes)
        assert line.get_zorder() == 1.5 or not crossed


def test_where_a_mark_stands_depends_on_what_is_shown_only():
    explorer = explore_descent(SGD(0.95), Momentum(0.1))
    explorer.view.width = 900
    explorer.set(**{"Momentum lr": 2.0})
    first = drawn(explorer.live)
    explorer.set(**{"SGD lr": 1.1})
    explorer.set(**{"SGD lr": 0.95})
    assert drawn(explorer.live) == first


def test_a_diverging_run_says_so_and_the_frame_stays():
    explorer = at_first("SGD")
    frame = [(ax.get_xlim(), ax.get_ylim()[1]) for ax in explorer.live.figure.axes]
    explorer.set(**{"lr": 10})
    assert "SGD, lr 10: past 2/L = 1.00: y grows by 19.00 per step" in explorer.sentence
    assert "out of sight after 1 update." in explorer.sentence
    frame[1] = frame[1][0], 100  # of the loss, which has begun at 6.45
    assert [(ax.get_xlim(), ax.get_ylim()[1]) for ax in explorer.live.figure.axes] == frame
    explorer.set(**{"lr": 1.2})
    assert [(ax.get_xlim(), ax.get_ylim()[1]) for ax in explorer.live.figure.axes] == frame


def test_the_axis_of_the_loss_ends_near_what_is_shown():
    explorer = at_first("SGD")
    losses = explorer.live.figure.axes[1]
    assert losses.get_ylim()[1] == 10
    explorer.set(**{"start x": 1, "start y": 0.5})
    assert losses.get_ylim()[1] == 1
    explorer.set(**{"start x": 10, "start y": 5})
    assert losses.get_ylim()[1] == 100


def test_the_axes_stay_for_many_numbers_of_steps_and_the_curves_fill_half():
    """A still picture ends with its data."""
    explorer = at_first("SGD")
    explorer.view.width = 900
    losses, frames = explorer.live.figure.axes[1], []
    for steps in range(1, 201):
        explorer.set(steps=steps)
        frames.append((losses.get_xlim(), losses.get_ylim()))
        assert 0.5 * frames[-1][0][1] <= steps <= frames[-1][0][1]
    assert len({ends for ends, _ in frames}) == 12
    moves = sum(one != other for one, other in pairwise(frames))
    assert moves == len(dict.fromkeys(frames)) - 1 < 20  # none there and back
    assert descent_figure(walk("SGD", steps=25)).axes[1].get_xlim() == (0, 25)


@pytest.mark.parametrize("width", [800, 1400])
def test_names_have_room_at_the_end_of_the_axis_whatever_is_shown_first(width):
    names = {name: five()[name] for name in ("SGD", "Momentum")}
    for make in (lambda: explore_descent(*names.values()), lambda: explore_descent(Adam(0.3))):
        short, long = make(), make()
        short.set(steps=21)
        short.view.width = long.view.width = width
        for each in (short, long):
            each.set(steps=30)
        assert (short.view.paper, short.view.moving) == (long.view.paper, long.view.moving)


def test_every_slider_reaches_the_descent():
    explorer = at_first("SGD")
    explorer.set(**{"lr": 0.3, "steps": 12, "start x": 5, "start y": -1, "noise": 0.5})
    explorer.set(condition=200.0)
    (descent,) = explorer.compute(**explorer.values()).descents.values()
    alone = descend(Ravine(200.0), SGD(0.3), (5, -1), 12, noise=0.5)
    assert np.array_equal(descent.positions, alone.positions)
    assert explorer.sentence == descent_figure(alone).description
    losses = explorer.live.figure.axes[1]
    assert losses.get_xlim() == (0, 20)
    assert np.array_equal(trail(losses, "SGD")[:, 1], alone.losses)


def test_an_update_is_looked_at_in_all_diagrams():
    explorer = at_first("Adam")
    explorer.set(update=12)
    (descent,) = explorer.compute(**explorer.values()).descents.values()
    above, losses, *panels = explorer.live.figure.axes
    assert np.array_equal(trail(above, "Adam"), descent.positions[:13])
    assert np.array_equal(head(above, "Adam"), descent.positions[12])
    assert np.array_equal(head(losses, "Adam"), (12, descent.heights[12]))
    assert len(panels) == 3
    for ax in (losses, *panels):
        (cursor,) = [line for line in ax.lines if line.get_zorder() == 1.5]
        assert cursor.get_xdata() == [12, 12]
        assert cursor.get_visible()
    x, y = descent.positions[12]
    at = f"Update 12: Adam, lr 0.3, beta1 0.9, beta2 0.999 at ({x:.3g}, {y:.3g}), f = "
    assert explorer.sentence == f"{at}{descent.losses[12]:.3g}."
    explorer.set(steps=8)
    assert explorer.values()["update"] == 8
    explorer.set(steps=50)
    assert explorer.values()["update"] == 50, "what looks at the end goes on to do so"
    explorer.set(update=3, steps=60)
    assert explorer.values()["update"] == 3


def grab(explorer, number, x, y):
    """Put a hand on what can be grabbed, at data coordinates, as the page does."""
    ax, live = explorer.live.parts.grabs[number].axes, explorer.live
    across, up = ax.transData.transform((x, y))
    explorer.view.pointer = [number, across, live.figure.bbox.height - up, 0]


def test_a_hand_drags_the_start_and_the_update():
    explorer = at_first("SGD")
    explorer.view.width = 900
    place = explorer.view.grabs[0]["at"]
    explorer.view.pointer = [0, *place, 0]
    assert explorer.sentence == at_first("SGD").sentence, "the start stays where it is grabbed"
    grab(explorer, 0, 5.25, -3.5)
    assert (explorer.values()["start x"], explorer.values()["start y"]) == (5.25, -3.5)
    grab(explorer, 0, 50, 0)
    assert explorer.values()["start x"] == 10, "beyond the map it stays at the edge"
    explorer.reset()
    (descent,) = explorer.compute(**explorer.values()).descents.values()
    grab(explorer, 1, *descent.positions[9])
    assert explorer.values()["update"] == 9
    grab(explorer, 2, 17.4, 1)
    assert explorer.values()["update"] == 17
    explorer.reset()


def test_the_condition_slider_starts_at_the_surfaces():
    explorer = explore_descent(SGD(0.5), surface=Ravine(200, 30), condition=True)
    assert explorer.values()["condition"] == pytest.approx(200)
    explorer.set(condition=50.0)
    (descent,) = explorer.compute(**explorer.values()).descents.values()
    assert (descent.surface.condition_number, descent.surface.rotation) == (50, 30)


def test_a_schedule_shows_the_rate_that_is_left():
    explorer = at_first("saddle")
    explorer.set(decay=0.5)
    (ax,) = [a for a in explorer.live.figure.axes if a.get_title("left") == "lr"]
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(0.1 / 15.5)


def test_what_is_compared_is_faint_and_follows_the_sliders():
    explorer = at_first("Momentum")
    assert explorer.sentence == (
        "Momentum, lr 0.1, momentum 0.9: long-run step 1 × gradient; f = 0.0479 after 30 updates. "
        "SGD, lr 0.1: f = 1.34 after 30 updates."
    )
    explorer.set(lr=0.2)
    other = explorer.compute(**explorer.values()).descents["SGD" + COMPARED]
    assert other.optimizer.lr == 0.2
    assert np.array_equal(trail(explorer.live.figure.axes[0], FAINT["color"]), other.positions)


@pytest.mark.parametrize("width", [760, 1084, 1400])
def test_a_comparison_has_room_for_its_panels_and_names(width):
    explorer = explore_descent(Adam(0.2), faint=lambda adam: UncorrectedAdam(adam.lr))
    explorer.view.width = width
    _, *diagrams = explorer.live.figure.axes
    assert [ax.get_title("left") for ax in diagrams] == [
        "loss f",
        "bias correction",
    ]
    assert min(ax.bbox.width for ax in diagrams) > 0.14 * width
    names = {name.get_text(): name.get_window_extent() for name in explorer.live.parts.names}
    assert names.keys() == {"Adam", "uncorrected"}
    assert not names["Adam"].overlaps(names["uncorrected"])
    assert max(box.x1 for box in names.values()) < width


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
    assert explorer.values()["steps"] == 500


def test_the_articles_condition_is_not_told():
    """A logarithmic slider sends 20 back as 10 to the power of its rounded logarithm."""
    explorer = explore_descent(SGD(0.1), condition=True)
    usual = explorer.sentence
    explorer.set(condition=20.000000000000004)
    assert explorer.sentence == usual
    explorer.set(condition=200)
    assert explorer.sentence.startswith("Condition number 200. SGD, lr 0.1: ")


def test_of_many_methods_the_settings_of_one_are_on_the_page():
    explorer = at_first("five")
    ours = [label for label in explorer.controls if label.split()[0] in classic()]
    assert len(ours) == 9
    for method, count in (("SGD", 1), ("Adam", 3), ("Momentum", 2)):
        said = explorer.sentence
        explorer.set(shown=method)
        shown = [label for label in ours if label not in explorer.view.idle]
        assert len(shown) == count
        assert all(label.startswith(f"{method} ") for label in shown)
        assert len(explorer.controls) - len(explorer.view.idle) <= 9
        assert explorer.sentence == said
    explorer.reset()
    assert at_first("Adam").view.idle == []


@pytest.mark.parametrize(("name", "height"), [("AdaGrad", 2.1), ("Adam", 1.45)])
def test_diagrams_are_high_enough_and_stand_beside_the_map(name, height):
    """Two and the loss stand one above the other, so that the same update is in the same place."""
    explorer = explore_descent(five()[name])
    explorer.view.width = 1082
    above, *diagrams = explorer.live.figure.axes
    assert min(ax.bbox.height for ax in diagrams) > 95
    if len(diagrams) == 3:
        assert len({(ax.bbox.x0, ax.bbox.x1) for ax in diagrams}) == 1
    assert explorer.live.figure.bbox.height < height * above.bbox.height
    for ax in diagrams[2:]:
        assert ax.get_xlabel() == "updates"
    titles = [ax.title for ax in diagrams] + [ax._left_title for ax in diagrams]
    boxes = [title.get_window_extent() for title in titles if title.get_text()]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_one_update_has_no_half():
    explorer = explore_descent(SGD(0.1))
    explorer.set(steps=1)
    losses = explorer.live.figure.axes[1]
    assert [t for t in losses.get_xticks() if 0 <= t <= 1] == [0, 1]


@pytest.mark.parametrize("noise", [0, 0.05, 0.5, 2])
def test_the_axis_of_the_loss_lies_near_a_noisy_one(noise):
    explorer = explore_descent(SGD(0.95), steps=100, noise=True)
    explorer.view.width = 900
    explorer.set(noise=noise)
    (losses,) = explorer.live.parts.timed
    low, high = np.log10(losses.get_ylim())
    shown = np.log10(trail(losses, "SGD")[:, 1])
    assert low <= min(shown)
    assert np.ptp(shown) > 0.35 * (high - low)


def test_the_best_settings_stay_in_both_diagrams():
    explorer = explore_descent(Momentum(0.1))
    explorer.view.width = 900
    explorer.set(lr=1.3, momentum=0.4)
    for ax in explorer.live.parts.timed:
        shown = np.concatenate([line.get_ydata() for line in ax.lines[:2]])
        low, high = ax.get_ylim()
        assert low <= np.nanmin(shown) <= np.nanmax(shown) <= high, ax.get_title("left")


def test_two_paths_leave_the_losses_a_third_of_the_picture():
    explorer = explore_descent(Momentum(0.05), SGD(0.05))
    explorer.view.width = 1084
    above, losses = explorer.live.figure.axes
    assert losses.bbox.width > 0.4 * above.bbox.width


@pytest.mark.parametrize("steps", [1, 14, 15, 30])
@pytest.mark.parametrize(
    "optimizer", [Adam(0.3), MySGD(0.1), SGD(1.9)], ids=lambda each: type(each).__name__
)
def test_the_beginning_of_a_descent_is_the_shorter_descent(optimizer, steps):
    """SGD at lr 1.9 diverges at update 15."""
    how = {"start": (3, 1), "noise": 0.5, "schedule": inverse_time(0.01)}
    ravine = Ravine()
    longer, shorter = (descend(ravine, optimizer, steps=n, **how) for n in (40, steps))
    cut = vars(beginning(longer, steps))
    same = {name: value for name, value in vars(shorter).items() if name != "optimizer"}
    np.testing.assert_equal({name: cut[name] for name in same}, same)


def test_fewer_steps_are_not_walked_again(monkeypatch):
    explorer = explore_descent(SGD(0.95), MySGD(0.1), steps=40)
    monkeypatch.setattr(paths, "descend", None)
    for steps in (12, 3, 40, 25):
        explorer.set(steps=steps)
        assert f"after {steps} updates" in explorer.sentence


def test_a_class_that_does_nothing_yet_is_told_at_its_start():
    explorer = explore_descent(own.Unanswered(0.1), faint=lambda mine: SGD(mine.lr))
    above = explorer.live.figure.axes[0]
    assert "Unanswered: no step yet" in [text.get_text() for text in above.texts]
    explorer.set(**{"start x": 0, "start y": 0})  # where there is no step to be made
    assert "start" in [text.get_text() for text in explorer.live.figure.axes[0].texts]
    above = explore_descent(MySGD(0.1), faint=lambda mine: SGD(mine.lr)).live.figure.axes[0]
    assert "start" in [text.get_text() for text in above.texts]


def test_the_axis_of_updates_can_be_logarithmic():
    explorer = explore_descent(AdaGrad(0.1), surface=Rosenbrock(), steps=1000, log=True)
    explorer.view.width = 900
    live = explorer.live
    live.figure.png()
    for ax in live.parts.timed:
        assert ax.get_xlim() == (0, 1000)
        places = ax.transData.transform([(t, 1) for t in (0, 1, 10, 100, 1000)])[:, 0]
        assert np.allclose(np.diff(places)[1:], np.diff(places)[-1])
        assert 0 < places[1] - places[0] < np.diff(places)[-1]
    ticks = [tick.get_text() for tick in live.parts.timed[-1].get_xticklabels()]
    assert [tick for tick in ticks if tick] == ["0", "1", "10", "100", "1000"]
    number = next(i for i, g in enumerate(live.parts.grabs) if g.axes is live.parts.timed[-1])
    x, _ = live.parts.timed[-1].transData.transform((12.2, 1))
    explorer.view.pointer = [number, x, 400, 0]
    assert explorer.values()["update"] == 12


@pytest.mark.parametrize(("lr", "noise"), [(0.3, 1.0), (0.03, 0.5), (0.95, 0.05), (0.95, 1.0)])
def test_where_sgd_settles_under_noise_is_where_many_long_walks_are(lr, noise):
    explorer = explore_descent(SGD(lr), steps=100, noise=True)
    explorer.view.width = 900
    explorer.set(noise=noise)
    (level,) = explorer.live.parts.level.get_ydata()[:1]
    walks = descend(Ravine(), SGD(np.full(400, lr)), steps=3000, noise=noise)
    assert walks.losses[-1500:].mean() == pytest.approx(level, rel=0.05)
    assert explorer.live.parts.level.get_visible()
    assert f", lr {lr:g}: settles around {level:.2g}; f = " in explorer.sentence


def test_a_walk_that_does_not_settle_is_told_no_level():
    for explorer, values in (
        (explore_descent(SGD(0.5), noise=True), {"noise": 0}),
        (explore_descent(SGD(0.5), noise=True), {"noise": 1, "lr": 1.05}),
        (explore_descent(Momentum(0.1), noise=True), {"noise": 1}),
        (explore_descent(SGD(0.5), noise=True, schedule=inverse_time), {"noise": 1, "decay": 0.1}),
        (explore_descent(SGD(0.5), noise=True, surface=Saddle()), {"noise": 1}),
    ):
        explorer.view.width = 900
        explorer.set(**values)
        assert not explorer.live.parts.level.get_visible()
        assert "settles" not in explorer.sentence
