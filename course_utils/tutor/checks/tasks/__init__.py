"""Each task's answer, and how the mistakes in it are made: one module per lesson."""

from course_utils.tutor.checks.tasks import adagrad, adam, momentum, network, rmsprop, sgd

LESSONS = (sgd, momentum, adagrad, rmsprop, adam, network)
TASKS = {task.id: task for lesson in LESSONS for task in lesson.TASKS}
