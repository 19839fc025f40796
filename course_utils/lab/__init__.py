"""What moves: pictures at rest (`…_figure`) and in motion (`explore_…`)."""

from course_utils.lab.anatomy import explore_anatomy
from course_utils.lab.convergence import explore_plane
from course_utils.lab.curves import curves_figure
from course_utils.lab.field import explore_field
from course_utils.lab.hill import explore_hill
from course_utils.lab.paths import descent_figure, explore_descent
from course_utils.lab.race import explore_race
from course_utils.lab.schedules import explore_schedules, schedules_figure
from course_utils.lab.style import projector
from course_utils.lab.surface import explore_surface
from course_utils.lab.sweep import (
    article_figure,
    other_settings_figure,
    rates_figure,
    scores_figure,
    seeds_figure,
    tuning_figure,
)
from course_utils.lab.switchboard import explore_switches
from course_utils.lab.training import (
    ProgressBar,
    digits_figure,
    explore_training,
    held_out_figure,
    training_figure,
    weights_figure,
)
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Picture

__all__ = [
    "Explorer", "Picture", "ProgressBar", "article_figure", "curves_figure", "descent_figure",
    "digits_figure", "explore_anatomy", "explore_descent", "explore_field", "explore_hill",
    "explore_plane", "explore_race", "explore_schedules", "explore_surface", "explore_switches",
    "explore_training", "held_out_figure", "other_settings_figure", "projector", "rates_figure",
    "schedules_figure", "scores_figure", "seeds_figure", "training_figure", "tuning_figure",
    "weights_figure",
]  # fmt: skip
