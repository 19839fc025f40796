"""Figures with sliders: the only part of the package that knows ipywidgets."""

from course_utils.explorers.anatomy import AnatomyExplorer
from course_utils.explorers.convergence import ConvergenceExplorer
from course_utils.explorers.descent import DescentExplorer
from course_utils.explorers.quiz import ask, hints, predict, reveal
from course_utils.explorers.race import RaceExplorer
from course_utils.explorers.schedules import ScheduleExplorer
from course_utils.explorers.switchboard import SwitchboardExplorer
from course_utils.explorers.training import ProgressBar, TrainingExplorer

__all__ = [
    "AnatomyExplorer",
    "ConvergenceExplorer",
    "DescentExplorer",
    "ProgressBar",
    "RaceExplorer",
    "ScheduleExplorer",
    "SwitchboardExplorer",
    "TrainingExplorer",
    "ask",
    "hints",
    "predict",
    "reveal",
]
