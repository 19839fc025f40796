"""TEACHING.md is whole, in step with the notebooks, and as `make teaching` writes it."""

import re
from pathlib import Path

import nbformat
import pytest

from course_utils.tutor import lessons
from tests.pages import headings, table_rows
from tools import teaching

ROOT = Path(__file__).parents[2]
TEXT = teaching.PAGE.read_text("utf-8")
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("0*.ipynb"))}
LESSONS = lessons.lessons()
PARTS = (
    "Aims",
    "50 minutes",
    "90 minutes",
    "Without laptops",
    "Ask before each reveal",
    "Misconceptions",
    "For the door",
    "Answers",
)
VOTE = 6  # minutes: vote, talk, vote again, reveal
SLACK = {50: 4, 90: 6}


def sections(text, mark):
    """Return {heading: text below it} for the headings of one level."""
    pieces = re.split(rf"^{mark} (.+)$", text, flags=re.M)[1:]
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


ABOUT = {name: sections(text, "###") for name, text in sections(TEXT, "##").items()}


def first_lines_under(name, heading):
    """Return the first lines of the code cells between a heading and the next."""
    lines, inside = set(), False
    for cell in nbformat.read(NOTEBOOKS[name], 4).cells:
        if cell.cell_type == "markdown" and re.search(r"^##", cell.source, re.M):
            inside = heading in cell.source.splitlines()
        elif cell.cell_type == "code" and inside:
            lines.add(cell.source.splitlines()[0])
    return lines


def test_every_notebook_has_its_section_and_no_other_is_there():
    assert [name for name in ABOUT if name[0].isdigit()] == list(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_section_has_all_its_parts(name):
    assert list(ABOUT[name]) == list(PARTS)
    assert all(part.strip() for part in ABOUT[name].values())


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("minutes", [50, 90])
def test_a_plan_fills_its_time_and_names_sections_of_the_notebook(name, minutes):
    plan = table_rows(ABOUT[name][f"{minutes} minutes"])
    assert sum(int(row[0]) for row in plan) == minutes
    known = {heading.lstrip("# ") for heading in headings(NOTEBOOKS[name])}
    known |= {"The opening", "Slack"}
    assert {row[1].removesuffix(" ✂") for row in plan} <= known
    assert sum(row[1].endswith("✂") for row in plan) == 1, "one section is to be cut first"
    assert int(plan[-1][0]) >= SLACK[minutes]
    assert plan[-1][1] == "Slack"
    for time, _, what in plan:
        votes = re.findall(r"`([\w-]+)`", what)
        asked = {entry["id"] for entry in LESSONS.get(name, {}).get("prediction", [])}
        assert int(time) >= VOTE * len(asked.intersection(votes)), what


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_misconception_is_answered_by_a_cell_that_exists(name):
    table = table_rows(ABOUT[name]["Misconceptions"])
    assert len(table) >= 3
    for *_, answer in table:
        heading, line = re.fullmatch(r"(##+ .+) · `(.+)`", answer).groups()
        assert line in first_lines_under(name, heading)


def test_aims_questions_and_answers_are_those_of_the_notebooks_and_lessons():
    assert teaching.written(TEXT) == TEXT, "run `make teaching`"
