"""All methods of the package: a row for each, with its settings, its look and its memory."""

from dataclasses import dataclass

from course_utils import optimizers as own
from course_utils.optimizer import Optimizer, fresh


@dataclass(frozen=True)
class Method:
    """What the pictures and the searches have to know of a method."""

    optimizer: Optimizer  # at its learning rate in the classic picture of five paths
    look: dict  # color, marker and linestyle, as matplotlib takes them
    panels: tuple[str, ...]  # what shows its memory


_ROWS = (
    (own.SGD(0.95), "#0072B2", "o", "-"),
    (own.Momentum(0.1), "#D55E00", "x", "--", "velocity"),
    (own.AdaGrad(1.5), "#009E73", "s", "-.", "h", "rate"),
    (own.RMSProp(0.1), "#CC79A7", ".", (0, (1, 1)), "h", "rate"),
    (own.Adam(0.3), "#000000", "D", (0, (5, 1, 1, 1, 1, 1)), "m", "v", "correction"),
    (own.UncorrectedAdam(0.3), "0.4", "v", (0, (3, 2)), "m", "v"),
    (own.Nesterov(0.1), "#7F4F24", "<", (0, (4, 2)), "velocity"),
    (own.AdamW(0.3), "#4B0082", "*", (0, (6, 1, 1, 1)), "m", "v", "correction"),
)

METHODS: dict[str, Method] = {
    type(optimizer).__name__: Method(
        optimizer, {"color": color, "marker": marker, "linestyle": line}, tuple(panels)
    )
    for optimizer, color, marker, line, *panels in _ROWS
}
"""The methods by name: the article's five in its order, then their relatives. The five have colours
of Okabe and Ito (2008), which readers with the common colour deficiencies tell apart."""

FIVE: tuple[str, ...] = tuple(METHODS)[:5]


def method_of(optimizer):
    """Return the `Method` of an optimizer, None where its class is not one of the package's own."""
    rows = (row for row in METHODS.values() if type(row.optimizer) is type(optimizer))
    return next(rows, None)


def five():
    """Return the five of the classic picture, fresh, by name."""
    return {name: fresh(METHODS[name].optimizer) for name in FIVE}
