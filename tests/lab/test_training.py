"""Trainings as figures, and one by hand: to the end, stopped, diverged, broken."""

import asyncio
import re

import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, Momentum, MyTwoLayerNet, RMSProp, compare
from course_utils.lab import ProgressBar, digits_figure, held_out_figure, training_figure
from course_utils.lab.training import describe_training
from course_utils.training import Training
from tests.lab.tables import made_data, made_network, trainer


def training(loss=(1.0, 0.5, 0.25), accuracy=(0.1, 0.9), diverged_at=None, optimizer=None):
    count = len(accuracy)
    return Training(
        loss=np.array(loss, float),
        loss_before=np.array(loss, float),
        evaluated_at=np.linspace(0, len(loss), count).astype(int),
        held_out_loss=np.linspace(2, 0.5, count),
        held_out_accuracy=np.array(accuracy, float),
        seconds=1.0,
        diverged_at=diverged_at,
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
    assert raw.get_alpha() < 0.5
    window = np.kaiser(11, 2) / np.kaiser(11, 2).sum()
    assert smooth.get_ydata()[20] == pytest.approx(run.loss[15:26] @ window)
    assert smooth.get_label() == "Adam"
    assert ax.get_title() == "made data"
    assert ax.get_xlim() == (0, 40)


def test_trainings_in_words():
    runs = two() | {"Momentum": training((1, np.nan, np.nan), diverged_at=2)}
    sentence = training_figure(runs, "made data").description
    assert sentence.startswith("Smoothed loss on made data at the end: Adam 0.")
    assert sentence.endswith(", Momentum diverged.")


def test_held_out_numbers_are_drawn_where_they_were_taken():
    figure = held_out_figure(two(), "made data")
    loss, accuracy = figure.axes
    run = two()["SGD"]
    assert np.array_equal(loss.lines[0].get_data(), [run.evaluated_at, run.held_out_loss])
    assert np.array_equal(accuracy.lines[0].get_data(), [run.evaluated_at, run.held_out_accuracy])
    assert figure.description == (
        "Right on the held-out digits of made data at the end: Adam 95.0%, SGD 90.0%."
    )


def test_one_training_in_words():
    assert describe_training(training((), ())) == "SGD, lr 0.01: not trained yet."
    gone = training((1, np.nan, np.nan), diverged_at=2)
    assert describe_training(gone).endswith("the loss is not finite after step 2.")
    assert describe_training(training()).endswith(
        "after 3 steps, 90.0% right on the held-out digits."
    )


def test_digits_carry_their_labels_and_the_data_sets_name():
    x, t = np.random.default_rng(0).random((5, 784)), np.array([3, 1, 4, 1, 5])
    figure = digits_figure(x, t, "made data", rows=2, columns=3)
    (ax,) = figure.axes
    sheet = ax.images[0].get_array()
    assert [label.get_text() for label in ax.texts] == ["3", "1", "4", "1", "5"]
    for label, image in zip(ax.texts, x, strict=True):
        across, below = label.get_position()
        tile = sheet[int(below) + 1 : int(below) + 29, int(across) - 14 : int(across) + 14]
        assert np.array_equal(tile, image.reshape(28, 28))
    assert figure.description == "5 digits of made data in rows of 3, labelled 3, 1, 4 …"


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
    explorer.start_button.click()
    while explorer.bar.value == 0 and seen:
        await asyncio.sleep(0.01)
    running = [explorer.start_button, explorer.reset_button, *explorer.controls.values()]
    assert all(control.disabled for control in running)
    assert not explorer.stop_button.disabled
    explorer.stop_button.click()
    await explorer.task


def test_a_training_runs_to_the_end_and_again_the_same():
    network = made_network()
    explorer = trainer(network=network)
    assert explorer.sentence == "Momentum, lr 0.01, momentum 0.9: not trained yet."
    asyncio.run(explorer.run())
    alone = compare(network, {"m": Momentum()}, *made_data(), iterations=60)["m"]
    assert np.array_equal(shown_loss(explorer), alone.loss)
    assert explorer.bar.value == explorer.bar.max
    assert explorer.sentence.startswith("Momentum, lr 0.01, momentum 0.9: loss ")
    assert explorer.sentence.endswith(
        f"after 60 steps, {alone.held_out_accuracy[-1]:.1%} right on the held-out digits."
    )
    assert all(np.array_equal(p, made_network().params[k]) for k, p in network.params.items())
    shown = explorer.png, explorer.sentence
    asyncio.run(explorer.run())
    assert (explorer.png, explorer.sentence) == shown
    for label, value in (("lr", 0.2), ("decay", 0.5), ("method", "Adam")):
        said = explorer.sentence
        explorer.controls[label].value = value
        assert explorer.sentence != said
        assert explorer.sentence.endswith("not trained yet.")
        assert explorer.png != shown[0]
    (ax,) = explorer.live.figure.axes
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert (names, ax.get_title()) == (["SGD", "Adam", "yours"], "made data")
    assert ax.get_xlim() == (0, 60)


def test_stop_keeps_what_was_computed():
    explorer = endless()
    asyncio.run(asyncio.wait_for(stopped_after(explorer, seen=True), 20))
    assert not any(control.disabled for control in explorer.controls.values())
    assert not explorer.start_button.disabled
    assert not explorer.reset_button.disabled
    assert explorer.stop_button.disabled
    steps = len(shown_loss(explorer))
    assert 0 < steps < 10**6
    assert f"after {steps} steps, " in explorer.sentence
    assert explorer.sentence.endswith(" right on the held-out digits.")


def test_stop_right_after_train_is_not_lost_nor_kept():
    explorer = endless()
    asyncio.run(asyncio.wait_for(stopped_after(explorer, seen=False), 20))
    assert len(shown_loss(explorer)) == 0
    asyncio.run(asyncio.wait_for(stopped_after(explorer, seen=True), 20))
    assert len(shown_loss(explorer)) > 0


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
    assert not explorer.start_button.disabled
    assert not any(control.disabled for control in explorer.controls.values())
    assert len(shown_loss(explorer)) > 0


def test_a_second_click_does_not_start_a_second_training(monkeypatch):
    explorer, runs = trainer(), []

    async def run():
        runs.append(1)

    monkeypatch.setattr(explorer, "run", run)

    async def session():
        explorer.start_button.click()
        assert explorer.start_button.disabled
        explorer.start_button.click()
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
    assert not explorer.start_button.disabled


def test_a_failing_step_is_reported_and_controls_come_back(monkeypatch):
    explorer, reported = trainer(), []

    def fail(*args):
        raise ArithmeticError("planted")

    monkeypatch.setattr(MyTwoLayerNet, "loss_and_gradient", fail)

    async def session():
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: reported.append(context["exception"])
        )
        explorer.start_button.click()
        await asyncio.wait([explorer.task])
        await asyncio.sleep(0)

    asyncio.run(session())
    assert [str(each) for each in reported] == ["planted"]
    assert not explorer.start_button.disabled
    assert explorer.stop_button.disabled


@pytest.mark.parametrize(
    ("optimizer", "decay"),
    [(SGD(), None), (AdaGrad(), None), (RMSProp(), "decay_rate"), (Adam(), "beta2")],
    ids=repr,
)
def test_a_method_brings_its_defaults(optimizer, decay):
    explorer = trainer()
    explorer.set(lr=0.5, decay=0.3)
    name = type(optimizer).__name__
    explorer.controls["method"].value = name
    chosen = explorer.compute(**explorer.values())["yours"].optimizer
    assert repr(chosen) == repr(optimizer)
    assert explorer.controls["decay"].disabled == (decay is None)
    assert explorer.controls["decay"].description == (decay or "no decay")
    assert explorer.sentence.startswith(f"{name}, lr {optimizer.lr}")
    explorer.reset()
    assert explorer.sentence == "Momentum, lr 0.01, momentum 0.9: not trained yet."
    assert explorer.controls["decay"].description == "momentum"
    assert not explorer.controls["decay"].disabled
    explorer.set(decay=0.9, lr=0.3, method="Adam")
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
