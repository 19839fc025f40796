"""What a learner chose is there again after a restart; two notebooks at once lose nothing."""

import json
from collections.abc import Iterator

import pytest

from course_utils.progress import file
from tools.jupyter import Lab, Notebook

CARDS = (
    "import os\nos.environ['COURSE_PROGRESS'] = {name!r}",  # the tests' own is off
    "from course_utils.tutor import ask, predict, progress, reveal\n\npredict('sgd-1')",
    "reveal('sgd-1')",
    "ask('sgd-q1')",
    "progress()",
)


@pytest.fixture
def name(lab: Lab, request: pytest.FixtureRequest) -> Iterator[str]:
    """A file's name that is this test's own, in the folder of the notebooks."""
    yield f"{request.node.name}-{file.NAME}"
    (lab.root / f"{request.node.name}-{file.NAME}").unlink(missing_ok=True)


def write(lab: Lab, notebook: str, name: str) -> str:
    return lab.write(notebook, *(cell.replace("{name!r}", repr(name)) for cell in CARDS))


def choose(notebook: Notebook, *labels: str) -> None:
    for label in labels:
        notebook.page.locator(".course-question button", has_text=label).click()
    notebook.settle()


def shown(notebook: Notebook, i: int) -> list[str]:
    """Return what a cell shows, once it does: Markdown is set a moment after the cell has run."""
    notebook.wait(lambda: any(notebook.outputs(i)), 10, f"cell {i} showed nothing")
    return notebook.outputs(i)


def entries(lab: Lab, name: str) -> list[tuple[str, str]]:
    lines = (lab.root / name).read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines if line]
    return [(each["kind"], each["id"]) for each in found]


def test_after_a_restart_the_cards_show_what_was_chosen(lab: Lab, name: str) -> None:
    notebook = write(lab, "remembered.ipynb", name)
    with lab.open(notebook) as first:
        first.run_all()
        assert "Nothing so far." in shown(first, 4)[0]
        choose(first, "c) By more than 45", "b) The gradient along y", "a) Its contraction")
        assert first.callback_errors() == []
    with lab.open(notebook) as second:  # with a kernel of its own
        second.run_all()
        card, told, asked, table = (shown(second, i) for i in range(1, 5))
        assert "You said c)." in card[0]
        assert told[0].startswith("You said c) By more than 45")
        assert "✓ Right." in asked[0]
        assert "01_sgd 1 of 6 1 0 1 of 4 0 0 of 2" in " ".join(table[0].split())
        assert "What makes y change sign" in table[0]
        assert second.page.locator("button.course-chosen").count() == 2
        assert second.errors() + second.console_errors == []


def test_two_notebooks_at_once_lose_nothing(lab: Lab, name: str) -> None:
    one, two = (write(lab, f"{each}.ipynb", name) for each in ("one", "two"))
    with lab.open(one) as first, lab.open(two) as second:
        first.run_all()
        second.run_all()
        for _ in range(5):
            choose(first, "a) Not at all", "b) A little")
            choose(second, "b) The gradient along y", "c) Noise")
        assert first.callback_errors() + second.callback_errors() == []
    found = entries(lab, name)
    assert found.count(("prediction", "sgd-1")) == 10
    assert found.count(("question", "sgd-q1")) == 10


def test_a_file_that_can_not_be_written_stops_nothing_and_the_page_says_so(lab: Lab) -> None:
    with lab.open(write(lab, "unwritten.ipynb", "not there/course-progress.txt")) as notebook:
        notebook.run_all()
        choose(notebook, "c) By more than 45")
        notebook.run_all()
        assert shown(notebook, 2)[0].startswith("You said c) By more than 45")
        assert "can't be written" in shown(notebook, 4)[0]
        assert notebook.errors() + notebook.callback_errors() == []
