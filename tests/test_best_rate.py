"""The search for each method's best learning rate, the race it sets up, and its table."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

import course_utils.best_rate as search
from course_utils import SGD, AdaGrad, Adam, Beale, Momentum, Ravine, RMSProp, Saddle, descend
from course_utils.best_rate import (
    LEVEL,
    METHODS,
    RACES,
    RATES,
    at_edge,
    best_rate,
    down_at,
    race,
    race_table,
    with_lr,
)

TABLE = """\
               SGD          Momentum          AdaGrad       RMSProp         Adam
ravine         46 (lr 0.86)  80 (lr 0.063)    6* (lr 4)     21 (lr 0.18)    77 (lr 0.74)
turned ravine  46* (lr 0.86) 80 (lr 0.063)    63 (lr 2.9)   93 (lr 0.12)    74 (lr 0.29)
saddle         15 (lr 0.74)  86 (lr 0.16)     8* (lr 0.86)  8* (lr 0.074)   75 (lr 0.12)
Rosenbrock     never         132* (lr 0.0022) never         never           117* (lr 0.86)
Beale          126 (lr 0.04) 88 (lr 0.018)    45* (lr 1)    128 (lr 0.034)  81 (lr 0.29)
"""


@pytest.fixture(scope="module")
def races():
    return {label: race(surface) for label, surface in RACES.items()}


def slow_best(surface, optimizer, steps):
    """Search one rate after the other, in plain Python."""
    best = None
    for lr in RATES:
        descent = descend(surface, with_lr(optimizer, lr), steps=steps)
        (left, right), (low, high) = surface.xlim, surface.ylim
        inside = all(left <= x <= right and low <= y <= high for x, y in descent.positions)
        if descent.diverged_at is not None or not inside:
            continue
        heights = list(descent.losses - surface.lowest)
        down = next((t for t in range(steps + 1) if max(heights[t:]) <= LEVEL * heights[0]), inf)
        end = np.mean(heights[-(steps // 4) :]) if down == inf else 0
        if best is None or (down, end, lr) < best:
            best = (down, end, lr)
    return best[2]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
@pytest.mark.parametrize("surface", [Ravine(20, 30), Saddle(), Beale()], ids=lambda s: s.name)
def test_the_search_finds_what_one_run_after_the_other_finds(surface, method):
    assert best_rate(surface, method, steps=40) == slow_best(surface, method, 40)


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


def test_several_draws_make_the_search_in_noise_steadier(monkeypatch):
    eight = np.std(np.log(found_in_noise(range(12))))
    monkeypatch.setattr(search, "DRAWS", 1)
    assert eight < np.std(np.log(found_in_noise(range(12)))) / 1.5


def test_a_rate_at_the_edge_is_told():
    assert at_edge(best_rate(Ravine(), AdaGrad(), steps=1)) is False
    assert at_edge(RATES[0])
    assert at_edge(RATES[-1])


def test_a_start_outside_the_picture_is_refused():
    with pytest.raises(ValueError, match=r"start must lie in the picture of Ravine, got \(20, 0\)"):
        best_rate(Ravine(), SGD(), start=(20, 0))


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
    again = {
        type(method).__name__: descend(
            surface, with_lr(method, best_rate(surface, method, start)), start, 300
        )
        for method in METHODS
    }
    assert race_table({label: again}) == race_table({label: races[label]})


@pytest.mark.parametrize("method", [SGD(), Momentum()], ids=repr)
def test_the_best_rate_of_a_turned_valley_is_that_of_the_valley(method):
    """What only adds up gradients turns with the valley; so must the picture it may not leave."""
    rates = {best_rate(Ravine(1000, angle), method, steps=300) for angle in (0, 45, 75)}
    assert len(rates) == 1
