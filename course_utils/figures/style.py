"""How every figure of the course looks: one style, and one look per optimizer."""

from importlib.resources import files
from io import BytesIO
from threading import RLock

import matplotlib
from matplotlib import rc_params_from_file
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

_STYLE = rc_params_from_file(
    str(files(__package__) / "course.mplstyle"), use_default_template=False
)
_scale = 1.0

DRAWING = RLock()
"""Held while anything is drawn: matplotlib can't draw in two threads at once, and JupyterLab
answers widgets in another thread than the one that runs the cells."""

LOOKS = {
    "SGD": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "Momentum": {"color": "#D55E00", "marker": "x", "linestyle": "--"},
    "AdaGrad": {"color": "#009E73", "marker": "s", "linestyle": "-."},
    "RMSProp": {"color": "#CC79A7", "marker": ".", "linestyle": (0, (1, 1))},
    "Adam": {"color": "#000000", "marker": "D", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
}
"""Colour, marker and dash of each optimizer, the same everywhere.

The colours are those of Okabe and Ito (2008), which readers with the common colour deficiencies
tell apart; the markers are the article's.
"""

_RELATIVES = {
    "Nesterov": {"color": "#7F4F24", "marker": "<", "linestyle": (0, (4, 2))},
    "AdamW": {"color": "#4B0082", "marker": "*", "linestyle": (0, (6, 1, 1, 1))},
}

FAINT = {"color": "0.5", "linewidth": 1.2, "marker": ".", "linestyle": "-"}
"""The look of what another path is compared with."""

YOURS = {"color": "#E69F00", "linewidth": 3, "linestyle": "-"}
"""The look of the reader's own run beside stored ones."""


_OTHERS = (
    {"color": "0.4", "marker": "v", "linestyle": (0, (3, 2))},
    {"color": "#56B4E9", "marker": "^", "linestyle": "-"},
    {"color": "#E69F00", "marker": "P", "linestyle": "--"},
    {"color": "#0072B2", "marker": "o", "linestyle": "-."},
)


def look(label):
    """Return colour, marker and dash for one label; see `looks`."""
    return looks([label])[0]


def looks(labels):
    """Return colour, marker and dash for each label: an optimizer's own, or one of a few others."""
    own, others = LOOKS | _RELATIVES, iter(_OTHERS * len(labels))
    return [own[label] if label in own else next(others) for label in labels]


def projector(on=True):
    """Draw the figures made from now on with type and lines half as large again (or not)."""
    global _scale
    _scale = 1.5 if on else 1.0


def scale():
    """Return the factor by which type and lines are enlarged: 1, or 1.5 for a projector."""
    return _scale


class CourseFigure(Figure):
    """A matplotlib figure that shows itself as a PNG, with `description` as its text.

    No pyplot is involved, so a figure lives and dies with the variable that holds it.
    """

    description = ""

    def __init__(self, **options):
        super().__init__(**options)
        self.style = _scaled_style()

    def png(self):
        """Return the picture as PNG, the same bytes each time for the same figure."""
        with DRAWING:
            canvas = FigureCanvasAgg(self)
            self.draw_styled(canvas)
            return encode(canvas)

    def draw_styled(self, canvas):
        """Draw on an Agg canvas in the style that held when the figure was made."""
        with matplotlib.rc_context(self.style):  # ticks are made when they are drawn
            if isinstance(self.get_layout_engine(), ConstrainedLayoutEngine):
                self.draw_without_rendering()  # one pass leaves a label under a tall title cut off
            canvas.draw()
        self.set_layout_engine("none")  # laid out; another pass would shift it

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": self.png(), "text/plain": self.description}
        return data, {"image/png": {"alt": self.description}}


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


def new_figure(width, height, draw):
    """Return a `CourseFigure` of width × height inches, filled by draw(figure), in our style."""
    with DRAWING, course_style():
        figure = CourseFigure(figsize=(width, height), layout="constrained")
        figure.get_layout_engine().set(rect=(0, 0, 0.985, 1))  # room for the last tick's label
        FigureCanvasAgg(figure)
        draw(figure)
    return figure


def course_style():
    """Return a context in which what matplotlib makes has the course's style."""
    return matplotlib.rc_context(_scaled_style())


def _scaled_style():
    sizes = ("font.size", "labelsize", "titlesize", "fontsize", "linewidth")
    return {
        key: value * _scale if key.endswith(sizes) and isinstance(value, float) else value
        for key, value in _STYLE.items()
    }
