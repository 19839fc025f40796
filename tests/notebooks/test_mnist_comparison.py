"""What notebook 06 prints and says about the real MNIST, computed again."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course_utils import SGD, AdaGrad, Adam, Momentum, MyTwoLayerNet, RMSProp, compare, load_mnist
from course_utils.experiments import load_sweep
from course_utils.lab import weights_figure

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


def cell_with(start):
    cells = nbformat.read(NOTEBOOK, 4).cells
    (cell,) = [c for c in cells if c.cell_type == "code" and c.source.startswith(start)]
    return cell


def stored_text(start):
    """Return what the cell whose source begins so has printed."""
    return "".join(output.get("text", "") for output in cell_with(start).outputs)


def stored_figure(start):
    """Return the sentences of the figures of the cell whose source begins so."""
    shown = (output.get("data", {}) for output in cell_with(start).outputs)
    return "".join(each["text/plain"] for each in shown if "image/png" in each)


def stored_rows(start, pattern):
    """Return {method: numbers} from the stored output of the cell whose source begins so."""
    matches = re.finditer(pattern, stored_text(start))
    rows = {m[1]: [float(n) for n in m.groups()[1:]] for m in matches}
    assert set(rows) >= {method.__name__ for method in METHODS}
    return rows


def gain(training):
    return 1 - training.loss[-500:].mean() / training.loss_before[-500:].mean()


def test_stored_test_scores(trainings):
    rows = stored_rows('print("             test accuracy', r"(\w+) +([\d.]+)% +([\d.]+)")
    for name, (accuracy, loss) in rows.items():
        training = trainings[name]
        assert 100 * training.held_out_accuracy[-1] == pytest.approx(accuracy, abs=0.8)
        assert training.held_out_loss[-1] == pytest.approx(loss, abs=0.04)


def test_table_and_figures_are_of_one_run():
    told = r"(\w+) +([\d.]+)%"
    printed = dict(re.findall(told, stored_text('print("             test accuracy')))
    drawn = dict(re.findall(told, stored_figure("from course_utils.lab import held_out_figure")))
    assert {name: drawn[name] for name in printed} == printed
    assert len(printed) == len(METHODS)


def test_only_the_times_are_kept_from_an_earlier_run():
    cells = nbformat.read(NOTEBOOK, 4).cells
    kept = [cell.source for cell in cells if "keep-output" in cell.metadata.get("tags", ())]
    assert len(kept) == 1
    assert kept[0].startswith("times = ")
    assert set(re.findall(r"run\.(\w+)", kept[0])) == {"seconds", "cut"}


@pytest.fixture(scope="module")
def steps():
    """Return {method: length of a step, loss before, after, gained} as the notebook shows them."""
    number = r" +([\d.]+)"
    row = rf"(\w+(?:, lr 0.5)?){3 * number} +(\d+)%"
    return stored_rows('print("             step   loss', row)


def test_stored_gains(trainings, steps):
    for name, (_, before, after, percent) in steps.items():
        run = trainings[name.replace("SGD, lr 0.5", "tuned")]
        assert 100 * gain(run) == pytest.approx(percent, abs=6)
        assert run.loss_before[-500:].mean() == pytest.approx(before, rel=0.2, abs=0.01)
        assert run.loss[-500:].mean() == pytest.approx(after, rel=0.2, abs=0.01)


def test_stored_step_lengths(trainings, steps):
    """And who makes longer steps gains more, AdaGrad and Adam apart, whose steps are as long."""
    order = ["SGD", "Momentum", "Adam", "SGD, lr 0.5", "RMSProp"]
    lengths = [steps[name][0] for name in order]
    assert lengths == sorted(lengths)
    assert [row[0] for row in steps.values()] == sorted(row[0] for row in steps.values())
    gains = [gain(trainings[name.replace("SGD, lr 0.5", "tuned")]) for name in order]
    assert gains == sorted(gains)
    assert steps["AdaGrad"][0] == pytest.approx(steps["Adam"][0], rel=0.25)


def test_a_training_without_w1_learns_less_and_finite_differences_refuse_it():
    told = stored_text("broken, sgd")
    wrong, right = map(int, re.search(r"mistake (\d+)%, without (\d+)%", told).groups())
    assert 80 < wrong < right - 5
    last = stored_text("small = MyTwoLayerNet").splitlines()[-1]
    assert last == "{'W1': False, 'b1': True, 'W2': True, 'b2': True}"


def test_most_weights_without_a_gradient_belong_to_pixels_that_are_always_0(trainings, mnist_dir):
    (x, _), _ = load_mnist(path=mnist_dir)
    h = trainings["AdaGrad"].optimizer.h["W1"]
    never = x.max(axis=0) == 0
    assert (never.sum(), np.sum(h[never] != 0)) == (67, 0)
    assert 1000 < np.sum(h == 0) - 6700 < 3000
    assert re.search("\n8,[0-9]+ of 78,400", stored_text("run = trainings"))
    told = weights_figure(np.sqrt(h)).description
    close, all_ = map(int, re.search(r"at (\d+) of (\d+) pixels", told).groups())
    assert close / all_ == pytest.approx(0.8, abs=0.03)
    medians = np.array([np.median(row[row > 0]) for row in np.sqrt(h) if row.any()])
    assert 3e5 < medians.max() / medians.min() < 5e6
    lost = np.flatnonzero(~h.any(axis=1) & ~never)
    (only,) = {tuple(np.flatnonzero(x[:, pixel])) for pixel in lost}
    assert (len(lost), len(only)) == (2, 1)
    assert only[0] not in np.random.default_rng(0).integers(len(x), size=(2000, 128))


def test_each_seed_keeps_the_order_that_the_text_names():
    sweep = load_sweep()
    sgd, momentum, adagrad, rmsprop, adam = (
        sweep.article(method.__name__).test_accuracy for method in METHODS
    )
    assert np.all(sgd < momentum)
    assert np.all(momentum < adagrad)
    assert np.all(adagrad < adam)
    assert (len(adam), np.sum(rmsprop > adam)) == (20, 2)


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


def test_sgd_with_a_better_rate_passes_momentum_and_runs_with_the_best(trainings):
    tuned = trainings["tuned"]
    loss = {m.__name__: trainings[m.__name__].held_out_loss[-1] for m in METHODS}
    assert tuned.held_out_loss[-1] < loss["Momentum"] < loss["SGD"]
    assert tuned.held_out_loss[-1] < 1.15 * min(loss.values())
    assert 100 * tuned.held_out_accuracy[-1] == pytest.approx(97.2, abs=0.5)


@pytest.mark.parametrize(
    "run", ["tuned", "Momentum 0.05", "AdaGrad 0.05", "RMSProp 0.002", "Adam 0.002"]
)
def test_each_method_can_pass_96_5_percent(trainings, run):
    assert trainings[run].held_out_accuracy[-1] > 0.965


def test_adam_with_lr_1_fails(trainings):
    assert trainings["too large"].loss[-500:].mean() > 1
