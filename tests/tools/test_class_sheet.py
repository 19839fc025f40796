"""The class sheet: what forty files become, who is named, and the live page."""

import csv
import html
import json
import re

import pytest

from course_utils.progress import file
from course_utils.tutor import lessons
from tools import class_sheet

SECRET = "Ann=Exampleson"


def put(folder, name, *entries):
    own = folder / name / "course"
    own.mkdir(parents=True, exist_ok=True)
    (own / file.NAME).write_text("\n".join(json.dumps({"v": 1} | entry) for entry in entries))


def chose(kind, id, place, **where):
    return {"kind": kind, "id": id, "chose": place} | where


def checked(id, *mistakes):
    return {"kind": "check", "id": id, "mistakes": [*mistakes]}


REVEALED = {"kind": "reveal", "id": "sgd-1"}
RIGHT = next(
    i for i, c in enumerate(lessons.entry("prediction", "sgd-1")["choice"]) if "right" in c
)
Q_RIGHT = next(
    i for i, c in enumerate(lessons.entry("question", "sgd-q1")["choice"]) if "right" in c
)
WRONG, Q_WRONG = (RIGHT + 1) % 3, (Q_RIGHT + 1) % 3


@pytest.fixture
def forty(tmp_path):
    """Half vote rightly at once, a quarter after talking, a quarter never; one also afterwards."""
    folder = tmp_path / "class"
    for number in range(40):
        name = SECRET if number == 7 else f"learner {number:02d}"
        votes = [RIGHT] if number < 20 else [WRONG, RIGHT] if number < 30 else [WRONG]
        entries = [*(chose("prediction", "sgd-1", place) for place in votes), REVEALED]
        if number == 39:
            entries.append(chose("prediction", "sgd-1", RIGHT))
        entries.append(chose("question", "sgd-q1", Q_RIGHT if number < 10 else Q_WRONG))
        entries.append(chose("question", "sgd-q1", Q_RIGHT))
        if number % 2:
            entries += [checked("sgd-rule", "uphill"), checked("sgd-rule", "uphill", "nonsense")]
        if number % 4 == 1:
            entries += [checked("sgd-rule"), {"kind": "hint", "id": "sgd-rule", "opened": 2}]
        put(folder, name, *entries)
    return folder


def run(*arguments):
    return class_sheet.main([str(each) for each in arguments])


def cells(page, title):
    """Return the table under a heading that holds `title`, as rows of texts."""
    inside = re.search(rf"<h[23]>[^\n]*{re.escape(title)}.*?</table>", page, re.S)[0]
    lines = re.findall(r"<tr>(.*?)</tr>", inside)
    return [list(map(text, re.findall(r"<t[dh]>(.*?)</t[dh]>", line))) for line in lines]


def text(cell):
    return html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()


def test_votes_are_counted_before_and_after_talking(forty, tmp_path):
    assert run(forty, "--out", tmp_path) == 0
    page = (tmp_path / "class_sheet.html").read_text("utf-8")
    lines = {line[0][0]: line[1:] for line in cells(page, "<code>sgd-1</code>")[1:]}
    assert lines["abc"[RIGHT]] == ["20 of 40", "30 of 40"]
    assert lines["abc"[WRONG]] == ["20 of 40", "10 of 40"]
    assert "sgd-1 50%, 75%" in page
    assert "<svg" in page


def test_a_task_has_who_solved_it_and_each_mistake_once_for_a_learner(forty, tmp_path):
    run(forty, "--out", tmp_path)
    page = (tmp_path / "class_sheet.html").read_text("utf-8")
    _, solved, opened, *made = cells(page, "<code>sgd-rule</code>")
    assert (solved, opened) == (["solved", "10 of 20"], ["opened a hint", "10 of 20"])
    assert [count for _, count in made] == ["20 of 20"], (
        "a mistake that nobody knows counts as none"
    )
    assert made[0][0].startswith("uphill: ")


def test_the_hardest_question_is_first_with_the_choice_that_lured(forty, tmp_path):
    put(forty, "learner 00", chose("question", "sgd-q2", 1), chose("question", "sgd-q1", Q_RIGHT))
    run(forty, "--out", tmp_path)
    page = (tmp_path / "class_sheet.html").read_text("utf-8")
    _, *lines = cells(page, "The hardest questions")
    assert [line[0].split(":")[0] for line in lines] == ["sgd-q1"]
    assert lines[0][1] == "10 of 40"
    assert lines[0][2].startswith(f"{'abcd'[Q_WRONG]}) ")
    assert lines[0][2].endswith("(30)")


def test_names_stand_only_where_they_were_asked_for(forty, tmp_path):
    run(forty, "--out", tmp_path)
    for name in ("class_sheet.html", "class_sheet.csv"):
        assert SECRET not in (tmp_path / name).read_text("utf-8")
    run(forty, "--out", tmp_path, "--names")
    page = (tmp_path / "class_sheet.html").read_text("utf-8")
    assert [SECRET, "1 of 1", "1 of 1", "0 of 1"] in cells(page, "Each learner")


def test_the_table_has_a_row_for_each_card_that_a_learner_used(forty, tmp_path):
    put(forty, "=2+3", chose("prediction", "sgd-1", RIGHT))
    run(forty, "--out", tmp_path, "--names")
    with (tmp_path / "class_sheet.csv").open(encoding="utf-8", newline="") as opened:
        lines = list(csv.DictReader(opened))
    assert len(lines) == 40 * 2 + 20 + 1
    by_name = {(line["learner"], line["id"]): line for line in lines}
    told = by_name["learner 25", "sgd-1"]
    assert (told["first"], told["last"], told["right"]) == ("abc"[WRONG], "abc"[RIGHT], "True")
    task = by_name["learner 01", "sgd-rule"]
    assert (task["right"], task["hints"], task["mistakes"]) == ("True", "2", "uphill")
    assert ("'=2+3", "sgd-1") in by_name, "a spreadsheet would compute this name"


def test_what_a_file_says_is_shown_as_text_and_only_of_cards_that_exist(tmp_path):
    """A name with tags is given to the page itself, since no folder can have it on Windows."""
    evil = "<script>alert(1)</script>"
    foreign = chose("prediction", evil, 0), checked(evil, evil), checked("sgd-rule", evil)
    wild = chose("prediction", "sgd-1", 99), chose("question", "sgd-q1", -1)
    good = chose("prediction", "sgd-2", 0)
    put(tmp_path / "class", "ann&lt;", *foreign, *wild, good)
    learners, wrong = class_sheet.read([tmp_path / "class"])
    assert ([*learners], wrong) == (["ann&lt;"], [])
    page = class_sheet.page(learners | {evil: learners["ann&lt;"]}, names=True)
    assert "<script" not in page
    assert [line[0] for line in cells(page, "Each learner")[1:]] == ["ann&lt;", evil]
    assert re.findall(r"<h3><code>([^<]*)", page) == ["sgd-2", "sgd-rule"]


def test_damaged_and_missing_files_are_named_to_the_teacher(forty, tmp_path, capsys):
    (forty / "learner 00" / "course" / file.NAME).write_bytes(b"\x00\xff")
    (tmp_path / "empty").mkdir()
    assert run(forty, tmp_path / "empty", "--out", tmp_path) == 0
    said = capsys.readouterr()
    assert "lines not understood: 1" in said.err
    assert f"{tmp_path / 'empty'}: there is no course-progress.txt in it" in said.err
    assert said.out.endswith("learners: 40\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nowhere"], "FOLDER must be a folder, got nowhere"), (["--live", "sgd", "."], "got 'sgd'")],
)
def test_a_wrong_argument_is_named(arguments, said, capsys, tmp_path):
    assert run(*arguments, "--out", tmp_path) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_live_page_follows_the_votes_and_does_not_tell(forty, tmp_path, monkeypatch):
    pages = []

    def look(seconds):
        pages.append((tmp_path / "class_sheet.html").read_text("utf-8"))
        put(forty, "learner 40", chose("prediction", "sgd-1", RIGHT))
        if len(pages) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(class_sheet.time, "sleep", look)
    assert run("--live", "sgd-1", forty, "--out", tmp_path) == 0
    assert ["40 of 40 have voted" in pages[0], "41 of 41 have voted" in pages[1]] == [True, True]
    assert all("✓" not in page and 'http-equiv="refresh"' in page for page in pages)
    assert {line[0][0]: line[2] for line in cells(pages[1], "sgd-1")[1:]}[
        "abc"[RIGHT]
    ] == "31 of 41"


def test_nobody_has_done_anything_yet(tmp_path):
    put(tmp_path / "class", "ann")
    assert run(tmp_path / "class", "--out", tmp_path) == 0
    page = (tmp_path / "class_sheet.html").read_text("utf-8")
    assert "<table" not in page
    assert run("--out", tmp_path, tmp_path / "class", "--names") == 0
