"""Answers that learners of many backgrounds gave: right ones accepted, wrong ones refused and told.

They were written by people who had not seen the checks. Every message was read and judged by hand;
`found` is what it names, so that a change in it is seen. `state`, `step`, `unknown` and `exception`
mean that no listed mistake fits, and that the message shows where the numbers first go wrong.
"""

import tomllib
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from course_utils.tutor.checks import sandbox
from tests.tutor.reader import checked

SETS = {file.stem: file for file in (Path(__file__).parent / "answers").glob("*.toml")}
ANSWERS = {
    (name, task_id): list(answers)
    for name, file in SETS.items()
    for task_id, answers in groupby(
        sorted(tomllib.loads(file.read_text("utf-8"))["answer"], key=lambda each: each["task"]),
        key=lambda each: each["task"],
    )
}
ON_LINUX = sandbox.APART
ALONE = {"endless-loop", "random", "shared-between-runs"}
SHOWN = {"state", "step", "unknown", "exception"}


def test_there_are_many_answers_of_each_kind():
    for name in SETS:
        answers = [each for key in ANSWERS if key[0] == name for each in ANSWERS[key]]
        assert sum(not each["right"] for each in answers) >= 100
        assert sum(each["right"] for each in answers) >= 30
    assert len({task_id for _, task_id in ANSWERS}) == 14


def test_most_mistakes_are_named():
    found = [each["found"] for answers in ANSWERS.values() for each in answers if "found" in each]
    assert sum(not SHOWN & set(each) for each in found) >= 0.85 * len(found)


@pytest.mark.parametrize("key", ANSWERS, ids="-".join)
def test_answers_are_judged_as_a_teacher_would(key, monkeypatch):
    """In this process, as where there are no others, but for what only another can end or tell."""
    wrongly = []
    for answer in ANSWERS[key]:
        apart = not ALONE.isdisjoint(answer.get("found", []))
        monkeypatch.setattr(sandbox, "APART", apart and ON_LINUX)
        if apart and not ON_LINUX:
            continue
        with np.errstate(all="ignore"):  # some cells diverge on their own
            result = checked(key[1], answer["source"])
        expected = [] if answer["right"] else answer["found"]
        if result.right != answer["right"] or list(result.mistakes) != expected:
            wrongly.append((answer, result))
        for line in result.text.splitlines():
            assert len(line) <= 80 or "`" in line, line
    assert not wrongly, "\n\n".join(
        f"{answer.get('fault', 'right')}\n{answer['source']}\n{result}"
        for answer, result in wrongly
    )
