"""The lessons' files: every notebook has its share, and every entry is whole."""

import ast
from pathlib import Path

import pytest

from course_utils.tutor import lessons
from course_utils.tutor.checks.rules import RuleTask
from course_utils.tutor.checks.tasks import TASKS as CHECKED

ROOT = Path(__file__).parents[2]
LESSONS = lessons.lessons()
ASKED = [
    (name, kind, entry)
    for name, lesson in LESSONS.items()
    for kind in ("prediction", "question")
    for entry in lesson[kind]
]
TASKS = [entry for lesson in LESSONS.values() for entry in lesson.get("task", ())]


def test_notebooks_01_to_07_have_a_lesson():
    assert [name[:2] for name in LESSONS] == ["01", "02", "03", "04", "05", "06", "07"]
    for name in LESSONS:
        assert (ROOT / "notebooks" / f"{name}.ipynb").is_file()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_its_share(name):
    least = {"prediction": 3, "question": 4, "task": 2}
    if name.startswith("07"):  # it compares what was learned, and has nothing new to write
        del least["task"]
    lesson = LESSONS[name]
    assert lesson.keys() == least.keys()
    assert all(len(lesson[kind]) >= count for kind, count in least.items())


def test_ids_are_unique():
    ids = [entry["id"] for _, _, entry in ASKED] + [task["id"] for task in TASKS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("entry", [e for _, _, e in ASKED], ids=lambda entry: entry["id"])
def test_one_choice_is_right_and_each_is_explained(entry):
    assert entry.keys() - {"because", "ask", "expect", "do"} == {"id", "text", "choice"}
    assert entry["text"][-1] == "?"
    assert 2 <= len(entry["choice"]) <= 4
    assert [choice.get("right", False) for choice in entry["choice"]].count(True) == 1
    for choice in entry["choice"]:
        assert choice.keys() <= {"text", "why", "right"}
    whys = [choice["why"] for choice in entry["choice"]]
    assert len(set(whys)) == len(whys)
    assert all(len(why) > 20 for why in whys)


def test_the_right_choice_is_not_always_at_the_same_place():
    places = [
        [choice.get("right", False) for choice in entry["choice"]].index(True)
        for _, _, entry in ASKED
    ]
    assert all(places.count(place) >= len(places) / 5 for place in (0, 1, 2))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["id"])
def test_a_task_is_whole(task):
    keys = {"id", "name", "text", "answer", "starter", "hints", "solution", "next"}
    assert task.keys() - {"looks_for", "mistakes"} == keys
    assert "\n" not in task["text"]
    assert len(task["hints"]) == 3
    assert "..." in task["starter"]
    assert "..." not in task["solution"]
    assert len(task["starter"].strip().splitlines()) <= 15
    for source in (task["starter"], task["solution"]):
        assert task["name"] in source
        assert max(map(len, source.splitlines())) <= 100
        ast.parse(source)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["id"])
def test_starter_and_solution_have_the_same_signatures(task):
    def signatures(source):
        return [
            (node.name, ast.unparse(node.args))
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef)
        ]

    assert signatures(task["starter"]) == signatures(task["solution"])


def test_every_task_can_be_checked_and_every_check_has_a_task():
    assert sorted(task["id"] for task in TASKS) == sorted(CHECKED)


def test_the_settings_of_a_rule_are_those_of_its_starter():
    rules = [task for task in CHECKED.values() if isinstance(task, RuleTask)]
    assert rules
    for rule in rules:
        tree = ast.parse(lessons.task(rule.id)["starter"])
        init = next(n for n in ast.walk(tree) if getattr(n, "name", "") == "__init__")
        names = [argument.arg for argument in init.args.args[1:]]
        defaults = [ast.literal_eval(value) for value in init.args.defaults]
        assert dict(zip(names, defaults, strict=True)) == rule.values(2), rule.id


def test_an_unknown_id_is_an_error_that_names_near_ones():
    with pytest.raises(ValueError, match=r"prediction.*'sgd-zigzag'.*got 'sgd-zigzak'"):
        lessons.prediction("sgd-zigzak")
