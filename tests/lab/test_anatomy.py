"""One update's arrows against its parts, and its sentence."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, FancyArrow

from course_utils import Ravine, descend
from course_utils.experiments import METHODS, step_parts
from course_utils.lab import explore_anatomy
from course_utils.lab.anatomy import Steps
from course_utils.lab.style import DECAY, GRADIENT, REMEMBERED
from course_utils.page.picture import LivePicture
from tests.lab.own import MyMomentum
from tests.lab.tables import anatomy_figure, at_first, walk

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


def names_of(figure):
    """Return the names that stand at arrows, by their colour."""
    texts = [text for text in figure.axes[0].texts if text.get_text() and text.get_visible()]
    return {text.get_color(): text for text in texts if text.get_text()[0] not in "×▲▼◀▶"}


def arrows_of(figure):
    """Return tail and tip of each arrow, by its name, of which the first word counts."""
    names, arrows = names_of(figure), {}
    for arrow in figure.axes[0].patches:
        if isinstance(arrow, FancyArrow) and arrow.get_visible():
            (color,) = [each for each in names if to_hex(each) == to_hex(arrow.get_facecolor())]
            corners = arrow.get_xy()
            name = names[color].get_text().split()[0]
            arrows[name] = corners[3:5].mean(axis=0), corners[0]
    return arrows


def lens_of(figure):
    """Return the lens and how much it enlarges; None and 1 where there is none."""
    (lens,) = [each for each in figure.axes[0].patches if isinstance(each, Circle)]
    (times,) = [each for each in figure.axes[0].texts if each.get_text().startswith("×")] or [None]
    assert lens.get_visible() == (times is not None and times.get_visible())
    return (lens, float(times.get_text()[2:])) if lens.get_visible() else (None, 1)


@pytest.mark.parametrize("noise", [0, 0.5])
@pytest.mark.parametrize("name", MEMORIES)
def test_arrows_lead_from_one_to_the_other_to_the_update(name, noise):
    descent = walk(name, noise=noise)
    for t in (1, 2, 10):
        figure = anatomy_figure(descent, t)
        parts, arrows, (lens, times) = step_parts(descent, t), arrows_of(figure), lens_of(figure)
        begin, tip = arrows["update"]
        if lens is None:
            np.testing.assert_allclose(begin, parts.position, atol=1e-12)
        whole = {"push"} | (MEMORIES[name] if t > 1 else MEMORIES[name] - {"remembered"})
        whole = whole if len(whole) > 1 else set()
        parted = [arrows[n] for n in ("remembered", "decay", "push") if n in arrows]
        at = first = parted[0][0] if parted else begin  # aside where they would hide the update
        assert arrows.keys() - {"downhill"} == {"update"} | whole
        for each in ("remembered", "decay", "push"):
            if each in arrows:
                np.testing.assert_allclose(arrows[each][0], at, atol=1e-9)
                at = arrows[each][1]
                np.testing.assert_allclose(
                    (at - arrows[each][0]) / times, getattr(parts, each), atol=1e-9
                )
        np.testing.assert_allclose((tip - begin) / times, parts.update, atol=1e-9)
        if whole:
            np.testing.assert_allclose(at - first, tip - begin, atol=1e-9)
        if "downhill" in arrows:
            down = np.subtract(*arrows["downhill"][::-1])
            slope = np.linalg.norm(down) * np.linalg.norm(parts.gradient)
            assert np.dot(down, parts.gradient) == pytest.approx(-slope)


@pytest.mark.parametrize("name", MEMORIES)
def test_every_arrow_has_a_name_that_can_be_read_and_a_head(name):
    live = LivePicture(Steps(walk(name)), 1)
    for width in (640, 1100):
        live.resize(width)
        for t in range(1, 31, 2):
            live.show(t)
            texts = list(names_of(live.figure).values())
            lens, _ = lens_of(live.figure)
            texts += [each for each in live.figure.axes[0].texts if lens and "×" in each.get_text()]
            boxes = [text.get_window_extent() for text in texts]
            for place, box in enumerate(boxes):
                assert not any(box.overlaps(other) for other in boxes[:place]), (width, t)
                assert live.figure.axes[0].bbox.padded(2).contains(box.x0, box.y0)
                assert live.figure.axes[0].bbox.padded(2).contains(box.x1, box.y1)
            arrows = arrows_of(live.figure)
            assert len(arrows) == len(names_of(live.figure))
            for arrow in live.figure.axes[0].patches:
                if isinstance(arrow, FancyArrow) and arrow.get_visible():
                    corners = arrow.get_xy()
                    tip, neck, base = corners[0], corners[1:3], corners[3:5].mean(axis=0)
                    length = np.linalg.norm(tip - base)
                    assert 0 < np.linalg.norm(tip - neck[0]) < 0.6 * length


def test_the_arrows_have_the_colours_of_the_course():
    colors = {text.get_text(): color for color, text in names_of(adam_w(10)).items()}
    assert colors == {
        "remembered": REMEMBERED,
        "decay": DECAY,
        "push": GRADIENT,
        "update": METHODS["AdamW"].look["color"],
    }


def adam_w(t):
    return anatomy_figure(walk("AdamW"), t)


@pytest.mark.parametrize(
    ("name", "words", "title"),
    [
        ("SGD", {"update"}, "update = −lr · gradient"),
        ("AdaGrad", {"update", "downhill"}, "update = −lr/√h · gradient"),
        ("RMSProp", {"update", "downhill"}, "update = −lr/√h · gradient"),
        ("Momentum", {"update\n= push"}, ""),
    ],
)
def test_an_update_of_one_part_is_one_arrow(name, words, title):
    figure = anatomy_figure(walk(name), 1)
    assert {text.get_text() for text in names_of(figure).values()} == words
    assert len(arrows_of(figure)) == len(words)
    assert figure.axes[0].get_title(loc="left") == title


@pytest.mark.parametrize("name", MEMORIES)
def test_names_stay_in_the_lens_and_off_heads_and_its_line_off_the_star(name):
    out = 0
    for t in range(1, 31, 3):
        figure = anatomy_figure(walk(name), t)
        ax, (lens, _) = figure.axes[0], lens_of(figure)
        for tail, tip in arrows_of(figure).values():
            head = ax.transData.transform(tip - 0.01 * (tip - tail))
            boxes = [text.get_window_extent() for text in names_of(figure).values()]
            assert not any(box.contains(*head) for box in boxes), t
        if lens:
            pixel = np.ptp(ax.get_xlim()) / ax.bbox.width
            for text in names_of(figure).values():
                corners = ax.transData.inverted().transform(text.get_window_extent().corners())
                out += np.hypot(*(corners - lens.center).T).max() > lens.radius
            (lead,) = [each for each in ax.lines if each.get_color() == "0.3"]
            (start, end), at = lead.get_xydata(), walk(name).positions[t - 1]
            assert np.hypot(*(start - at)) == pytest.approx(9 * pixel)
            nearest = start + np.linspace(0, 1, 200)[:, np.newaxis] * (end - start)
            if np.hypot(*at) > 20 * pixel:
                assert np.hypot(*nearest.T).min() > 7 * pixel, t
    assert not out


def test_a_lens_is_there_for_small_steps_only_and_off_the_path():
    lens, times = lens_of(anatomy_figure(walk("SGD"), 1))
    assert (lens, times) == (None, 1)
    for name in ("SGD", "Adam", "Momentum"):
        lens, times = lens_of(anatomy_figure(walk(name), 30))
        assert times > 1
        away = np.linalg.norm(walk(name).positions - lens.center, axis=1)
        assert away.min() > lens.radius


@pytest.mark.parametrize("name", MEMORIES)
def test_the_lens_stays_in_its_place_and_seldom_changes_its_scale(name):
    live, places, scales = LivePicture(Steps(walk(name)), 1), set(), []
    live.resize(1082)
    for t in range(1, 31):
        live.show(t)
        lens, times = lens_of(live.figure)
        scales.append(times)
        if lens:
            places.add(tuple(lens.center))
            ends = np.array([*arrows_of(live.figure).values()])
            assert np.hypot(*(ends - lens.center).reshape(-1, 2).T).max() < 0.7 * lens.radius
            assert np.hypot(*np.ptp(ends, axis=(0, 1))) > 0.3 * lens.radius, t
    changes = [max(one / other, other / one) for one, other in pairwise(scales) if one != other]
    assert len(places) == 1
    assert len(changes) <= 6
    assert min(changes, default=2) >= 2
    assert name != "Adam" or len(changes) <= 1


@pytest.mark.parametrize("name", MEMORIES)
def test_no_name_touches_an_arrow(name):
    live = LivePicture(Steps(walk(name)), 1)
    for width in (800, 1082):
        live.resize(width)
        for t in range(1, 31):
            live.show(t)
            arrows = [each for each in live.parts.arrows.values() if each.get_visible()]
            paths = [each.get_transform().transform_path(each.get_path()) for each in arrows]
            for text in names_of(live.figure).values():
                box = text.get_window_extent()
                assert not any(path.intersects_bbox(box) for path in paths), (width, t)


@pytest.mark.parametrize("name", [name for name, kept in MEMORIES.items() if kept])
def test_no_update_is_hidden_by_its_parts(name):
    live = LivePicture(Steps(walk(name)), 1)
    live.resize(1082)
    for t in range(2, 31):
        live.show(t)
        shown, to_pixels = arrows_of(live.figure), live.figure.axes[0].transData.transform
        tail, tip = to_pixels(shown.pop("update"))
        ends = to_pixels(np.concatenate([*shown.values()])) - tail
        off = (ends @ [[0, 1], [-1, 0]] @ (tip - tail)) / np.hypot(*(tip - tail))
        assert abs(off).max() > 6, t


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
    descent = descend(Ravine(), MyMomentum(0.1))
    assert arrows_of(anatomy_figure(descent, 5)).keys() == {"downhill", "update"}
    figure = anatomy_figure(descent, 2)
    assert figure.description.endswith("the gradient is (-0.693, 3.2); update (0.132, -0.68).")


@pytest.mark.parametrize("t", [0, -1, 31])
def test_there_is_no_update_outside_the_descent(t):
    with pytest.raises(ValueError, match=f"t must be from 1 to 30, got {t}"):
        anatomy_figure(walk("Adam"), t)


def test_a_descent_that_left_at_once_has_no_update():
    with pytest.raises(ValueError, match="at least one update"):
        explore_anatomy(descend(Ravine(), METHODS["SGD"].optimizer.__class__(1e7)))


def test_at_rest_nothing_points_anywhere():
    figure = anatomy_figure(walk("Momentum", start=(0, 0)), 1)
    assert arrows_of(figure) == names_of(figure) == {}
    assert lens_of(figure)[0] is None


def test_the_explorer_shows_where_it_is():
    explorer = at_first("anatomy")
    explorer.view.width = 1000
    explorer.set(update=7)
    parts, path = explorer.live.parts, walk("Adam")
    done = np.concatenate([line.get_xydata() for line in parts.track.path.done])
    assert np.unique(done, axis=0).tolist() == np.unique(path.positions[:7], axis=0).tolist()
    assert parts.track.path.head.get_xydata().tolist() == [path.positions[6].tolist()]
    assert parts.track.loss.head.get_xydata().tolist() == [[6, path.heights[6]]]
    assert list(parts.cursor.get_xdata()) == [6, 6]
    assert explorer.sentence == anatomy_figure(path, 7).description


def test_a_hand_moves_the_update_along_the_path_and_the_loss():
    explorer = at_first("anatomy")
    explorer.view.width = 1000
    above, losses = explorer.live.figure.axes
    height = explorer.live.figure.bbox.height
    for ax, at, want in (
        (above, walk("Adam").positions[11] + 0.01, 12),
        (above, (9, -4), 30),
        (losses, (20.3, 1), 21),
        (losses, (-3, 1), 1),
        (losses, (30, 1), 30),
    ):
        x, y = ax.transData.transform(at)
        number = [each.axes for each in explorer.live.parts.grabs].index(ax)
        explorer.view.pointer = [number, x, height - y, 0]
        assert explorer.values() == {"update": want}
