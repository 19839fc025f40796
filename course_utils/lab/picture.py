"""`Picture`, what all pictures of the course are: at rest a figure, in motion for an `Explorer`.

Never pyplot, so no figure outlives its cell.
"""

from abc import ABC, abstractmethod
from contextlib import contextmanager
from io import BytesIO
from threading import RLock
from types import SimpleNamespace

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from PIL import Image

from course_utils.lab.style import course_style

DRAWING = RLock()
"""Held while anything is drawn: matplotlib can't draw in two threads at once, and JupyterLab
answers widgets in another thread than the one that runs the cells."""


DENSITY = 2
"""Of stored pictures: pixels beside each other for one of the page's."""


class Picture(ABC):
    """How one kind of record looks, said once for figures and explorers.

    A subclass has `show`; where something moves also `frame`; and where what stands still depends
    on the record, as a valley or the length of an axis, `ground` and `lay`. size: in inches.
    """

    size = (10.4, 4.6)

    def frame(self, figure):
        """Draw axes and legends; return `Parts`: the artists that move, empty as yet, and axes."""
        return Parts(still=figure)

    def ground(self, record):
        """Return all of a record that `lay` depends on, to be compared with the last one's."""
        return None

    def lay(self, parts, record):
        """Draw what stands still and depends on the record, in place of what was there.

        Returns the artists that it changed; None if it changed more, as an axis.
        """
        return None

    @abstractmethod
    def show(self, parts, record):
        """Let the parts show a record; return the one sentence that says what it shows."""

    def still(self, record):
        """Return a figure of a record, with the sentence as its text."""
        with new_figure(self.size) as figure:
            parts = self.frame(figure)
            self.lay(parts, record)
            figure.description = self.show(parts, record)
        return figure


class Parts(SimpleNamespace):
    """What a picture's `frame` returns: names for its axes and for the artists that move.

    Under the name `still` are artists that only `lay` changes.
    """

    def artists(self):
        """Return the artists that move, in their order."""
        return _artists([part for name, part in vars(self).items() if name != "still"])


def _artists(part):
    if isinstance(part, Artist):
        return [] if isinstance(part, Axes) else [part]
    each = part.values() if isinstance(part, dict) else part
    return [artist for one in each for artist in _artists(one)]


class LivePicture:
    """A picture in motion, in layers: what never changes, what was laid, what moves.

    picture: a `Picture`, or a function of the first record that returns one.
    """

    def __init__(self, picture, record):
        self.picture = picture if isinstance(picture, Picture) else picture(record)
        self._ground, self._paper = object(), None  # the ground of no record
        with new_figure(self.picture.size) as self.figure:
            self.parts = self.picture.frame(self.figure)
        self._moving = _animated(self.parts.artists())
        self.canvas = FigureCanvasAgg(self.figure)
        self.size = self.canvas.get_width_height()

    def show(self, record):
        """Let the picture show a record and return the sentence."""
        ground = self.picture.ground(record)
        if ground != self._ground:
            with matplotlib.rc_context(self.figure.style):
                laid = self.picture.lay(self.parts, record)
            if laid is None:
                self._paper = None
            self._ground, self._laid, self._floor = ground, _animated(laid or ()), None
        return self.picture.show(self.parts, record)

    def png(self):
        """Return the picture as it is now, as PNG."""
        if self._paper is None:
            self.figure.draw_styled(self.canvas)
            self._paper = self.canvas.copy_from_bbox(self.figure.bbox)
        if self._floor is None:
            self._draw_over(self._paper, self._laid)
            self._floor = self.canvas.copy_from_bbox(self.figure.bbox)
        self._draw_over(self._floor, self._moving)
        return encode(self.canvas, compress_level=1)

    def stored(self):
        """Return the picture as it is now, as a figure's `stored` does."""
        return self.figure.stored([*self._laid, *self._moving])

    def _draw_over(self, layer, artists):
        self.canvas.restore_region(layer)
        for artist in artists:
            artist.axes.draw_artist(artist)


def _animated(artists):
    """Leave artists to a `LivePicture`; return them in the order in which they are drawn."""
    found = sorted(artists, key=lambda artist: artist.get_zorder())
    for artist in found:
        artist.set_animated(True)
    return found


class CourseFigure(Figure):
    """A matplotlib figure that shows itself as a PNG, with `description` as its text.

    style: matplotlib's settings that held when it was made.
    """

    description = ""

    def png(self, density=1, over=()):
        """Return the picture as PNG, the same bytes each time for the same figure.

        density: how many of its pixels stand beside each other on one of the page's.
        over: animated artists to draw over the rest.
        """
        with DRAWING:
            before, dpi = self.canvas, self.dpi
            self.dpi = density * dpi
            canvas = FigureCanvasAgg(self)
            self.draw_styled(canvas)
            for artist in over:
                artist.axes.draw_artist(artist)
            png, self.dpi = encode(canvas), dpi
            self.set_canvas(before)
            for text in self.findobj(Text):
                text._renderer = None  # else it keeps all the pixels that it was drawn on
        return png

    def stored(self, over=()):
        """Return the picture for a page that nothing runs, sharp on any screen, and metadata."""
        width, height = (int(length) for length in self.bbox.size.round())
        about = {"alt": self.description, "width": width, "height": height}
        return self.png(DENSITY, over), about

    def draw_styled(self, canvas):
        """Draw on an Agg canvas, in the figure's style."""
        with matplotlib.rc_context(self.style):  # ticks are made when they are drawn
            if isinstance(self.get_layout_engine(), ConstrainedLayoutEngine):
                self.draw_without_rendering()  # one pass leaves a label under a tall title cut off
            canvas.draw()
        self.set_layout_engine("none")  # laid out; another pass would shift it

    def _repr_mimebundle_(self, include=None, exclude=None):
        png, about = self.stored()
        return {"image/png": png, "text/plain": self.description}, {"image/png": about}


@contextmanager
def new_figure(size):
    """Give a `CourseFigure` of a size in inches, to be filled, in our style, in the context."""
    style = course_style()
    with DRAWING, matplotlib.rc_context(style):
        figure = CourseFigure(figsize=size, layout="constrained")
        figure.style = style
        figure.get_layout_engine().set(rect=(0, 0, 0.985, 1))  # room for the last tick's label
        FigureCanvasAgg(figure)
        yield figure


def encode(canvas, **options):
    """Return what an Agg canvas shows as PNG with 256 colours; options go to Pillow's writer."""
    pixels = canvas.buffer_rgba().tobytes()
    image = Image.frombytes("RGB", canvas.get_width_height(), pixels, "raw", "RGBX")
    few_colours = image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = few_colours.getpalette()
    paper = 3 * few_colours.getpixel((0, 0))
    palette[paper : paper + 3] = image.getpixel((0, 0))  # which the quantizing has tinted
    few_colours.putpalette(palette)
    buffer = BytesIO()
    few_colours.save(buffer, "PNG", **options)
    return buffer.getvalue()
