"""The lessons in the site's lab: what they print, what moves, what the checks say.

All lessons but 06 run in one page and one kernel; the first lesson's page is then used as a reader
does. Then each lesson has a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from course_utils import lab
from course_utils.tutor import check
from tests.browser.test_notebooks import move_twice, play, train, turn
from tests.notebooks.cells import shown
from tests.site.made import LIGHT, PLANTED, answers, code
from tests.tutor.reader import define
from tools.jupyter import Explorer, agree
from tools.site.driver import Site, SiteNotebook

pytestmark = pytest.mark.site


def stored_texts(cell: Any) -> dict[str, str]:
    """Return what a cell has put out as text, by stream or kind."""
    found: dict[str, str] = {}
    for output in cell.outputs:
        if output.output_type == "stream":
            found[output.name] = found.get(output.name, "") + output.text
        else:
            for kind, text in output.data.items():
                if kind.startswith("text/"):
                    found[kind] = found.get(kind, "") + text
    return found


def printed(outcomes: list[dict[str, Any]]) -> dict[str, str]:
    """Return the same of a cell that has run in the site."""
    found: dict[str, str] = {}
    for outcome in outcomes:
        content = outcome["content"]
        if outcome["type"] == "stream":
            found[content["name"]] = found.get(content["name"], "") + content["text"]
        elif outcome["type"] == "execute_error":
            found["error"] = "\n".join(content["traceback"])
        else:
            for kind, text in content["data"].items():
                if kind.startswith("text/"):
                    found[kind] = found.get(kind, "") + text
    return found


def compare(notebook: SiteNotebook, cells: list[Any]) -> None:
    differ = [
        (cell.source, stored_texts(cell), printed(outcomes))
        for cell, outcomes in zip(cells, notebook.results(), strict=True)
        if "nbval-ignore-output" not in cell.metadata.get("tags", ())
        and stored_texts(cell) != printed(outcomes)
    ]
    assert differ == []
    assert notebook.errors() == []


def test_every_cell_prints_what_is_stored(site: Site) -> None:
    with site.open("lessons.ipynb") as notebook:
        notebook.run_all(600)
        compare(notebook, [cell for name in LIGHT for cell in code(name)])
        assert notebook.callback_errors() == []
        assert notebook.console_errors == []
    assert site.outside == []


def test_checks_say_what_they_say_elsewhere(site: Site) -> None:
    """That each solution is right; of planted mistakes, an endless loop too, what they are."""
    with site.open("checks.ipynb") as notebook:
        notebook.run_all(300)
        said = [printed(outcomes)["stdout"].strip() for outcomes in notebook.results()]
    expected = [check(task, define(source, name)) for task, name, source in answers()]
    assert said == [str(result) for result in expected]
    assert all(result.right for result in expected[: -len(PLANTED)])
    assert [mistake for result in expected for mistake in result.mistakes] == [*PLANTED]


def test_what_was_chosen_is_there_again_in_a_window_opened_later(site: Site) -> None:
    """In another kernel, but the same browser; another reader's is new."""
    with site.visit() as reader:
        first = site.open("cards.ipynb", reader)
        first.run_all()
        assert "Nothing so far." in printed(first.results()[3])["text/plain"]
        for label in ("c) By more than 45", "b) The gradient along y", "a) Its contraction"):
            first.page.locator(".course-question button", has_text=label).click()
            first.settle()
        assert first.callback_errors() == []
        first.page.close()
        later = site.open("cards.ipynb", reader)
        later.run_all()
        assert (
            "| 1 of 6 | 1 | 0 | 1 of 4 | 0 | 0 of 2 |" in printed(later.results()[3])["text/plain"]
        )
        assert later.page.locator("button.course-chosen").count() == 2
        assert later.errors() + later.console_errors == []
    with site.open("cards.ipynb") as other:
        other.run_all()
        assert "Nothing so far." in printed(other.results()[3])["text/plain"]


@pytest.fixture(scope="module", params=[*LIGHT, "06_mnist_comparison"])
def lesson(site: Site, request: pytest.FixtureRequest) -> Iterator[SiteNotebook]:
    with site.open(f"{request.param}.ipynb") as notebook:
        notebook.run_all(900)
        yield notebook


def name_of(lesson: SiteNotebook) -> str:
    return lesson.name.removesuffix(".ipynb")


@pytest.fixture(scope="module")
def twins(lesson: SiteNotebook) -> list[lab.Explorer]:
    """The lesson's explorers, made by this Python."""
    names: dict[str, Any] = {}
    values = [shown(cell.source, names) for cell in code(name_of(lesson))]
    return [value for value in values if isinstance(value, lab.Explorer)]


def test_a_page_of_its_own_prints_what_is_stored(lesson: SiteNotebook) -> None:
    compare(lesson, code(name_of(lesson)))


def same(explorer: Explorer, twin: lab.Explorer) -> None:
    """See that the page says what this Python says for the same values."""
    values: dict[str, Any] = {}
    for control in explorer.controls():
        if control.kind in ("slider", "choice"):
            text = explorer.value(control)
            options = getattr(twin.controls[control.name], "options", ())
            values[control.name] = next(
                (option for option in options if str(option) == text), None
            ) or float(text)
    twin.set(**values)
    state = explorer.state()
    assert " ".join(twin.sentence.split()) == state.verdict
    assert agree(state.alt, state.verdict)


def test_every_control_says_what_python_says_elsewhere(
    lesson: SiteNotebook, twins: list[lab.Explorer]
) -> None:
    explorers = lesson.explorers()
    assert len(explorers) == len(twins)
    for explorer, twin in zip(explorers, twins, strict=True):
        controls = explorer.controls()
        trains = any(control.name == "Train" for control in controls)
        for control in sorted(controls, key=turn):
            if control.name == "Train":
                train(explorer)
            elif control.kind == "play":
                play(explorer, control)
            elif control.kind in ("slider", "choice"):
                move_twice(explorer, control, draws=not trains and control.name != "shown")
                if not trains:
                    same(explorer, twin)
    assert lesson.callback_errors() == []


def test_the_start_follows_the_hand(lesson: SiteNotebook, twins: list[lab.Explorer]) -> None:
    for explorer, twin in zip(lesson.explorers(), twins, strict=True):
        explorer.press(explorer.control("Reset"), "Enter")
        twin.press("Reset")
        lesson.settle()
        twin.view.width = explorer.canvas.evaluate("canvas => canvas.clientWidth")
        for number, at in [(each["number"], each.get("at")) for each in twin.view.grabs]:
            if at:
                places = [(at[0] + 10 * i, at[1] - 5 * i) for i in range(5)]
                explorer.drag(*places)
                lesson.settle()
                there = twin.live.grabbed(number, *places[-1])
                shown = {name: explorer.values()[name] for name in there}
                assert shown == pytest.approx(there, abs=0.05)
                same(explorer, twin)


def test_a_reload_keeps_what_the_reader_wrote(site: Site) -> None:
    context = site.visit()
    notebook = site.open("00_start_here.ipynb", context)
    cell = notebook.page.locator(".jp-CodeCell .cm-content").nth(1)
    cell.click()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.type("  # mine")
    notebook.page.keyboard.press("ControlOrMeta+s")
    notebook.page.wait_for_timeout(1500)
    notebook.page.reload()
    notebook.wait_open()
    assert notebook.page.get_by_text("# mine").count() == 1

    page = context.new_page()  # the front page has the way back
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(site.url)
    page.get_by_role("button", name="Drop my changes").click()
    page.get_by_text("This is the original again.").wait_for()
    notebook.page.reload()
    notebook.wait_open()
    assert notebook.page.get_by_text("# mine").count() == 0
    notebook.close()
