"""The schedules' figure: lines against records, the sentence against sums."""

import numpy as np
import pytest

from course_utils import SGD, AdamW, Beale, Momentum, Nesterov
from course_utils.figures import projector, schedules_figure
from course_utils.figures.schedules import BASIS, describe_schedules, schedule_looks
from course_utils.figures.style import LOOKS, look, looks
from course_utils.schedules import compare_schedules, constant, cosine, step, warm_up

SCHEDULES = {
    "constant": constant,
    "step": step(20),
    "cosine": cosine(60),
    "warm-up": warm_up(10),
}


@pytest.fixture(autouse=True)
def _projector_off():
    yield
    projector(False)


@pytest.fixture(scope="module")
def comparison():
    return compare_schedules(SGD(0.95), SCHEDULES, steps=60)


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def test_the_figure_shows_the_factors_and_the_losses(comparison):
    left, right = schedules_figure(comparison).axes
    assert right.get_title() == "mean loss f"
    assert list(lines(left)) == list(lines(right)) == list(SCHEDULES)
    for label, schedule in SCHEDULES.items():
        updates, factors = lines(left)[label].get_data()
        assert list(updates) == list(range(1, 61))
        assert list(factors) == [schedule(t) for t in updates]
        updates, losses = lines(right)[label].get_data()
        assert list(updates) == list(range(61))
        assert np.array_equal(losses, comparison.losses[label])


@pytest.mark.parametrize("on", [False, True])
def test_everything_drawn_lies_in_the_frame(comparison, on):
    projector(on)
    figure = schedules_figure(comparison)
    figure.png()
    for ax in figure.axes:
        for line in ax.lines:
            x, y = np.array(line.get_data())
            for low, high, values in ((*ax.get_xlim(), x), (*ax.get_ylim(), y)):
                assert low <= values.min() < values.max() <= high or np.ptp(values) == 0
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert [text.get_text() for text in legend.get_texts()] == list(SCHEDULES)
    assert 0 <= box.x0 < box.x1 <= 1000
    for ax in figure.axes:
        assert not box.overlaps(ax.get_tightbbox())


def test_the_schedules_can_be_told_apart():
    styles = schedule_looks(SCHEDULES)
    assert styles["constant"] == BASIS
    for what in ("color", "linestyle"):
        others = [str(styles[label][what]) for label in SCHEDULES if label != "constant"]
        assert len({*others, str(BASIS[what]) if what == "color" else "wide"}) == 4


def test_the_sentence_has_the_ends(comparison):
    ends = {label: loss[-6:].mean() for label, loss in comparison.losses.items()}
    assert describe_schedules(comparison) == (
        "SGD, lr 0.95, noise 0.5, mean of 100 runs: f in the last tenth of 60 updates: "
        + ", ".join(f"{label} {end:.2g}" for label, end in ends.items())
        + "."
    )
    assert schedules_figure(comparison).description == describe_schedules(comparison)


def test_a_schedule_that_diverges_leaves_the_picture():
    """Beale's function is steeper at its start than later on."""
    schedules = {"constant": constant, "warm-up": warm_up(10)}
    comparison = compare_schedules(
        Momentum(0.05), schedules, noise=0, runs=1, surface=Beale(), steps=100
    )
    figure = schedules_figure(comparison)
    assert figure.axes[1].get_ylim()[1] == 1e3
    assert figure.axes[1].get_title() == "loss f"
    assert figure.description.startswith("Momentum, lr 0.05, momentum 0.9, noise 0, one run: f in")
    assert "constant out of sight, warm-up 0.0" in figure.description
    assert figure.png()[:4] == b"\x89PNG"


def test_nesterov_and_adamw_have_looks_of_their_own():
    names = [*LOOKS, "Nesterov", "AdamW"]
    assert looks(["a", *names, "b"])[1:-1] == [look(name) for name in names]
    for what in ("color", "marker", "linestyle"):
        assert len({str(look(name)[what]) for name in names} | {look("a")[what]}) == 8, what
    assert type(Nesterov()).__name__ in names
    assert type(AdamW()).__name__ in names
