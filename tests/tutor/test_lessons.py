"""The lessons' files: every notebook has its share, and every entry is whole."""

import ast
import re
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
    for entry in lesson.get(kind, [])
]
EXPLANATIONS = [each for lesson in LESSONS.values() for each in lesson.get("explanation", [])]
TASKS = [entry for lesson in LESSONS.values() for entry in lesson.get("task", ())]


def test_every_numbered_notebook_has_a_lesson():
    notebooks = sorted(path.stem for path in (ROOT / "notebooks").glob("0*.ipynb"))
    assert list(LESSONS) == notebooks
    assert [name[:2] for name in LESSONS] == [f"0{number}" for number in range(9)]


SHARE = {"prediction": (5, 6), "question": (4, 5), "explanation": (1, 1), "task": (2, 3)}
SHARES = {
    "00_start_here": {"prediction": (1, 1)},
    "07_when_pictures_lie": SHARE | {"task": (0, 0)},  # it compares what was learned
    "08_which_optimizer": SHARE | {"task": (0, 0)},
}


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_its_share(name):
    share, lesson = SHARES.get(name, SHARE), LESSONS[name]
    assert lesson.keys() <= share.keys()
    for kind, (least, most) in share.items():
        assert least <= len(lesson.get(kind, [])) <= most, kind


def test_ids_are_unique():
    entries = [entry for _, _, entry in ASKED] + TASKS + EXPLANATIONS
    ids = [entry["id"] for entry in entries]
    assert len(ids) == len(set(ids))


PREDICTIONS = [entry for _, kind, entry in ASKED if kind == "prediction"]
PREDICTED = {"reading", "tell", "ask", "expect", "do"}


@pytest.mark.parametrize(("name", "kind", "entry"), ASKED, ids=[e["id"] for _, _, e in ASKED])
def test_an_id_tells_nothing(name, kind, entry):
    """A reader sees it above the question."""
    place = [each["id"] for each in LESSONS[name][kind]].index(entry["id"]) + 1
    assert re.fullmatch(rf"[a-z]+-{'q' * (kind == 'question')}{place}", entry["id"])


@pytest.mark.parametrize("entry", PREDICTIONS, ids=lambda entry: entry["id"])
def test_a_prediction_has_a_reading_and_what_a_teacher_needs(entry):
    assert entry.keys() >= PREDICTED
    assert all(entry[key] for key in PREDICTED)


@pytest.mark.parametrize("entry", EXPLANATIONS, ids=lambda entry: entry["id"])
def test_an_explanation_asks_why_and_answers(entry):
    assert entry.keys() == {"id", "text", "answer"}
    assert entry["text"][-1] == "?"


@pytest.mark.parametrize("entry", [e for _, _, e in ASKED], ids=lambda entry: entry["id"])
def test_one_choice_is_right_and_each_is_explained(entry):
    assert entry.keys() - {"because", *PREDICTED} == {"id", "text", "choice"}
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
    with pytest.raises(ValueError, match=r"prediction.*'sgd-2'.*got 'sgd-22'"):
        lessons.entry("prediction", "sgd-22")
