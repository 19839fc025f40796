"""Experiments with the optimizers, computations only: the names that the notebooks need."""

from course_utils.experiments.anatomy import angle_to_minimum, effective_rate, step_parts
from course_utils.experiments.convergence import measured_rate, rate_plane, updates_per_digit
from course_utils.experiments.methods import FIVE, METHODS, five
from course_utils.experiments.race import RACES, best_rate, down_at, race, race_table
from course_utils.experiments.schedules import (
    compare_schedules,
    constant,
    cosine,
    inverse_time,
    step,
    warm_up,
)
from course_utils.experiments.sweep import groups_on_test, load_sweep, pairs_on_test, ranking_table
from course_utils.experiments.switchboard import Switches, report
from course_utils.experiments.walks import with_lr

__all__ = [
    "FIVE", "METHODS", "RACES", "Switches", "angle_to_minimum", "best_rate", "compare_schedules",
    "constant", "cosine", "down_at", "effective_rate", "five", "groups_on_test", "inverse_time",
    "load_sweep", "measured_rate", "pairs_on_test", "race", "race_table", "ranking_table",
    "rate_plane", "report", "step", "step_parts", "updates_per_digit", "warm_up", "with_lr",
]  # fmt: skip
