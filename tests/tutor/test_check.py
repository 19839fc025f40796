"""`check`: quiet while unanswered, help instead of errors, and a sentence for everything."""

import ast
from pathlib import Path

import pytest

from course_utils.tutor import check, checks
from course_utils.tutor.checks import sandbox
from course_utils.tutor.checks.tasks import TASKS
from course_utils.tutor.lessons import common, looked_for, mistakes, sentence, task
from tests.tutor.planted_answers import SGD
from tests.tutor.reader import checked, define


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


def test_a_key_that_is_not_there_has_two_explanations():
    text = checked("sgd-rule", SGD.replace("grads[key]", "grads['w']")).text
    assert "KeyError: 'w'" in text
    assert "has to be made before it is used" in " ".join(text.split())
    assert "Or a key is written out by name" in " ".join(text.split())


def test_an_endless_loop_is_stopped_and_told():
    result = checked("sgd-rule", SGD.replace("for key in params.keys():", "while True:"))
    assert result.mistakes == ("self-missing",)  # key has no value
    result = checked(
        "sgd-rule", SGD.replace("for key in params.keys():", "while 1: pass\n        if 1:")
    )
    assert result.mistakes == ("endless-loop",)
    assert f"{sandbox.STEPS:,} steps" in result.text


def test_what_the_readers_code_prints_and_warns_is_not_shown(capsys):
    noisy = SGD.replace("for key", "print('here')\n        np.log(np.zeros(1))\n        for key")
    assert checked("sgd-rule", noisy).right
    assert capsys.readouterr() == ("", "")


def test_numbers_that_overflow_are_judged_without_a_warning():
    growing = SGD.replace("params[key] -=", "params[key] *= 1e200\n            params[key] -=")
    assert checked("sgd-rule", growing).mistakes == ("unknown",)


@pytest.mark.parametrize("answer", [None, 3, "MySGD", print])
def test_what_is_no_class_is_told(answer):
    result = check("sgd-rule", answer)
    assert result.mistakes == ("wrong-kind",)
    assert "the class MySGD itself" in result.text


def test_a_class_without_update_is_told():
    assert checked("sgd-rule", "class MySGD:\n    lr = 1").mistakes == ("no-update",)


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
    rows = (*sandbox.STOPPED, *sandbox.IN_A_FUNCTION)
    found = {mistake for _, _, *mistakes in rows for mistake in mistakes}
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
    for mistake in said_in_code():
        assert mistake in own or sentence(mistake)


def test_every_sentence_that_tasks_share_is_said():
    in_rules = {mistake for task_id in TASKS for mistake in looked_for(task_id)}
    seen = {*common()["seen"]}  # by what the planted answers do
    shared = {mistake for group in common().values() for mistake in group}
    assert shared - in_rules - seen <= said_in_code()


def test_no_sentence_is_written_twice():
    groups = [mistakes(group) for group in (*common(), *TASKS)]
    texts = [text for group in groups for text in group.values()]
    assert len(texts) == len(set(texts))
