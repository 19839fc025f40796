"""Figures with sliders: the only part of the package that knows ipywidgets."""

from course_utils.explorers.training import ProgressBar, TrainingExplorer

__all__ = ["ProgressBar", "TrainingExplorer"]
