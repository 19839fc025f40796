"""Says whether a task is solved and, where it is not, which mistake was made.

>>> from course_utils.checks import check
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

from course_utils.checks.check import Result, check

__all__ = ["Result", "check"]
