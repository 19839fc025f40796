"""What a figure draws: its texts, which have to be readable, and the paths of methods."""

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from course_utils.experiments import METHODS


def check_texts(figure, draw, monkeypatch):
    """Assert that all texts that draw() draws lie inside the figure and are not small.

    Returns the texts.
    """
    texts, draw_figure, draw_text = [], Figure.draw, Text.draw

    def note_figure(figure, renderer):
        texts.clear()
        draw_figure(figure, renderer)

    def note_text(text, renderer):
        if text.get_visible() and text.get_text().strip():
            texts.append((text.get_text(), text.get_fontsize(), text.get_window_extent(renderer)))
        draw_text(text, renderer)

    with monkeypatch.context() as patch:
        patch.setattr(Figure, "draw", note_figure)
        patch.setattr(Text, "draw", note_text)
        draw()
    for words, points, box in texts:
        assert points >= 10, words
        assert min(box.x0, box.y0) >= 0, words
        assert box.x1 <= figure.bbox.width, words
        assert box.y1 <= figure.bbox.height, words
    return [words for words, _, _ in texts]


def shapes(view, layer):
    """Return looks and points of the shapes that a page draws on a layer of an explorer's view."""
    looks, found = getattr(view, f"{layer}_looks"), []
    rows = np.frombuffer(getattr(view, layer), "<f4").reshape(-1, 2)
    while len(rows):
        number, count = rows[0].astype(int)
        look, points = looks[number], rows[1 : 1 + count]
        assert len(points) == count
        if "size" in look:
            letters = points[1:].ravel().astype(int)
            look, points = look | {"text": "".join(map(chr, letters[letters > 0]))}, points[:1]
        found.append((look, points))
        rows = rows[1 + count :]
    return found


def exact(drawn):
    """Return shapes as they are compared to the last bit."""
    return [(str(look), points.tobytes()) for look, points in drawn]


def trail(ax, colour):
    """Return the points of the line in ax that is done, in a colour or a method's."""
    colour = METHODS[colour].look["color"] if colour in METHODS else colour
    lines = [line for line in ax.lines if to_hex(line.get_color()) == to_hex(colour)]
    parts = [line.get_xydata() for line in lines if line.get_zorder() == 2]
    parts = [part for part in parts if len(part)]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def head(ax, name):
    """Return the point at which a method's head stands in ax."""
    look = METHODS[name].look
    lines = [line for line in ax.lines if line.get_zorder() == 3]
    (line,) = [line for line in lines if line.get_color() == look["color"]]
    assert line.get_marker() == look["marker"]
    return line.get_xydata()[0]


def seen(ax, points):
    """Return points as a line in ax has them: nan where they and their neighbours are outside."""
    found = points.copy()
    for i in range(1, len(points) - 1):
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        near = points[i - 1 : i + 2]
        if not any(left <= x <= right and low <= y <= high for x, y in near):
            found[i] = np.nan
    return found


def same(line, points):
    return np.array_equal(line, points, equal_nan=True)
