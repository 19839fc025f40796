"""What asks and judges: predictions, questions, hints, and the checks of the reader's tasks.

>>> from course_utils.tutor import check
>>> def long_run_step(lr, momentum):
...     return lr * (1 - momentum)
>>> check("momentum-long-run", long_run_step).mistakes
('inverted',)
"""

from course_utils.tutor.cards import ask, explain, forget, hints, predict, reveal
from course_utils.tutor.checks.check import check
from course_utils.tutor.overview import progress

__all__ = ["ask", "check", "explain", "forget", "hints", "predict", "progress", "reveal"]
