"""Pictures: results in, matplotlib figures out. Never pyplot, so no figure outlives its cell."""

from course_utils.figures.anatomy import anatomy_figure
from course_utils.figures.convergence import plane_figure
from course_utils.figures.curves import curves_figure
from course_utils.figures.paths import descent_figure, surface_figure
from course_utils.figures.race import race_figure
from course_utils.figures.results import (
    article_figure,
    other_settings_figure,
    rates_figure,
    scores_figure,
    tuning_figure,
)
from course_utils.figures.schedules import schedules_figure
from course_utils.figures.state import state_figure
from course_utils.figures.style import projector
from course_utils.figures.switchboard import switchboard_figure
from course_utils.figures.training import digits_figure, held_out_figure, training_figure

__all__ = [
    "anatomy_figure",
    "article_figure",
    "curves_figure",
    "descent_figure",
    "digits_figure",
    "held_out_figure",
    "other_settings_figure",
    "plane_figure",
    "projector",
    "race_figure",
    "rates_figure",
    "schedules_figure",
    "scores_figure",
    "state_figure",
    "surface_figure",
    "switchboard_figure",
    "training_figure",
    "tuning_figure",
]
