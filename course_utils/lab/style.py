"""How every picture of the course looks: one style, and one look per method."""

from pathlib import Path

from matplotlib import rc_params_from_file

from course_utils.experiments.methods import METHODS, method_of

_STYLE = rc_params_from_file(
    Path(__file__).with_name("course.mplstyle"), use_default_template=False
)
_scale = 1.0

FAINT = {"color": "0.5", "linewidth": 1.2, "marker": ".", "linestyle": "-"}
"""The look of what another path is compared with."""

YOURS = {"color": "#E69F00", "linewidth": 3, "linestyle": "-"}
"""The look of the reader's own run beside stored ones."""

_YOUR_CLASS = {"color": "#E69F00", "marker": "P", "linestyle": "-"}
_OTHERS = (
    {"color": "0.4", "marker": "v", "linestyle": (0, (3, 2))},
    {"color": "#56B4E9", "marker": "^", "linestyle": "-"},
    {"color": "#E69F00", "marker": "P", "linestyle": "--"},
    {"color": "#0072B2", "marker": "o", "linestyle": "-."},
)


def looks(records):
    """Return colour, marker and dash by label: a method's own, or one of a few others.

    records: dict of labels and anything. An `optimizer` of a class that the course does not have,
        under its class's name, gets the look of the reader's own.
    """
    others, found = iter(_OTHERS * len(records)), {}
    for label, record in records.items():
        optimizer = getattr(record, "optimizer", None)
        if label == type(optimizer).__name__ and not method_of(optimizer):
            found[label] = _YOUR_CLASS
        else:
            found[label] = METHODS[label].look if label in METHODS else next(others)
    return found


def projector(on=True):
    """Draw the figures made from now on with type and lines half as large again (or not)."""
    global _scale
    _scale = 1.5 if on else 1.0


def scale():
    """Return the factor by which type and lines are enlarged: 1, or 1.5 for a projector."""
    return _scale


def course_style():
    """Return the course's style as it is now: matplotlib's settings by name."""
    sizes = ("font.size", "labelsize", "titlesize", "fontsize", "linewidth")
    return {
        key: value * _scale if key.endswith(sizes) and isinstance(value, float) else value
        for key, value in _STYLE.items()
    }
