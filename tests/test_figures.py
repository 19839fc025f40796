"""What the figures show, mostly without pixels: artists against records, sentences against sums."""

import itertools
import subprocess
import sys
from io import BytesIO
from math import sqrt

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from course_utils import (
    SGD,
    AdaGrad,
    Adam,
    Beale,
    Momentum,
    Ravine,
    RMSProp,
    Rosenbrock,
    Saddle,
    descend,
)
from course_utils.comparison import Training
from course_utils.figures import (
    anatomy_figure,
    curves_figure,
    descent_figure,
    digits_figure,
    held_out_figure,
    projector,
    state_figure,
    surface_figure,
    training_figure,
)
from course_utils.figures.anatomy import ARROWS, anatomy, draw_arrows, move_arrows
from course_utils.figures.describe import correction, describe_descent, effective_rate
from course_utils.figures.live import LivePicture
from course_utils.figures.paths import draw_path, draw_surface, move_path
from course_utils.figures.state import RATE, X, Y
from course_utils.figures.style import LOOKS, YOURS, look, looks, new_figure
from course_utils.figures.training import describe_training
from course_utils.optimizers import UncorrectedAdam
from course_utils.schedules import inverse_time

ARTICLE = {
    "SGD": SGD(0.95),
    "Momentum": Momentum(0.1),
    "AdaGrad": AdaGrad(1.5),
    "RMSProp": RMSProp(0.1),
    "Adam": Adam(0.3),
}
each_method = pytest.mark.parametrize("name", ARTICLE)
SURFACES = [Ravine(), Ravine(1000), Ravine(20, 45), Saddle(), Rosenbrock(), Beale()]


def article(name, **settings):
    return descend(Ravine(), ARTICLE[name], **settings)


def article_descents():
    return {name: article(name) for name in ARTICLE}


def training(loss=(1.0, 0.5, 0.25), accuracy=(0.1, 0.9), diverged_at=None, optimizer=None):
    count = len(accuracy)
    return Training(
        loss=np.array(loss, float),
        loss_before=np.array(loss, float),
        evaluated_at=np.linspace(0, len(loss), count).astype(int),
        held_out_loss=np.linspace(2, 0.5, count),
        held_out_accuracy=np.array(accuracy, float),
        seconds=1.0,
        diverged_at=diverged_at,
        network=None,
        optimizer=optimizer or SGD(),
    )


def trainings():
    return {"SGD": training(), "Adam": training((1, 0.4, 0.1), (0.1, 0.95))}


FIGURES = {
    "surface": lambda: surface_figure(Ravine()),
    "saddle": lambda: surface_figure(Saddle()),
    "beale": lambda: surface_figure(Beale()),
    "five paths": lambda: descent_figure(article_descents()),
    "one path": lambda: descent_figure(article("SGD")),
    "diverging": lambda: descent_figure(descend(Ravine(), SGD(10))),
    "one step": lambda: descent_figure(article("Adam", steps=1)),
    "at rest": lambda: descent_figure(article("RMSProp", start=(0, 0))),
    "state": lambda: state_figure(article("Adam")),
    "state, gone at once": lambda: state_figure(descend(Ravine(), Momentum(1e7))),
    "state of the uncorrected": lambda: state_figure(descend(Ravine(), UncorrectedAdam(0.3))),
    "anatomy": lambda: anatomy_figure(article("Momentum"), 3),
    "anatomy at rest": lambda: anatomy_figure(article("Momentum", start=(0, 0)), 1),
    "curves": lambda: curves_figure(
        {n: d.losses for n, d in article_descents().items()}, log=True, marks=[5], title="loss"
    ),
    "training": lambda: training_figure(trainings(), "made data"),
    "held out": lambda: held_out_figure(trainings(), "made data"),
    "digits": lambda: digits_figure(
        np.random.default_rng(0).random((12, 784)), np.arange(12) % 10, "made data", 2, 6
    ),
}
each_figure = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)


@pytest.fixture(autouse=True)
def _projector_off():
    yield
    projector(False)


@pytest.fixture
def drawn_texts(monkeypatch):
    """A list of the texts of the last picture drawn: their words, size in points and box."""
    texts = []
    draw_figure, draw_text = Figure.draw, Text.draw

    def note_figure(figure, renderer):
        texts.clear()
        draw_figure(figure, renderer)

    def note_text(text, renderer):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            texts.append((text.get_text(), text.get_fontsize(), box))
        draw_text(text, renderer)

    monkeypatch.setattr(Figure, "draw", note_figure)
    monkeypatch.setattr(Text, "draw", note_text)
    return texts


def clipped(texts, figure):
    return [
        words
        for words, _, box in texts
        if min(box.x0, box.y0) < 0 or box.x1 > figure.bbox.width or box.y1 > figure.bbox.height
    ]


def pixels(png):
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def data(line):
    return np.array(line.get_data(), float)


def line_like(ax, style):
    """Return the lines of ax in a method's colour that have data."""
    return [
        line
        for line in ax.lines
        if to_hex(line.get_color()) == to_hex(style["color"]) and len(line.get_xdata()) > 1
    ]


# The look of things


def lab(color, matrix):
    """Return a colour as seen through a matrix, in CIELAB (sRGB primaries, white D65)."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    xyz = np.array(to_xyz) @ linear / [0.95047, 1, 1.08883]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira and Fernandes 2009, severity 1.
VISION = {
    "full": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.mark.parametrize("vision", VISION)
def test_colours_are_told_apart(vision):
    """ΔE*ab of at least 15 between any two: more than six times a just noticeable 2.3."""
    methods = {name: style["color"] for name, style in LOOKS.items()}
    for colors in (methods | {"yours": YOURS["color"], "paper": "w"}, {"x": X, "y": Y}):
        seen = {
            name: lab(color if isinstance(color, str) else color["color"], VISION[vision])
            for name, color in colors.items()
        }
        for a, b in itertools.combinations(seen, 2):
            assert np.linalg.norm(seen[a] - seen[b]) >= 15, (a, b)


def test_the_lab_colours_are_right():
    """Red in CIELAB, as every table of sRGB has it; and white is white to everyone."""
    np.testing.assert_allclose(lab("#ff0000", VISION["full"]), [53.24, 80.09, 67.20], atol=0.02)
    for matrix in VISION.values():
        np.testing.assert_allclose(lab("w", matrix), [100, 0, 0], atol=0.05)


def test_no_two_methods_share_colour_marker_or_dash():
    assert set(LOOKS) == set(ARTICLE)
    for what in ("color", "marker", "linestyle"):
        assert len({str(style[what]) for style in LOOKS.values()}) == 5, what
    for kinds in (ARROWS.values(), (X, Y)):
        dashes = [style["linestyle"] for style in kinds]
        assert len(set(dashes)) == len(dashes)


def test_a_method_looks_the_same_wherever_it_is_named():
    assert looks(["a", "Adam", "b", "SGD"])[1::2] == [LOOKS["Adam"], LOOKS["SGD"]]
    assert look("RMSProp") == LOOKS["RMSProp"]
    first, second = looks(["a", "b"])
    assert first != second
    assert first not in LOOKS.values()


def test_a_method_looks_the_same_in_every_figure():
    runs = {each: training() for each in ARTICLE}
    figures = [
        descent_figure(article_descents()),
        curves_figure({each: d.losses for each, d in article_descents().items()}),
        training_figure(runs, "made data"),
        held_out_figure(runs, "made data"),
        anatomy_figure(article("Adam"), 1),
        descent_figure(article("Adam")),
    ]
    for figure, (name, want) in itertools.product(figures, LOOKS.items()):
        if name != "Adam" and figure in figures[-2:]:
            continue
        lines = [line for ax in figure.axes for line in line_like(ax, want)]
        lines = [line for line in lines if line.get_alpha() is None]
        assert lines
        for line in lines:
            assert line.get_marker() == want["marker"]
            fresh = Figure().subplots().plot([0], [0], **want, linewidth=line.get_linewidth())[0]
            assert line._dash_pattern == fresh._dash_pattern


# Paths, losses and surfaces


def test_five_paths_and_their_losses():
    descents = article_descents()
    figure = descent_figure(descents)
    left, right = figure.axes
    for name, descent in descents.items():
        (path,) = line_like(left, LOOKS[name])
        assert np.array_equal(data(path), descent.positions.T)
        (loss,) = line_like(right, LOOKS[name])
        assert np.array_equal(data(loss), [np.arange(31), descent.losses])
    assert right.get_yscale() == "log"
    assert right.get_xlim() == (0, 30)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(ARTICLE)


def test_the_loss_is_drawn_above_the_lowest_height():
    saddle = descend(Saddle(), SGD(0.1), steps=200)
    assert saddle.surface.lowest == -0.25
    (line,) = line_like(descent_figure(saddle).axes[1], LOOKS["SGD"])
    assert np.array_equal(data(line)[1], np.maximum(saddle.losses + 0.25, 1e-300))


@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: s.name)
def test_a_surface_from_above(surface):
    def draw(figure):
        draw_surface(figure.subplots(), surface)

    (ax,) = new_figure(6, 4, draw).axes
    assert (ax.get_xlim(), ax.get_ylim()) == (surface.xlim, surface.ylim)
    stars = [tuple(data(line).ravel()) for line in ax.lines if line.get_marker() == "*"]
    assert stars == list(surface.minima)
    (quiver,) = [each for each in ax.collections if hasattr(each, "U")]
    gx, gy = surface.gradient(quiver.X, quiver.Y)
    steep = np.hypot(gx, gy)
    np.testing.assert_allclose(quiver.U * steep, -gx, atol=1e-12)
    np.testing.assert_allclose(quiver.V * steep, -gy, atol=1e-12)
    filled, lines = (each for each in ax.collections if hasattr(each, "levels"))
    x, y = np.meshgrid(np.linspace(*surface.xlim, 400), np.linspace(*surface.ylim, 400))
    assert 0 == filled.levels[0] < filled.levels[1]
    assert filled.levels[-1] > 0.9 * (surface(x, y) - surface.lowest).max()
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        heights = surface(*path.vertices.T) - surface.lowest
        np.testing.assert_allclose(heights, level, rtol=0.1, atol=0.03 * lines.levels[0])


def test_a_surface_in_words():
    assert surface_figure(Saddle()).description == (
        "The surface Saddle over x from -2 to 2 and y from -1.75 to 1.75, "
        "lowest at (0, 1) and (0, -1)."
    )
    assert surface_figure(Beale()).axes[0].get_zlabel() == "f"


def test_a_moved_path_is_the_new_one():
    figure = Figure()
    line = draw_path(figure.subplots(), None, LOOKS["SGD"])
    assert data(line).size == 0
    for steps in (30, 3):
        descent = article("SGD", steps=steps)
        move_path(line, descent)
        assert np.array_equal(data(line), descent.positions.T)


# State


@each_method
def test_the_state_is_drawn_as_recorded(name):
    descent = article(name)
    if name == "SGD":
        with pytest.raises(ValueError, match=r"descent must be of an optimizer .* got SGD"):
            state_figure(descent)
        return
    figure = state_figure(descent)
    shown = {ax.get_title(): [data(line) for line in ax.lines] for ax in figure.axes}
    want = {
        "Momentum": {"velocity v": "v"},
        "AdaGrad": {"h": "h", "effective learning rate": None},
        "RMSProp": {"h": "h", "effective learning rate": None},
        "Adam": {"m": "m", "v": "v"},
    }[name]
    assert set(want) <= set(shown)
    for title, key in want.items():
        values = effective_rate(descent) if key is None else descent.state[key]
        for line, column in zip(shown[title], values.T, strict=True):
            drawn = np.where(np.isfinite(line[1]), line[1], column)
            assert np.array_equal(line[0], np.arange(31))
            assert np.array_equal(drawn[1:], column[1:]), title
            assert np.array_equal(line[1][1:], column[1:]), title
    if name == "Adam":
        (title,) = set(shown) - set(want)
        assert "correction" in title
        t = np.arange(1, 31)
        by_hand = np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        np.testing.assert_allclose(shown[title][0][1][1:], by_hand, rtol=1e-12)
    for ax in figure.axes:
        assert ax.get_xlim() == (0, 30)
        assert len(ax.get_legend().get_texts()) == len(ax.lines)


@pytest.mark.parametrize("animated", [False, True])
def test_no_line_crosses_the_legend_of_a_state(animated):
    figure = new_figure(5, 3, lambda figure: figure.add_subplot())
    (ax,) = figure.axes
    lines = RATE.draw(ax, animated)
    ax.set_xlim(0, 1)
    picture = LivePicture(figure)

    def inside_legend():
        picture.redraw()
        picture.png()
        box = ax.get_legend().get_window_extent().padded(-4)  # without the round corners
        pixels = np.asarray(picture.canvas.buffer_rgba())
        return pixels[-int(box.y1) : -int(box.y0), int(box.x0) : int(box.x1)].copy()

    empty = inside_legend()
    for line in lines:
        line.set_data([0, 1], np.geomspace(1e-3, 1e2, 2))
    assert np.array_equal(inside_legend(), empty)


@pytest.mark.parametrize(
    "optimizer", [*ARTICLE.values(), Adam(0.3, 0.5, 0.9), UncorrectedAdam(0.3)], ids=repr
)
def test_the_effective_rate_times_the_direction_is_the_step(optimizer):
    descent = descend(Ravine(), optimizer, steps=20, schedule=inverse_time(0.1))
    rate = effective_rate(descent)
    assert np.isnan(rate[0]).all()
    if "m" in descent.state:
        step = -rate[1:] * descent.state["m"][1:]
    elif "v" in descent.state:
        step = -rate[1:] * descent.gradients[:-1] + 0.9 * descent.state["v"][:-1]
    else:
        step = -rate[1:] * descent.gradients[:-1]
    np.testing.assert_allclose(step, np.diff(descent.positions, axis=0), rtol=1e-8, atol=1e-14)


def test_the_correction_of_adam():
    assert correction(Adam(), 1) == pytest.approx(sqrt(0.001) / 0.1)
    assert correction(Adam(beta1=0, beta2=0), 7) == 1


# Anatomy


@pytest.mark.parametrize("optimizer", [*ARTICLE.values(), UncorrectedAdam(0.3)], ids=repr)
@pytest.mark.parametrize("t", [1, 2, 30])
def test_an_update_is_what_was_remembered_plus_a_push(optimizer, t):
    descent = descend(Ravine(), optimizer)
    parts = anatomy(descent, t)
    assert np.array_equal(parts.position, descent.positions[t - 1])
    assert np.array_equal(parts.gradient, descent.gradients[t - 1])
    np.testing.assert_allclose(parts.update, descent.positions[t] - descent.positions[t - 1])
    np.testing.assert_allclose(parts.remembered + parts.push, parts.update, rtol=1e-9, atol=1e-14)
    assert np.all(parts.push * parts.gradient < 0)
    kind = type(optimizer).__name__
    if t == 1 or kind in ("SGD", "AdaGrad", "RMSProp"):
        assert not parts.remembered.any()
    elif kind == "Momentum":
        np.testing.assert_allclose(parts.remembered, 0.9 * descent.state["v"][t - 1])
        np.testing.assert_allclose(parts.push, -0.1 * descent.gradients[t - 1])
    else:
        share = 0.1 * descent.gradients[t - 1] / descent.state["m"][t]
        np.testing.assert_allclose(parts.push, share * parts.update, rtol=1e-7)


@pytest.mark.parametrize("t", [0, -1, 31])
def test_there_is_no_update_outside_the_descent(t):
    with pytest.raises((ValueError, IndexError)):
        anatomy_figure(article("Adam"), t)


@each_method
def test_arrows_point_where_the_parts_do(name):
    descent, figure = article(name), Figure()
    arrows = draw_arrows(figure.subplots(), descent)
    for t in (1, 2, 10):
        parts = anatomy(descent, t)
        move_arrows(arrows, parts)
        vectors = {
            each: np.subtract(arrow.xy, arrow.get_position()) for each, arrow in arrows.items()
        }
        size = np.linalg.norm(parts.update) / np.linalg.norm(vectors["update"])
        assert ("remembered" in arrows) == (name in ("Momentum", "Adam"))
        for each in arrows.keys() - {"downhill"}:
            np.testing.assert_allclose(vectors[each] * size, getattr(parts, each), atol=1e-12)
        kept = arrows["remembered"].xy if "remembered" in arrows else (0, 0)
        assert np.array_equal(arrows["push"].get_position(), kept)
        np.testing.assert_allclose(arrows["push"].xy, arrows["update"].xy, atol=1e-9)
        downhill = vectors["downhill"]
        assert np.dot(downhill, parts.gradient) == pytest.approx(
            -np.linalg.norm(downhill) * np.linalg.norm(parts.gradient)
        )
        tips = np.array([arrow.xy for arrow in arrows.values()])
        assert 0.7 < np.abs(tips).max() <= 1


def test_an_update_in_words():
    assert anatomy_figure(article("Momentum"), 2).description == (
        "Momentum, lr 0.1, momentum 0.9, update 2 of 30: at (-6.93, 1.6) the gradient is "
        "(-0.693, 3.2); remembered (0.063, -0.36) + push (0.0693, -0.32) = update (0.132, -0.68)."
    )


@pytest.mark.parametrize("name", ["Momentum", "Adam"])
def test_the_first_update_remembers_nothing(name):
    assert "remembered" not in anatomy_figure(article(name), 1).description


def test_no_minus_zero_in_words():
    assert "-0," not in anatomy_figure(article("Momentum", start=(0, 0)), 1).description


# Sentences


def test_the_articles_five_in_words():
    sentences = {name: describe_descent(descent) for name, descent in article_descents().items()}
    assert sentences["SGD"] == (
        "SGD, lr 0.95: y changes sign at every step and shrinks to 0.90 of its size per step, "
        "x to 0.905; f = 0.0133 after 30 updates."
    )
    assert sentences["Momentum"] == (
        "Momentum, lr 0.1, momentum 0.9: long-run step 1 × gradient; f = 0.0479 after 30 updates."
    )
    assert sentences["RMSProp"].startswith(
        "RMSProp, lr 0.1, decay_rate 0.99: first step 1 in x and 1 in y; effective rate of x from "
    )
    assert sentences["Adam"].startswith(
        "Adam, lr 0.3, beta1 0.9, beta2 0.999: first step 0.3 in x and 0.3 in y; "
    )
    assert sentences["Adam"].endswith("f = 0.102 after 30 updates.")
    assert descent_figure(article_descents()).description == " ".join(sentences.values())


@pytest.mark.parametrize("name", ["AdaGrad", "RMSProp", "Adam"])
def test_the_rates_in_words(name):
    descent = article(name)
    step = -np.diff(descent.positions, axis=0)
    direction = descent.state["m"][1:] if name == "Adam" else descent.gradients[:-1]
    (x0, y0), (x1, y1) = (step / direction)[[0, -1]]
    want = f"effective rate of x from {x0:.3g} to {x1:.3g}, of y from {y0:.3g} to {y1:.3g}; "
    assert want in describe_descent(descent)


@pytest.mark.parametrize("name", ["RMSProp", "Adam"])
def test_the_first_step_in_words(name):
    first = np.abs(np.diff(article(name).positions, axis=0)[0])
    assert first[0] == pytest.approx(first[1], rel=1e-5)
    want = f"first step {first[0]:.3g} in x and {first[1]:.3g} in y"
    assert want in describe_descent(article(name))


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
    else:
        assert f"shrinks to {abs(y):.2f} of its size per step, x to {abs(x):.3f};" in sentence


@pytest.mark.parametrize("condition", [1, 1.3, 20, 333, 1000])
def test_at_the_edge_of_stability_nothing_shrinks(condition):
    sentence = describe_descent(descend(Ravine(condition), SGD(1.0)))
    assert "shrinks" not in sentence.replace("x shrinks", "")
    assert "past" not in sentence


def test_what_does_not_diverge_is_not_said_to():
    descent = descend(Ravine(), SGD(1.5), start=(-7, 0))
    assert descent.losses[-1] < descent.losses[0]
    assert "diverges" not in describe_descent(descent)


def test_a_path_that_leaves_in_words():
    descent = descend(Ravine(), SGD(10), steps=200)
    assert descent.diverged_at == 5
    assert describe_descent(descent) == (
        "SGD, lr 10: past 2/L = 1.00: y grows by 19.00 per step, so it diverges; "
        "out of sight after 5 updates."
    )


@pytest.mark.parametrize(("momentum", "edge"), [(0.9, "1.90"), (0.5, "1.50"), (0.0, "1.00")])
def test_the_edge_of_momentum_in_words(momentum, edge):
    below, above = (
        describe_descent(descend(Ravine(), Momentum(lr * float(edge), momentum)))
        for lr in (0.99, 1.01)
    )
    assert "edge" not in below
    assert f"past the edge 2(1 + momentum)/L = {edge}" in above


def test_a_falling_learning_rate_in_words():
    descent = article("AdaGrad", schedule=inverse_time(0.1))
    assert describe_descent(descent) == (
        f"AdaGrad, lr 1.5: lr goes from 1.5 to {1.5 / 3.9:.3g}; "
        f"f = {descent.losses[-1]:.3g} after 30 updates."
    )


# Curves and trainings


def test_curves_are_the_numbers_given():
    x, curves = np.array([1.0, 2, 5]), {"Adam": np.array([3.0, 2, 1]), "other": np.ones(3)}
    figure = curves_figure(
        curves, x, "title", "iterations", "height", log=True, ylim=(0.5, 4), marks=(2.5,)
    )
    (ax,) = figure.axes
    for line, values in zip(ax.lines, curves.values(), strict=False):
        assert np.array_equal(data(line), [x, values])
    assert list(ax.lines[2].get_xdata()) == [2.5, 2.5]
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("title", "iterations", "height")
    assert (ax.get_yscale(), ax.get_ylim()) == ("log", (0.5, 4))
    assert figure.description == "title, over iterations: Adam from 3 to 1; other from 1 to 1."
    (ax,) = curves_figure({"a": [4, 5, 6]}, ylabel="steps").axes
    assert np.array_equal(data(ax.lines[0]), [[0, 1, 2], [4, 5, 6]])
    assert ax.get_legend() is None


def test_a_curve_without_a_first_value_is_told_from_the_first_that_there_is():
    rate = effective_rate(article("AdaGrad"))[:, 0]
    description = curves_figure({"x": rate}, ylabel="rate").description
    assert description == f"rate, over updates: x from {rate[1]:.3g} to {rate[-1]:.3g}."


def test_trainings_are_drawn_raw_and_smoothed():
    rng = np.random.default_rng(0)
    run = training(rng.random(40))
    (ax,) = training_figure({"Adam": run}, "made data").axes
    raw, smooth = ax.lines
    assert np.array_equal(data(raw), [np.arange(1, 41), run.loss])
    assert raw.get_alpha() < 0.5
    window = np.kaiser(11, 2) / np.kaiser(11, 2).sum()
    assert data(smooth)[1][20] == pytest.approx(run.loss[15:26] @ window)
    assert smooth.get_label() == "Adam"
    assert ax.get_title() == "made data"
    assert ax.get_xlim() == (0, 40)


def test_trainings_in_words():
    runs = trainings() | {"Momentum": training((1, np.nan, np.nan), diverged_at=2)}
    sentence = training_figure(runs, "made data").description
    assert sentence.startswith("Smoothed loss on made data at the end: Adam 0.")
    assert sentence.endswith(", Momentum diverged.")
    assert held_out_figure(trainings(), "made data").description == (
        "Right on the held-out digits of made data at the end: Adam 95.0%, SGD 90.0%."
    )


def test_held_out_numbers_are_drawn_where_they_were_taken():
    run = training()
    loss, accuracy = held_out_figure({"SGD": run}, "made data").axes
    assert np.array_equal(data(loss.lines[0]), [run.evaluated_at, run.held_out_loss])
    assert np.array_equal(data(accuracy.lines[0]), [run.evaluated_at, run.held_out_accuracy])


def test_one_training_in_words():
    nothing = training((), ())
    assert describe_training(nothing) == "SGD, lr 0.01: not trained yet."
    gone = training((1, np.nan, np.nan), diverged_at=2)
    assert describe_training(gone).endswith("the loss is not finite after step 2.")
    assert describe_training(training()).endswith(
        "after 3 steps, 90.0% right on the held-out digits."
    )


def test_digits_carry_their_labels_and_the_data_sets_name():
    x, t = np.random.default_rng(0).random((5, 784)), np.array([3, 1, 4, 1, 5])
    figure = digits_figure(x, t, "made data", rows=2, columns=3)
    (ax,) = figure.axes
    sheet = ax.images[0].get_array()
    assert [label.get_text() for label in ax.texts] == ["3", "1", "4", "1", "5"]
    for label, image in zip(ax.texts, x, strict=True):
        across, below = label.get_position()
        tile = sheet[int(below) + 1 : int(below) + 29, int(across) - 14 : int(across) + 14]
        assert np.array_equal(tile, image.reshape(28, 28))
    assert figure.description == "5 digits of made data in rows of 3, labelled 3, 1, 4 …"


# Pictures


@each_figure
def test_a_figure_is_drawn_the_same_each_time_and_nothing_is_cut_off(make, drawn_texts):
    figure = make()
    png = figure.png()
    assert not clipped(drawn_texts, figure)
    assert min(size for _, size, _ in drawn_texts) >= 10
    assert figure.png() == png
    assert figure.description.endswith((".", "…"))
    assert "nan" not in figure.description
    image = Image.open(BytesIO(png))
    assert image.format == "PNG"
    assert not image.info
    assert image.size == tuple(figure.bbox.size)


def test_the_same_input_gives_the_same_bytes():
    first, second = (FIGURES["anatomy"]() for _ in range(2))
    assert first is not second
    assert first.png() == second.png()
    chunks = [first.png().count(name) for name in (b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf")]
    assert chunks == [0] * 5


@pytest.mark.parametrize(
    "name", ["five paths", "curves", "state", "anatomy", "training", "surface"]
)
def test_a_projector_gets_larger_type(name, drawn_texts):
    projector()
    figure = FIGURES[name]()
    figure.png()
    assert min(size for _, size, _ in drawn_texts) >= 15
    assert not clipped(drawn_texts, figure)


def test_the_projector_can_be_switched_off():
    before = curves_figure({"a": [1, 2]}).png()
    projector()
    assert curves_figure({"a": [1, 2]}).png() != before
    projector(False)
    assert curves_figure({"a": [1, 2]}).png() == before


def test_a_projector_gets_thicker_lines():
    (thin,) = line_like(descent_figure(article("SGD")).axes[1], LOOKS["SGD"])
    projector()
    (thick,) = line_like(descent_figure(article("SGD")).axes[1], LOOKS["SGD"])
    assert thick.get_linewidth() == 1.5 * thin.get_linewidth()
    assert thick.get_markersize() == 1.5 * thin.get_markersize()


def test_the_png_keeps_colours_and_size():
    figure = FIGURES["five paths"]()
    shown = pixels(figure.png())
    exact = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
    assert shown.shape == exact.shape == (420, 1000, 3)
    off = np.abs(shown - exact).max(axis=2)
    assert (off > 16).mean() < 0.01
    for style in LOOKS.values():
        color = np.round(255 * np.array(to_rgb(style["color"]))).astype(int)
        assert off[(exact == color).all(axis=2)].max() <= 2
    assert len(figure.png()) < 60_000


@pytest.mark.parametrize("surface", [Ravine(), Ravine(1000), Beale()], ids=lambda s: s.name)
def test_paper_is_white(surface):
    assert (pixels(surface_figure(surface).png())[0, 0] == 255).all()


def test_a_figure_shows_itself_as_picture_and_sentence():
    figure = FIGURES["one path"]()
    data, metadata = figure._repr_mimebundle_()
    assert data == {"image/png": figure.png(), "text/plain": figure.description}
    assert metadata == {"image/png": {"alt": figure.description}}


def test_no_figure_needs_pyplot_and_the_style_stays_in_its_place():
    code = """
import sys, matplotlib
before = matplotlib.rcParams.copy()
from course_utils import Adam, Ravine, descend
import course_utils.explorers
from course_utils.explorers import DescentExplorer
from course_utils.figures import descent_figure, surface_figure
surface_figure(Ravine()).png(), descent_figure(descend(Ravine(), Adam(0.3))).png()
DescentExplorer(Adam(0.3)).set(steps=3)
assert matplotlib.rcParams.copy() == before
print("matplotlib.pyplot" in sys.modules, "pylab" in sys.modules)
"""
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (answer.stdout.strip(), answer.stderr) == ("False False", "")


def test_a_live_picture_draws_only_what_moves(monkeypatch):
    drawn = []
    original, lines = Figure.draw, []

    def draw(figure):
        ax = figure.subplots()
        lines.append(draw_path(ax, article("SGD"), LOOKS["SGD"], animated=True))
        ax.set(xlim=(-10, 10), ylim=(-5, 5))

    live = LivePicture(new_figure(5, 3, draw))
    monkeypatch.setattr(Figure, "draw", lambda f, r: (drawn.append(f), original(f, r))[1])
    first = live.png()
    assert drawn
    drawn.clear()
    move_path(lines[0], article("Momentum"))
    assert live.png() != first
    move_path(lines[0], article("SGD"))
    assert live.png() == first
    assert not drawn
    live.redraw()
    assert live.png() == first
    assert drawn
    assert pixels(first).shape == (live.size[1], live.size[0], 3) == (300, 500, 3)
