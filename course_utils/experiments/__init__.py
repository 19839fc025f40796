"""Experiments with the optimizers, computations only: the names that the notebooks need."""

from course_utils.experiments.anatomy import angle_to_minimum, effective_rate, step_parts
from course_utils.experiments.convergence import best_momentum, best_sgd, measured_rate
from course_utils.experiments.methods import FIVE, METHODS, five
from course_utils.experiments.race import RACES, down_at, race, race_table
from course_utils.experiments.schedules import (
    compare_schedules,
    constant,
    cosine,
    inverse_time,
    step,
    warm_up,
)
from course_utils.experiments.sweep import load_sweep, pairs_on_test, ranking_table
from course_utils.experiments.switchboard import Switches, report

__all__ = [
    "FIVE", "METHODS", "RACES", "Switches", "angle_to_minimum", "best_momentum", "best_sgd",
    "compare_schedules", "constant", "cosine", "down_at", "effective_rate", "five", "inverse_time",
    "load_sweep", "measured_rate", "pairs_on_test", "race", "race_table", "ranking_table",
    "report", "step", "step_parts", "warm_up",
]  # fmt: skip
