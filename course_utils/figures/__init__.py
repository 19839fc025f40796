"""Pictures: results in, matplotlib figures out. Never pyplot, so no figure outlives its cell."""

from course_utils.figures.anatomy import anatomy_figure
from course_utils.figures.curves import curves_figure
from course_utils.figures.paths import descent_figure, surface_figure
from course_utils.figures.state import state_figure
from course_utils.figures.style import projector
from course_utils.figures.training import digits_figure, held_out_figure, training_figure

__all__ = [
    "anatomy_figure",
    "curves_figure",
    "descent_figure",
    "digits_figure",
    "held_out_figure",
    "projector",
    "state_figure",
    "surface_figure",
    "training_figure",
]
