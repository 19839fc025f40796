"""`check`: quiet while unanswered, help instead of errors, and a sentence for everything."""

import ast
from pathlib import Path

import numpy as np
import pytest

from course_utils.tutor import check, checks
from course_utils.tutor.checks.tasks import TASKS
from course_utils.tutor.lessons import common, looked_for, mistakes, sentence, task
from tests.tutor.reader import checked, define

SGD = task("sgd-rule")["solution"]


@pytest.mark.parametrize("task_id", TASKS)
def test_a_starter_is_quietly_unanswered_and_a_solution_right(task_id):
    entry = task(task_id)
    result = checked(task_id, entry["starter"])
    assert (result.right, str(result)) == (None, f"{entry['name']}: not answered yet.")
    result = checked(task_id, entry["solution"])
    assert result.right, result
    assert " ".join(str(result).split()) == f"{entry['name']}: right. {entry['next']}"


def test_an_unknown_task_is_an_error():
    with pytest.raises(ValueError, match=r"id must be that of a task, as \['sgd-rule'"):
        check("sgd-rul", None)


def test_a_name_in_a_function_leads_to_its_arguments():
    source = "def uncorrected(t, beta1, beta2):\n    return 1 - self.beta1**t"
    text = " ".join(checked("adam-first-steps", source).text.split())
    assert "a function, not a method: use its arguments `t, beta1, beta2`." in text


def test_an_exception_is_told_with_the_readers_line():
    result = checked("sgd-rule", SGD.replace("self.lr * ", "lr * "))
    assert "NameError: name 'lr' is not defined" in result.text
    assert "`params[key] -= lr * grads[key]`" in result.text
    assert "`self.lr`" in result.text


@pytest.mark.parametrize("answer", [None, 3, "MySGD", np])
def test_what_is_no_class_is_told(answer):
    result = check("sgd-rule", answer)
    assert result.mistakes == ("wrong-kind",)
    assert "the class MySGD itself" in result.text


def test_a_class_without_update_is_told():
    outside = SGD.replace("    def update", "def update")
    assert checked("sgd-rule", outside).mistakes == ("no-update",)


def test_a_syntax_error_in_the_last_version_is_told():
    old = define(SGD, "MySGD")
    cells = ["", SGD, "class MySGD:\n    def update(self, params, grads)\n        pass\n"]
    here = {"check": check, "MySGD": old, "In": cells}
    result = eval("check('sgd-rule', MySGD)", here)
    assert result.mistakes == ("syntax",)
    assert "expected ':' in line 2" in result.text
    cells.append(SGD)
    assert eval("check('sgd-rule', MySGD)", here).right


def test_an_answer_that_python_cannot_compile_is_not_called_unanswered():
    cell = "def half_life(decay_rate):\n    ...\nreturn 1"
    told = {"In": [cell], "check": check}
    exec("def half_life(decay_rate):\n    ...\nresult = check('half-life', half_life)", told)
    assert told["result"].right is False
    assert "'return' outside function" in told["result"].text


def test_a_class_with_slots_is_run_like_any_other():
    class MySGD:
        __slots__ = ("lr",)

        def __init__(self, lr=0.01):
            self.lr = lr

        def update(self, params, grads):
            for key in params:
                params[key] -= self.lr * grads[key]

    assert check("sgd-rule", MySGD).right


# Sentences


def said_in_code():
    """Return the mistakes whose sentence the checks' code asks for by name."""
    found = set()
    for file in Path(checks.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in ("trouble", "sentence", "says"):
                    constants = [each for each in ast.walk(node.args[0]) if "value" in each._fields]
                    found |= {each.value for each in constants if isinstance(each, ast.Constant)}
    return found


def test_every_mistake_has_a_sentence():
    own = {mistake for task_id in TASKS for mistake in mistakes(task_id)}
    for mistake in said_in_code() - {"unknown:"}:
        assert mistake in own or sentence(mistake)


def test_every_sentence_that_tasks_share_is_said():
    in_rules = {mistake for task_id in TASKS for mistake, _ in looked_for(task_id)}
    seen = {*common()["seen"], *common()["looked"]}  # by what answers do
    compared = {mistake for mistake in common()["result"] if mistake.startswith("unknown:")}
    shared = {mistake for group in common().values() for mistake in group}
    assert shared - in_rules - seen - compared - {"random"} <= said_in_code()


def test_no_sentence_is_written_twice():
    groups = [mistakes(group) for group in (*common(), *TASKS)]
    texts = [text for group in groups for text in group.values()]
    assert len(texts) == len(set(texts))
