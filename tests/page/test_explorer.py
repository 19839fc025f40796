"""What holds for every explorer, without a browser: controls, picture, verdict, and no leaks."""

import asyncio
import gc
import itertools
import re
import tracemalloc
import weakref
from functools import partial
from threading import Event, Thread
from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_utils.lab import Explorer, Picture, descent_figure
from course_utils.page.controls import slider
from course_utils.page.picture import CourseFigure, drawing
from course_utils.page.vectors import Vectors, packed
from tests.lab.drawn import check_texts, exact, shapes
from tests.lab.tables import EXPLORERS, another, at_first, elsewhere, sliders, trainer, walk

each_explorer = pytest.mark.parametrize("name", EXPLORERS)


def on_page(name, width=900):
    """Return an explorer as it is on a page that gives it so many pixels."""
    explorer = at_first(name)
    explorer.view.width = width
    return explorer


def on_canvas(explorer):
    """Return the shapes that the page draws, by layer, and what it says."""
    view = explorer.view
    drawn = {layer: shapes(view, layer) for layer in ("paper", "laid", "axes", "moving")}
    return drawn | {"sentence": view.sentence}


def outlines(explorer):
    """Return what the page draws, to be compared exactly."""
    return exact(all_of(on_canvas(explorer)))


def same(one, other):
    """Return whether two canvases show the same, but for a fraction of a pixel."""
    return one["sentence"] == other["sentence"] and all(
        look == like and a.shape == b.shape and np.allclose(a, b, atol=0.5, equal_nan=True)
        for (look, a), (like, b) in zip(all_of(one), all_of(other), strict=True)
    )


def all_of(canvas):
    return [shape for layer, drawn in canvas.items() if layer != "sentence" for shape in drawn]


def whole(canvas):
    """Return what stands on all layers together: one explorer may lay what another has on paper."""
    return sorted((str(look), len(points)) for look, points in all_of(canvas)), canvas["sentence"]


def rounded(points):
    return np.array([f"{float(each):.5g}" for each in np.ravel(points)], float).tolist()


def drawn(figure):
    """Return what is in the axes of a figure, axes by axes."""
    return [
        {
            "limits": (ax.get_xlim(), ax.get_ylim(), ax.get_yscale()),
            "title": ax.get_title(),
            "lines": [
                (line.get_color(), rounded(line.get_xydata()))
                for line in ax.lines
                if line.get_visible()
            ],
            "images": [image.get_array().tolist() for image in ax.images],
            "texts": [text.get_text() for text in ax.texts if text.get_visible()],
            "ground": len(ax.collections),
        }
        for ax in figure.axes
    ]


def check_agreement(explorer):
    """Picture, sentence and text are of one moment, that of the controls."""
    assert explorer.view.sentence == repr(explorer) == explorer.sentence
    assert explorer.view.values == explorer.values()
    assert explorer.sentence.endswith(".")
    picture, width = explorer.live.picture, explorer.live.figure.get_size_inches()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "size", tuple(width))
        still = picture.still(explorer.compute(**explorer.values()))
    assert explorer.sentence == still.description
    np.testing.assert_equal(drawn(explorer.live.figure), drawn(still))
    return still


@each_explorer
def test_every_control_moves_picture_and_verdict(name):
    explorer = on_page(name)
    check_agreement(explorer)
    shown, size = outlines(explorer), explorer.view.size
    for label, value in reversed(elsewhere(explorer).items()):  # first what leaves the others be
        before, said, hidden = shown, explorer.sentence, explorer.view.idle
        explorer.set(**{label: value})
        assert explorer.values()[label] == value
        if (name, label) == ("five", "shown"):  # it brings other controls
            assert explorer.view.idle != hidden
            continue
        assert explorer.sentence != said, label
        shown = outlines(explorer)
        assert explorer.view.size == size
        if name not in ("training", "reading"):  # whose line comes with the training
            assert shown != before, label


@each_explorer
def test_nothing_stays_behind_of_earlier_pictures(name):
    """After a detour the picture is that of an explorer that went there at once."""
    away, straight = on_page(name), EXPLORERS[name]()
    straight.view.width = away.view.width
    first, values = on_canvas(away), away.values()
    goal = elsewhere(straight)
    away.set(**{name: high for name, (_, high) in sliders(away).items() if name in goal})
    away.set(**goal)
    artists = sum(1 for _ in away.live.figure.findobj())
    straight.set(**goal)
    assert same(on_canvas(away), on_canvas(straight))
    assert not same(on_canvas(away), first)
    check_agreement(away)
    away.press("Reset")
    assert whole(on_canvas(away)) == whole(first)
    assert away.values() == values
    away.set(**goal)
    assert sum(1 for _ in away.live.figure.findobj()) == artists


@each_explorer
def test_the_canvas_shows_what_moved(name):
    """What has not moved is not noted again; it must be what matplotlib would draw now."""
    explorer = on_page(name)
    for label, value in reversed(elsewhere(explorer).items()):
        explorer.set(**{label: value})
        for layer in ("moving", "axes"):
            artists = explorer.live._layers[layer]
            with drawing():
                again = [Vectors(explorer.live.figure).note(artist.draw) for artist in artists]
            looks, data = packed(itertools.chain(*again), {})
            expected = SimpleNamespace(**{layer: data, f"{layer}_looks": looks})
            now, then = (exact(shapes(each, layer)) for each in (explorer.view, expected))
            assert now == then, (label, layer)


MOVES = [
    ("SGD", "start x"),
    ("five", "Adam lr"),
    ("anatomy", "update"),
    ("plane", "momentum"),
    ("surface", "turn"),
    ("race", "update"),
    ("switches", "noise"),
    ("schedules", "updates"),
    ("schedules", "method"),
    ("training", "lr"),
]


@pytest.mark.parametrize(("name", "label"), MOVES)
def test_what_stands_still_is_not_drawn_again(name, label, monkeypatch):
    explorer = on_page(name)
    explorer.set(**{label: another(explorer, label)})  # after another surface all was on the paper
    monkeypatch.setattr(type(explorer.live.figure), "draw", None)
    explorer.set(**{label: another(explorer, label)})


@pytest.mark.parametrize(
    ("name", "label", "values"),
    [
        ("SGD", "steps", (21, 25)),
        ("five", "steps", (21, 29)),
        ("switches", "steps", (91, 99)),
    ],
)
def test_only_what_moves_is_sent_while_an_axis_stays(name, label, values):
    explorer, sent = on_page(name), []
    explorer.set(**{label: values[0]})
    explorer.view.observe(lambda change: sent.append(change.name))
    explorer.set(**{label: values[1]})
    assert {"moving", "sentence"} <= set(sent)
    assert not set(sent) & {"paper", "laid", "axes", "size"}


@each_explorer
@pytest.mark.parametrize("width", [800, 1400])
def test_no_text_is_cut_off_or_small(name, width, monkeypatch):
    explorer = on_page(name, width)
    for most in ("steps", "condition"):
        if most in explorer.controls:
            explorer.set(**{most: explorer.controls[most].high})
    draw = partial(explorer._resize, width)
    assert len(check_texts(explorer.live.figure, draw, monkeypatch)) > 6


@each_explorer
def test_every_control_is_in_the_view_under_its_name(name):
    explorer = at_first(name)
    shown = explorer.view.controls
    assert [each["name"] for each in shown] == list(explorer.controls)
    labels = [each["label"] for each in shown]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    assert "course-explorer" in explorer.view._dom_classes


PLAYED = {"SGD": 0, "anatomy": 1, "race": 0}


@pytest.mark.parametrize(("name", "first"), PLAYED.items())
def test_what_has_time_can_be_played(name, first):
    explorer = on_page(name)
    (played,) = [name for name, control in explorer.controls.items() if getattr(control, "play", 0)]
    assert (played, explorer.controls[played].low) == ("update", first)
    frames = set()
    for t in range(first, first + 8):
        explorer.set(update=t)
        frames.add(str(outlines(explorer)))
    assert len(frames) == 8


def test_what_is_shown_where_nothing_runs():
    explorer = on_page("Adam", 1400)
    bundle, metadata = explorer._repr_mimebundle_()
    check_agreement(explorer)
    png, about = explorer.live.picture.still(explorer.live.record).stored()
    assert (bundle["image/png"], metadata) == (png, {"image/png": about})
    assert bundle["text/plain"] == explorer.sentence
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == explorer.view.model_id


def test_what_no_page_shows_any_more_keeps_no_picture():
    """It moves on, and is drawn again for the page that shows it next."""
    explorer, shown = on_page("five"), on_page("five")
    figure = weakref.ref(explorer.live.figure)
    explorer.view.width = 0
    gc.collect()
    assert figure() is None
    bundle, _ = explorer._repr_mimebundle_()
    assert bundle["image/png"] == shown._repr_mimebundle_()[0]["image/png"]
    for each in (explorer, shown):
        each.set(update=20)
    assert explorer.sentence == shown.sentence
    explorer.view.width = shown.view.width
    assert same(on_canvas(explorer), on_canvas(shown))


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

    controls = {"a": slider("a", 1, 0, 10, 0.1), "b": slider("b", 2, 0, 10, 0.1)}
    rest = {"a": lambda a: {"b": 2 * a} if a < 4 else {}}
    idle = lambda a, b: ("b",) if a == 4 else ()  # noqa: E731
    return Explorer(Number(), compute, controls, idle=idle, follow=rest), seen


def test_a_change_is_shown_once():
    explorer, seen = counted()
    explorer.set(b=5.0, a=3.0)
    assert seen == [(1, 2), (3, 5)]
    explorer.set(**{"a": 2.0})
    assert seen[2:] == [(2, 4)]
    explorer.reset()
    assert seen[3:] == [(1, 2)]
    assert explorer.view.sentence == "It is 3 <now>."


def test_a_control_without_effect_is_off():
    explorer, _ = counted()
    explorer.set(**{"a": 4.0})
    assert explorer.view.idle == ["b"]
    explorer.reset()
    assert explorer.view.idle == []


def test_an_unknown_control_changes_nothing():
    explorer, seen = counted()
    with pytest.raises(ValueError, match="controls are a, b, got learning"):
        explorer.set(a=0.5, learning=1)
    assert explorer.values() == {"a": 1, "b": 2}
    assert seen == [(1, 2)]


def test_an_error_of_ours_is_not_swallowed():
    explorer, _ = counted()
    with pytest.raises(ArithmeticError, match="planted"):
        explorer.set(**{"a": 10.0})
    with pytest.raises(ArithmeticError, match="planted"):
        explorer.set(b=10.0, a=10.0)
    explorer.set(a=1.0)


@pytest.mark.parametrize("name", ["SGD", "Momentum", "Adam", "saddle", "plane", "switches"])
def test_all_corners_of_the_sliders_compute(name):
    explorer = at_first(name)
    ends = dict(reversed(sliders(explorer).items()))  # the costly ones change seldom
    if name == "switches":
        ends = {n: ends[n] for n in ("rotation", "condition", "noise", "steps")}
    for corner in itertools.product(*ends.values()):
        explorer.set(**dict(zip(ends, corner, strict=True)))
        assert not re.search(r"\b(nan|inf)\b", explorer.sentence), explorer.sentence


@pytest.mark.parametrize("name", ["SGD", "Adam", "five", "saddle", "schedules"])
def test_extreme_settings_draw(name):
    explorer = at_first(name)
    for end in (0, 1):
        with np.errstate(all="raise"):  # as a reader may have set it
            explorer.set(**{n: ends[end] for n, ends in sliders(explorer).items()})
        check_agreement(explorer)


def test_nothing_is_left_over_after_many_moves():
    explorer = on_page("SGD")

    def move(count):
        for i in range(count):
            explorer.set(lr=0.3 + 0.6 * (i % 7) / 7)
            if i % 25 == 0:
                explorer.set(condition=10.0 + i % 100)
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
        gc.collect()
        memory = tracemalloc.get_traced_memory()[0]
        move(15)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - memory < 100_000
    finally:
        tracemalloc.stop()
    assert state() == before


def test_one_thread_draws_at_a_time(monkeypatch):
    """matplotlib can't draw in two, and JupyterLab answers widgets in a thread of their own."""
    figure, by_hand = descent_figure(walk("Adam")), trainer()
    sgd, saddle = at_first("SGD"), at_first("saddle")
    drawing, go_on, draw = Event(), Event(), CourseFigure.draw

    def slow(figure, canvas):
        drawing.set()
        go_on.wait(20)
        draw(figure, canvas)

    monkeypatch.setattr(CourseFigure, "draw", slow)
    jobs = [figure.png, lambda: sgd.set(lr=0.5), saddle.reset]
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


def test_reset_goes_back_to_what_the_cell_set_before_it_showed_the_explorer():
    explorer = at_first("SGD")
    explorer.set(lr=0.3)
    explorer._repr_mimebundle_()
    explorer.set(lr=0.7)
    explorer.press("Reset")
    assert explorer.values()["lr"] == 0.3


def test_what_was_on_the_paper_leaves_it_when_it_is_laid():
    """A new terrain is all paper; at the next setting the scales are a layer of their own."""
    explorer, straight = on_page("switches"), EXPLORERS["switches"]()
    straight.view.width = explorer.view.width
    explorer.set(terrain="corner")
    explorer.set(terrain="valley")
    explorer.set(steps=150)
    straight.set(steps=150)
    assert whole(on_canvas(explorer)) == whole(on_canvas(straight))
