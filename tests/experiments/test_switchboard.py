"""The switches: what they stand for, and the numbers that their answers are made of."""

from dataclasses import fields, replace

import numpy as np
import pytest

from course_utils import SGD, Beale, Ravine, Saddle, descend
from course_utils.experiments.methods import FIVE, five
from course_utils.experiments.race import RATES, best_rate
from course_utils.experiments.switchboard import (
    TERRAINS,
    Switches,
    descents,
    moved,
    report,
)
from course_utils.optimizer import with_settings


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
    own = Switches(rates="own", rotation=30, steps=50)
    for run in descents(own).values():
        assert run.optimizer.lr == best_rate(own.surface, run.optimizer, steps=50)


@pytest.mark.parametrize("noise", [0.0, 0.2, 50.0])
@pytest.mark.parametrize("terrain", TERRAINS)
def test_the_search_for_all_five_at_once_finds_what_one_for_each_does(terrain, noise):
    own = Switches(terrain, 20, 50, noise, "own", steps=80)
    start = TERRAINS[terrain][1]
    for name, run in descents(own).items():
        lr = best_rate(own.surface, five()[name], start, 80, noise)
        assert run.optimizer.lr == lr
        assert type(run.optimizer.lr) is float
        alone = descend(own.surface, with_settings(five()[name], lr=lr), start, 80, noise)
        np.testing.assert_array_equal(run.positions, alone.positions)


def test_in_so_much_noise_momentum_does_best_in_the_corner_where_it_hardly_moves():
    loud = Switches("corner", noise=50, rates="own", steps=300)
    at_edge = [name for name, run in descents(loud).items() if run.optimizer.lr == RATES[0]]
    assert at_edge == ["Momentum"]


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


@pytest.mark.parametrize(("name", "value"), [("condition", 0.5), ("noise", -1), ("lr", 0)])
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


def test_heights_are_those_at_the_end():
    plain = report(Switches(steps=30))
    assert plain.heights == {name: run.losses[-1] for name, run in plain.descents.items()}
    assert report(Switches(terrain="corner")).heights["SGD"] == np.inf


@pytest.mark.parametrize(
    ("switches", "lowest"),
    [(Switches(noise=0.5), 0), (Switches("near ridge", noise=0.1, rates="one", steps=40), -0.25)],
    ids=str,
)
def test_with_noise_heights_are_means_of_many_draws(switches, lowest):
    surface, start = switches.surface, switches.surface.start
    found = report(switches)
    for name, height in found.heights.items():
        lr = found.descents[name].optimizer.lr
        many = with_settings(five()[name], lr=np.full(4000, lr))
        losses = descend(surface, many, start, switches.steps, switches.noise, rng=1).losses
        last = losses[-(switches.steps // 4) :].mean(axis=0) - lowest
        assert abs(height - last.mean()) < 4 * last.std() / np.sqrt(100), name


def test_in_noise_a_method_of_which_a_draw_diverges_is_out_of_sight():
    assert report(Switches("corner", noise=0.1)).heights["SGD"] == np.inf


def test_the_classic_picture_has_nothing_more_to_report():
    classic = report(Switches())
    assert (classic.unchanged, classic.left, classic.before) == ({}, None, {})


@pytest.mark.parametrize(
    ("thrown", "unchanged"),
    [
        ({"rotation": 45}, {"rotation": ("SGD", "Momentum")}),
        ({"rotation": 90}, {"rotation": FIVE}),
        ({"condition": 200}, {"condition": ("AdaGrad", "RMSProp", "Adam")}),
        ({"rotation": 45, "condition": 200}, {"rotation": ("SGD", "Momentum"), "condition": ()}),
        ({"rotation": 45, "noise": 0.5}, {}),
        ({"rotation": 45, "terrain": "on ridge"}, {}),
        ({"condition": 20.000000000000004}, {}),
    ],
    ids=str,
)
def test_who_walks_as_if_a_switch_were_not_thrown(thrown, unchanged):
    assert report(Switches(**thrown)).unchanged == unchanged


def test_who_has_left_the_ridge():
    near = report(Switches("near ridge", rates="one"))
    assert near.left == {"SGD": 67, "Momentum": 25, "AdaGrad": 7, "RMSProp": 1, "Adam": 6}
    assert list(near.left) == ["RMSProp", "Adam", "AdaGrad", "Momentum", "SGD"]
    for name, t in near.left.items():
        away = abs(near.descents[name].positions[:, 1])
        assert (away[:t] <= 0.5).all()
        assert away[t] > 0.5
    assert report(Switches("on ridge")).left == {}
    assert report(Switches("corner")).left is None


def test_before_is_the_classic_picture_where_it_can_be_compared():
    for other in Switches(rotation=45), Switches(noise=0.5), Switches(rates="one"):
        before = report(other).before
        for name, run in descents(Switches()).items():
            assert np.array_equal(before[name].positions[:101], run.positions)
    for alone in Switches(steps=60), Switches(lr=0.2), Switches("corner"), Switches("near ridge"):
        assert report(alone).before == {}


# What the report is made of


def test_moved_is_measured_along_and_across():
    now, then = descents(Switches(rotation=45)), descents(Switches())
    assert moved(now["SGD"], then["SGD"]) < 1e-9
    assert moved(now["AdaGrad"], then["AdaGrad"]) > 0.5
    assert moved(descend(Ravine(), SGD(3)), then["SGD"]) == np.inf


def test_in_noise_the_curves_are_means_of_the_draws():
    """Of as many walks of `descend`, each with noise of its own."""
    found = report(Switches(noise=0.5, steps=20))
    for name, curve in found.curves.items():
        optimizer = five()[name]
        draws = [descend(Ravine(), optimizer, steps=20, noise=0.5, rng=n) for n in range(400)]
        heights = np.array([draw.heights for draw in draws])
        error = heights.std(axis=0) * np.sqrt(1 / 400 + 1 / 100)
        assert (abs(curve - heights.mean(axis=0)) < 4.5 * error + 1e-12).all()
        assert found.heights[name] == pytest.approx(curve[-5:].mean())
    exact = report(Switches("corner"))
    assert [name for name, curve in exact.curves.items() if np.isinf(curve[-1])] == [
        "SGD",
        "Momentum",
    ]
