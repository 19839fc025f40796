"""One update's arrows against its parts, and its sentence."""

import numpy as np
import pytest

from course_utils import Ravine, descend
from course_utils.experiments import METHODS, step_parts
from course_utils.lab import anatomy_figure, explore_anatomy
from tests.lab.own import MyMomentum
from tests.lab.tables import at_first, walk

# Of these the parts of an update are known; of any other method the update alone is shown.
MEMORIES = {
    "SGD": set(),
    "Momentum": {"remembered"},
    "AdaGrad": set(),
    "RMSProp": set(),
    "Adam": {"remembered"},
    "UncorrectedAdam": {"remembered"},
    "Nesterov": {"remembered"},
    "AdamW": {"remembered", "decay"},
}


def arrows_of(figure):
    """Return tail and tip of each arrow, by the name that the legend gives it."""
    ax = figure.axes[1]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    return {
        name: (np.array(each.get_position()), np.array(each.xy))
        for name, each in zip(names, ax.texts, strict=True)
    }


@pytest.mark.parametrize("noise", [0, 0.5])
@pytest.mark.parametrize("name", MEMORIES)
def test_arrows_point_where_the_parts_do(name, noise):
    descent = walk(name, noise=noise)
    for t in (1, 2, 10):
        parts, arrows = step_parts(descent, t), arrows_of(anatomy_figure(descent, t))
        assert arrows.keys() == {"downhill", "push", "update"} | MEMORIES[name]
        vectors = {each: tip - tail for each, (tail, tip) in arrows.items()}
        size = np.linalg.norm(parts.update) / np.linalg.norm(vectors["update"])
        for each in arrows.keys() - {"downhill"}:
            np.testing.assert_allclose(vectors[each] * size, getattr(parts, each), atol=1e-12)
        at = np.zeros(2)
        for each in ("remembered", "decay", "push"):
            if each in arrows:
                assert np.array_equal(arrows[each][0], at)
                at = arrows[each][1]
        np.testing.assert_allclose(at, arrows["update"][1], atol=1e-9)
        down = vectors["downhill"]
        steepness = np.linalg.norm(down) * np.linalg.norm(parts.gradient)
        assert np.dot(down, parts.gradient) == pytest.approx(-steepness)
        assert 0.7 < max(np.abs(tip).max() for _, tip in arrows.values()) <= 1


def test_an_update_in_words():
    assert anatomy_figure(walk("Momentum"), 2).description == (
        "Momentum, lr 0.1, momentum 0.9, update 2 of 30: at (-6.93, 1.6) the gradient is "
        "(-0.693, 3.2); remembered (0.063, -0.36) + push (0.0693, -0.32) = update (0.132, -0.68)."
    )


@pytest.mark.parametrize("noise", [0, 0.5])
@pytest.mark.parametrize("name", MEMORIES)
def test_the_sum_in_words_is_right(name, noise):
    said = anatomy_figure(walk(name, noise=noise), 2).description
    assert "remembered" not in anatomy_figure(walk(name, noise=noise), 1).description
    told = said.split("; ")[1].rstrip(".").replace(" = update ", " + update ").split(" + ")
    pairs = {part.split(" ")[0]: np.array(eval(part.split(" ", 1)[1])) for part in told}
    update = pairs.pop("update")
    np.testing.assert_allclose(sum(pairs.values()), update, rtol=0.02, atol=2e-3)
    assert {"push"} <= pairs.keys() <= {"push", *MEMORIES[name]}


def test_of_the_readers_class_the_update_is_told_and_no_parts():
    figure = anatomy_figure(descend(Ravine(), MyMomentum(0.1)), 2)
    assert arrows_of(figure).keys() == {"downhill", "update"}
    assert figure.description.endswith("the gradient is (-0.693, 3.2); update (0.132, -0.68).")


@pytest.mark.parametrize("t", [0, -1, 31])
def test_there_is_no_update_outside_the_descent(t):
    with pytest.raises(ValueError, match=f"t must be from 1 to 30, got {t}"):
        anatomy_figure(walk("Adam"), t)


def test_a_descent_that_left_at_once_has_no_update():
    with pytest.raises(ValueError, match="at least one update"):
        explore_anatomy(descend(Ravine(), METHODS["SGD"].optimizer.__class__(1e7)))


def test_the_explorer_shows_the_path_so_far():
    explorer = at_first("anatomy")
    explorer.set(update=7)
    above = explorer.live.figure.axes[0]
    path = walk("Adam").positions
    shown = [line.get_xydata().tolist() for line in above.lines]
    assert path[:8].tolist() in shown
    assert path[6:7].tolist() in shown
    assert explorer.sentence == anatomy_figure(walk("Adam"), 7).description
