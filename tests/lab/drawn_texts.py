"""What texts a figure draws, and whether they can be read."""

from matplotlib.figure import Figure
from matplotlib.text import Text


def check_texts(figure, draw, large, monkeypatch):
    """Assert that all texts that draw() draws lie inside the figure and are not small.

    large: whether it is drawn for a projector. Returns the texts.
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
        assert points >= (15 if large else 10), words
        assert min(box.x0, box.y0) >= 0, words
        assert box.x1 <= figure.bbox.width, words
        assert box.y1 <= figure.bbox.height, words
    return [words for words, _, _ in texts]
