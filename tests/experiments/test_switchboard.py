"""The switches: what they stand for, and the numbers that their answers are made of."""

from dataclasses import fields, replace

import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, Beale, Momentum, Ravine, RMSProp, Saddle, descend
from course_utils.experiments.methods import FIVE, five
from course_utils.experiments.race import RATES, best_rate
from course_utils.experiments.switchboard import (
    Switches,
    cycle,
    descents,
    late_gains,
    moved,
    report,
)


def test_the_defaults_give_the_classic_picture():
    runs = descents(Switches())
    assert list(runs) == list(five())
    for name, optimizer in five().items():
        run = runs[name]
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


def test_the_choices_of_rates():
    one = descents(Switches(rates="one", lr=0.25, steps=20))
    assert {run.optimizer.lr for run in one.values()} == {0.25}
    own = Switches(rates="own", rotation=30, steps=50, decay_rate=0.9)
    for run in descents(own).values():
        assert run.optimizer.lr == best_rate(own.surface, run.optimizer, steps=50)
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
    report(Switches()).descents.clear()
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


# The report


def test_heights_are_those_at_the_end_and_with_noise_a_mean():
    plain = report(Switches(steps=30))
    assert plain.heights == {name: run.losses[-1] for name, run in plain.descents.items()}
    noisy = report(Switches(terrain="near ridge", noise=0.1, steps=40))
    expected = noisy.descents["Adam"].losses[-10:].mean() + 0.25
    assert noisy.heights["Adam"] == pytest.approx(expected)
    assert report(Switches(terrain="corner")).heights["SGD"] == np.inf


def test_the_classic_picture_has_nothing_more_to_report():
    classic = report(Switches())
    assert (classic.at_edge, classic.effects) == ((), ())
    assert (classic.leaving, classic.cycle, classic.frozen) == (None, None, None)


@pytest.mark.parametrize(
    ("thrown", "switch", "unchanged"),
    [
        ({"rotation": 45}, "rotation", ("SGD", "Momentum")),
        ({"rotation": 90}, "rotation", FIVE),
        ({"condition": 200}, "condition", ("AdaGrad", "RMSProp", "Adam")),
        ({"noise": 0.5}, "noise", ()),
    ],
)
def test_an_effect_says_who_stays_the_same_and_where_all_would_end(thrown, switch, unchanged):
    (effect,) = report(Switches(**thrown)).effects
    assert (effect.switch, effect.unchanged) == (switch, unchanged)
    assert effect.heights == report(Switches()).heights


def test_each_switch_is_put_back_alone():
    effects = report(Switches(rotation=45, condition=200, noise=0.1)).effects
    assert [effect.switch for effect in effects] == ["rotation", "condition", "noise"]
    assert effects[0].heights == report(Switches(condition=200, noise=0.1)).heights
    (on_the_saddle,) = report(Switches("on ridge", rotation=45, noise=0.1)).effects
    assert (on_the_saddle.switch, on_the_saddle.unchanged) == ("noise", ())


def test_a_condition_that_a_slider_returns_a_hair_off_is_the_articles():
    assert not report(Switches(condition=20.000000000000004)).effects
    assert report(Switches(condition=21)).effects


def test_who_leaves_the_ridge():
    near = report(Switches("near ridge", rates="one"))
    assert near.leaving == {"RMSProp": 1, "Adam": 6, "AdaGrad": 7, "Momentum": 25, "SGD": 67}
    for name, run in near.descents.items():
        beside, t = np.abs(run.positions[:, 1]), near.leaving[name]
        assert beside[:t].max() <= 0.5 < beside[t]
    assert report(Switches("on ridge")).leaving == {}


def test_a_rate_at_the_searchs_edge_is_reported():
    """In so much noise Momentum does best in the corner where it hardly moves."""
    loud = Switches("corner", noise=50, rates="own", steps=300)
    assert report(loud).at_edge == ("Momentum",)
    assert descents(loud)["Momentum"].optimizer.lr == RATES[0]
    assert report(Switches(rates="own")).at_edge == ()
    assert report(replace(loud, rates="one", lr=RATES[0])).at_edge == ()


def test_adagrads_memory_holds_it_in_the_corner_and_not_in_the_valley():
    corner = Switches("corner", rates="one", lr=0.5, steps=300)
    assert report(corner).frozen == pytest.approx((1.2, 7.7), abs=0.05)
    assert report(replace(corner, noise=0.1)).frozen is None
    assert report(Switches()).frozen is None
    assert late_gains(descents(Switches())["AdaGrad"])[0] > 1e5


def test_rmsprops_cycle_is_reported():
    assert report(Switches(decay_rate=0.9, steps=300)).cycle == pytest.approx(0.05, rel=0.02)


# What the report is made of


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


def test_late_gains():
    run = descend(Ravine(), AdaGrad(1.5), steps=101)
    fresh = descend(Ravine(), AdaGrad(1.5), tuple(run.positions[50]), steps=51)
    expected = run.losses[50] / run.losses[-1], run.losses[50] / fresh.losses[-1]
    assert late_gains(run) == pytest.approx(expected)
    assert late_gains(descend(Ravine(), SGD(), start=(0, 0))) == (1, 1)


def test_a_grid_is_not_a_path():
    grid = descend(Ravine(), AdaGrad([0.1, 0.2]), steps=10)
    for call in (cycle, late_gains):
        with pytest.raises(ValueError, match="descent must be a single path, got a grid"):
            call(grid)
