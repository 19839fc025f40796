"""Pictures: results in, matplotlib figures out. Never pyplot, so no figure outlives its cell."""

from course_utils.figures.style import projector
from course_utils.figures.training import digits_figure, held_out_figure, training_figure

__all__ = ["digits_figure", "held_out_figure", "projector", "training_figure"]
