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


TRAINING = """import numpy as np

from course_utils import SGD, MyTwoLayerNet, train
from course_utils.lab import ProgressBar

x, t = np.ones((500, 784), np.float32), np.zeros(500, int)
run = train(MyTwoLayerNet(784, 100, 10), SGD(), (x, t), iterations=5_000, progress=ProgressBar())
print(run.cut, round(run.seconds))"""
"""Goes on for as long as a training may."""

AT_ONCE = """one, other = (open("both-course-progress.txt", "ab", buffering=0) for _ in range(2))
for file, line in ((one, b"\\nfirst\\n"), (other, b"\\nsecond\\n")):
    file.write(line)
    file.close()
print(open("both-course-progress.txt").read().split())"""
"""Two that have opened a file before either writes, as two notebooks may."""

CARDS = (
    "from course_utils.tutor import ask, predict, progress, reveal\n\npredict('sgd-1')",
    "reveal('sgd-1')",
    "ask('sgd-q1')",
    "progress()",
    AT_ONCE,
)


def add_notebooks(site: Path) -> None:
    end = [new_code_cell(checking("sgd-rule", "MySGD", source)) for source in FIRST]
    first = new_notebook(cells=[*code("01_sgd"), *end])
    checks = new_notebook(cells=[new_code_cell(checking(*answer)) for answer in answers()])
    cards = new_notebook(cells=[new_code_cell(source) for source in CARDS])
    training = new_notebook(cells=[new_code_cell(TRAINING)])
    made = {"first": first, "checks": checks, "cards": cards, "training": training}
    for name, nb in made.items():
        nb.metadata = read("01_sgd").metadata  # by which the lab chooses the kernel
        for number, cell in enumerate(nb.cells):
            cell.id = f"cell-{number}"
        nbformat.write(nb, site / f"files/{name}.ipynb")
    list_contents(site)
