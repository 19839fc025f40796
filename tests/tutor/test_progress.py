"""What is remembered of a reader: after a restart, in the table, in openings; and how little."""

import getpass
import json
import re
import socket
from pathlib import Path

import pytest

from course_utils.progress import file
from course_utils.tutor import (
    ask,
    check,
    explain,
    forget,
    hints,
    lessons,
    predict,
    progress,
    reveal,
)
from tests.tutor.reader import checked, restart

SOLUTION = lessons.task("sgd-rule")["solution"]
UPHILL = SOLUTION.replace("-=", "+=")


@pytest.fixture(autouse=True)
def path(monkeypatch, tmp_path):
    """The path of a reader's file, of a reader who has done nothing yet."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / file.NAME))
    restart(monkeypatch)
    return tmp_path / file.NAME


def right(kind, id):
    choices = lessons.entry(kind, id)["choice"]
    return next(place for place, choice in enumerate(choices) if choice.get("right"))


def wrong(kind, id):
    return (right(kind, id) + 1) % len(lessons.entry(kind, id)["choice"])


def answer(id, correct, opening=None):
    card = ask(id, opening=opening).questions[0]
    card.buttons[(right if correct else wrong)("question", id)].click()


def row(name):
    """Return the cells of a lesson's line in the table, or None."""
    link = rf"^\| \[{name}\]\({name}\.ipynb\) \| (.*) \|$"
    line = re.search(link, repr(progress()), re.M)
    return line and line[1].split(" | ")


def again():
    """Return what is to be looked at again."""
    return re.findall(r"^- (.*)$", repr(progress()), re.M)


def ids(*asked, opening):
    return [question.id for question in ask(*asked, opening=opening).questions]


def test_after_a_restart_cards_show_what_was_chosen(monkeypatch):
    predict("sgd-1").buttons[2].click()
    ask("sgd-q1").questions[0].buttons[1].click()
    restart(monkeypatch)
    assert "You said c)." in predict("sgd-1").answer.value
    assert "You said c)" in reveal("sgd-1").shown.value
    card = ask("sgd-q1").questions[0]
    assert (card.chosen, "b) " in card.answer.value) == (1, True)
    assert predict("sgd-2").chosen is None


def test_a_choice_that_a_newer_edition_no_longer_has_is_none(path):
    path.write_text('{"v": 1, "kind": "prediction", "id": "sgd-1", "chose": 7}')
    assert predict("sgd-1").chosen is None
    assert "Your prediction first" in reveal("sgd-1").shown.value
    assert row("01_sgd") is None


def test_a_page_that_is_run_and_not_answered_writes_nothing(path):
    for card in (predict, reveal):
        card("sgd-1")
    ask("sgd-q1"), hints("sgd-rule"), explain("sgd-why"), progress()
    assert check("sgd-rule", ...).right is None
    assert not path.exists()


def test_nothing_personal_is_kept_and_no_sentence_of_the_readers(path):
    predict("sgd-1").buttons[0].click()
    reveal("sgd-1").button.click()
    answer("sgd-q1", True, opening="02_momentum")
    hints("sgd-rule").button.click()
    assert "ann_own" in repr(checked("sgd-rule", UPHILL.replace("* grads", "* ann_own * grads")))
    checked("sgd-rule", UPHILL)
    explain("sgd-why").own.value = "I am Ann, of class 4b"
    kept = path.read_text()
    entries = [json.loads(line) for line in kept.splitlines() if line]
    kinds = ["prediction", "reveal", "question", "hint", "check", "check"]
    assert [each["kind"] for each in entries] == kinds
    names = {"v", "kind", "id", "chose", "opening", "opened", "mistakes"}
    assert {name for each in entries for name in each} == names
    for personal in ("Ann", "ann", getpass.getuser(), socket.gethostname(), str(Path.home())):
        assert personal not in kept.replace("channel", "")
    assert not re.search(r"\d{3,}|\d:\d", kept), "a date or a time"


def test_every_check_is_kept_with_the_mistakes_that_it_found(path):
    checked("sgd-rule", UPHILL)
    checked("sgd-rule", SOLUTION)
    assert [each["mistakes"] for each in file.entries()] == [["uphill"], []]


def test_the_table_says_what_was_predicted_answered_and_solved():
    predict("sgd-1").buttons[right("prediction", "sgd-1")].click()
    predict("sgd-2").buttons[wrong("prediction", "sgd-2")].click()
    assert row("01_sgd") is None, "it told before the reveal did"
    reveal("sgd-1"), reveal("sgd-2"), reveal("sgd-3").button.click()
    told = ["3 of 6", "1", "1"]  # right, wrong, and told without a choice
    assert row("01_sgd") == [*told, "0 of 4", "0", "0 of 2"]
    answer("sgd-q1", True)
    answer("sgd-q2", False)
    answer("sgd-q2", True)
    assert row("01_sgd")[3:5] == ["2 of 4", "1"]
    checked("sgd-rule", UPHILL)
    assert row("01_sgd")[5] == "0 of 2"
    assert again() == [
        f"01_sgd: {lessons.entry('question', 'sgd-q2')['text']}",
        "01_sgd: the task `MySGD`",
    ]
    checked("sgd-rule", SOLUTION)
    assert row("01_sgd")[5] == "1 of 2"
    assert again() == [f"01_sgd: {lessons.entry('question', 'sgd-q2')['text']}"]


def test_where_there_is_nothing_to_answer_or_to_solve_there_is_a_dash():
    reveal("start-1").button.click()
    reveal("lie-1").button.click()
    assert row("00_start_here") == ["1 of 1", "0", "0", "–", "–", "–"]
    assert row("07_when_pictures_lie")[3:] == ["0 of 5", "0", "–"]


def test_a_choice_after_the_reveal_changes_no_judgement():
    guess = predict("sgd-1")
    guess.buttons[wrong("prediction", "sgd-1")].click()
    reveal("sgd-1")
    guess.buttons[right("prediction", "sgd-1")].click()
    assert row("01_sgd")[:3] == ["1 of 6", "0", "1"]


def test_a_lesson_has_a_line_once_it_is_begun():
    assert "Nothing so far." in repr(progress())
    answer("momentum-q1", True)
    checked("sgd-rule", UPHILL)
    assert re.findall(r"^\| \[(\w+)\]", repr(progress()), re.M) == ["01_sgd", "02_momentum"]
    assert row("02_momentum") == ["0 of 6", "0", "0", "1 of 4", "1", "0 of 3"]
    assert progress()._repr_markdown_() == repr(progress())


def test_a_question_answered_wrongly_comes_back_in_the_next_opening_until_it_is_right(monkeypatch):
    answer("sgd-q1", False)
    answer("sgd-q1", True)
    answer("sgd-q2", False)
    assert ids("sgd-q2", "sgd-q4", opening="02_momentum") == ["sgd-q2", "sgd-q4", "sgd-q1"]
    back = ask("sgd-q2", opening="02_momentum").questions
    assert [card.chosen for card in back] == [None, None], "it shows what was chosen elsewhere"
    back[1].buttons[right("question", "sgd-q1")].click()
    restart(monkeypatch)
    assert ids("sgd-q2", opening="02_momentum") == ["sgd-q2", "sgd-q1"], "it vanished"
    assert ask("sgd-q2", opening="02_momentum").questions[1].chosen is not None
    assert ids("momentum-q1", opening="03_adagrad") == ["momentum-q1", "sgd-q2"]
    assert again() == [f"01_sgd: {lessons.entry('question', 'sgd-q2')['text']}"]


def test_at_most_two_come_back_and_none_of_a_later_lesson():
    for id in ("adam-q1", "sgd-q1", "sgd-q2", "sgd-q3"):
        answer(id, False)
    assert ids("sgd-q4", opening="02_momentum") == ["sgd-q4", "sgd-q1", "sgd-q2"]
    assert ids("sgd-q4", opening="01_sgd") == ["sgd-q4"]


def test_an_opening_of_no_lesson_is_an_error():
    with pytest.raises(ValueError, match=r"opening must be .* got '02'"):
        ask("sgd-q1", opening="02")


def test_one_call_forgets_all(path):
    predict("sgd-1").buttons[2].click()
    explain("sgd-why").own.value = "Because."
    assert repr(forget()).startswith("Forgotten.")
    assert not path.exists()
    assert predict("sgd-1").chosen is None
    assert explain("sgd-why").own.value == ""
    assert row("01_sgd") is None


def test_a_reveal_of_before_tells_nothing_after_all_is_forgotten(path):
    predict("sgd-1").buttons[2].click()
    before = reveal("sgd-1")
    forget()
    before.shown.value = ""
    again = predict("sgd-1")
    again.buttons[0].click()
    assert before.shown.value == ""
    assert [entry["kind"] for entry in file.entries()] == ["prediction"]


@pytest.mark.parametrize("damage", ["folder", "rubbish", "nowhere"])
def test_trouble_with_the_file_stops_no_lesson_and_is_said(path, monkeypatch, damage):
    if damage == "folder":
        path.mkdir()
    elif damage == "rubbish":
        path.write_bytes(b"\x00\xff{{" * 1000)
    else:
        monkeypatch.setenv("COURSE_PROGRESS", str(path / "deeper" / file.NAME))
    predict("sgd-1").buttons[2].click()
    assert predict("sgd-1").chosen == 2
    assert "You said c)" in reveal("sgd-1").shown.value
    assert checked("sgd-rule", SOLUTION).right
    assert row("01_sgd")[5] == "1 of 2"
    assert ("can't be written" in repr(progress())) == (damage != "rubbish")


def test_without_a_file_the_table_is_that_of_a_new_reader(path, monkeypatch):
    """So that stored outputs are the same for everybody, and whatever lessons there are."""
    new = repr(progress())
    answer("sgd-q1", False)
    assert repr(progress()) != new
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    assert repr(progress()) == new
    assert not [name for name in lessons.lessons() if name in new]
    assert ids("sgd-q4", opening="02_momentum") == ["sgd-q4"]
