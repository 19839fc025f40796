"""The switches: what they stand for, and the numbers that their answers are made of."""

from dataclasses import fields, replace

import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, Beale, Momentum, Ravine, RMSProp, Saddle, descend
from course_utils.best_rate import best_rate
from course_utils.switchboard import (
    PICTURE_RATES,
    Switches,
    cycle,
    descents,
    final_height,
    late_gain,
    late_gain_emptied,
    moved,
)


def test_the_defaults_give_the_classic_picture():
    classic = [SGD(0.95), Momentum(0.1), AdaGrad(1.5), RMSProp(0.1), Adam(0.3)]
    runs = descents(Switches())
    assert list(runs) == list(PICTURE_RATES)
    for optimizer in classic:
        run = runs[type(optimizer).__name__]
        assert repr(run.optimizer) == repr(optimizer)
        expected = descend(Ravine(), optimizer, steps=100)
        np.testing.assert_array_equal(run.positions, expected.positions)


@pytest.mark.parametrize(
    ("terrain", "kind", "start"),
    [
        ("near ridge", Saddle, (-1.5, 0.001)),
        ("on ridge", Saddle, (-1.5, 0)),
        ("corner", Beale, (4.25, 1.9)),
    ],
)
def test_the_terrains(terrain, kind, start):
    switches = Switches(terrain=terrain)
    assert type(switches.surface) is kind
    for run in descents(switches).values():
        assert tuple(run.positions[0]) == start


def test_rotation_and_condition_are_the_valleys():
    valley = Switches(rotation=30, condition=50).surface
    assert (valley.rotation, valley.condition_number) == (30, 50)
    assert valley.ylim == Switches().surface.ylim
    along, across = Switches(rotation=90).start
    assert (along, across) == pytest.approx((-2, -7))
    assert abs(across) < valley.ylim[1]


def test_the_choices_of_rates():
    one = descents(Switches(rates="one", lr=0.25, steps=20))
    assert {run.optimizer.lr for run in one.values()} == {0.25}
    own = Switches(rates="own", rotation=30, steps=50, decay_rate=0.9)
    for run in descents(own).values():
        assert run.optimizer.lr == best_rate(own.surface, run.optimizer, own.start, 50)
    assert descents(own)["RMSProp"].optimizer.decay_rate == 0.9


def test_all_methods_see_the_same_noise():
    runs = descents(Switches(rates="one", lr=1e-6, noise=0.5, steps=20))
    sgd, momentum = runs["SGD"], runs["Momentum"]
    np.testing.assert_allclose(
        np.diff(sgd.positions, axis=0)[0], np.diff(momentum.positions, axis=0)[0], rtol=1e-6
    )
    assert (
        np.abs(
            sgd.positions - descents(Switches(rates="one", lr=1e-6, steps=20))["SGD"].positions
        ).max()
        > 0
    )


def test_what_is_returned_is_the_callers():
    descents(Switches()).clear()
    assert len(descents(Switches())) == 5


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"terrain": "hill"}, "terrain must be one of valley, .*, got 'hill'"),
        ({"rates": "best"}, "rates must be one of picture, one, own, got 'best'"),
    ],
)
def test_a_wrong_choice_is_named(switches, words):
    with pytest.raises(ValueError, match=words):
        Switches(**switches)


@pytest.mark.parametrize(
    ("name", "value"), [("condition", 0.5), ("noise", -1), ("lr", 0), ("decay_rate", 1)]
)
def test_a_wrong_number_is_named(name, value):
    given = {"condition": "condition_number"}.get(name, name)
    with pytest.raises(ValueError, match=f"{given} must be"):
        descents(replace(Switches(rates="one"), **{name: value}))


def test_every_switch_changes_a_path():
    base = Switches(rates="one", rotation=10)
    others = {
        "terrain": "corner",
        "rotation": 20,
        "condition": 40,
        "noise": 0.1,
        "lr": 0.2,
        "rates": "own",
        "decay_rate": 0.9,
        "steps": 99,
    }
    assert set(others) == {each.name for each in fields(Switches)}
    for name, value in others.items():
        now, then = (
            {method: run.positions for method, run in descents(switches).items()}
            for switches in (replace(base, **{name: value}), base)
        )
        assert not all(np.array_equal(now[method], then[method]) for method in now), name


def test_final_height():
    runs = descents(Switches(steps=30))
    assert final_height(runs["SGD"], Switches(steps=30)) == runs["SGD"].losses[-1]
    noisy = Switches(terrain="near ridge", noise=0.1, steps=40)
    run = descents(noisy)["Adam"]
    assert final_height(run, noisy) == pytest.approx(run.losses[-10:].mean() + 0.25)
    assert final_height(descents(Switches(terrain="corner"))["SGD"], Switches()) == np.inf


def test_moved_is_measured_along_and_across():
    now, then = descents(Switches(rotation=45)), descents(Switches())
    assert moved(now["SGD"], then["SGD"]) < 1e-9
    assert moved(now["AdaGrad"], then["AdaGrad"]) > 0.5
    assert moved(descend(Ravine(), SGD(3)), then["SGD"]) == np.inf


def test_rmsprop_ends_in_a_cycle_of_half_its_rate():
    for lr in (0.1, 0.3):
        run = descend(Ravine(), RMSProp(lr, decay_rate=0.9), steps=300)
        assert cycle(run) == pytest.approx(lr / 2, rel=0.02)
    assert cycle(descend(Ravine(), RMSProp(0.1, decay_rate=0.9), steps=4)) is None


@pytest.mark.parametrize("optimizer", [SGD(0.95), Momentum(0.1), AdaGrad(1.5), Adam(0.3)], ids=repr)
def test_the_others_end_in_none(optimizer):
    assert cycle(descend(Ravine(), optimizer, steps=300)) is None


def test_a_swing_much_smaller_than_the_rate_is_no_cycle():
    run = descend(Ravine(1), SGD(0.999), steps=1500)
    assert (run.positions[-1] * run.positions[-2] < 0).all()
    assert cycle(run) is None


def test_late_gain():
    run = descend(Ravine(), AdaGrad(1.5), steps=101)
    assert late_gain(run) == pytest.approx(run.losses[50] / run.losses[-1])
    fresh = descend(Ravine(), AdaGrad(1.5), tuple(run.positions[50]), steps=51)
    assert late_gain_emptied(run) == pytest.approx(fresh.losses[0] / fresh.losses[-1])
    assert late_gain(descend(Ravine(), SGD(), start=(0, 0))) == 1


def test_adagrads_memory_holds_it_in_the_corner_and_not_in_the_valley():
    corner = descents(Switches("corner", rates="one", lr=0.5, steps=300))["AdaGrad"]
    assert late_gain(corner) < 1.5
    assert late_gain_emptied(corner) > 5
    assert late_gain(descents(Switches())["AdaGrad"]) > 1e5
