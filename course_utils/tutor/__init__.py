"""What asks and judges: predictions, questions, hints, and the checks of the reader's tasks.

>>> from course_utils.tutor import check
>>> class MySGD:
...     def __init__(self, lr=0.01):
...         self.lr = lr
...
...     def update(self, params, grads):
...         for key in params:
...             params[key] += self.lr * grads[key]
>>> check("sgd-rule", MySGD).mistakes
('uphill',)
"""

from course_utils.tutor.cards import ask, explain, hints, predict, reveal
from course_utils.tutor.checks.check import check

__all__ = ["ask", "check", "explain", "hints", "predict", "reveal"]
