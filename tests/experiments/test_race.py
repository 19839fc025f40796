"""The search for each method's best learning rate, the race it sets up, and its table."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, Beale, Momentum, Ravine, RMSProp, Saddle, descend
from course_utils.experiments.methods import METHODS, five
from course_utils.experiments.race import (
    LEVEL,
    RACES,
    RATES,
    at_edge,
    best_rate,
    down_at,
    race,
    race_table,
)
from course_utils.experiments.switchboard import Switches, descents
from course_utils.experiments.walks import with_lr
from tests.experiments.readers import Averaging, Clipped, MyMomentum, MySGD, Picky

TABLE = """\
               SGD          Momentum          AdaGrad       RMSProp         Adam
ravine         46 (lr 0.86)  80 (lr 0.063)    6* (lr 4)     21 (lr 0.18)    77 (lr 0.74)
turned ravine  46* (lr 0.86) 80 (lr 0.063)    63 (lr 2.9)   93 (lr 0.12)    74 (lr 0.29)
saddle         15 (lr 0.74)  86 (lr 0.16)     8* (lr 0.86)  8* (lr 0.074)   75 (lr 0.12)
Rosenbrock     never         132* (lr 0.0022) never         never           117* (lr 0.86)
Beale          126 (lr 0.04) 88 (lr 0.018)    45* (lr 1)    128 (lr 0.034)  81 (lr 0.29)
"""


def name_of(optimizer):
    return type(optimizer).__name__


@pytest.fixture(scope="module")
def races():
    return {label: race(surface) for label, surface in RACES.items()}


def slow_best(surface, optimizer, steps):
    """Search one rate after the other, in plain Python."""
    best = None
    for lr in RATES:
        descent = descend(surface, with_lr(optimizer, float(lr)), steps=steps)
        if descent.diverged_at is not None:
            continue
        if not all(surface.inside(x, y) for x, y in descent.positions):
            continue
        heights = list(descent.losses - surface.lowest)
        down = next((t for t in range(steps + 1) if max(heights[t:]) <= LEVEL * heights[0]), inf)
        end = np.mean(heights[-(steps // 4) :]) if down == inf else 0
        if best is None or (down, end, lr) < best:
            best = (down, end, lr)
    return best[2]


@pytest.mark.parametrize("optimizer", [*five().values(), MyMomentum(), Clipped()], ids=name_of)
@pytest.mark.parametrize("surface", [Ravine(20, 30), Saddle(), Beale()], ids=lambda s: s.name)
def test_the_search_finds_what_one_run_after_the_other_finds(surface, optimizer):
    assert best_rate(surface, optimizer, steps=40) == slow_best(surface, optimizer, 40)


def test_sgds_best_is_close_to_the_best_in_theory():
    low, high = Ravine().curvature(0, 0)
    assert best_rate(Ravine(), SGD()) == pytest.approx(2 / (low + high), rel=0.17)


def test_the_other_settings_stay():
    optimizer = RMSProp(decay_rate=0.8, eps=1e-3)
    assert repr(with_lr(optimizer, 0.5)) == "RMSProp(lr=0.5, decay_rate=0.8, eps=0.001)"
    rates = [best_rate(Ravine(), Momentum(momentum=m)) for m in (0, 0.9)]
    assert rates[0] == best_rate(Ravine(), SGD()) > rates[1]


def found_in_noise(seeds):
    return [best_rate(Ravine(), SGD(), steps=100, noise=0.5, rng=seed) for seed in seeds]


def test_noise_asks_for_a_smaller_rate():
    assert found_in_noise([0])[0] < best_rate(Ravine(), SGD(), steps=100) / 2
    assert len(set(found_in_noise([0, 0]))) == 1


def test_a_rate_at_the_edge_is_told():
    assert at_edge(best_rate(Ravine(), AdaGrad(), steps=1)) is False
    assert at_edge(RATES[0])
    assert at_edge(RATES[-1])


def test_a_start_out_of_bounds_is_refused():
    says = r"^start must lie within the bounds of Ravine, got \(20, 0\)"
    with pytest.raises(ValueError, match=says):
        best_rate(Ravine(), SGD(), start=(20, 0))


def test_no_frame_of_a_drawing_decides_a_best_rate():
    """Framed at ±5, 4.0 was the best rate of AdaGrad on the ravine, and 7.4 at ±7.5."""
    wide = type("Wide", (Ravine,), {"ylim": (-7.5, 7.5)})()
    narrow = type("Narrow", (Ravine,), {"xlim": (-7.5, 1), "ylim": (-2.5, 2.5)})()
    rates = [best_rate(surface, AdaGrad()) for surface in (Ravine(), wide, narrow)]
    raced = race(Ravine(), methods={"AdaGrad": AdaGrad()})["AdaGrad"].optimizer.lr
    own = descents(Switches(rates="own", steps=300))["AdaGrad"].optimizer.lr
    assert {*rates, raced, own} == {rates[0]}
    assert rates[0] == pytest.approx(4.0, rel=0.01)


@pytest.mark.parametrize(
    ("optimizer", "steps", "expected"),
    [(SGD(0.95), 100, 45), (SGD(0.95), 44, inf), (SGD(10), 100, inf), (Adam(1e-3), 50, inf)],
)
def test_down_at(optimizer, steps, expected):
    descent = descend(Ravine(), optimizer, steps=steps)
    assert down_at(descent) == expected
    if expected < inf:
        below = descent.losses <= LEVEL * descent.losses[0]
        assert below[expected:].all()
        assert not below[expected - 1]


def test_a_path_that_only_crosses_the_level_is_not_down():
    descent = descend(Ravine(), Adam(0.3), steps=100)
    first = np.argmax(descent.losses <= LEVEL * descent.losses[0])
    assert first < down_at(descent)


def test_a_path_that_diverged_from_below_is_not_down():
    descent = descend(Ravine(), SGD(0.95), steps=60)
    assert down_at(descent) == 45
    assert down_at(replace(descent, diverged_at=61)) == inf


def test_a_path_at_rest_is_down_at_once():
    assert down_at(descend(Ravine(), SGD(), start=(0, 0))) == 0


def test_no_best_rate_lies_at_the_edge(races):
    assert not any(at_edge(each.optimizer.lr) for runs in races.values() for each in runs.values())


def test_the_table(races):
    rows = race_table(races).splitlines()
    assert [row.split() for row in rows] == [row.split() for row in TABLE.splitlines()]
    assert len({row.index(row.split()[-1]) for row in rows[:1]}) == 1
    assert all(row == row.rstrip() for row in rows)


def test_no_method_is_down_first_everywhere(races):
    stars = [row.count("*") for row in race_table(races).splitlines()[1:]]
    assert min(stars) >= 1
    first = {
        label: min(runs, key=lambda name: down_at(runs[name])) for label, runs in races.items()
    }
    assert len(set(first.values())) >= 3


@pytest.mark.parametrize("label", RACES)
def test_the_table_does_not_hang_on_round_off(label, races):
    surface = RACES[label]
    start = tuple(np.array(surface.start) * (1 + 1e-13))
    assert race_table({label: race(surface, start=start)}) == race_table({label: races[label]})


@pytest.mark.parametrize("method", [SGD(), Momentum(), MyMomentum()], ids=name_of)
def test_the_best_rate_of_a_turned_valley_is_that_of_the_valley(method):
    """What only adds up gradients turns with the valley; so must the bounds it may not leave."""
    rates = {best_rate(Ravine(1000, angle), method, steps=100) for angle in (0, 45, 75)}
    assert len(rates) == 1


def test_a_race_from_another_start():
    start = (1.0, 0.001)
    surface = Saddle()
    there = race(surface, steps=100, start=start)
    for name, descent in there.items():
        assert tuple(descent.positions[0]) == start
        assert descent.optimizer.lr == best_rate(surface, METHODS[name].optimizer, start, 100)
    assert surface.start == Saddle.start
    assert race(Ravine(), 50, start=(5, -3))["SGD"].positions[0].tolist() == [5, -3]


# The reader's own


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [(MySGD(), SGD()), (Picky(), SGD()), (MyMomentum(momentum=0.8), Momentum(momentum=0.8))],
    ids=name_of,
)
def test_a_readers_own_optimizer_is_searched_like_the_packages(mine, theirs):
    for surface in (Ravine(), Beale()):
        rates = [best_rate(surface, each, steps=60) for each in (mine, theirs)]
        assert rates[0] == rates[1]


def test_a_readers_own_optimizer_is_judged_in_noise():
    quiet, noisy = (best_rate(Ravine(), MySGD(), steps=100, noise=noise) for noise in (0, 0.5))
    assert noisy < 0.75 * quiet


def test_a_readers_own_optimizers_race_and_stand_in_the_table():
    mine = MyMomentum(0.3)
    mine.update({"x": np.ones(1)}, {"x": np.ones(1)})
    names = {"SGD": SGD(), "mine": mine, "averaged": Averaging()}
    found = race(Ravine(), methods=names)
    assert list(found) == list(names)
    lr = best_rate(Ravine(), Momentum())
    again = descend(Ravine(), Momentum(lr), steps=300)
    np.testing.assert_allclose(found["mine"].positions, again.positions, atol=1e-12)
    head, row = race_table({"ravine": found}).splitlines()
    assert head.split() == list(names)
    assert f"{down_at(again):.0f} (lr {lr:.2g})" in row


class WithoutRate:
    def update(self, params, grads):
        for key in params:
            params[key] -= 0.1 * grads[key]


@pytest.mark.parametrize(
    "optimizer",
    [WithoutRate(), SGD([0.1, 0.2]), RMSProp(decay_rate=[0.9, 0.99]), None],
    ids=name_of,
)
def test_one_learning_rate_is_needed(optimizer):
    with pytest.raises(ValueError, match="optimizer must have one learning rate, got"):
        best_rate(Ravine(), optimizer)


class Breaking(MySGD):
    def update(self, params, grads):
        raise KeyError("x")


def test_an_error_of_a_readers_own_keeps_its_type_and_says_where():
    with pytest.raises(KeyError) as caught:
        best_rate(Ravine(), Breaking())
    assert caught.value.__notes__ == ["in update 1 of Breaking"]


def test_a_grid_is_not_a_path():
    with pytest.raises(ValueError, match="descent must be a single path, got a grid"):
        down_at(descend(Ravine(), SGD([0.1, 0.2])))
