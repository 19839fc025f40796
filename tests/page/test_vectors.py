"""What is noted for a canvas is what matplotlib draws: places, colours, dashes, clips, texts."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from course_utils.page.vectors import Vectors, packed


@pytest.fixture
def ax():
    figure = Figure(figsize=(4, 3), dpi=100)
    FigureCanvasAgg(figure)
    made = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    made.set(xlim=(0, 10), ylim=(0, 5))
    return made


def noted(artist):
    looks, points = zip(*Vectors(artist.get_figure()).note(artist.draw), strict=True)
    return looks, np.concatenate(points)


def on_page(ax, points):
    """Return where data coordinates lie, in pixels from the upper left corner."""
    return ax.transData.transform(points) * (1, -1) + (0, ax.figure.bbox.height)


def test_a_line_keeps_its_places_colour_dash_and_clip(ax):
    data = np.array([(1, 1), (4, 4), (9, 2)])
    (line,) = ax.plot(*data.T, color="#D55E00", alpha=0.5, linewidth=2, linestyle=(0, (3, 1)))
    (look,), points = noted(line)
    np.testing.assert_allclose(points, on_page(ax, data), atol=1e-3)
    assert look["stroke"] == "#d55e0080"
    assert look["width"] == pytest.approx(2 * 100 / 72, abs=0.01)
    assert look["dash"] == pytest.approx((6 * 100 / 72, 2 * 100 / 72), abs=0.01)
    assert look["clip"] == pytest.approx((40, 30, 320, 240))
    assert "fill" not in look


def test_a_gap_lifts_the_pen(ax):
    (line,) = ax.plot([1, 2, np.nan, 4, 5], [1, 1, 1, 1, 1])
    _, points = noted(line)
    x = points[:, 0]
    assert np.isnan(x).any()
    assert x[np.isfinite(x)] == pytest.approx(on_page(ax, [(i, 1) for i in (1, 2, 4, 5)])[:, 0])


@pytest.mark.parametrize(("marker", "kind"), [("o", "radius"), (".", "radius"), ("s", "stamp")])
def test_markers_are_noted_once_with_their_places(ax, marker, kind):
    data = [(1, 1), (2, 3), (8, 4)]
    (line,) = ax.plot(*np.transpose(data), marker, color="#0072B2", markersize=9)
    (look,), points = noted(line)
    places = points[look.get("stamp", 0) :]
    np.testing.assert_allclose(places, on_page(ax, data), atol=1e-3)
    assert look["fill"] == "#0072b2ff"
    if kind == "stamp":
        size = np.ptp(points[: look["stamp"]], axis=0)
        assert size == pytest.approx([9 * 100 / 72] * 2, abs=0.01)
    else:
        radius = 9 / 2 * (0.5 if marker == "." else 1) * 100 / 72
        assert look["radius"] == pytest.approx(radius, abs=0.01)


def test_a_look_is_sent_once():
    """Each shape says the number of its look, and how many points are its."""
    thin, thick = {"stroke": "#000000ff", "width": 1}, {"stroke": "#000000ff", "width": 2}
    lines = np.arange(12.0).reshape(3, 2, 2)
    looks, data = packed([(thin, lines[0]), (thick, lines[1][:1]), (dict(thin), lines[2])], {})
    assert looks == [thin, thick]
    rows = np.frombuffer(data, "<f4").reshape(-1, 2).tolist()
    assert rows == [[0, 2], *lines[0].tolist(), [1, 1], [4, 5], [0, 2], *lines[2].tolist()]
    assert packed([], {}) == ([], b"")


def test_a_look_keeps_its_number():
    """A page that has a look is sent none, and what is hidden for a while changes no number."""
    (thin, thick), at, known = ({"width": 1}, {"width": 2}), np.zeros((1, 2)), {}
    first, _ = packed([(thin, at), (thick, at)], known)
    looks, data = packed([(thick, at)], known)
    assert looks == first == [thin, thick]
    assert np.frombuffer(data, "<f4")[0] == 1


@pytest.mark.parametrize("words", ["start", "× 24", "−10⁻⁴", "⚑𝑥"])
def test_a_text_travels_with_its_place(words):
    """So that a number that changes does not send all looks again."""
    big = {"text": words, "size": 20.0}
    looks, data = packed([(big, np.array([(3.0, 4.0)])), ({"width": 1}, np.zeros((1, 2)))], {})
    assert looks == [{"text": "", "size": 20.0}, {"width": 1}]
    rows = np.frombuffer(data, "<f4").reshape(-1, 2)
    assert rows[1].tolist() == [3, 4]
    letters = rows[2 : 1 + int(rows[0, 1])].ravel()
    assert "".join(chr(int(each)) for each in letters if each) == words
    assert rows[-2].tolist() == [1, 1]


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_a_text_is_placed_by_its_own_alignment(ax, align):
    text = ax.text(5, 2, "start", ha=align, va="baseline", fontsize=12, weight="bold")
    (look,), points = noted(text)
    np.testing.assert_allclose(points, on_page(ax, [(5, 2)]), atol=1.01)
    assert (look["text"], look["align"], look["bold"]) == ("start", align, True)
    assert look["size"] == pytest.approx(12 * 100 / 72, abs=0.01)


def test_formulas_become_outlines(ax):
    looks, points = noted(ax.text(5, 2, "$x^2$"))
    assert all("text" not in look for look in looks)
    assert len(points) > 20


def test_a_filled_shape_covers_what_agg_fills(ax):
    """Painted by another library, the outlines of contours are matplotlib's."""
    x, y = np.meshgrid(np.linspace(0, 10, 60), np.linspace(0, 5, 60))
    filled = ax.contourf(x, y, (x - 5) ** 2 + 4 * (y - 2.5) ** 2, levels=[3, 12], colors="black")
    (look,), points = noted(filled)
    picture = Image.new("L", (400, 300), 255)
    draw = ImageDraw.Draw(picture)
    parts = np.split(points, np.flatnonzero(np.isnan(points[:, 0])))
    rings = [part[np.isfinite(part[:, 0])] for part in parts]
    rings = sorted((ring for ring in rings if len(ring)), key=lambda ring: -np.ptp(ring[:, 0]))
    for ring, colour in zip(rings, (0, 255), strict=True):
        draw.polygon([tuple(at) for at in ring], fill=colour)
    ax.axis("off")
    ax.figure.canvas.draw()
    drawn = np.asarray(ax.figure.canvas.buffer_rgba())[..., 0]
    assert look["fill"] == "#000000ff"
    assert (np.abs(np.asarray(picture).astype(int) - drawn) > 128).mean() < 0.01
