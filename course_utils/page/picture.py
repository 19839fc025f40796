"""`Picture`, what all pictures of the course are; never pyplot, so no figure outlives its cell."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from threading import RLock
from types import SimpleNamespace
from weakref import WeakKeyDictionary

import matplotlib
import numpy as np
from IPython import get_ipython
from matplotlib.artist import Artist, setp
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

from course_utils.page.vectors import Vectors, packed

STYLE = dict(matplotlib.rc_params_from_file(Path(__file__).with_name("course.mplstyle")))
"""How every picture looks: all of matplotlib's settings by name, its defaults where not ours."""
del STYLE["backend"]  # the reader's, which no picture needs

NARROWEST, WIDEST = 760, 1400
"""The widths for which a live picture is laid out, in the page's pixels."""

_TURN = RLock()
_measuring = lru_cache(partial(RendererAgg, 1, 1))  # texts, without the pixels of a canvas


@contextmanager
def drawing():
    """Let the context draw: in our style, whatever the reader has set, and in one thread only.

    matplotlib can't draw in two at once, and JupyterLab answers widgets in another than the cells.
    """
    with _TURN, matplotlib.rc_context():
        dict.update(matplotlib.rcParams, STYLE)  # known to be good, so not checked one by one
        yield


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
        """Draw what stands still and depends on the record, in place of what was there; return the
        artists that it changed, None if it changed more, as an axis."""
        return None

    @abstractmethod
    def show(self, parts, record):
        """Let the parts show a record; return the one sentence that says what it shows."""

    @drawing()
    def still(self, record):
        """Return a figure of a record, with the sentence as its text."""
        figure = CourseFigure(self.size)
        parts = self.frame(figure)
        moves = parts.artists()
        self.lay(parts, record)
        figure.description = self.show(parts, record)
        if moves:  # some have places in pixels, which need the axes in theirs
            figure.lay_out()
            self.lay(parts, record)
            self.show(parts, record)
        figure.set(linewidth=1, edgecolor="0.85")  # a quiet frame, on a dark page above all
        return figure


class Parts(SimpleNamespace):
    """What a picture's `frame` returns: names for its axes and for the artists that move; `still`
    are artists that only `lay` changes, `grabs` are `Grab`s."""

    grabs = ()

    def artists(self):
        """Return the artists that move, in their order."""
        return _artists([p for name, p in vars(self).items() if name not in ("still", "grabs")])


@dataclass(frozen=True)
class Grab:
    """What a hand can take hold of in a picture: an artist, or all of the axes.

    names: of the controls that it moves; where an explorer lacks one, there is nothing to grab.
    pick: called with the hand's x and y, in data coordinates; returns those controls' values by
        name. None where the two controls are x and y themselves.
    at: a line, at whose first point the hand has to take hold; None for anywhere.
    """

    axes: Axes
    names: tuple[str, ...]
    pick: Callable | None = None
    at: Line2D | None = None


def _artists(part):
    if isinstance(part, Artist):
        return [] if isinstance(part, Axes) else [part]
    each = part.values() if isinstance(part, dict) else part
    return [artist for one in each for artist in _artists(one)]


class LivePicture:
    """A picture in motion; on a page in layers: paper, what was laid, scales of axes, what moves.

    picture: a `Picture`, or a function of the first record that returns one.
    figure: what is shown, before a page has told its width the picture at rest.
    """

    def __init__(self, picture, record):
        self.picture = picture if isinstance(picture, Picture) else picture(record)
        self.record, self.on_page, self.figure = record, False, None

    def show(self, record):
        """Let the picture show a record and return the sentence."""
        self.record = record
        if self.on_page:
            return self._move()
        self.figure = self.picture.still(record)
        return self.figure.description

    def resize(self, width):
        """Lay the picture out for a page on which it has so many pixels, type keeping its size."""
        across, down = self.picture.size
        new = min(max(width, NARROWEST), WIDEST) / STYLE["figure.dpi"]
        self.on_page, self._ground = True, object()  # the ground of no record
        self.figure = CourseFigure((new, down * (0.45 + 0.55 * new / across)))
        self.parts = self.picture.frame(self.figure)
        self._layers = {"laid": [], "axes": [], "moving": _animated(self.parts.artists())}
        self._changed = set()
        self._move()
        self.figure.lay_out()
        self._pen = Vectors(self.figure)
        self._changed, self._ground = {"paper", "laid", "axes"}, object()

    def _move(self):
        ground = self.picture.ground(self.record)
        if ground != self._ground:
            laid, self._ground = self.picture.lay(self.parts, self.record), ground
            before = *self._layers["laid"], *self._layers["axes"]  # none: all was on the paper
            self._changed |= {"axes"} if before and laid is not None else {"paper", "laid", "axes"}
            _animated(before, False)
            scales = [artist for artist in laid or () if isinstance(artist, Axis)]
            laid = [artist for artist in laid or () if artist not in scales]
            self._changed |= {"laid"} if laid != self._layers["laid"] else set()
            self._layers |= {"laid": _animated(laid), "axes": _animated(scales)}
        return self.picture.show(self.parts, self.record)

    def send(self, view, controls):
        """Give a view on a page what has changed: outlines by layer, and what can be grabbed."""
        for layer in (*sorted(self._changed, reverse=True), "moving"):  # the paper sets the axes
            shapes = [s for artist in self._layers.get(layer, ()) for s in self._note(artist)]
            if layer == "paper":
                self._noted, self._looks = WeakKeyDictionary(), {}
                shapes = self._pen.note(self.figure.draw)
            sent = packed(shapes, self._looks.setdefault(layer, {}))
            for name, value in zip((f"{layer}_looks", layer), sent, strict=True):
                setattr(view, name, value)
        self._changed = set()
        view.size = [round(length) for length in self.figure.bbox.size]
        usable = [i for i, g in enumerate(self.parts.grabs) if controls.keys() >= {*g.names}]
        view.grabs = [self._place(number) for number in usable]

    def _note(self, artist):
        """Return an artist's shapes, noted anew if it may have moved."""
        if not artist.get_visible():
            return []
        ends = isinstance(artist, Axis) and tuple(artist.get_view_interval())
        kept = self._noted.setdefault(artist, {})  # of an axis by its ends
        if ends not in kept or (not ends and (artist.stale or self._changed)):
            kept[ends] = self._pen.note(artist.draw)
            artist.stale = False  # which a draw leaves on an empty text
        return kept[ends]

    def _place(self, number):
        """Return where a grab lies in the picture, in pixels from its upper left corner."""
        grab, height = self.parts.grabs[number], self.figure.bbox.height
        left, low, width, high = grab.axes.bbox.bounds
        place = {"number": number, "box": [left, height - low - high, width, high]}
        if grab.at is not None:
            x, y = grab.axes.transData.transform(grab.at.get_xydata()[0])
            place["at"] = [x, height - y]
        return place

    def grabbed(self, number, x, y):
        """Return the values, by name, of the controls that a hand at x, y in the picture moves."""
        grab, place = self.parts.grabs[number], (x, self.figure.bbox.height - y)
        hand = grab.axes.transData.inverted().transform(place)
        if grab.pick:
            return grab.pick(*hand)
        return dict(zip(grab.names, np.round(hand, 2).tolist(), strict=True))

    def stored(self, sentence):
        """Return the picture as a figure's `stored` does, in its own size, with what is said."""
        figure = (not self.on_page and self.figure) or self.picture.still(self.record)
        figure.description = sentence
        return figure.stored()


def _animated(artists, own=True):
    """Leave artists to a `LivePicture`, or not; return them in the order of being drawn."""
    found = sorted(artists, key=lambda artist: artist.get_zorder())
    setp(found, animated=own)
    return found


class CourseFigure(Figure):
    """A matplotlib figure, of a size in inches, that shows itself as a PNG, with `description` as
    its text. It is drawn in our style, also by a reader who saves it."""

    description = ""

    def __init__(self, size):
        super().__init__(figsize=size, layout="constrained")
        self.get_layout_engine().set(rect=(0, 0, 0.985, 0.98))  # room for the last ticks' labels
        self.canvas.get_renderer = lambda: _measuring(self.dpi)

    savefig = drawing()(Figure.savefig)

    @drawing()
    def png(self, density=1):
        """Return the picture as PNG, the same bytes each time for the same figure; density: how
        many of its pixels stand beside each other on one of the page's."""
        dpi, self.dpi = self.dpi, density * self.dpi
        self.lay_out()
        renderer = RendererAgg(*np.round(self.bbox.size).astype(int), self.dpi)
        self.draw(renderer)
        few_colours(np.asarray(renderer.buffer_rgba())).save(png := BytesIO(), "PNG")
        self.dpi = dpi
        for text in self.findobj(Text):
            text._renderer = None  # else it keeps all the pixels that it was drawn on
        return png.getvalue()

    def stored(self):
        """Return the picture for a page that nothing runs, sharp on any screen, and metadata."""
        width, height = (int(length) for length in self.bbox.size.round())
        return self.png(density=2), {"alt": self.description, "width": width, "height": height}

    def lay_out(self):
        """Give the axes their places, once for all."""
        if isinstance(self.get_layout_engine(), ConstrainedLayoutEngine):
            maps = [ax for ax in self.axes if ax.get_aspect() == 1]
            for ax in maps:
                ax.set_aspect("auto")  # so that its labels have room also in another shape
            for _ in range(2):  # one pass leaves a label under a tall title cut off
                self.draw_without_rendering()
            self.set_layout_engine("none")
            for ax in self.axes:  # the solver's last digits differ from run to run
                ax.set_position(np.round(ax.get_position(original=True).bounds, 9))
            for ax in maps:
                ax.set_aspect("equal")
                ax.apply_aspect()

    def _repr_mimebundle_(self, include=None, exclude=None):
        png, about = self.stored()
        return {"image/png": png, "text/plain": self.description}, {"image/png": about}


if shell := get_ipython():  # what %matplotlib sets for every figure would replace ours and its text
    for kind in shell.display_formatter.formatters.keys() - {"text/plain"}:
        shell.display_formatter.formatters[kind].for_type(CourseFigure, lambda figure: None)


def few_colours(pixels):
    """Return an image of RGBA pixels in 256 colours, those of its largest areas kept exactly."""
    codes = pixels.view("<u4")[..., 0] & 0xFFFFFF
    found, counts = np.unique(codes[::4, ::4], return_counts=True)
    areas = found[np.argsort(-counts, kind="stable")[:24]]  # all bands of a map among them
    numbers = np.zeros(1 << 24, np.uint8)  # of an area's colour, from 1
    numbers[areas] = np.arange(len(areas)) + 1
    numbers = numbers[codes]
    others = Image.fromarray(pixels[..., :3]).quantize(256 - len(areas), Image.Quantize.FASTOCTREE)
    image = Image.fromarray(np.where(numbers, numbers - 1, np.asarray(others) + len(areas)))
    exact = [code >> bits & 255 for code in areas.tolist() for bits in (0, 8, 16)]
    image.putpalette(exact + others.getpalette())
    return image
