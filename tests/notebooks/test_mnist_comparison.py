"""What notebook 06 prints and says about the real MNIST, computed again."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, Momentum, MyTwoLayerNet, RMSProp, compare, load_mnist

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_mnist_comparison.ipynb"
METHODS = (SGD, Momentum, AdaGrad, RMSProp, Adam)


@pytest.fixture(scope="module")
def trainings(mnist_dir):
    data = load_mnist(path=mnist_dir)
    network = MyTwoLayerNet(input_size=784, hidden_size_1=100, output_size=10, rng=0)
    optimizers = {method.__name__: method() for method in METHODS}
    optimizers |= {"tuned": SGD(lr=0.5), "too large": Adam(lr=1)}
    optimizers |= {"Momentum 0.05": Momentum(lr=0.05), "AdaGrad 0.05": AdaGrad(lr=0.05)}
    optimizers |= {"RMSProp 0.002": RMSProp(lr=0.002), "Adam 0.002": Adam(lr=0.002)}
    return compare(network, optimizers, *data, iterations=2000, evaluate_every=2000)


def stored_text(start):
    """Return what the cell whose source begins so has printed."""
    cells = nbformat.read(NOTEBOOK, 4).cells
    (cell,) = [c for c in cells if c.cell_type == "code" and c.source.startswith(start)]
    return "".join(output.get("text", "") for output in cell.outputs)


def stored_rows(start, pattern):
    """Return {method: numbers} from the stored output of the cell whose source begins so."""
    matches = re.finditer(pattern, stored_text(start))
    rows = {m[1]: [float(n) for n in m.groups()[1:]] for m in matches}
    assert set(rows) == {method.__name__ for method in METHODS}
    return rows


def gain(training):
    return 1 - training.loss[-500:].mean() / training.loss_before[-500:].mean()


def test_stored_test_scores(trainings):
    rows = stored_rows('print("             test accuracy', r"(\w+) +([\d.]+)% +([\d.]+) +[\d.]+ s")
    for name, (accuracy, loss) in rows.items():
        training = trainings[name]
        assert 100 * training.held_out_accuracy[-1] == pytest.approx(accuracy, abs=0.8)
        assert training.held_out_loss[-1] == pytest.approx(loss, abs=0.04)


def test_stored_gains(trainings):
    rows = stored_rows(
        "for name, run in trainings.items():\n    before", r"(\w+) +before .* by +(\d+)%"
    )
    for name, (percent,) in rows.items():
        assert 100 * gain(trainings[name]) == pytest.approx(percent, abs=6)


def test_order_of_the_figure(trainings):
    last = {m.__name__: trainings[m.__name__].loss[-100:].mean() for m in METHODS}
    order = sorted(last, key=last.get)
    assert order[0] == "RMSProp"
    assert order[-2:] == ["Momentum", "SGD"]


def test_lowest_training_curve_is_not_lowest_on_the_test_images(trainings):
    test_loss = {m.__name__: trainings[m.__name__].held_out_loss[-1] for m in METHODS}
    assert min(test_loss, key=test_loss.get) != "RMSProp"


def test_the_loss_after_the_step_flatters_rmsprop_most_and_sgd_least(trainings):
    gains = {m.__name__: gain(trainings[m.__name__]) for m in METHODS}
    assert max(gains, key=gains.get) == "RMSProp"
    assert min(gains, key=gains.get) == "SGD"


def test_the_widest_gap_on_the_test_images_is_about_six_digits_in_a_hundred(trainings):
    accuracy = [trainings[m.__name__].held_out_accuracy[-1] for m in METHODS]
    assert 100 * (max(accuracy) - min(accuracy)) == pytest.approx(6.4, abs=0.9)


def test_before_the_step_rmsprop_is_level_with_adam(trainings):
    rmsprop, adam = (trainings[name].loss_before[-500:].mean() for name in ("RMSProp", "Adam"))
    assert rmsprop == pytest.approx(adam, rel=0.2)


def test_rmsprop_starts_by_getting_much_worse_than_an_even_guess(trainings):
    assert trainings["RMSProp"].loss[:3].min() > 2 * np.log(10)


def test_sgd_with_a_better_rate_passes_momentum_and_runs_with_the_best(trainings):
    tuned = trainings["tuned"]
    loss = {m.__name__: trainings[m.__name__].held_out_loss[-1] for m in METHODS}
    assert tuned.held_out_loss[-1] < loss["Momentum"] < loss["SGD"]
    assert tuned.held_out_loss[-1] < 1.15 * min(loss.values())
    stored = re.search(r"([\d.]+)% of the test", stored_text("from course_utils import train\n"))
    assert round(float(stored[1])) == 97
    assert 100 * tuned.held_out_accuracy[-1] == pytest.approx(97.2, abs=0.5)


@pytest.mark.parametrize(
    "run", ["tuned", "Momentum 0.05", "AdaGrad 0.05", "RMSProp 0.002", "Adam 0.002"]
)
def test_each_method_can_pass_96_5_percent(trainings, run):
    assert trainings[run].held_out_accuracy[-1] > 0.965


def test_adam_with_lr_1_fails(trainings):
    assert trainings["too large"].loss[-500:].mean() > 1
