"""Sentences on single paths, against numbers made without them."""

import re

import numpy as np
import pytest

from course_utils import SGD, Momentum, Ravine, descend
from course_utils.experiments import inverse_time
from course_utils.lab import descent_figure
from course_utils.lab.describe import describe_descent
from course_utils.lab.style import plain
from tests.lab.tables import classic, walk


def test_the_articles_five_in_words():
    sentences = {name: describe_descent(descent) for name, descent in classic().items()}
    assert sentences["SGD"] == (
        "SGD, lr 0.95: y changes sign at every step and shrinks to 0.90 of its size per step, "
        "x to 0.905; f = 0.0133 after 30 updates."
    )
    assert sentences["Momentum"] == (
        "Momentum, lr 0.1, momentum 0.9: long-run step 1 × gradient; f = 0.0479 after 30 updates."
    )
    assert sentences["RMSProp"].startswith(
        "RMSProp, lr 0.1, decay_rate 0.99: first step 1 in x and 1 in y; effective lr of x from "
    )
    assert sentences["Adam"].startswith(
        "Adam, lr 0.3, beta1 0.9, beta2 0.999: first step 0.3 in x and 0.3 in y; "
    )
    assert sentences["Adam"].endswith("f = 0.102 after 30 updates.")
    ends = [said.split(": ")[0] + ": " + said.split("; ")[-1] for said in sentences.values()]
    assert descent_figure(classic()).description == " ".join(ends)


@pytest.mark.parametrize("name", ["AdaGrad", "RMSProp", "Adam"])
def test_the_rates_in_words(name):
    descent = walk(name)
    step = -np.diff(descent.positions, axis=0)
    direction = descent.state["m"][1:] if name == "Adam" else descent.gradients[:-1]
    (x0, y0), (x1, y1) = (step / direction)[[0, -1]]
    want = f"effective lr of x from {x0:.3g} to {x1:.3g}, of y from {y0:.3g} to {y1:.3g}; "
    assert want in describe_descent(descent)
    if name != "AdaGrad":
        x, y = np.abs(step[0])
        assert f"first step {x:.3g} in x and {y:.3g} in y; " in describe_descent(descent)


@pytest.mark.parametrize("condition", [1, 3.7, 20, 1000])
@pytest.mark.parametrize("lr", [0.001, 0.3, 0.5, 0.95, 1.0233, 10])
def test_the_factors_of_gradient_descent_in_words(lr, condition):
    descent = descend(Ravine(condition), SGD(lr), steps=8)
    x, y = descent.positions[1] / descent.positions[0]
    sentence = describe_descent(descent)
    assert ("past 2/L = 1.00" in sentence) == (lr > 1) == ("diverges" in sentence)
    assert ("changes sign" in sentence) == (0 > y >= -1)
    if lr > 1:
        assert f"y grows by {abs(y):.2f} per step" in sentence
    elif lr == 0.5:
        assert f": y lands on 0, x shrinks to {abs(x):.3f}" in sentence
    else:
        told = re.search(r"shrinks to (\S+) of its size per step, x to (\S+);", sentence)
        assert np.array(told.groups(), float) == pytest.approx([abs(y), abs(x)], abs=0.005)
        assert not {*map(float, told.groups())} & {0, 1}, "what shrinks does so by a part"


@pytest.mark.parametrize(
    ("value", "two", "three"),
    [(1220, "1,200", "1,220"), (34.92, "35", "34.9"), (5.47e-25, "5.5e-25", "5.47e-25")],
)
def test_a_number_is_told_plainly(value, two, three):
    assert (plain(value, 2), plain(value)) == (two, three)


@pytest.mark.parametrize(
    ("surface", "optimizer", "told"),
    [
        *(
            (
                Ravine(kappa),
                SGD(1.0),
                "y changes sign at every step and keeps its size, x shrinks to",
            )
            for kappa in (1, 1.3, 1000)
        ),
        (Ravine(20, 45), SGD(0.95), "across it changes sign at every step and shrinks to 0.90"),
        (Ravine(20, 45), SGD(0.95), "along the valley to 0.905; "),
        (Ravine(), Momentum(1.92), ": past the edge 2(1 + momentum)/L = 1.90; "),
        (Ravine(), Momentum(1.88), ": long-run step 18.8 × gradient; "),
        (Ravine(), Momentum(1.51, 0.5), ": past the edge 2(1 + momentum)/L = 1.50; "),
    ],
)
def test_the_edges_in_words(surface, optimizer, told):
    assert told in describe_descent(descend(surface, optimizer))


def test_what_does_not_diverge_is_not_said_to():
    flat, steep = (descend(Ravine(), SGD(lr), (-7, y), 200) for lr, y in ((1.5, 0), (10, 2)))
    assert "y stays at 0, x shrinks to 0.850; f = " in describe_descent(flat)
    assert describe_descent(steep) == (
        "SGD, lr 10: past 2/L = 1.00: y grows by 19.00 per step, so it diverges; "
        "out of sight after 1 update."
    )


def test_a_falling_learning_rate_in_words():
    descent = walk("AdaGrad", schedule=inverse_time(0.1))
    assert describe_descent(descent) == (
        f"AdaGrad, lr 1.5: lr goes from 1.5 to {1.5 / 3.9:.3g}; "
        f"f = {descent.losses[-1]:.3g} after 30 updates."
    )


def test_noise_and_another_start_are_told():
    descent = descend(Ravine(50), SGD(0.5), (-3, 1), noise=0.5)
    assert descent_figure(descent).description == (
        "Noise 0.5. Condition number 50. From (-3, 1): SGD, lr 0.5: "
        f"settles around 0.094; f = {descent.losses[-1]:.3g} after 30 updates."
    )
