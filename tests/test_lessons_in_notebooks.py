"""Each notebook holds just what its lesson's file says, and every solution solves its task."""

import ast
import copy
from pathlib import Path

import nbformat
import pytest

from course_utils import lessons
from tools.normalise import execute

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSONS = lessons.lessons()
CALLS = {"predict", "reveal", "ask", "check", "hints"}


def read(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)


def calls(cell):
    """Yield (function, id) for each call of a card or a check in a code cell."""
    if cell.cell_type != "code":
        return
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
            ids = [each.value for each in node.args if isinstance(each, ast.Constant)]
            yield from ((node.func.id, id) for id in ids)


def called(name):
    """Return [(number of the cell, function, id)] of a notebook."""
    cells = read(name).cells
    return [(number, *call) for number, cell in enumerate(cells, 1) for call in calls(cell)]


def places(name, function):
    return {id: number for number, each, id in called(name) if each == function}


def starter_cell(nb, task):
    """Return (number, cell) of the one cell that is the task's starter."""
    found = [
        (number, cell)
        for number, cell in enumerate(nb.cells, 1)
        if cell.cell_type == "code" and cell.source == task["starter"].strip()
    ]
    assert len(found) == 1, f"{task['id']}: {len(found)} cells are its starter"
    return found[0]


def printed(cell):
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)


@pytest.mark.parametrize("name", LESSONS)
def test_each_entry_has_its_cells_and_no_other_is_there(name):
    lesson = LESSONS[name]
    ids = {kind: [entry["id"] for entry in lesson[kind]] for kind in lesson}
    tasks = ids.get("task", [])
    expected = [("predict", id) for id in ids["prediction"]]
    expected += [("reveal", id) for id in ids["prediction"]]
    expected += [("ask", id) for id in ids["question"]]
    expected += [(function, id) for function in ("check", "hints") for id in tasks]
    assert sorted((function, id) for _, function, id in called(name)) == sorted(expected)


@pytest.mark.parametrize("name", LESSONS)
def test_cells_of_tasks_and_questions_are_tagged(name):
    for cell in read(name).cells:
        if list(calls(cell)):
            assert "exercise" in cell.metadata.get("tags", ()), cell.source


@pytest.mark.parametrize("name", LESSONS)
def test_a_prediction_comes_before_the_experiment_and_its_reveal_after(name):
    cells, after = read(name).cells, places(name, "reveal")
    for id, start in places(name, "predict").items():
        between = cells[start : after[id] - 1]
        assert any(
            cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", ())
            for cell in between
        ), f"{id}: no experiment between predict and reveal"


@pytest.mark.parametrize("name", LESSONS)
def test_questions_stand_at_the_end_before_what_was_seen(name):
    texts = [c.source if c.cell_type == "markdown" else "" for c in read(name).cells]
    end = next(number for number, text in enumerate(texts, 1) if "What you saw" in text)
    assert all(end - 5 < number < end for number in places(name, "ask").values())


@pytest.mark.parametrize("name", LESSONS)
def test_a_task_is_text_starter_check_and_hints(name):
    nb = read(name)
    for task in LESSONS[name].get("task", ()):
        number, cell = starter_cell(nb, task)
        assert "exercise" in cell.metadata.tags
        assert task["text"] in nb.cells[number - 2].source
        check, hints = (places(name, function)[task["id"]] for function in ("check", "hints"))
        assert number < check < hints < number + 5
        assert f'check("{task["id"]}", {task["name"]})' in nb.cells[check - 1].source


@pytest.mark.parametrize("name", LESSONS)
def test_an_unanswered_task_says_so_quietly(name):
    nb = read(name)
    for task in LESSONS[name].get("task", ()):
        stored = printed(nb.cells[places(name, "check")[task["id"]] - 1])
        assert stored == f"{task['name']}: not answered yet."


@pytest.mark.parametrize("name", [name for name in LESSONS if LESSONS[name].get("task")])
def test_every_solution_passes_its_check_in_the_notebook(name):
    nb = copy.deepcopy(read(name))
    for task in LESSONS[name]["task"]:
        starter_cell(nb, task)[1].source = task["solution"].strip()
    nb = execute(nb, NOTEBOOKS)
    for task in LESSONS[name]["task"]:
        said = printed(nb.cells[places(name, "check")[task["id"]] - 1])
        assert said.startswith(f"{task['name']}: right."), said
