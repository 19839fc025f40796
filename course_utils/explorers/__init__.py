"""Figures with sliders: the only part of the package that knows ipywidgets."""

from course_utils.explorers.anatomy import AnatomyExplorer
from course_utils.explorers.descent import DescentExplorer
from course_utils.explorers.quiz import ask, hints, predict, reveal
from course_utils.explorers.training import ProgressBar, TrainingExplorer

__all__ = [
    "AnatomyExplorer",
    "DescentExplorer",
    "ProgressBar",
    "TrainingExplorer",
    "ask",
    "hints",
    "predict",
    "reveal",
]
