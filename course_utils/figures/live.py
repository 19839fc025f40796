"""A figure of which only the moving parts are drawn again."""

from matplotlib.backends.backend_agg import FigureCanvasAgg

from course_utils.figures.style import encode


class LivePicture:
    """Draws a figure's fixed parts once and its animated artists at each call of `png`.

    figure: a `CourseFigure` whose size, axis limits and fixed artists stay as they are; call
        `redraw` after changing one of them.
    """

    def __init__(self, figure):
        self.figure = figure
        self.canvas = FigureCanvasAgg(figure)
        self.size = self.canvas.get_width_height()
        self.redraw()

    def redraw(self):
        """Draw the fixed parts again at the next call."""
        self._background = None

    def png(self):
        """Return the picture as it is now, as PNG."""
        if self._background is None:
            self.figure.draw_styled(self.canvas)
            self._background = self.canvas.copy_from_bbox(self.figure.bbox)
        self.canvas.restore_region(self._background)
        for ax in self.figure.axes:
            moving = [artist for artist in ax.get_children() if artist.get_animated()]
            for artist in sorted(moving, key=lambda artist: artist.get_zorder()):
                ax.draw_artist(artist)
        return encode(self.canvas, compress_level=1)
