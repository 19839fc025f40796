"""Trainings as figures, and one by hand: to the end, stopped, diverged, broken."""

import asyncio
import re
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec
from matplotlib.lines import Line2D
from matplotlib.text import Text

from course_utils import (
    SGD,
    AdaGrad,
    Adam,
    Momentum,
    MyTwoLayerNet,
    RMSProp,
    compare,
    smooth_curve,
)
from course_utils.lab import (
    ProgressBar,
    digits_figure,
    held_out_figure,
    training_figure,
    weights_figure,
)
from course_utils.lab.describe import adjustable
from course_utils.lab.style import YOURS
from course_utils.lab.training import describe_training
from course_utils.training import Training
from tests.lab.tables import image_trainer, made_data, made_network, trainer, trainings
from tools.jupyter import drawn

ROOT = Path(__file__).parents[2]


def training(
    loss=(1.0, 0.5, 0.25), accuracy=(0.1, 0.9), diverged_at=None, optimizer=None, planned=None
):
    count = len(accuracy)
    return Training(
        loss=np.array(loss, float),
        loss_before=np.array(loss, float),
        evaluated_at=np.linspace(0, len(loss), count).astype(int),
        held_out_loss=np.linspace(2, 0.5, count),
        held_out_accuracy=np.array(accuracy, float),
        seconds=1.0,
        diverged_at=diverged_at,
        planned=planned or len(loss),
        network=None,
        optimizer=optimizer or SGD(),
    )


def two():
    return {"SGD": training(), "Adam": training((1, 0.4, 0.1), (0.1, 0.95), optimizer=Adam())}


def test_trainings_are_drawn_raw_and_smoothed():
    run = training(np.random.default_rng(0).random(40), optimizer=Adam())
    (ax,) = training_figure({"Adam": run}, "made data").axes
    raw, smooth = ax.lines
    assert np.array_equal(raw.get_data(), [np.arange(1, 41), run.loss])
    assert raw.get_visible()
    assert raw.get_alpha() < 0.5
    assert smooth.get_xdata().tolist() == [10, 20, 30, 40]
    assert smooth.get_ydata().mean() == pytest.approx(run.loss.mean(), rel=0.1)
    assert smooth.get_ydata().std() < 0.5 * smooth_curve(run.loss).std()
    assert smooth.get_label() == "Adam"
    assert ax.get_title("left") == "made data: loss of each batch, after its step"
    assert ax.get_xlim() == (0, 40)


def test_no_mark_stands_on_the_edge_and_a_guess_has_a_line():
    figure = training_figure({"SGD": training(np.full(300, 0.3))}, "made data")
    figure.png()
    (ax,) = figure.axes
    marked = ax.lines[1].get_xdata()[slice(4, None, 10)]
    assert (ax.lines[1].get_markevery(), marked.tolist()) == ((4, 10), [50, 150, 250])
    (guess,) = ax.collections
    assert {y for _, y in guess.get_segments()[0]} == {np.log(10)}
    assert ax.get_ylim()[1] > np.log(10)
    assert ax.texts[-1].get_text() == "a guess: 2.30"


def test_small_losses_can_be_told_apart():
    runs = {"SGD": training(np.full(9, 0.3)), "Adam": training(np.full(9, 0.01), optimizer=Adam())}
    (ax,) = training_figure(runs, "made data").axes
    assert ax.get_yscale() == "log"
    assert ax.get_ylim() == pytest.approx((0.005, 4))
    assert {line.get_linestyle() for line in ax.lines} == {"-"}
    assert [text.get_text() for text in ax.texts[:2]] == ["SGD", "Adam"]
    assert ax.get_legend() is None
    sgd, adam = (text.get_position() for text in ax.texts[:2])
    assert sgd == pytest.approx((1, np.log(0.3 / 0.005) / np.log(800)))
    assert adam == pytest.approx((1, np.log(2) / np.log(800)))


def test_a_training_that_never_had_a_loss_is_drawn():
    runs = {"SGD": training((np.nan,) * 3, diverged_at=1), "Adam": training(optimizer=Adam())}
    (ax,) = training_figure(runs, "made data").axes
    assert [len(line.get_xdata()) for line in ax.lines] == [3, 0, 3, 1]
    assert ax.texts[0].get_position()[1] > 0.9


def test_trainings_in_words():
    runs = two() | {"Momentum": training((1, np.nan, np.nan), diverged_at=2)}
    sentence = training_figure(runs, "made data").description
    assert sentence.startswith("Smoothed loss on made data at the end: Adam 0.")
    assert sentence.endswith(", Momentum diverged.")


def test_trainings_that_were_cut_short_say_so():
    cut = training(planned=1000)
    at, (gone, whole) = " after 3 of 1,000 updates", (training(diverged_at=2), training((1, 0.1)))
    never = training((), (0.1,), planned=1000)
    trainings = {"SGD": cut, "Adam": whole, "Momentum": gone, "never": never}
    figure, held_out = training_figure(trainings, "made data"), held_out_figure(trainings, "made")
    (ax,), ends = figure.axes, figure.description.partition("at the end: ")[2].split(", ")
    assert ax.get_xlim() == (0, 1000)
    assert [len(line.get_xdata()) for line in ax.lines[::2]] == [3, 2, 3, 0]
    assert any(end.startswith("SGD") and end.endswith(at) for end in ends)
    assert sum("updates" in end for end in ends) == 2
    assert f"SGD 90.0%{at}, Adam 90.0%, " in held_out.description
    assert held_out.axes[0].get_xlim() == pytest.approx((0, 1020))
    assert f"{at}, 90.0 % right" in describe_training(cut)


def test_sentences_tell_the_last_value_of_the_drawn_line():
    rng = np.random.default_rng(0)
    runs = {"SGD": training(rng.random(200)), "Adam": training(0.02 * rng.random(200))}
    figure = training_figure(runs, "made data")
    sgd, adam = (f"{line.get_ydata()[-1]:.3g}" for line in figure.axes[0].lines[1::2])
    assert 0.005 < float(adam) < 0.015
    assert figure.description.endswith(f"at the end: Adam {adam}, SGD {sgd}.")
    assert f": loss {adam} after 200 steps" in describe_training(runs["Adam"])


def test_held_out_numbers_are_drawn_where_they_were_taken():
    figure = held_out_figure(two(), "made data")
    loss, accuracy = figure.axes
    run = two()["SGD"]
    after = run.evaluated_at[1:], run.held_out_loss[1:]  # without the untrained network
    assert np.array_equal(loss.lines[0].get_data(), after)
    percent = 100 * run.held_out_accuracy[1:]
    assert np.array_equal(accuracy.lines[0].get_data(), [after[0], percent])
    assert accuracy.get_title() == "made data, test accuracy, %"
    assert figure.description == (
        "Right on the test digits of made data at the end: Adam 95.0%, SGD 90.0%."
    )


def test_held_out_axes_lie_near_the_ends():
    runs = {
        "SGD": training(accuracy=(0.1, 0.8, 0.9, 0.91)),
        "Adam": training(accuracy=(0.1, 0.9, 0.96, 0.97), optimizer=Adam()),
        "gone": training(accuracy=(0.1, np.nan, np.nan, np.nan)),
    }
    assert runs["SGD"].evaluated_at.tolist() == [0, 1, 2, 3]
    loss, accuracy = held_out_figure(runs, "made data").axes
    low, high = accuracy.get_ylim()
    assert 89 < low < 90 < 97 < high < 98
    low, high = loss.get_ylim()
    assert 0.4 < low < 0.5 < 1 < high < 1.1
    for ax in (loss, accuracy):
        assert ax.get_xlim()[0] == 0
        assert [text.get_text() for text in ax.texts] == list(runs)
        assert all(line.get_linestyle() == "-" for line in ax.lines)


@pytest.mark.parametrize("low", [0.01, 0.09, 0.2, 0.31, 0.49, 0.499])
def test_at_least_three_ticks_stand_on_the_held_out_loss(low):
    run = training((1,) * 4, accuracy=(0.1, 0.8, 0.9, 0.91))
    run.held_out_loss[:] = 2, 1, 0.5, low
    ax, _ = held_out_figure({"SGD": run}, "made data").axes
    bottom, top = ax.get_ylim()
    shown = [tick for tick in ax.get_yticks() if bottom <= tick <= top]
    assert 3 <= len(shown) <= 10
    assert not ax.yaxis.get_minorticklocs().size


def test_one_training_in_words():
    assert describe_training(training((), ())) == "SGD, lr 0.01: not trained yet."
    gone = training((1, np.nan, np.nan), diverged_at=2)
    assert describe_training(gone).endswith("the loss is not finite after step 2.")
    assert describe_training(training()).endswith("after 3 steps, 90.0 % right on the test digits.")


def test_digits_stand_in_a_column_under_their_label_and_the_first_is_enlarged():
    x, t = np.random.default_rng(0).random((6, 784)), np.array([3, 1, 4, 1, 5, 1])
    figure = digits_figure(x, t, "made data", rows=2)
    one, every, bar = figure.axes
    assert np.array_equal(one.images[0].get_array(), x[0].reshape(28, 28))
    assert [label.get_text() for label in every.get_xticklabels()] == ["1", "3", "4", "5"]
    sheet = every.images[0].get_array()
    for place, numbers in zip(every.get_xticks(), ([1, 3], [0], [2], [4]), strict=True):
        left = int(place - 13.5)
        tiles = [sheet[top : top + 28, left : left + 28] for top in (2, 34)]
        for tile, number in zip(tiles, numbers, strict=False):
            assert np.array_equal(tile, x[number].reshape(28, 28))
        assert tiles[1].any() == (len(numbers) > 1)
    assert bar.get_xlim()[0] == 0
    title = "made data: the first 2 digits of each label"
    assert every.get_title() == title
    assert figure.description == f"{title}, 1 to 5; enlarged, a 3."


def gradients(units=40):
    """Return RMS gradients of 784 pixels, ten of which have none, set by the pixel alone."""
    rms = np.repeat(np.geomspace(1e-8, 1e-2, 784)[:, None], units, axis=1)
    rms[30:40] = 0
    return rms


def test_pixels_whose_weights_got_no_gradient_are_marked():
    left, right, bar = weights_figure(gradients()).axes
    (marks,) = left.lines
    assert {28 * y + x for x, y in marks.get_xydata()} == set(range(30, 40))
    assert left.images[0].get_array().mask.sum() == 10
    assert "no gradient" in left.get_xlabel()
    (middle,) = right.lines
    assert middle.get_ydata() == pytest.approx(np.delete(gradients()[:, 0], range(30, 40)))
    assert right.get_yscale() == bar.get_yscale() == "log"


def test_the_pixels_whose_weights_differ_little_are_counted():
    """Of 774 pixels with gradients, all but 100 have weights within a factor of 9."""
    rms = gradients(units=100) * np.geomspace(1, 9, 100)
    rms[100:200] *= np.geomspace(1, 100, 100)
    said = weights_figure(rms).description
    assert said == (
        "1,000 of 78,400 weights never got a gradient; "
        "of the others 90 % lie within a factor of 10 at 674 of 774 pixels."
    )


def test_a_weight_without_gradient_beside_others_is_counted():
    rms = gradients()
    rms[100, :5] = 0
    figure = weights_figure(rms)
    assert figure.description.startswith("405 of ")
    assert len(figure.axes[0].lines[0].get_xydata()) == 10


# One by hand


def shown_loss(explorer):
    """Return the loss that is drawn as the reader's, as it was at each step."""
    raw, *_ = [line for line in explorer.live.figure.axes[0].lines if line.get_animated()]
    return np.array(raw.get_ydata(), float)


def endless():
    """Return an explorer whose training goes on until it is stopped."""
    stored = {"SGD": training(np.ones(10**6))}
    return trainer(stored=stored)


async def stopped_after(explorer, seen):
    explorer.press("Train")
    while explorer.view.done == 0 and seen:
        await asyncio.sleep(0.01)
    assert explorer.view.running
    explorer.press("Stop")
    await explorer.task


def test_a_training_runs_to_the_end_and_again_the_same():
    network = made_network()
    explorer = trainer(network=network)
    assert explorer.sentence == "Momentum, lr 0.01, momentum 0.9: not trained yet."
    asyncio.run(explorer.run())
    alone = compare(network, {"m": Momentum()}, *made_data(), iterations=60)["m"]
    assert np.array_equal(shown_loss(explorer), alone.loss)
    assert explorer.view.done == 1
    assert explorer.sentence.startswith("Momentum, lr 0.01, momentum 0.9: loss ")
    assert explorer.sentence.endswith(
        f"after 60 steps, {100 * alone.held_out_accuracy[-1]:.1f} % right on the test digits."
    )
    assert all(np.array_equal(p, made_network().params[k]) for k, p in network.params.items())
    shown = drawn(explorer.live), explorer.sentence
    asyncio.run(explorer.run())
    assert (drawn(explorer.live), explorer.sentence) == shown
    for label, value in (("lr", 0.2), ("momentum", 0.5), ("method", "Adam")):
        said = explorer.sentence
        explorer.set(**{label: value})
        assert explorer.sentence != said
        assert explorer.sentence.endswith("not trained yet.")
        assert drawn(explorer.live) != shown[0]
        assert explorer.view.done == 0
    (ax,) = explorer.live.figure.axes
    names = [text.get_text() for text in ax.texts[:-2] if text.get_visible()]
    runs = *trainings().values(), alone
    scores = [f"{100 * run.held_out_accuracy[-1]:.1f} %" for run in runs]
    told = zip(("SGD", "Adam", "Momentum 0.01"), scores, strict=True)
    assert names == [f"{name} · {score}" for name, score in told]
    assert ax.get_title("left").startswith("made data: ")
    assert ax.get_xlim() == (0, 60)


def test_under_digits_that_the_first_stored_network_misreads_stands_what_the_readers_reads():
    explorer = image_trainer()
    live, (strip, _) = explorer.live, explorer.live.figure.axes
    x, t = live.picture.digits
    assert 3 < len(t) <= 12
    assert np.all(live.picture.stored["SGD"].network.predict(x).argmax(axis=1) != t)
    dark = [(40 * n + column, -row) for n, row, column in np.argwhere(x.reshape(-1, 28, 28) > 0.4)]
    assert strip.lines[0].get_xydata().tolist() == [list(map(float, at)) for at in dark]

    wrong = live.picture.stored["SGD"].network.predict(x).argmax(axis=1)
    assert {f"{one} ✗" for one in wrong} <= {text.get_text() for text in strip.texts}

    def told():
        read = live.record["yours"].network.predict(x).argmax(axis=1)
        right = [f"{one} {'✗✓'[int(one == label)]}" for one, label in zip(read, t, strict=True)]
        assert [text.get_text() for text in live.parts.read] == right
        return " ".join(right).count("✓")

    assert [text.get_text() for text in live.parts.read] == ["?"] * len(t)
    explorer.set(method="SGD", lr=0.5)
    asyncio.run(explorer.run())
    assert told() > 3


def test_only_lines_and_names_move_and_the_axes_stay():
    explorer = trainer()
    explorer.set(method="Adam", lr=0.05)
    live, (ax,) = explorer.live, explorer.live.figure.axes
    limits = ax.get_xlim(), ax.get_ylim()
    assert [text.get_visible() for text in ax.texts[:-2]] == 2 * [True] + 4 * [False]
    asyncio.run(explorer.run())
    assert {type(artist) for artist in live.parts.artists()} == {Line2D, Text}
    assert [line.get_animated() for line in ax.lines] == 4 * [False] + 8 * [True]
    assert (ax.get_xlim(), ax.get_ylim()) == limits
    assert ax.texts[2].get_visible()
    assert ax.texts[2].get_position()[0] == pytest.approx(1)
    boxes = [text.get_window_extent() for text in ax.texts if text.get_visible()]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert all(box.x1 <= live.figure.bbox.width for box in boxes)


def test_a_curve_that_leaves_the_frame_is_marked_beside_its_name():
    stored = {"SGD": training(np.linspace(1, 0.1, 60))}
    live = trainer(stored=stored).live
    texts = live.figure.axes[0].texts[:-2]
    for height, name in (
        (5, "yours ▲"),
        (3, "yours"),
        (0.5, "yours"),
        (0.001, "yours ▼"),
        (np.nan, "yours ▲"),
    ):
        gone = 1 if np.isnan(height) else None
        live.show({"yours": training(np.full(60, height), diverged_at=gone)})
        name = name.replace("yours", "yours · 90.0 %")
        assert [text.get_text() for text in texts if text.get_visible()] == ["SGD · 90.0 %", name]
        assert texts[1].get_visible()
        assert texts[1].get_window_extent().x1 <= live.figure.bbox.width


def test_names_that_reached_the_goal_are_ticked_under_what_they_tell():
    for goal, tick in ((0.9, " ✓"), (0.91, "")):
        live = trainer(stored={"SGD": training(np.ones(60))}, goal=goal).live
        name, *_, head, _ = live.figure.axes[0].texts
        assert name.get_text() == f"SGD · 90.0 %{tick}"
        assert head.get_text() == f"test digits right (✓ ≥ {100 * goal:g} %)"
        box = head.get_window_extent()
        assert name.get_window_extent().y1 < box.y0
        assert box.x1 < live.figure.bbox.width


def test_stored_lines_are_pale_unless_there_is_only_one():
    one = {"SGD": training(np.ones(60))}
    for stored, alphas in ((one, [None]), (one | {"Adam": training(np.ones(60))}, [0.5, 0.5])):
        (ax,) = trainer(stored=stored).live.figure.axes
        assert [line.get_alpha() for line in ax.lines[1 : 2 * len(stored) : 2]] == alphas


def test_another_setting_of_a_method_has_its_colour_dashed_and_hollow():
    runs = dict.fromkeys(("SGD", "Adam", "SGD, lr 0.5"), trainings()["SGD"])
    for ax in held_out_figure(runs, "made data").axes:
        sgd, adam, changed = ax.lines
        assert sgd.get_color() == changed.get_color() != adam.get_color()
        assert [line.get_linestyle() for line in (sgd, changed)] == ["-", "--"]
        assert (changed.get_marker(), changed.get_markerfacecolor()) == (sgd.get_marker(), "white")


def tries(explorer):
    """Return the reader's runs that are drawn: name, strength and losses, smoothed."""
    (ax,) = explorer.live.figure.axes
    own = [line for line in ax.lines[1::2] if line.get_color() == YOURS["color"]]
    names = [text for text in ax.texts[-len(own) - 2 : -2] if text.get_visible()]
    lines = [line for line in own if len(line.get_xdata())]
    return {
        name.get_text().partition(" · ")[0]: (line.get_alpha(), line.get_ydata())
        for name, line in zip(names, lines, strict=True)
    }


def test_the_last_three_tries_stay_faint_and_named_until_reset():
    explorer = trainer()
    for lr in (0.01, 0.03, 0.1, 0.3):
        explorer.set(lr=lr)
        asyncio.run(explorer.run())
    found = tries(explorer)
    assert list(found) == ["yours", *(f"Momentum {lr}" for lr in (0.1, 0.03, 0.01))]
    alphas = [alpha or 1 for alpha, _ in found.values()]
    assert alphas == sorted(alphas, reverse=True)
    assert max(alphas[1:]) < 0.7
    alone = compare(made_network(), {"m": Momentum(0.03)}, *made_data(), iterations=60)
    (whole,) = training_figure(alone, "made data").axes
    assert found["Momentum 0.03"][1][-1] == whole.lines[1].get_ydata()[-1]
    explorer.set(lr=1.0)
    assert list(tries(explorer)) == [f"Momentum {lr}" for lr in (0.3, 0.1, 0.03)]
    texts = [text for text in explorer.live.figure.axes[0].texts if text.get_visible()]
    boxes = [text.get_window_extent() for text in texts]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert all(box.x1 <= explorer.live.figure.bbox.width for box in boxes)
    explorer.set(method="Adam")
    assert list(tries(explorer)) == [f"Momentum {lr}" for lr in (0.3, 0.1, 0.03)]
    explorer.press("Reset")
    assert tries(explorer) == {}


def test_the_longest_name_of_a_try_is_on_the_page():
    explorer = trainer()
    explorer.view.width = 700
    explorer.set(method="Adam")
    explorer.set(lr=0.0015, beta1=0.95, beta2=0.995)
    asyncio.run(explorer.run())
    explorer.set(method="SGD")
    (name,) = tries(explorer)
    assert name == "Adam 0.0015, 0.95, 0.995"
    figure = explorer.live.figure
    assert all(t.get_window_extent().x1 <= figure.bbox.width for t in figure.axes[0].texts)


def test_a_try_is_named_by_its_settings_up_to_the_last_that_was_moved():
    explorer = trainer()
    for values in ({}, {"momentum": 0.5}, {"momentum": 0.9, "lr": 0.2}):
        explorer.set(**values)
        asyncio.run(explorer.run())
    explorer.set(lr=0.3)
    assert list(tries(explorer)) == ["Momentum 0.2", "Momentum 0.01, 0.5", "Momentum 0.01"]
    for name in ("yours", "Momentum 0.2"):
        raw, smooth = explorer.live.parts.lines[1 if name != "yours" else name]
        assert raw.get_visible() == (name == "yours")
        assert (smooth.get_alpha() or 1) == pytest.approx(1 if name == "yours" else 0.6)


def test_a_try_with_the_same_settings_takes_the_place_of_the_first():
    explorer = trainer()
    for lr in (0.1, 0.3, 0.1):
        explorer.set(lr=lr)
        asyncio.run(explorer.run())
    assert list(tries(explorer)) == ["yours", "Momentum 0.3"]
    explorer.set(momentum=0.5)
    assert list(tries(explorer)) == ["Momentum 0.1", "Momentum 0.3"]


def test_stop_keeps_what_was_computed():
    explorer = endless()
    asyncio.run(asyncio.wait_for(stopped_after(explorer, seen=True), 20))
    assert not explorer.view.running
    steps = len(shown_loss(explorer))
    assert 0 < steps < 10**6
    assert f" after {steps:,} of 1,000,000 updates, " in explorer.sentence
    assert explorer.sentence.endswith(" right on the test digits.")


def test_stop_right_after_train_is_not_lost_nor_kept():
    explorer = endless()
    asyncio.run(asyncio.wait_for(stopped_after(explorer, seen=False), 20))
    assert len(shown_loss(explorer)) == 0
    asyncio.run(asyncio.wait_for(stopped_after(explorer, seen=True), 20))
    assert len(shown_loss(explorer)) > 0


def test_a_training_ends_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr("course_utils.lab.training.LIMIT", 0.3)
    explorer = endless()
    asyncio.run(asyncio.wait_for(explorer.run(), 20))
    made = len(shown_loss(explorer))
    assert 0 < made < 10**6
    assert f"after {made:,} of 1,000,000 updates" in explorer.sentence


def test_an_interrupt_leaves_the_controls_usable():
    """A kernel's stop button raises KeyboardInterrupt wherever Python is."""
    explorer = endless()
    job = explorer.job

    def interrupted(stop, **values):
        yield next(job(stop, **values))
        raise KeyboardInterrupt

    explorer.job = interrupted
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(explorer.run())
    assert not explorer.view.running
    assert len(shown_loss(explorer)) > 0


class ThisPython(KernelManager):
    kernel_spec = KernelSpec(**get_kernel_dict())


@contextmanager
def kernel():
    """Give a kernel of its own, and a function that returns what some code prints in it."""
    manager = ThisPython()
    manager.start_kernel(cwd=ROOT)
    client = manager.blocking_client()
    client.start_channels()

    def say(code):
        printed = []
        answer = client.execute_interactive(
            code,
            timeout=60,
            output_hook=lambda each: printed.append(each["content"].get("text", "")),
        )
        assert answer["content"]["status"] == "ok", answer
        return "".join(printed).strip()

    try:
        client.wait_for_ready(timeout=60)
        yield manager, say
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


STARTED = """
from tests.lab.test_training import endless
explorers = endless(), endless()
for explorer in explorers:
    explorer.press("Train")
"""


def test_interrupting_an_idle_kernel_stops_all_trainings():
    with kernel() as (manager, say):
        say(STARTED)
        while say("print(*(each.view.done > 0 for each in explorers))") != "True True":
            sleep(0.1)
        assert say("print(*(each.view.running for each in explorers))") == "True True"
        manager.interrupt_kernel()
        for _ in range(100):
            if (now := say("print(*(each.view.running for each in explorers))")) == "False False":
                break
            sleep(0.1)
        assert now == "False False"
        assert "right on the test digits" in say("print(explorer.sentence)")


def test_a_second_click_does_not_start_a_second_training(monkeypatch):
    explorer, runs = trainer(), []

    async def run():
        runs.append(1)

    monkeypatch.setattr(explorer, "run", run)

    async def session():
        explorer.press("Train")
        assert explorer.view.running
        explorer.press("Train")
        await explorer.task

    asyncio.run(session())
    assert runs == [1]


def test_a_diverging_training_ends_with_a_sentence():
    (x, t), held_out = made_data()
    explorer = trainer(data=(x * np.float32(1e18), t), held_out=held_out)
    explorer.set(method="SGD", lr=10.0)
    asyncio.run(explorer.run())
    assert re.fullmatch(
        r"SGD, lr 10: diverged, the loss is not finite after step \d+\.", explorer.sentence
    )
    assert not explorer.view.running


def test_a_failing_step_is_reported_and_controls_come_back(monkeypatch):
    explorer, reported = trainer(), []

    def fail(*args):
        raise ArithmeticError("planted")

    monkeypatch.setattr(MyTwoLayerNet, "loss_and_gradient", fail)

    async def session():
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: reported.append(context["exception"])
        )
        explorer.press("Train")
        await asyncio.wait([explorer.task])
        await asyncio.sleep(0)

    asyncio.run(session())
    assert [str(each) for each in reported] == ["planted"]
    assert not explorer.view.running


@pytest.mark.parametrize("optimizer", [SGD(), AdaGrad(), RMSProp(), Adam()], ids=repr)
def test_a_method_brings_its_defaults_and_its_settings(optimizer):
    explorer = trainer()
    explorer.set(lr=0.5, momentum=0.3)
    name = type(optimizer).__name__
    explorer.set(method=name)
    chosen = explorer.compute(**explorer.values())["yours"].optimizer
    assert repr(chosen) == repr(optimizer)
    shown = set(explorer.controls) - set(explorer.view.idle)
    assert shown == {"method", *adjustable(optimizer)}
    assert explorer.sentence.startswith(f"{name}, lr {optimizer.lr}")
    explorer.reset()
    assert explorer.sentence == "Momentum, lr 0.01, momentum 0.9: not trained yet."
    explorer.set(beta2=0.9, lr=0.3, method="Adam")
    chosen = explorer.compute(**explorer.values())["yours"].optimizer
    assert repr(chosen) == repr(Adam(0.3, beta2=0.9))


def test_the_progress_bar_moves(capsys):
    bar = ProgressBar("learning")
    assert "learning" in capsys.readouterr().out
    assert {"text/plain", "application/vnd.jupyter.widget-view+json"} <= set(
        bar._repr_mimebundle_()
    )
    seen = []
    for done in range(1, 251):
        bar(done, 250)
        seen.append(bar.bar.value)
    assert (bar.bar.value, bar.bar.max) == (250, 250)
    assert bar.text.value == "learning: 250 of 250"
    assert len(set(seen)) >= 100
    assert seen == sorted(seen)
    compare(made_network(), {"SGD": SGD()}, made_data()[0], iterations=7, progress=bar)
    assert (bar.bar.value, bar.bar.max) == (7, 7)


def test_losses_can_be_those_before_the_steps():
    explorer = trainer(before=True)
    asyncio.run(explorer.run())
    run = explorer.live.record["yours"]
    assert shown_loss(explorer).tolist() == run.loss_before.tolist()
    assert shown_loss(explorer).tolist() != run.loss.tolist()
    (ax,) = explorer.live.figure.axes
    assert ax.get_title("left") == "made data: loss of each batch, before its step"
    assert explorer.sentence == describe_training(run, "loss_before") != describe_training(run)
