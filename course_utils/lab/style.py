"""What colours, markers and dashes mean: one look per method, wherever it is drawn."""

from IPython.display import display
from matplotlib.ticker import LogLocator, NullLocator

from course_utils.experiments.methods import METHODS, method_of
from course_utils.page.axes import typeset

FAINT = {"color": "0.6", "linewidth": 3.5, "marker": ".", "linestyle": "-"}  # To compare with.

YOURS = {"color": "#E69F00", "linewidth": 3, "linestyle": "-"}  # The reader's, by stored ones.

SOLID = {"linestyle": "-"}  # Of lines that are told apart by names at their ends.

LIGHT = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}  # Under words.

X, Y = {"color": "#00838F", "linestyle": "-"}, {"color": "#AD1457", "linestyle": "--"}
COORDINATES = {"x": X, "y": Y, "measured": {"color": "0.1", "marker": "o", "linestyle": ""}}
"""The looks of the two coordinates, and of what was measured beside a prediction."""

GRADIENT, REMEMBERED, DECAY = "#B71C1C", "#7E57C2", "#827717"
"""The colours of −gradient and what it pushes, of what is remembered, and of what decays."""

DOWNHILL = {"color": GRADIENT, "linestyle": "-", "linewidth": 3}

_YOUR_CLASS = {"color": "#E69F00", "marker": "P", "linestyle": "-"}
OTHERS = (
    {"color": "#546E7A", "marker": "v", "linestyle": (0, (3, 2))},
    {"color": "#56B4E9", "marker": "^", "linestyle": "-"},
    {"color": "#C9A227", "marker": "P", "linestyle": "--"},
    {"color": "#7CB342", "marker": "o", "linestyle": "-."},
)
"""The looks of whatever has none of its own."""


def looks(records):
    """Return colour, marker and dash by label: a method's own, or one of a few others.

    records: dict of labels and anything. An `optimizer` of a class that the course does not have,
        under its class's name, gets the look of the reader's own; "SGD, lr 0.1" that of SGD.
    """
    others, found = iter(OTHERS * len(records)), {}
    named = {name: method.look for name, method in METHODS.items()} | COORDINATES
    for label, record in records.items():
        optimizer = getattr(record, "optimizer", None)
        if label == type(optimizer).__name__ and not method_of(optimizer):
            found[label] = _YOUR_CLASS
        else:
            found[label] = named.pop(str(label).split(",")[0], None) or next(others)
    return found


def projector(on=True):
    """Enlarge figures, explorers and cards of the whole page by half, for a projector (or not)."""
    parts = ".course-explorer, .course-question:not(.course-question *), .jp-RenderedImage img"
    style = f"<style>{parts} {{ zoom: {1.5 if on else 1} }}</style>"
    words = "Everything is half as large again." if on else "Everything has its own size."
    display({"text/html": style + words, "text/plain": words}, raw=True)


def plain(value, digits=3):
    """Return a number in so many digits, one in the thousands as 1,220."""
    return f"{float(f'{value:.{digits}g}'):,g}"


def plain_ticks(ax):
    """Give a logarithmic y-axis ticks at 1, 2 and 5 of each power of ten, as plain numbers."""
    ax.yaxis.set(major_locator=LogLocator(subs=(1, 2, 5)), minor_locator=NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: typeset(f"{value:g}"))
