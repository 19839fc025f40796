"""One update's arrows against its parts, and its sentence."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrow, Rectangle

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
    texts = [text for text in figure.axes[1].texts if text.get_text() not in ("", "to ★")]
    return {text.get_color(): text for text in texts}


def arrows_of(figure):
    """Return tail and tip of each arrow in the lens, by the first word of its name."""
    names, arrows = names_of(figure), {}
    for arrow in shown_in(figure.axes[1]):
        (color,) = [each for each in names if to_hex(each) == to_hex(arrow.get_facecolor())]
        corners = arrow.get_xy()
        name = names[color].get_text().split()[0]
        arrows[name] = corners[3:5].mean(axis=0), corners[0]
    return arrows


def shown_in(ax):
    """Return the arrows in ax that can be seen."""
    return [each for each in ax.patches if isinstance(each, FancyArrow) and each.get_visible()]


def scale_of(figure):
    """Return how much the lens enlarges, as measured, and as it says."""
    above, lens, _ = figure.axes
    pixels = [ax.bbox.width / np.ptp(ax.get_xlim()) for ax in (lens, above)]
    assert lens.bbox.height / np.ptp(lens.get_ylim()) == pytest.approx(pixels[0])
    return pixels[0] / pixels[1], float(lens.get_title("left").split("×")[1])


@pytest.mark.parametrize("noise", [0, 0.5])
@pytest.mark.parametrize("name", MEMORIES)
def test_arrows_lead_from_one_to_the_other_to_the_update(name, noise):
    descent = walk(name, noise=noise)
    for t in (1, 2, 10):
        figure = anatomy_figure(descent, t)
        parts, arrows = step_parts(descent, t), arrows_of(figure)
        begin, tip = arrows["update"]
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
                np.testing.assert_allclose(at - arrows[each][0], getattr(parts, each), atol=1e-9)
        np.testing.assert_allclose(tip - begin, parts.update, atol=1e-9)
        if whole:
            np.testing.assert_allclose(at - first, tip - begin, atol=1e-9)
        (on_path,) = shown_in(figure.axes[0])
        np.testing.assert_allclose(on_path.get_xy()[0], descent.positions[t], atol=1e-9)
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
            lens = live.figure.axes[1]
            texts = [each for each in lens.texts if each.get_text() and each.get_visible()]
            boxes = [text.get_window_extent() for text in texts]
            for place, box in enumerate(boxes):
                assert not any(box.overlaps(other) for other in boxes[:place]), (width, t)
                assert lens.bbox.padded(2).contains(box.x0, box.y0)
                assert lens.bbox.padded(2).contains(box.x1, box.y1)
            assert len(arrows_of(live.figure)) == len(names_of(live.figure))
            for arrow in shown_in(lens):
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
    ("name", "words"),
    [
        ("SGD", {"update"}),
        ("AdaGrad", {"update", "downhill\n(direction)"}),
        ("RMSProp", {"update", "downhill\n(direction)"}),
        ("Momentum", {"update\n= push"}),
    ],
)
def test_an_update_of_one_part_is_one_arrow(name, words):
    figure = anatomy_figure(walk(name), 1)
    assert {text.get_text() for text in names_of(figure).values()} == words
    assert len(arrows_of(figure)) == len(words)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SGD", "update = push = −lr · gradient"),
        ("AdaGrad", "update = push = −lr/√h · gradient"),
        ("RMSProp", "update = push = −lr/√h · gradient"),
        ("Momentum", "update = remembered + push"),
        ("AdamW", "update = remembered + decay + push"),
        ("own", "update"),
    ],
)
def test_the_heading_says_what_an_update_is_made_of_in_the_arrows_colours(name, told):
    descent = descend(Ravine(), MyMomentum(0.1)) if name == "own" else walk(name)
    figure = anatomy_figure(descent, 2)
    above, *_ = figure.axes
    words = [above.title, above._left_title, *above.texts]
    words = [word for word in words if word.get_text() and word.get_visible()]
    words = [word for word in words if word.get_text()[0] not in "▲▼◀▶"]
    assert " ".join(word.get_text() for word in words) == told
    ends = [word.get_window_extent() for word in words]
    assert all(2 < b.x0 - a.x1 < 9 for a, b in pairwise(ends))
    assert all(above.bbox.y1 < end.y0 < end.y1 < figure.bbox.height for end in ends)
    colors = {each.get_text(): each.get_color() for each in names_of(figure).values()}
    for word in words:
        assert word.get_color() == colors.get(word.get_text(), word.get_color())


@pytest.mark.parametrize("name", MEMORIES)
def test_arrows_fill_the_lens_and_no_name_stands_on_a_head_or_the_star(name):
    live = LivePicture(Steps(walk(name)), 1)
    for width in (760, 1082):
        live.resize(width)
        for t in range(1, 31):
            live.show(t)
            _, lens, _ = live.figure.axes
            measured, told = scale_of(live.figure)
            assert measured == pytest.approx(told)
            assert lens.get_title("left") == f"lens: update {t}, × {told:g}"
            ends = np.concatenate([*arrows_of(live.figure).values()])
            filled = np.ptp(lens.transAxes.inverted().transform(lens.transData.transform(ends)), 0)
            assert 0.45 < filled.max() < 0.85, (width, t)  # a little more where they stand aside
            boxes = [text.get_window_extent() for text in names_of(live.figure).values()]
            for tail, tip in arrows_of(live.figure).values():
                head = lens.transData.transform(tip - 0.01 * (tip - tail))
                assert not any(box.contains(*head) for box in boxes), (width, t)
            stars = [*walk(name).surface.minima, *lens.lines[0].get_xydata()]
            assert not any(b.contains(*lens.transData.transform(at)) for b in boxes for at in stars)


@pytest.mark.parametrize("name", ["SGD", "Momentum", "Adam"])
def test_the_lens_shows_the_ground_where_its_frame_is_and_where_the_star_lies(name):
    for t in (1, 5, 24):
        figure = anatomy_figure(walk(name), t)
        above, lens, _ = figure.axes
        (frame,) = [each for each in above.patches if isinstance(each, Rectangle)]
        (left, right), (low, high) = lens.get_xlim(), lens.get_ylim()
        assert frame.get_bbox().extents == pytest.approx([left, low, right, high])
        ground, surface, levels = lens.collections[0], walk(name).surface, []
        for path in ground.get_paths():  # each band lies between two heights
            heights = surface(*path.vertices.T)
            levels.append((heights.min(), heights.max()))
        unit = np.ptp(levels) / len(levels)
        assert len(levels) == 8
        for (least, most), (following, _) in pairwise(levels):
            assert most - least < 1.3 * unit
            assert following == pytest.approx(most, abs=0.15 * unit)
        shades = ground.get_facecolor()[:, :3].sum(axis=1)
        assert (np.diff(shades) < 0).all()
        inside = left < 0 < right and low < 0 < high
        (way,) = [text for text in lens.texts if text.get_text() == "to ★"]
        assert way.get_visible() != inside or not inside
        middle = np.array([left + right, low + high]) / 2
        along = np.subtract(way.get_position(), middle)
        assert np.cross(np.append(along, 0), np.append(-middle, 0))[2] == pytest.approx(0, abs=1e-9)
        assert along @ -middle > 0


def test_the_loss_marks_the_update_that_the_lens_shows():
    figure, path = anatomy_figure(walk("Momentum"), 5), walk("Momentum")
    losses = figure.axes[2]
    (step,) = [line for line in losses.lines if line.get_linewidth() == 4]
    assert step.get_xydata().tolist() == [[4, path.heights[4]], [5, path.heights[5]]]


@pytest.mark.parametrize("name", MEMORIES)
def test_names_stand_at_their_own_arrows(name):
    """Nearer to it than to any other, but where a tiny arrow lies at another's end."""
    live, wrong, count = LivePicture(Steps(walk(name)), 1), 0, 0
    live.resize(1040)
    for t in range(1, 31):
        live.show(t)
        shown, to_pixels = arrows_of(live.figure), live.figure.axes[1].transData.transform
        names = {n.get_text().split()[0]: n for n in names_of(live.figure).values()}
        lines = {n: to_pixels(np.linspace(*ends, 60)) for n, ends in shown.items()}
        for own, line in lines.items():
            box = names[own].get_window_extent()
            far = {
                n: np.hypot(*(each - np.clip(each, box.min, box.max)).T).min()
                for n, each in lines.items()
            }
            long = np.hypot(*(line[0] - line[-1])) > 40
            wrong += long and far[own] > min(far.values()) + 1
            count += 1
    assert wrong <= 0.03 * count


@pytest.mark.parametrize("name", MEMORIES)
def test_no_name_touches_an_arrow(name):
    """But now and then where four arrows crowd, or nearly coincide: no notebook's."""
    live, touched = LivePicture(Steps(walk(name)), 1), []
    for width in (760, 800, 1082):
        live.resize(width)
        for t in range(1, 31):
            live.show(t)
            arrows = shown_in(live.figure.axes[1])
            paths = [each.get_transform().transform_path(each.get_path()) for each in arrows]
            for text in names_of(live.figure).values():
                box = text.get_window_extent()
                touched += [(width, t) for path in paths if path.intersects_bbox(box)]
    assert len(touched) <= (3 if name in ("UncorrectedAdam", "AdamW") else 0), touched


@pytest.mark.parametrize("name", [name for name, kept in MEMORIES.items() if kept])
def test_no_update_is_hidden_by_its_parts(name):
    live = LivePicture(Steps(walk(name)), 1)
    live.resize(1082)
    for t in range(2, 31):
        live.show(t)
        shown, to_pixels = arrows_of(live.figure), live.figure.axes[1].transData.transform
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
    assert not shown_in(figure.axes[0])


def test_the_explorer_shows_where_it_is():
    explorer = at_first("anatomy")
    explorer.view.width = 1000
    explorer.set(update=7)
    parts, path = explorer.live.parts, walk("Adam")
    done = np.concatenate([line.get_xydata() for line in parts.track.path.done])
    assert np.unique(done, axis=0).tolist() == np.unique(path.positions[:7], axis=0).tolist()
    assert parts.track.path.head.get_xydata().tolist() == [path.positions[6].tolist()]
    assert parts.track.loss.head.get_xydata().tolist() == [[6, path.heights[6]]]
    assert list(parts.climb.get_xdata()) == [6, 7]
    assert explorer.sentence == anatomy_figure(path, 7).description


def test_a_hand_moves_the_update_along_the_path_and_the_loss():
    explorer = at_first("anatomy")
    explorer.view.width = 1000
    above, _, losses = explorer.live.figure.axes
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
