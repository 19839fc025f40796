"""Each notebook holds just what its lesson's file says."""

import ast

import pytest

from tests.notebooks.cells import LESSONS, calls, read, shown, starter_cell, tasks


def called(name):
    """Return [(number of the cell, function, id)] of a notebook."""
    cells = read(name).cells
    return [(number, *call) for number, cell in enumerate(cells, 1) for call in calls(cell)]


def places(name, function):
    return {id: number for number, each, id in called(name) if each == function}


def printed(cell):
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)


@pytest.mark.parametrize("name", LESSONS)
def test_each_entry_has_its_cells_and_no_other_is_there(name):
    lesson = LESSONS[name]
    ids = {kind: [entry["id"] for entry in lesson[kind]] for kind in lesson}
    expected = [("predict", id) for id in ids["prediction"]]
    expected += [("reveal", id) for id in ids["prediction"]]
    expected += [("ask", id) for id in ids.get("question", [])]
    expected += [("explain", id) for id in ids.get("explanation", [])]
    expected += [(function, id) for function in ("check", "hints") for id in ids.get("task", [])]
    earlier = set(recalled(name))
    assert sorted((f, id) for _, f, id in called(name) if id not in earlier) == sorted(expected)


def recalled(name):
    """Return the ids of the questions at the opening, on earlier lessons."""
    own = {entry["id"] for entry in LESSONS[name].get("question", [])}
    return [id for _, function, id in called(name) if function == "ask" and id not in own]


@pytest.mark.parametrize("name", [name for name in LESSONS if name[:2] not in ("00", "01")])
def test_a_lesson_opens_with_questions_on_earlier_ones(name):
    before = [other for other in LESSONS if other < name]
    known = [entry["id"] for other in before for entry in LESSONS[other].get("question", [])]
    ids = recalled(name)
    assert 2 <= len(ids) <= 3
    assert set(ids) <= set(known)
    assert all(number <= 6 for number, _, id in called(name) if id in ids)


@pytest.mark.parametrize("name", LESSONS)
def test_an_opening_asks_for_what_this_reader_got_wrong_before(name):
    """By the lesson's own name; the questions at its end don't."""
    for cell in read(name).cells:
        asked = [id for function, id in calls(cell) if function == "ask"]
        if asked:
            opens = set(asked) <= set(recalled(name))
            assert (f'opening="{name}"' in cell.source, "opening=" in cell.source) == (opens, opens)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_ends_with_what_has_been_done(name):
    """As one sees it who has done nothing yet."""
    cells = read(name).cells
    (cell,) = [each for each in cells[-4:] if each.source.endswith("\n\nprogress()")]
    assert "exercise" in cell.metadata.tags
    assert "Nothing so far." in printed(cell)


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
def test_own_questions_stand_at_the_end_before_what_was_seen(name):
    texts = [c.source if c.cell_type == "markdown" else "" for c in read(name).cells]
    end = next(number for number, text in enumerate(texts, 1) if "What you saw" in text)
    earlier = recalled(name)
    asked = {id: number for id, number in places(name, "ask").items() if id not in earlier}
    assert all(end - 5 < number < end for number in asked.values())
    assert all(end < number < end + 3 for number in places(name, "explain").values())


@pytest.mark.parametrize("name", LESSONS)
def test_a_task_is_text_starter_check_and_hints(name):
    nb = read(name)
    for task in tasks(name):
        number, cell = starter_cell(nb, task)
        assert "exercise" in cell.metadata.tags
        assert task["text"] in nb.cells[number - 2].source
        check, hints = (places(name, function)[task["id"]] for function in ("check", "hints"))
        assert number < check < hints < number + 5
        assert f'check("{task["id"]}", {task["name"]})' in nb.cells[check - 1].source


@pytest.mark.parametrize("name", LESSONS)
def test_an_unanswered_task_says_so_quietly(name):
    nb = read(name)
    for task in tasks(name):
        stored = printed(nb.cells[places(name, "check")[task["id"]] - 1])
        assert stored == f"{task['name']}: not answered yet."


def imports(source):
    lines = [
        node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return "\n".join(map(ast.unparse, lines))


@pytest.mark.parametrize("name", [name for name in LESSONS if LESSONS[name].get("task")])
def test_every_solution_passes_its_check_with_the_imports_that_stand_before_it(name):
    solutions = {e["starter"].strip(): e["solution"].strip() for e in LESSONS[name]["task"]}
    names, said = {}, {}
    for cell in read(name).cells:
        if cell.cell_type != "code":
            continue
        if cell.source in solutions:
            exec(solutions[cell.source], names)
        elif checks := [id for function, id in calls(cell) if function == "check"]:
            said[checks[0]] = shown(cell.source, names)
        else:
            exec(imports(cell.source), names)
    assert list(said) == [task["id"] for task in LESSONS[name]["task"]]
    for id, result in said.items():
        assert result.right, f"{id}: {result}"
