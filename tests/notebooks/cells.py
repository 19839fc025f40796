"""The notebooks' cells of cards, tasks and checks."""

import ast
from pathlib import Path

import nbformat

from course_utils.tutor import lessons
from tools.cards import calls

__all__ = ["LESSONS", "NOTEBOOKS", "calls", "read", "shown", "solved", "starter_cell", "tasks"]

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = lessons.lessons()


def read(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)


def starter_cell(nb, task):
    """Return (number, cell) of the one cell that is the task's starter."""
    found = [
        (number, cell)
        for number, cell in enumerate(nb.cells, 1)
        if cell.cell_type == "code" and cell.source == task["starter"].strip()
    ]
    assert len(found) == 1, f"{task['id']}: {len(found)} cells are its starter"
    return found[0]


def tasks(name):
    return LESSONS.get(name, {}).get("task", [])


def solved(name):
    """Return the notebook with each task's solution in the place of its starter."""
    nb = read(name)
    for task in tasks(name):
        starter_cell(nb, task)[1].source = task["solution"].strip()
    return nb


def shown(source, names):
    """Run a cell's source and return the value of its last line."""
    *body, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        return exec(source, names)
    exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
