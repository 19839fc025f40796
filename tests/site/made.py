"""Notebooks that only the tests open: the first lesson with checks below, answers, some cards."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.tutor.lessons import task as entry
from tests.notebooks.cells import LESSONS, NOTEBOOKS, read
from tools.site.build import list_contents

NAMES = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
NAMES.sort(key=lambda name: "mnist" not in name)
"""All notebooks, the one that trains for minutes first."""

SGD = entry("sgd-rule")["solution"]
PLANTED = {
    "uphill": SGD.replace("-=", "+="),
    "first-key-only": SGD + "            break\n",
    "endless-loop": SGD.replace("for key in params:", "while 1: pass\n        if 1:"),
}
FIRST = [SGD, PLANTED["endless-loop"]]
"""What is checked below the first lesson."""


def code(name: str) -> list[Any]:
    """Return a notebook's code cells."""
    return [cell for cell in read(name).cells if cell.cell_type == "code" and cell.source]


def answers() -> list[tuple[str, str, str]]:
    """Return (task, name, source): the solution of every task, then the planted mistakes."""
    tasks = [task for lesson in LESSONS.values() for task in lesson.get("task", [])]
    solved = [(task["id"], task["name"], task["solution"]) for task in tasks]
    return [*solved, *(("sgd-rule", "MySGD", source) for source in PLANTED.values())]


def checking(task: str, name: str, source: str) -> str:
    """Return a cell that says what `check` says to an answer."""
    imports = "import numpy as np\nfrom course_utils.tutor import check"
    return f"{imports}\n\n{source}\n\nprint(check({task!r}, {name}))"


CARDS = (
    "from course_utils.tutor import ask, predict, progress, reveal\n\npredict('sgd-1')",
    "reveal('sgd-1')",
    "ask('sgd-q1')",
    "progress()",
)


def add_notebooks(site: Path) -> None:
    end = [new_code_cell(checking("sgd-rule", "MySGD", source)) for source in FIRST]
    first = new_notebook(cells=[*code("01_sgd"), *end])
    checks = new_notebook(cells=[new_code_cell(checking(*answer)) for answer in answers()])
    cards = new_notebook(cells=[new_code_cell(source) for source in CARDS])
    for name, nb in (("first", first), ("checks", checks), ("cards", cards)):
        nb.metadata = read("01_sgd").metadata  # by which the lab chooses the kernel
        for number, cell in enumerate(nb.cells):
            cell.id = f"cell-{number}"
        nbformat.write(nb, site / f"files/{name}.ipynb")
    list_contents(site)
