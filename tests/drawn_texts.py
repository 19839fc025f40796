"""What texts a canvas draws, and whether they can be read."""

from matplotlib.text import Text


def check_texts(canvas, size, large, monkeypatch, more_than):
    """Assert that all texts, more than so many, lie inside a canvas of that size and are not small.

    size: width and height in pixels. large: whether it is drawn for a projector.
    """
    texts, draw = [], Text.draw

    def note(text, renderer):
        if text.get_visible() and text.get_text().strip():
            texts.append((text.get_text(), text.get_fontsize(), text.get_window_extent(renderer)))
        draw(text, renderer)

    monkeypatch.setattr(Text, "draw", note)
    canvas.draw()
    width, height = size
    for words, points, box in texts:
        assert points >= (15 if large else 10), words
        assert min(box.x0, box.y0) >= 0, words
        assert box.x1 <= width, words
        assert box.y1 <= height, words
    assert len(texts) > more_than
