"""Every notebook in a real JupyterLab, as a reader leaves it who has solved every task.

It runs without an error, its checks say right, and every control does something. Each notebook is
opened and run once; its tests share that window and kernel. As it is stored, without a solution,
nbval runs it. Before it runs, the page shows no more than what stands open in the file, so that
tests/notebooks/test_spoilers.py can read there what a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.notebooks.cells import LESSONS, calls, solved, tasks
from tools.jupyter import ROOT, Control, Explorer, Lab, Notebook, State, agree

if TYPE_CHECKING:
    from playwright.sync_api import Locator

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# What each page shows before it runs, of every code cell; and what its cards say before a choice.
AS_STORED: dict[str, list[str]] = {}
CARDS_AT_FIRST: dict[str, list[str]] = {}


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    nbformat.write(solved(request.param.stem), lab.root / request.param.name)
    with lab.open(request.param.name) as opened:
        AS_STORED[opened.name] = shown_outputs(opened)
        opened.run_all()
        CARDS_AT_FIRST[opened.name] = opened.page.locator(".course-question").all_inner_texts()
        yield opened


def shown_outputs(notebook: Notebook) -> list[str]:
    """Return what the page shows as the output of each code cell."""
    cells = notebook.page.locator(".jp-CodeCell").all()
    return [cell.locator(".jp-Cell-outputWrapper").inner_text().strip() for cell in cells]


def check_state(before: State, after: State, action: str) -> None:
    assert after.picture != before.picture, f"{action}: the picture stayed"
    assert after.alt != before.alt, f"{action}: the alternative text stayed {after.alt!r}"
    assert after.verdict != before.verdict, f"{action}: the verdict stayed {after.verdict!r}"
    assert agree(after.alt, after.verdict), f"{action}: {after.alt!r} against {after.verdict!r}"


def turn(control: Control) -> int:
    """Sliders first, as a choice may hide one; then choices, what plays, Train, other buttons."""
    return ["slider", "choice", "play", "button"].index(control.kind) - (control.name == "Train")


def move_twice(explorer: Explorer, control: Control, *, draws: bool) -> None:
    if control.kind == "slider":  # of a run that has left, more updates say the same
        explorer.press(explorer.control("Reset"), "Enter")
        explorer.notebook.settle()
    for _ in range(2):
        before, value = explorer.state(), explorer.value(control)
        explorer.move(control)
        if draws:
            check_state(before, explorer.wait_change(before), control.name)
        else:
            explorer.notebook.settle()
        assert explorer.value(control) != value, f"{control.name} stayed {value}"


def play(explorer: Explorer, control: Control) -> None:
    """Play from the beginning until something is seen to move, and pause."""
    slider = explorer.control(control.name, "slider")
    explorer.press(slider, "Home")
    explorer.notebook.settle()
    before, first = explorer.state(), explorer.value(slider)
    explorer.press(control, "Enter")
    explorer.notebook.wait(lambda: explorer.value(slider) != first, 30, "nothing was played")
    explorer.press(control, "Enter")
    explorer.notebook.settle()
    check_state(before, explorer.state(), f"{control.name}, played")


def train(explorer: Explorer) -> None:
    """Start a training, see it draw, stop it half-way, and see that it can be started again."""
    start, stop = (explorer.control(name, enabled=False) for name in ("Train", "Stop"))
    before = explorer.state()
    explorer.press(start, "Enter")
    first = explorer.wait_change(before, timeout=60)
    second = explorer.wait_change(first, timeout=60)
    explorer.press(stop, "Enter")
    explorer.notebook.wait(lambda: explorer.enabled(start), 60, "the training did not stop")
    explorer.notebook.settle()
    check_state(before, explorer.state(), "Train and Stop")
    assert second.picture != first.picture


def test_before_it_runs_a_closed_result_shows_its_first_line_at_most(notebook: Notebook) -> None:
    code = [c for c in solved(notebook.name.removesuffix(".ipynb")).cells if c.cell_type == "code"]
    for cell, shown in zip(code, AS_STORED[notebook.name], strict=True):
        if cell.metadata.get("jupyter") and cell.outputs:
            output = cell.outputs[0]
            text = output.get("text") or output.data.get("text/plain", "")
            assert shown.split() in ([], text.splitlines()[0].split()), cell.source


def test_run_all_leaves_what_answers_a_prediction_closed(notebook: Notebook) -> None:
    """Until the reader has chosen, or asked for it."""
    lesson = LESSONS.get(notebook.name.removesuffix(".ipynb"), {})
    asks = [
        text for text in CARDS_AT_FIRST[notebook.name] if text.startswith("Your prediction first")
    ]
    assert len(asks) == len(lesson.get("prediction", []))
    for entry in lesson.get("prediction", []):
        whys = [choice["why"] for choice in entry["choice"]]
        assert not any(why in text for why in whys for text in CARDS_AT_FIRST[notebook.name]), (
            entry["id"]
        )


def test_runs_without_errors(notebook: Notebook) -> None:
    assert notebook.errors() == []
    assert notebook.callback_errors() == []
    assert notebook.console_errors == []


def test_every_check_says_that_the_solution_is_right(notebook: Notebook) -> None:
    name = notebook.name.removesuffix(".ipynb")
    code = [cell for cell in solved(name).cells if cell.cell_type == "code"]
    said = {
        id: " ".join(notebook.outputs(i))
        for i, cell in enumerate(code)
        for function, id in calls(cell)
        if function == "check"
    }
    assert said.keys() == {task["id"] for task in tasks(name)}
    for task in tasks(name):
        assert said[task["id"]].startswith(f"{task['name']}: right."), said


def test_explorers_begin_with_a_picture_and_its_verdict(notebook: Notebook) -> None:
    for explorer in notebook.explorers():
        picture, alt, verdict = explorer.state()
        assert picture
        assert agree(alt, verdict), f"{alt!r} against {verdict!r}"


def test_an_explorer_fits_on_one_screen(notebook: Notebook) -> None:
    """Cause and effect at once, in a window of 1280 × 800 pixels."""
    panel = notebook.page.locator(".jp-WindowedPanel-outer").first.bounding_box()
    assert panel
    for explorer in notebook.explorers():
        box = explorer.root.bounding_box()
        assert box
        assert box["height"] <= panel["height"], explorer.verdict()


def test_every_control_changes_picture_and_words(notebook: Notebook) -> None:
    """Two keys on each control; of an explorer that trains, the Train button is what draws."""
    for explorer in notebook.explorers():
        controls = explorer.controls()
        assert controls, "an explorer without a control"
        trains = any(control.name == "Train" for control in controls)
        for control in sorted(controls, key=turn):
            if control.name == "Train":
                train(explorer)
            elif control.kind == "button":
                before = explorer.state()
                explorer.press(control, "Enter")
                check_state(before, explorer.wait_change(before), control.name)
            elif control.kind == "play":
                play(explorer, control)
            else:
                move_twice(explorer, control, draws=not trains and control.name != "shown")
    assert notebook.callback_errors() == []
    assert notebook.console_errors == []


def press(notebook: Notebook, element: Locator) -> None:
    element.focus()
    notebook.page.keyboard.press("Enter")
    notebook.settle()


def test_predictions_and_questions_answer_the_keyboard(notebook: Notebook) -> None:
    """Enter on each choice, Tab to the next; the last choices then open the reveals."""
    noted = []
    for card in notebook.page.locator(".course-question:has(> button)").all():
        choices = card.locator("> button").all()
        if len(choices) == 1:  # the button for the next hint, of a reveal or of an explanation
            continue
        for letter, choice in zip("abcd", choices, strict=False):
            press(notebook, choice)
            said = card.inner_text()
            assert f"You said {letter})." in said or re.search(rf"{letter}\) .* [✓✗] ", said), said
            if choice != choices[-1]:
                notebook.page.keyboard.press("Tab")
                assert choices[choices.index(choice) + 1].evaluate("e => e.matches(':focus')")
        if "You said" in said:
            noted.append(f"You said {letter}) ")
    cards = notebook.page.locator(".course-question").all_inner_texts()
    told = [
        text[: len("You said a) ")] for text in cards if re.match(r"You said .\) .* [✓✗] ", text)
    ]
    assert told == noted
    assert notebook.callback_errors() == []


def test_a_readers_sentence_opens_the_answer_beside_it(notebook: Notebook) -> None:
    for card in notebook.page.locator(".course-question:has(textarea)").all():
        card.locator("textarea").fill("Because it does.")
        card.locator("textarea").press("Tab")
        notebook.settle()
        button = card.locator("button")
        assert button.inner_text() == "Compare with ours"
        before = card.inner_text()
        press(notebook, button)
        assert len(card.inner_text()) > len(before) + 100
    assert notebook.callback_errors() == []


def test_hints_and_solutions_open_by_keyboard(notebook: Notebook) -> None:
    for card in notebook.page.locator(".course-question:has(details pre)").all():
        button, solution = card.locator("button"), card.locator("details pre")
        for opened in (1, 2, 3):
            press(notebook, button)
            assert card.locator("li").count() == opened
        assert not solution.is_visible()
        press(notebook, card.locator("summary"))
        assert solution.is_visible()
    assert notebook.callback_errors() == []
