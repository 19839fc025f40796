"""Explorers without a browser: each control, the picture, its alternative text and the verdict."""

import asyncio
import functools
import gc
import html
import itertools
import re
import tracemalloc
from base64 import b64decode
from io import BytesIO

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import course_utils.explorers.training as training_explorer
from course_utils import (
    SGD,
    AdaGrad,
    Adam,
    Momentum,
    MyTwoLayerNet,
    Ravine,
    RMSProp,
    Saddle,
    compare,
    descend,
)
from course_utils.explorers import (
    AnatomyExplorer,
    DescentExplorer,
    ProgressBar,
    TrainingExplorer,
)
from course_utils.figures import projector
from course_utils.figures.anatomy import anatomy, describe_anatomy
from course_utils.figures.describe import describe_descent, describe_end, effective_rate
from course_utils.figures.live import LivePicture
from course_utils.optimizers import UncorrectedAdam
from course_utils.schedules import inverse_time
from tests.drawn_texts import check_texts


def sgd(**settings):
    return DescentExplorer(SGD(0.95), noise=True, condition=True, **settings)


def beside_sgd():
    return DescentExplorer(Momentum(0.1), faint=lambda ball: SGD(ball.lr))


def all_five():
    return DescentExplorer(
        SGD(0.95), Momentum(0.1), AdaGrad(1.5), RMSProp(0.1), Adam(0.3), condition=True
    )


def scheduled():
    return DescentExplorer(SGD(0.95), schedule=inverse_time)


EXPLORERS = {
    "SGD": sgd,
    "Momentum": beside_sgd,
    "RMSProp": lambda: DescentExplorer(RMSProp(0.1)),
    "Adam": lambda: DescentExplorer(Adam(0.3)),
    "schedule": scheduled,
    "five": all_five,
    "saddle": lambda: DescentExplorer(SGD(0.1), surface=Saddle()),
    "anatomy": lambda: AnatomyExplorer(descend(Ravine(), Adam(0.3))),
}
DESCENTS = [name for name in EXPLORERS if name != "anatomy"]
each_explorer = pytest.mark.parametrize("explorer", EXPLORERS, indirect=True)
each_descent = pytest.mark.parametrize("explorer", DESCENTS, indirect=True)


@functools.cache
def built(name):
    return EXPLORERS[name]()


@pytest.fixture
def explorer(request):
    """One explorer for all tests of its name, put back to its first settings."""
    explorer = built(request.param)
    explorer.set(**explorer.defaults)
    return explorer


@pytest.fixture(autouse=True)
def _projector_off():
    yield
    projector(False)


@pytest.fixture
def no_drawing(monkeypatch):
    monkeypatch.setattr(LivePicture, "png", lambda picture: b"")


def limits(control):
    if isinstance(control, widgets.FloatLogSlider):
        return control.base**control.min, control.base**control.max
    return control.min, control.max


def other_values(control):
    """Return two values a little off the present one."""
    low, high = limits(control)
    if isinstance(control, widgets.FloatLogSlider):
        return [value for value in (0.7 * control.value, 0.8 * control.value) if value > low]
    step = control.step * (1 if isinstance(control.value, int) else 5)
    down = [control.value - step, control.value - 2 * step]
    return [v for v in (*down, control.value + step, control.value + 2 * step) if low <= v <= high][
        :2
    ]


def image(explorer):
    """Return the picture that the view shows, and its alternative text."""
    alt, source = re.fullmatch(
        r'<img alt="([^"]*)" .*src="data:image/png;base64,([^"]*)">', explorer.picture.value
    ).groups()
    assert b64decode(source) == explorer.png
    return np.asarray(Image.open(BytesIO(explorer.png)).convert("RGB")).astype(int), alt


def check_agreement(explorer):
    """Picture, alternative text, verdict, text and lines are of one moment."""
    _, alt = image(explorer)
    assert alt == html.escape(explorer.sentence)
    assert html.unescape(re.sub("<[^>]*>", "", explorer.verdict.value)) == explorer.sentence
    assert repr(explorer) == explorer.sentence
    assert "nan" not in explorer.sentence
    if isinstance(explorer, AnatomyExplorer):
        t = explorer.controls["update"].value
        assert explorer.sentence == describe_anatomy(explorer.descent, t)
        path = explorer.descent.positions
        assert np.array_equal(explorer.path.get_data(), path[: t + 1].T)
        assert np.array_equal(explorer.here.get_data(), path[t - 1 : t].T)
        parts = anatomy(explorer.descent, t)
        tip = explorer.arrows["update"].xy
        np.testing.assert_allclose(tip / np.abs(tip).max(), parts.update / abs(parts.update).max())
        return
    for name, descent in expected(explorer).items():
        assert np.array_equal(explorer.paths[name].get_data(), descent.positions.T)
        steps, height = explorer.losses[name].get_data()
        assert np.array_equal(steps, np.arange(len(descent.losses)))
        np.testing.assert_allclose(
            height, np.maximum(descent.losses - descent.surface.lowest, 1e-300)
        )
        assert describe_end(descent) in explorer.sentence
    steps = explorer.controls["steps"].value
    assert {ax.get_xlim() for ax in (explorer.loss_axes, *explorer.panel_axes)} == {(0, steps)}


def expected(explorer):
    """Compute what the controls ask for, without the explorer."""
    value = {name: control.value for name, control in explorer.controls.items()}
    only = len(explorer.optimizers) == 1
    kinds = {"lr", "momentum", "decay_rate", "beta1", "beta2"}
    optimizers = {}
    for name, template in explorer.optimizers.items():
        settings = {
            each: value[each if only else f"{name} {each}"]
            for each in kinds & set(template.hyperparameters)
        }
        optimizers[name] = type(template)(**settings)
    if "faint" in explorer.paths:
        optimizers["faint"] = SGD(value["lr"])
    surface = Ravine(value["condition"]) if "condition" in value else explorer.surface
    return {
        name: descend(
            surface,
            optimizer,
            (value["start x"], value["start y"]),
            value["steps"],
            noise=value.get("noise", 0.0),
            schedule=inverse_time(value["decay"]) if "decay" in value else None,
        )
        for name, optimizer in optimizers.items()
    }


# Each control does something, and what it says


@each_explorer
def test_every_control_moves_picture_and_verdict(explorer):
    check_agreement(explorer)
    size = explorer.live.size
    for label, control in explorer.controls.items():
        for value in other_values(control)[: 2 if len(explorer.controls) < 5 else 1]:
            before, said = image(explorer)
            control.value = value
            after, says = image(explorer)
            assert control.value == value
            assert (before != after).any(), label
            assert said != says, label
            assert after.shape == (size[1], size[0], 3)
            check_agreement(explorer)
        assert control.value != explorer.defaults[label], label


@pytest.mark.parametrize("explorer", ["SGD", "Adam", "anatomy"], indirect=True)
def test_reset_puts_everything_back(explorer):
    first, values = explorer.png, {n: c.value for n, c in explorer.controls.items()}
    explorer.set(**{n: other_values(c)[0] for n, c in explorer.controls.items()})
    assert explorer.png != first
    explorer.reset_button.click()
    assert {n: c.value for n, c in explorer.controls.items()} == values
    assert explorer.png == first
    check_agreement(explorer)


@pytest.mark.parametrize("name", ["SGD", "Adam", "anatomy"])
def test_nothing_stays_behind_of_earlier_pictures(name):
    """After a detour the picture is that of an explorer that went there at once."""
    away, straight = built(name), EXPLORERS[name]()
    goal = {n: other_values(c)[0] for n, c in straight.controls.items()}
    away.set(**{n: limits(c)[1] for n, c in away.controls.items()})
    for label, value in goal.items():
        away.controls[label].value = value
    straight.set(**goal)
    assert away.png == straight.png
    assert away.sentence == straight.sentence


@pytest.mark.parametrize("name", ["SGD", "Adam", "anatomy"])
def test_the_blitted_picture_is_that_of_a_full_redraw(name):
    explorer = EXPLORERS[name]()
    explorer.set(**{n: other_values(c)[0] for n, c in explorer.controls.items()})
    blitted = image(explorer)[0]
    for ax in explorer.live.figure.axes:
        for artist in ax.get_children():
            artist.set_animated(False)
    explorer.live.canvas.draw()
    full = np.asarray(explorer.live.canvas.buffer_rgba())[..., :3].astype(int)
    # Apart from the palette, lines lie over legend and frame in one and under them in the other.
    assert (np.abs(blitted - full).max(axis=2) > 24).mean() < 0.005


def test_set_refreshes_once(monkeypatch):
    explorer, shown = built("SGD"), []
    refresh = explorer.refresh
    monkeypatch.setattr(explorer, "refresh", lambda: (shown.append(1), refresh()))
    explorer.set(lr=0.5, steps=7, noise=0.5, condition=5.0)
    assert len(shown) == 1
    check_agreement(explorer)
    explorer.reset()
    assert len(shown) == 2
    explorer.controls["lr"].value = 0.3
    assert len(shown) == 3


@pytest.mark.parametrize("explorer", ["SGD"], indirect=True)
def test_an_unknown_control_changes_nothing(explorer):
    with pytest.raises((KeyError, ValueError), match="learning"):
        explorer.set(lr=0.5, learning=1)
    assert explorer.controls["lr"].value == 0.95
    check_agreement(explorer)


@each_descent
@pytest.mark.parametrize("end", [-1, 1])
@pytest.mark.usefixtures("no_drawing")
def test_a_typed_value_out_of_range_is_moved_into_it(explorer, end):
    for label, control in explorer.controls.items():
        low, high = limits(control)
        control.value = type(control.value)(end * 1e7)
        assert control.value == pytest.approx(high if end > 0 else low), label


def test_an_exception_in_refresh_is_not_swallowed(monkeypatch):
    explorer = sgd()

    def fail():
        raise ArithmeticError("planted")

    monkeypatch.setattr(explorer, "refresh", fail)
    with pytest.raises(ArithmeticError, match="planted"):
        explorer.controls["lr"].value = 0.5
    with pytest.raises(ArithmeticError, match="planted"):
        explorer.set(lr=0.6)


# Extreme settings


@pytest.mark.usefixtures("no_drawing")
@pytest.mark.parametrize("name", ["SGD", "Momentum", "RMSProp", "Adam", "schedule"])
def test_all_corners_of_the_sliders_compute(name):
    explorer = built(name)
    last_first = dict(reversed(explorer.controls.items()))  # the costly ones change seldom
    for corner in itertools.product(*(limits(c) for c in last_first.values())):
        explorer.set(**dict(zip(last_first, corner, strict=True)))
        assert not re.search(r"\b(nan|inf)\b", explorer.sentence), explorer.sentence
        assert explorer.sentence.count("after") == (2 if name == "Momentum" else 1)


@pytest.mark.parametrize("explorer", ["SGD", "Adam", "five", "saddle"], indirect=True)
def test_extreme_settings_draw(explorer):
    pictures = [explorer.png]
    for end in (0, 1):
        explorer.set(**{n: limits(c)[end] for n, c in explorer.controls.items()})
        check_agreement(explorer)
        pictures.append(explorer.png)
    at_rest = dict(zip(("start x", "start y"), explorer.surface.minima[0], strict=True))
    explorer.reset()
    explorer.set(**at_rest)
    check_agreement(explorer)
    assert len({*pictures, explorer.png}) == 4


@pytest.mark.parametrize("explorer", ["SGD"], indirect=True)
def test_a_diverging_run_says_so_and_the_frame_stays(explorer):
    frame = [(ax.get_xlim(), ax.get_ylim()) for ax in explorer.live.figure.axes]
    explorer.controls["lr"].value = 10
    assert "SGD, lr 10: past 2/L = 1.00: y grows by 19.00 per step" in explorer.sentence
    assert "out of sight after 5 updates" in explorer.sentence
    assert [(ax.get_xlim(), ax.get_ylim()) for ax in explorer.live.figure.axes] == frame


@pytest.mark.parametrize("explorer", ["SGD"], indirect=True)
def test_a_single_step_and_a_round_valley(explorer):
    explorer.set(steps=1, condition=1.0, lr=0.5)
    assert explorer.surface.condition_number == pytest.approx(1, abs=0.01)
    check_agreement(explorer)
    explorer.set(steps=200, condition=1000.0, lr=0.95)
    assert explorer.map.get_xlim() == (-10, 10)
    x, y = np.meshgrid([-7.0, 3], [2.0, -1])
    assert np.array_equal(explorer.surface(x, y), Ravine(1000)(x, y))
    check_agreement(explorer)


# The parts of it


@pytest.mark.parametrize("name", ["Momentum", "RMSProp", "Adam", "schedule"])
def test_the_panels_follow(name):
    explorer = built(name)
    explorer.reset()
    explorer.set(lr=0.2, steps=12)
    descent = next(iter(expected(explorer).values()))
    titles = [ax.get_title() for ax in explorer.panel_axes]
    for panel, lines in explorer.panels:
        if "rate" in panel.title:
            columns = effective_rate(descent).T
        elif "correction" in panel.title:
            t = np.arange(1, 13)
            columns = [np.append(np.nan, np.sqrt(1 - 0.999**t) / (1 - 0.9**t))]
        else:
            columns = descent.state[panel.title.split()[-1]].T
        assert panel.title in titles
        for line, column in zip(lines, columns, strict=True):
            np.testing.assert_allclose(line.get_ydata()[1:], column[1:], rtol=1e-12)
    assert len(explorer.panels) == {"Momentum": 1, "Adam": 3, "schedule": 1}.get(name, 2)


def test_the_condition_slider_starts_at_the_surfaces():
    explorer = DescentExplorer(SGD(0.5), surface=Ravine(200, 30), condition=True)
    assert explorer.controls["condition"].value == pytest.approx(200)
    explorer.set(condition=50.0)
    assert (explorer.surface.condition_number, explorer.surface.rotation) == (50, 30)


def test_several_optimizers_under_a_schedule():
    explorer = DescentExplorer(SGD(0.5), Momentum(0.1), schedule=inverse_time)
    before = explorer.sentence
    explorer.set(decay=0.5)
    assert explorer.sentence != before
    check_agreement(explorer)


def test_adam_without_its_correction():
    explorer = DescentExplorer(UncorrectedAdam(0.3))
    first = np.abs(np.diff(explorer.descents()["UncorrectedAdam"].positions, axis=0)[0])
    np.testing.assert_allclose(first, 0.3 * np.sqrt(10), rtol=1e-5)
    check_agreement(explorer)


def test_one_optimizer_is_told_in_full_and_several_by_their_ends():
    for name in ("Adam", "five", "Momentum"):
        built(name).reset()
    said = describe_descent(descend(Ravine(), Adam(0.3)))
    assert said.removesuffix(".") in built("Adam").sentence
    assert built("five").sentence.count(" after 30 updates") == 5
    ball = built("Momentum").sentence
    assert "Momentum, lr 0.1, momentum 0.9: " in ball
    assert "f = 0.0479 after 30 updates; SGD, lr 0.1: f = 1.34 after 30 updates" in ball
    assert built("Momentum").sentence.endswith(".")


def test_what_is_shown_where_nothing_runs():
    explorer = built("Adam")
    bundle, metadata = explorer._repr_mimebundle_()
    assert metadata == {"image/png": {"alt": explorer.sentence}}
    assert bundle["image/png"] == explorer.png
    assert bundle["text/plain"] == repr(explorer) == explorer.sentence
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == explorer.view.model_id


@each_explorer
def test_every_control_is_in_the_view_under_its_name(explorer):
    row, picture, verdict = explorer.view.children
    assert (picture, verdict) == (explorer.picture, explorer.verdict)
    assert {*explorer.controls.values(), explorer.reset_button} <= {*row.children}
    names = [control.description for control in explorer.controls.values()]
    assert all(names)
    assert len(set(names)) == len(names)
    assert all(control.continuous_update for control in explorer.controls.values())


def test_play_runs_over_the_updates():
    explorer = AnatomyExplorer(descend(Ravine(), Momentum(0.1), steps=12))
    assert explorer.play in explorer.view.children[0].children
    assert (explorer.play.min, explorer.play.max) == (1, 12)
    assert limits(explorer.controls["update"]) == (1, 12)


@pytest.mark.parametrize("optimizer", [SGD(0.95), AdaGrad(1.5), UncorrectedAdam(0.3)], ids=repr)
def test_every_update_can_be_taken_apart(optimizer):
    explorer = AnatomyExplorer(descend(Ravine(), optimizer, steps=4))
    pictures = set()
    for t in range(4, 0, -1):
        explorer.set(update=t)
        check_agreement(explorer)
        pictures.add(explorer.png)
    assert len(pictures) == 4


# Type


@pytest.mark.parametrize(
    ("name", "large"),
    [(name, True) for name in ("Adam", "five", "schedule", "anatomy")] + [("five", False)],
)
def test_no_text_is_cut_off_or_small(name, large, monkeypatch):
    projector(large)
    explorer = EXPLORERS[name]()
    if "steps" in explorer.controls:
        explorer.set(steps=200)
    if "condition" in explorer.controls:
        explorer.set(condition=1000.0)
    check_texts(explorer.live.canvas, explorer.live.size, large, monkeypatch, 10)


# Nothing piles up


def test_nothing_is_left_over_after_200_moves():
    explorer = sgd()
    lr, condition = explorer.controls["lr"], explorer.controls["condition"]

    def move(count):
        for i in range(count):
            lr.value = 0.3 + 0.6 * (i % 7) / 7
            if i % 80 == 0:
                condition.value = 10.0 + i % 100
        explorer.reset()

    def state():
        gc.collect()
        figures = sum(issubclass(type(each), Figure) for each in gc.get_objects())
        artists = sum(1 for _ in explorer.live.figure.findobj())
        return figures, artists, explorer.live.size

    move(20)
    before = state()
    move(170)
    tracemalloc.start()
    try:
        move(5)
        memory = tracemalloc.get_traced_memory()[0]
        move(25)
        assert tracemalloc.get_traced_memory()[0] - memory < 100_000
    finally:
        tracemalloc.stop()
    assert state() == before


# Training


def made_data():
    rng = np.random.default_rng(0)
    t = rng.integers(3, size=90)
    x = rng.random((90, 6), np.float32)
    x[np.arange(90), t] += 2
    return (x[:60], t[:60]), (x[60:], t[60:])


def trainer(iterations=60, **settings):
    train, held_out = made_data()
    network = MyTwoLayerNet(6, 5, 3, rng=0)
    stored = compare(network, {"SGD": SGD(), "Adam": Adam()}, train, held_out, iterations=60)
    explorer = TrainingExplorer(network, stored, train, held_out, "made data", **settings)
    explorer.iterations = iterations
    return explorer


def shown_loss(explorer):
    return np.array(explorer.lines[0].get_ydata(), float)


def test_a_training_runs_to_the_end():
    explorer = trainer()
    assert explorer.sentence == "Momentum, lr 0.01, momentum 0.9: not trained yet."
    weights = {key: p.copy() for key, p in explorer.network.params.items()}
    asyncio.run(explorer.run())
    train, held_out = made_data()
    alone = compare(explorer.network, {"m": Momentum()}, train, held_out, iterations=60)["m"]
    assert np.array_equal(shown_loss(explorer), alone.loss)
    assert explorer.bar.value == 60
    assert explorer.sentence.startswith("Momentum, lr 0.01, momentum 0.9: loss 0.")
    assert explorer.sentence.endswith(
        f"after 60 steps, {alone.held_out_accuracy[-1]:.1%} right on the held-out digits."
    )
    assert image(explorer)[1] == html.escape(explorer.sentence)
    for key, p in weights.items():
        assert np.array_equal(explorer.network.params[key], p)


def test_two_runs_with_the_same_settings_are_the_same():
    explorer = trainer()
    asyncio.run(explorer.run())
    first, png, sentence = shown_loss(explorer), explorer.png, explorer.sentence
    asyncio.run(explorer.run())
    assert np.array_equal(shown_loss(explorer), first)
    assert (explorer.png, explorer.sentence) == (png, sentence)


def test_stop_right_after_train_is_not_lost():
    explorer = trainer(iterations=10**7)

    async def session():
        explorer.train_button.click()
        explorer.stop_button.click()
        await explorer.task

    asyncio.run(asyncio.wait_for(session(), 20))
    assert len(shown_loss(explorer)) == 0
    assert not explorer.train_button.disabled
    asyncio.run(asyncio.wait_for(few(explorer, 5), 5))
    assert len(shown_loss(explorer)) == 5


def test_stop_keeps_what_was_computed_and_controls_rest_meanwhile():
    explorer = trainer(iterations=10**7)
    switched = [explorer.train_button, explorer.reset_button, *explorer.controls.values()]

    async def session():
        explorer.train_button.click()
        while explorer.bar.value == 0:
            await asyncio.sleep(0.01)
        assert all(control.disabled for control in switched)
        assert not explorer.stop_button.disabled
        explorer.stop_button.click()
        await explorer.task

    asyncio.run(asyncio.wait_for(session(), 20))
    assert not any(control.disabled for control in switched)
    assert explorer.stop_button.disabled
    steps = len(shown_loss(explorer))
    assert 0 < steps < 10**7
    assert f"after {steps} steps, " in explorer.sentence
    asyncio.run(asyncio.wait_for(few(explorer, 5), 5))
    assert len(shown_loss(explorer)) == 5


async def few(explorer, iterations):
    explorer.iterations = iterations
    await explorer.run()


def test_a_second_click_does_not_start_a_second_training(monkeypatch):
    explorer, runs = trainer(), []

    async def run():
        runs.append(1)

    monkeypatch.setattr(explorer, "run", run)

    async def session():
        explorer.train_button.click()
        assert explorer.train_button.disabled
        await explorer.task

    asyncio.run(session())
    assert runs == [1]


def test_a_diverging_training_ends_with_a_sentence():
    explorer = trainer()
    explorer.set(method="SGD", lr=10.0)
    explorer.data[0][...] *= 1e18
    asyncio.run(explorer.run())
    assert re.fullmatch(
        r"SGD, lr 10: diverged, the loss is not finite after step \d+\.", explorer.sentence
    )
    assert not explorer.train_button.disabled


def test_a_failing_step_is_reported_and_controls_come_back(monkeypatch):
    explorer, reported = trainer(), []

    def fail(*args):
        raise ArithmeticError("planted")

    monkeypatch.setattr(MyTwoLayerNet, "loss_and_gradient", fail)

    async def session():
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: reported.append(context["exception"])
        )
        explorer.train_button.click()
        await asyncio.wait([explorer.task])
        await asyncio.sleep(0)

    asyncio.run(session())
    assert [str(each) for each in reported] == ["planted"]
    assert not explorer.train_button.disabled
    assert explorer.stop_button.disabled


@pytest.mark.parametrize(
    ("method", "lr", "decay"),
    [
        ("SGD", 0.01, None),
        ("AdaGrad", 0.01, None),
        ("RMSProp", 0.01, ("decay_rate", 0.99)),
        ("Adam", 0.001, ("beta2", 0.999)),
    ],
)
def test_a_method_brings_its_defaults(method, lr, decay):
    explorer = trainer()
    explorer.set(lr=0.5, decay=0.3)
    explorer.controls["method"].value = method
    optimizer, default = explorer.optimizer(), training_explorer.METHODS[method]()
    assert repr(optimizer) == repr(default)
    assert optimizer.lr == lr
    assert explorer.controls["decay"].disabled == (decay is None)
    assert explorer.controls["decay"].description == ("no decay" if decay is None else decay[0])
    assert explorer.sentence.startswith(f"{method}, lr {lr}")
    asyncio.run(few(explorer, 3))
    assert explorer.controls["decay"].disabled == (decay is None)
    explorer.reset()
    assert repr(explorer.optimizer()) == "Momentum(lr=0.01, momentum=0.9)"
    assert not explorer.controls["decay"].disabled


def test_the_order_of_settings_does_not_matter():
    explorer = trainer()
    explorer.set(decay=0.9, lr=0.3, method="Adam")
    assert repr(explorer.optimizer()) == repr(Adam(0.3, beta2=0.9))


def test_every_control_of_the_training_counts():
    explorer = trainer()
    asyncio.run(explorer.run())
    trained = explorer.png
    for label, value in (("lr", 0.2), ("decay", 0.5), ("method", "Adam")):
        said = explorer.sentence
        explorer.controls[label].value = value
        assert explorer.sentence != said
        assert explorer.sentence.endswith("not trained yet.")
        assert explorer.png != trained
        assert image(explorer)[1] == html.escape(explorer.sentence)


def test_the_stored_trainings_are_drawn_under_their_names():
    (ax,) = trainer().live.figure.axes
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["SGD", "Adam", "yours"]
    assert ax.get_title() == "made data"


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
    train, _ = made_data()
    compare(MyTwoLayerNet(6, 5, 3, rng=0), {"SGD": SGD()}, train, iterations=7, progress=bar)
    assert (bar.bar.value, bar.bar.max) == (7, 7)
