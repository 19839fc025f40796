"""`check`: right answers in any style, planted mistakes refused and named, help instead of errors."""

import importlib.util
import itertools
import linecache
import textwrap

import numpy as np
import pytest

from course_utils.checks import check, function_tasks, optimizers, rules
from course_utils.checks.mistakes import SENTENCES
from course_utils.checks.sandbox import LINES
from course_utils.lessons import lessons
from course_utils.lessons import task as task_of

needs_torch = pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="needs PyTorch")
TASK_IDS = [task["id"] for lesson in lessons().values() for task in lesson["task"]]
numbers = itertools.count()


def define(source, name):
    """Run source as a notebook cell would be, with its lines known to tracebacks."""
    source = textwrap.dedent(source)
    file = f"<cell {next(numbers)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    cell = {"np": np, "__name__": "__main__"}
    exec(compile(source, file, "exec"), cell)
    return cell[name]


def checked(task_id, source):
    return check(task_id, define(source, task_of(task_id)["name"]))


