"""The reader's own classes in every figure and explorer that takes an optimizer."""

import asyncio
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils import SGD, AdaGrad, Adam, AdamW, Momentum, Ravine, compare, descend, lab
from course_utils.experiments import METHODS, compare_schedules, constant, race, step
from course_utils.lab.state import PANELS
from course_utils.lab.style import FAINT
from tests.experiments.readers import MySGD
from tests.lab import own
from tests.lab.drawn import trail
from tests.lab.tables import (
    anatomy_figure,
    made_data,
    made_network,
    race_figure,
    sliders,
    state_figure,
    trainer,
)
from tools.jupyter import drawn

OWN = [
    MySGD(0.5),
    own.MyMomentum(0.1),
    own.MyAdaGrad(1.5),
    own.MyAdam(0.3),
    own.OtherNames(),
    own.Unanswered(0.1),
    own.Fragile(0.5),
]
GRIDS = [SGD([0.1, 0.2]), Momentum([0.1, 0.2]), AdaGrad([0.1, 0.2]), Adam([0.1, 0.2])]


def walk(optimizer, **settings):
    return descend(Ravine(), optimizer, **settings)


def named(optimizer):
    return {"SGD": SGD(0.5), type(optimizer).__name__: optimizer}


def races(optimizer):
    return race(Ravine(), steps=20, methods=named(optimizer))


def tried(optimizer):
    schedules = {"constant": constant, "step": step(20)}
    return compare_schedules(optimizer, schedules, steps=30, runs=3)


def trained(optimizer):
    return compare(made_network(), named(optimizer), *made_data(), iterations=20)


TAKERS = {
    "descent": lambda each: lab.descent_figure(walk(each)),
    "descents": lambda each: lab.descent_figure({n: walk(o) for n, o in named(each).items()}),
    "anatomy": lambda each: anatomy_figure(walk(each), 3),
    "explore_descent": lab.explore_descent,
    "explore_descent, several": lambda each: lab.explore_descent(each, SGD(0.5), Adam(0.3)),
    "explore_descent, compared": lambda each: lab.explore_descent(each, faint=lambda one: SGD(0.5)),
    "explore_anatomy": lambda each: lab.explore_anatomy(walk(each)),
    "race": lambda each: race_figure("ravine", races(each), 20),
    "explore_race": lambda each: lab.explore_race(steps=20, methods=named(each)),
    "schedules": lambda each: lab.schedules_figure(tried(each)),
    "training": lambda each: lab.training_figure(trained(each), "made data"),
    "held out": lambda each: lab.held_out_figure(trained(each), "made data"),
    "explore_training": lambda each: trainer(optimizers=named(each)),
}
SEVERAL = [taker for taker in TAKERS if taker not in ("descent", "explore_descent")]
RATED = ("race", "explore_race", "schedules")


@pytest.mark.parametrize(
    ("taker", "optimizer"),
    [
        *((taker, each) for taker in ("descent", "explore_descent") for each in OWN),
        *((taker, own.MyMomentum(0.1)) for taker in SEVERAL),
        *((taker, own.Unanswered(0.1)) for taker in ("anatomy", *RATED, "training")),
        *((taker, own.OtherNames()) for taker in SEVERAL if taker not in RATED),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_it_is_drawn_and_told(taker, optimizer):
    shown = TAKERS[taker](optimizer)
    said = getattr(shown, "description", None) or shown.sentence
    assert type(optimizer).__name__ in said
    assert not re.search(r"\b(nan|inf|None)\b", said)
    figure = shown if hasattr(shown, "description") else shown.live.figure
    colors = {to_hex(line.get_color()) for ax in figure.axes for line in ax.lines}
    if taker != "schedules":  # there a colour means the schedule
        assert to_hex("#E69F00") in colors
    assert getattr(optimizer, "v", None) is None  # a copy did the work


@pytest.mark.parametrize("taker", RATED)
def test_without_a_learning_rate_there_is_none_to_search_or_schedule(taker):
    with pytest.raises(ValueError, match="optimizer must have one learning rate"):
        TAKERS[taker](own.OtherNames())


@pytest.mark.parametrize(
    ("optimizer", "titles"),
    [
        (own.MyMomentum(0.1), {"velocity v": "v"}),
        (own.MyAdaGrad(1.5), {"h": "h"}),
        (own.MyAdam(0.3), {"m": "m", "v": "v"}),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_it_keeps_under_the_articles_names_is_drawn(optimizer, titles):
    """The numbers are those of the package's own method, which does the same."""
    theirs = METHODS[type(optimizer).__name__.removeprefix("My")].optimizer
    state = walk(theirs).state
    live = lab.explore_descent(optimizer).live.figure
    for figure in (state_figure(walk(optimizer)), live):
        panels = {ax.get_title("left"): ax for ax in figure.axes}
        panels = {title: ax for title, ax in panels.items() if title in titles}
        assert panels.keys() == titles.keys()
        for title, ax in panels.items():
            for line, column in zip(ax.lines, state[titles[title]].T, strict=False):
                np.testing.assert_allclose(line.get_ydata()[1:], column[1:], rtol=1e-4)
    titles = {ax.get_title("left") for ax in live.axes}
    assert not {PANELS["correction"].title, PANELS["rate"].title} & titles


def test_it_is_compared_with_what_it_should_be():
    """Its line lies on a broader one, and all that it keeps has its diagram."""
    explorer = lab.explore_descent(own.MyAdam(0.3), faint=lambda mine: Adam(mine.lr))
    above, *diagrams = explorer.live.figure.axes
    assert [ax.get_title("left") for ax in diagrams] == ["loss f", "m", "v"]
    for ax in above, diagrams[0]:
        lines = [line for line in ax.lines if line.get_zorder() == 2 and len(line.get_xdata())]
        colors = [to_hex(line.get_color()) for line in lines]
        grey, mine = (colors.index(to_hex(each)) for each in (FAINT["color"], "#E69F00"))
        assert grey < mine
        assert lines[grey].get_linewidth() > 1.7 * lines[mine].get_linewidth()
        np.testing.assert_allclose(trail(ax, FAINT["color"]), trail(ax, "#E69F00"), atol=1e-4)
    unanswered = lab.explore_descent(own.Unanswered(0.1), faint=lambda mine: SGD(mine.lr))
    assert "Unanswered, lr 0.1: its update changes nothing yet" in unanswered.sentence
    assert unanswered.sentence.endswith("SGD, lr 0.1: f = 1.34 after 30 updates.")


@pytest.mark.parametrize("optimizer", [MySGD(), own.OtherNames(), own.Unanswered()])
def test_without_a_state_there_is_no_figure_of_it(optimizer):
    assert len(lab.explore_descent(optimizer).live.figure.axes) == 2


def test_each_number_has_a_slider_that_reaches_it():
    explorer = lab.explore_descent(own.OtherNames())
    given = {"rate": 0.1, "friction": 0.3, "power": 3.0, "shift": -0.5, "memory": 0.9995}
    values = explorer.values()
    assert {name: values[name] for name in given} == pytest.approx(given)
    for name, value in given.items():
        low, high = sliders(explorer)[name]
        assert low < value < high or name == "memory"
    explorer.set(rate=0.2, friction=0.5)
    (descent,) = explorer.compute(**explorer.values()).descents.values()
    assert np.array_equal(descent.positions, walk(SGD(0.1)).positions)
    several = lab.explore_descent(own.OtherNames(), SGD(0.5))
    assert {f"OtherNames {name}" for name in given} < several.controls.keys()


@pytest.mark.parametrize(
    "optimizer",
    [
        AdaGrad(0.5, eps=5.0),
        Adam(0.3, 0.5, 0.9999, eps=5.0),
        AdamW(20.0, weight_decay=3.0),
        Momentum(1e-5, 0.9995),
        SGD(1e7),
    ],
    ids=repr,
)
def test_an_explorer_keeps_every_setting(optimizer):
    explorer = lab.explore_descent(optimizer)
    assert explorer.sentence == lab.descent_figure(walk(optimizer)).description
    (descent,) = explorer.compute(**explorer.values()).descents.values()
    assert repr(descent.optimizer) == repr(optimizer)
    if "eps" in vars(optimizer):
        explorer.set(lr=0.2)
        (descent,) = explorer.compute(**explorer.values()).descents.values()
        assert (descent.optimizer.lr, descent.optimizer.eps) == (0.2, optimizer.eps)
        assert "eps" not in explorer.controls


def test_a_whole_number_stays_one():
    class EverySecond(MySGD):
        def __init__(self, lr=0.1, period=2):
            super().__init__(lr)
            self.period, self.t = period, 0

        def update(self, params, grads):
            self.t += 1
            if self.t in range(0, 1000, self.period):
                super().update(params, grads)

    explorer = lab.explore_descent(EverySecond())
    (descent,) = explorer.compute(**explorer.values()).descents.values()
    assert (np.diff(descent.positions[:, 1]) != 0).tolist() == [False, True] * 15
    explorer.set(period=3)
    assert explorer.sentence.startswith("EverySecond, lr 0.1, period 3: ")


def test_a_choice_of_ones_own():
    """Races and schedules take the reader's classes, and races the reader's surfaces."""
    mine = {"MySGD": MySGD(0.5), "SGD": SGD(0.5)}
    raced = lab.explore_race(mine, {"bowl": Ravine(1), "valley": Ravine()}, 30)
    raced.set(surface="valley", update=30)
    assert "lowest MySGD, SGD, at" in raced.sentence
    scheduled = lab.explore_schedules(60, 5, mine)
    assert scheduled.values()["lr"] == 0.5
    assert "MySGD, lr 0.5, noise 0.5, mean of 5 runs" in scheduled.sentence


@pytest.mark.parametrize("optimizer", [Adam(0.3, 0.5, 0.9999, eps=5.0), own.MyMomentum(0.1, 0.7)])
def test_a_training_starts_from_the_settings_given(optimizer):
    explorer = trainer(optimizers={"first": optimizer, "SGD": SGD(0.2)})
    assert explorer.sentence == "SGD, lr 0.2: not trained yet."
    explorer.set(**{"method": "first"})
    (record,) = explorer.compute(**explorer.values()).values()
    assert vars(record.optimizer) == vars(optimizer)
    alone = trainer(optimizers={"only": optimizer})
    assert alone.sentence == explorer.sentence
    assert [name for name in explorer.controls if name not in explorer.view.idle] == [
        *alone.controls
    ]


def test_a_training_under_other_names():
    explorer = trainer(optimizers={"SGD": SGD(), "mine": own.OtherNames()})
    explorer.set(**{"method": "mine"})
    before = explorer.sentence
    assert before.startswith("OtherNames, rate 0.1, friction 0.3, power 3, shift -0.5, memory 0.99")
    explorer.set(memory=0.25)
    assert explorer.sentence == before.replace("memory 0.9995", "memory 0.25")


# While it is unanswered, and where it breaks


@pytest.mark.parametrize(
    "taker", ["descent", "descents", "explore_descent", "explore_descent, several"]
)
def test_an_unanswered_one_is_told(taker):
    shown = TAKERS[taker](own.Unanswered(0.1))
    said = getattr(shown, "description", None) or shown.sentence
    assert "Unanswered, lr 0.1: its update changes nothing yet; f = 6.45 after 30 updates" in said


def test_an_answered_one_is_not_told_to_be_unanswered():
    mine = MySGD(0.1)
    for path in (walk(mine), walk(mine, start=(0, 0)), walk(SGD(0.1), start=(0, 0))):
        assert "nothing yet" not in lab.descent_figure(path).description


BROKEN = (
    "KeyError in update 3 of Fragile: 'velocity <v>'. "
    "Correct the class, then run its cell and this one again."
)


def test_what_breaks_is_told_and_the_picture_stays():
    explorer = lab.explore_descent(own.Fragile(0.5))
    explorer.set(steps=20)
    good, said = drawn(explorer.live), explorer.sentence
    for lr in (2.0, 3.0):
        explorer.set(**{"lr": lr})
        assert explorer.sentence == repr(explorer) == BROKEN
        assert explorer.view.sentence == BROKEN
        assert drawn(explorer.live) == good
    explorer.set(steps=2)  # it breaks in the third
    assert explorer.sentence.startswith("Fragile, lr 3: first step ")
    assert drawn(explorer.live) != good
    explorer.set(lr=0.5, steps=20)
    assert (drawn(explorer.live), explorer.sentence) == (good, said)


def test_what_breaks_at_once_is_told_until_it_works():
    explorer = lab.explore_descent(own.Fragile(2.0), SGD(0.5))
    assert explorer.sentence == BROKEN
    assert explorer.live is None
    bundle, metadata = explorer._repr_mimebundle_()
    assert (bundle["text/plain"], metadata) == (BROKEN, {})
    assert "image/png" not in bundle
    explorer.set(**{"Fragile lr": 0.5})
    other = lab.explore_descent(own.Fragile(0.5), SGD(0.5))
    assert (explorer.sentence, drawn(explorer.live)) == (other.sentence, drawn(other.live))
    explorer.reset()
    assert explorer.sentence == BROKEN


def test_the_race_tells_what_breaks():
    """The search tries learning rates above 1."""
    explorer = lab.explore_race(steps=20, methods=named(own.Fragile(0.5)))
    assert explorer.sentence == BROKEN
    explorer.set(update=3, surface="saddle")
    assert explorer.sentence == BROKEN


def test_a_training_tells_what_breaks_and_goes_on():
    explorer = trainer(optimizers=named(own.Fragile(2.0)))
    before = drawn(explorer.live)
    asyncio.run(explorer.run())
    assert explorer.sentence == BROKEN
    assert drawn(explorer.live) == before
    assert not explorer.view.running
    explorer.set(**{"lr": 0.5})
    asyncio.run(explorer.run())
    assert "after 60 steps" in explorer.sentence


# Grids


@pytest.mark.parametrize("optimizer", GRIDS, ids=lambda each: type(each).__name__)
def test_a_grid_of_paths_is_no_single_path(optimizer):
    grid = walk(optimizer)
    takers = [lab.descent_figure, lambda each: anatomy_figure(each, 1), lab.explore_anatomy]
    takers += [lambda each: lab.descent_figure({"one": walk(SGD(0.1)), "grid": each})]
    for taker in takers:
        with pytest.raises(ValueError, match=r"descent must be a single path, got a grid .*\(2,\)"):
            taker(grid)
    with pytest.raises(ValueError, match="single"):
        lab.explore_descent(optimizer)
