"""What holds for every explorer, without a browser: controls, picture, verdict, and no leaks."""

import asyncio
import gc
import html
import itertools
import re
import tracemalloc
from base64 import b64decode
from io import BytesIO
from threading import Event, Thread
from time import sleep

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from course_utils.lab import Explorer, Picture, descent_figure, projector
from course_utils.lab.explorer import slider
from course_utils.lab.picture import CourseFigure, LivePicture
from tests.lab.drawn_texts import check_texts
from tests.lab.tables import EXPLORERS, another, at_first, elsewhere, limits, trainer, walk

each_explorer = pytest.mark.parametrize("name", EXPLORERS)


def pixels(png):
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def drawn(figure):
    """Return what is in the axes of a figure, axes by axes."""
    return [
        {
            "limits": (ax.get_xlim(), ax.get_ylim(), ax.get_yscale()),
            "title": ax.get_title(),
            "lines": [(line.get_color(), line.get_xydata().tolist()) for line in ax.lines],
            "images": [image.get_array().tolist() for image in ax.images],
            "texts": [
                (text.get_text(), np.array(text.get_position()).tolist()) for text in ax.texts
            ],
            "ground": len(ax.collections),
        }
        for ax in figure.axes
    ]


def check_agreement(explorer):
    """Picture, alternative text, verdict and text are of one moment, that of the controls."""
    alt, source = re.fullmatch(
        r'<img alt="([^"]*)" .*src="data:image/png;base64,([^"]*)">', explorer.picture.value
    ).groups()
    assert b64decode(source) == explorer.png
    assert alt == html.escape(explorer.sentence)
    assert html.unescape(re.sub("<[^>]*>", "", explorer.verdict.value)) == explorer.sentence
    assert repr(explorer) == explorer.sentence
    assert explorer.sentence.endswith(".")
    still = explorer.live.picture.still(explorer.compute(**explorer.values()))
    assert explorer.sentence == still.description
    np.testing.assert_equal(drawn(explorer.live.figure), drawn(still))
    return still


@each_explorer
def test_every_control_moves_picture_and_verdict(name):
    explorer = at_first(name)
    shown = pixels(explorer.png)
    still = pixels(check_agreement(explorer).png())
    # Lines lie over the axes' frames in one and under them in the other.
    assert (np.abs(shown - still).max(axis=2) > 24).mean() < 0.001
    for label, value in reversed(elsewhere(explorer).items()):  # first what leaves the others be
        before, said = shown, explorer.sentence
        explorer.controls[label].value = value
        assert explorer.controls[label].value == value
        assert explorer.sentence != said, label
        shown = pixels(explorer.png)
        assert shown.shape == before.shape
        if name != "training":  # whose line comes with the training
            assert np.any(shown != before), label


@each_explorer
def test_nothing_stays_behind_of_earlier_pictures(name):
    """After a detour the picture is that of an explorer that went there at once."""
    away, straight = at_first(name), EXPLORERS[name]()
    first, values = away.png, away.values()
    goal = elsewhere(straight)
    away.set(**{n: limits(away.controls[n])[1] for n in goal if hasattr(away.controls[n], "max")})
    away.set(**goal)
    artists = sum(1 for _ in away.live.figure.findobj())
    straight.set(**goal)
    check_agreement(straight)
    assert (away.png, away.sentence) == (straight.png, straight.sentence)
    away.reset_button.click()
    assert (away.png, away.values()) == (first, values)
    away.set(**goal)
    assert sum(1 for _ in away.live.figure.findobj()) == artists
    for ax in straight.live.figure.axes:
        for artist in ax.get_children():
            artist.set_animated(False)
    straight.live.figure.draw_styled(straight.live.canvas)
    at_one_go = np.asarray(straight.live.canvas.buffer_rgba())[..., :3].astype(int)
    assert (np.abs(pixels(straight.png) - at_one_go).max(axis=2) > 24).mean() < 0.005


MOVES = {
    "SGD": "start x",
    "five": "Adam lr",
    "anatomy": "update",
    "plane": "momentum",
    "race": "update",
    "switches": "noise",
    "schedules": "updates",
    "training": "lr",
}


@pytest.mark.parametrize(("name", "label"), MOVES.items())
def test_what_stands_still_is_not_drawn_again(name, label, monkeypatch):
    explorer = at_first(name)
    monkeypatch.setattr(type(explorer.live.figure), "draw_styled", None)
    explorer.controls[label].value = another(explorer.controls[label])


LARGE = [(name, True) for name in EXPLORERS]
SMALL = [(name, False) for name in ("SGD", "Adam", "plane", "race", "switches", "schedules")]


@pytest.mark.parametrize(("name", "large"), LARGE + SMALL)
def test_no_text_is_cut_off_or_small(name, large, monkeypatch):
    """A picture made for a projector stays one, whatever is switched off or moved later."""
    projector(large)
    explorer = EXPLORERS[name]() if large else at_first(name)
    projector(False)
    for most in ("steps", "condition"):
        if large and most in explorer.controls:
            explorer.controls[most].value = limits(explorer.controls[most])[1]
    live = explorer.live
    draw = lambda: live.figure.draw_styled(live.canvas)  # noqa: E731
    assert len(check_texts(live.figure, draw, large, monkeypatch)) > 6


@each_explorer
def test_every_control_is_in_the_view_under_its_name(name):
    explorer = at_first(name)
    row, picture, verdict = explorer.view.children
    assert (picture, verdict) == (explorer.picture, explorer.verdict)
    assert {*explorer.controls.values(), explorer.reset_button} <= {*row.children}
    names = [control.description for control in explorer.controls.values()]
    assert all(names)
    assert len(set(names)) == len(names)
    for control in explorer.controls.values():  # JupyterLab would move it to its grid
        if hasattr(control, "base"):
            steps = (np.log10(control.value) - control.min) / control.step
            assert steps == pytest.approx(round(steps), abs=1e-6)
    sliders = [control for control in explorer.controls.values() if hasattr(control, "max")]
    assert all(control.continuous_update for control in sliders)
    kinds = {"explorer": explorer.view, "picture": picture, "verdict": verdict}
    assert all(f"course-{kind}" in widget._dom_classes for kind, widget in kinds.items())


@pytest.mark.parametrize(("name", "first", "last"), [("anatomy", 1, 30), ("race", 0, 60)])
def test_play_runs_over_the_updates(name, first, last):
    explorer = at_first(name)
    update = explorer.controls["update"]
    assert update.play in explorer.view.children[0].children
    assert (update.play.min, update.play.max) == (update.min, update.max) == (first, last)
    assert "play" in update.play.tooltip
    frames = set()
    for t in range(first, first + 8):
        update.value = t
        frames.add(explorer.png)
    assert len(frames) == 8


@pytest.mark.parametrize("name", ["Adam", "plane", "race"])
def test_what_is_stored_is_what_is_shown(name):
    explorer = at_first(name)
    bundle, _ = explorer._repr_mimebundle_()
    figure = check_agreement(explorer)
    figure.png()  # laid out at the density of the live picture, which rounds its own way
    stored, still = (pixels(png) for png in (bundle["image/png"], figure.png(2)))
    # Lines lie over the axes' frames in one and under them in the other.
    assert (np.abs(stored - still).max(axis=2) > 24).mean() < 0.002


def test_what_is_shown_where_nothing_runs():
    explorer = at_first("Adam")
    bundle, metadata = explorer._repr_mimebundle_()
    width, height = explorer.live.size
    about = {"alt": explorer.sentence, "width": width, "height": height}
    assert metadata == {"image/png": about}
    assert Image.open(BytesIO(bundle["image/png"])).size == (2 * width, 2 * height)
    assert bundle["text/plain"] == explorer.sentence
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == explorer.view.model_id


class Number(Picture):
    """A line as high as the record."""

    size = (4, 3)

    def show(self, parts, record):
        parts.still.clear()
        parts.still.subplots().plot([0, record])
        return f"It is {record:g} <now>."


def counted():
    """Return an explorer of a sum, and the list of what it has computed."""
    seen = []

    def compute(a, b):
        if a + b > 11:
            raise ArithmeticError("planted")
        seen.append((a, b))
        return a + b

    controls = {"a": slider("a", 0, 10, 1, 0.1), "b": slider("b", 0, 10, 2, 0.1)}
    rest = {"a": lambda a: {"b": 2 * a} if a < 4 else {}}
    idle = lambda a, b: ("b",) if a == 4 else ()  # noqa: E731
    return Explorer(Number(), compute, controls, idle=idle, follow=rest), seen


def test_a_change_is_shown_once():
    explorer, seen = counted()
    explorer.set(b=5.0, a=3.0)
    assert seen == [(1, 2), (3, 5)]
    explorer.controls["a"].value = 2.0
    assert seen[2:] == [(2, 4)]
    explorer.reset()
    assert seen[3:] == [(1, 2)]
    assert 'alt="It is 3 &lt;now&gt;."' in explorer.picture.value


def test_a_control_without_effect_is_off():
    explorer, _ = counted()
    explorer.controls["a"].value = 4.0
    assert [each.disabled for each in explorer.controls.values()] == [False, True]
    explorer.reset()
    assert not explorer.controls["b"].disabled


def test_an_unknown_control_changes_nothing():
    explorer, seen = counted()
    with pytest.raises(ValueError, match="controls are a, b, got learning"):
        explorer.set(a=0.5, learning=1)
    assert explorer.values() == {"a": 1, "b": 2}
    assert seen == [(1, 2)]


def test_an_error_of_ours_is_not_swallowed():
    explorer, _ = counted()
    with pytest.raises(ArithmeticError, match="planted"):
        explorer.controls["a"].value = 10.0
    with pytest.raises(ArithmeticError, match="planted"):
        explorer.set(b=10.0, a=10.0)
    explorer.set(a=1.0)


@pytest.mark.parametrize("name", ["SGD", "Momentum", "Adam", "saddle", "plane", "switches"])
def test_all_corners_of_the_sliders_compute(name, monkeypatch):
    monkeypatch.setattr(LivePicture, "png", lambda picture: b"")
    explorer = at_first(name)
    sliders = {n: c for n, c in explorer.controls.items() if hasattr(c, "max")}
    sliders = dict(reversed(sliders.items()))  # the costly ones change seldom
    if name == "switches":
        sliders = {n: sliders[n] for n in ("rotation", "condition", "noise", "steps")}
    for corner in itertools.product(*(limits(c) for c in sliders.values())):
        explorer.set(**dict(zip(sliders, corner, strict=True)))
        assert not re.search(r"\b(nan|inf)\b", explorer.sentence), explorer.sentence


@pytest.mark.parametrize("name", ["SGD", "Adam", "five", "saddle", "schedules"])
def test_extreme_settings_draw(name):
    explorer = at_first(name)
    sliders = {n: c for n, c in explorer.controls.items() if hasattr(c, "max")}
    for end in (0, 1):
        explorer.set(**{n: limits(c)[end] for n, c in sliders.items()})
        check_agreement(explorer)


def test_nothing_is_left_over_after_many_moves():
    explorer = at_first("SGD")
    lr, condition = explorer.controls["lr"], explorer.controls["condition"]

    def move(count):
        for i in range(count):
            lr.value = 0.3 + 0.6 * (i % 7) / 7
            if i % 25 == 0:
                condition.value = 10.0 + i % 100
        explorer.reset()

    def state():
        gc.collect()
        figures = sum(issubclass(type(each), Figure) for each in gc.get_objects())
        return figures, sum(1 for _ in explorer.live.figure.findobj())

    move(10)
    before = state()
    move(50)
    tracemalloc.start()
    try:
        move(5)
        memory = tracemalloc.get_traced_memory()[0]
        move(15)
        assert tracemalloc.get_traced_memory()[0] - memory < 100_000
    finally:
        tracemalloc.stop()
    assert state() == before


def test_one_thread_draws_at_a_time(monkeypatch):
    """matplotlib can't draw in two, and JupyterLab answers widgets in a thread of their own."""
    figure, by_hand = descent_figure(walk("Adam")), trainer()
    lr, saddle = at_first("SGD").controls["lr"], at_first("saddle")
    drawing, go_on, draw = Event(), Event(), CourseFigure.draw_styled

    def slow(figure, canvas):
        drawing.set()
        go_on.wait(20)
        draw(figure, canvas)

    monkeypatch.setattr(CourseFigure, "draw_styled", slow)
    jobs = [figure.png, lambda: setattr(lr, "value", 0.5), saddle.reset]
    jobs += [lambda: asyncio.run(by_hand.run()), lambda: descent_figure(walk("SGD"))]
    threads = [Thread(target=job) for job in jobs]
    threads[0].start()
    assert drawing.wait(20)
    for thread in threads[1:]:
        thread.start()
    sleep(0.5)
    waiting = [thread.is_alive() for thread in threads]
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert waiting == [True] * 5
    assert at_first("SGD").sentence.startswith("SGD, lr 0.95")
