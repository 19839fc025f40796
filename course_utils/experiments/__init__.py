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
from course_utils.experiments.sweep import (
    accuracy_on_test,
    load_sweep,
    place_text,
    ranking_table,
    ranks,
)
from course_utils.experiments.switchboard import Switches, report
from course_utils.experiments.walks import with_lr

__all__ = [
    "FIVE", "METHODS", "RACES", "Switches", "accuracy_on_test", "angle_to_minimum", "best_rate",
    "compare_schedules", "constant", "cosine", "down_at", "effective_rate", "five",
    "inverse_time", "load_sweep", "measured_rate", "place_text", "race", "race_table",
    "ranking_table", "ranks", "rate_plane", "report", "step", "step_parts", "updates_per_digit",
    "warm_up", "with_lr",
]  # fmt: skip
