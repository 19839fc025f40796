"""The lessons in the site's lab: what they print, what moves, what the checks say."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from itertools import zip_longest
from typing import Any

import pytest

from course_utils import lab
from course_utils.tutor import check
from tests.browser.test_notebooks import move_twice, play, train, turn
from tests.site.made import NAMES, PLANTED, answers, code
from tests.site.told import compare, follow, judged, printed, same, twins_of
from tests.tutor.reader import define
from tools.jupyter import Explorer
from tools.site.driver import Site

pytestmark = pytest.mark.site


def test_checks_say_what_they_say_elsewhere(site: Site) -> None:
    """That each solution is right; of planted mistakes, an endless loop too, what they are."""
    with site.open("checks.ipynb") as notebook:
        notebook.run_all(300)
        said = [judged(printed(outcomes)["stdout"]) for outcomes in notebook.results()]
    expected = [check(task, define(source, name)) for task, name, source in answers()]
    assert said == [judged(result) for result in expected]
    assert all(result.right for result in expected[: -len(PLANTED)])
    assert [mistake for result in expected for mistake in result.mistakes] == [*PLANTED]


def test_what_was_chosen_is_there_again_in_a_window_opened_later(site: Site) -> None:
    """In another kernel, but the same browser; another reader's is new."""
    with site.visit() as reader:
        first = site.open("cards.ipynb", reader)
        first.run_all()
        assert "Nothing so far." in printed(first.results()[3])["text/plain"]
        assert printed(first.results()[4])["stdout"] == "['first', 'second']\n"
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


def test_the_stop_button_ends_a_training(site: Site) -> None:
    with site.open("training.ipynb") as notebook:
        notebook.page.locator(".jp-CodeCell").click()
        notebook.page.keyboard.press("Shift+Enter")
        notebook.page.get_by_text(
            re.compile(r"training: [1-9]\d* of 5000; .* ■ stops it")
        ).wait_for(timeout=60_000)
        start = time.monotonic()
        notebook.page.get_by_title("Interrupt the kernel").click()
        notebook.settle()
        assert time.monotonic() - start < 10
        said = printed(notebook.results()[0])["stdout"]
        assert re.fullmatch(r" after [1-9]\S* of 5,000 updates [1-9]\d*\n", said)  # and seconds
        assert notebook.errors() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_prints_moves_and_follows_the_hand(site: Site, name: str) -> None:
    with site.open(f"{name}.ipynb") as lesson:
        lesson.run_all(900)
        assert lesson.errors() == []
        compare(lesson.results(), code(name))
        # Where it trains there are no twins: there a clock ends a training.
        twins = [] if "mnist" in name else twins_of(name)
        for explorer, twin in zip_longest(lesson.explorers(), twins):
            move_all(explorer, twin)
            if twin:
                pull_the_start(explorer, twin)
        assert lesson.callback_errors() + lesson.console_errors + site.outside == []


def move_all(explorer: Explorer, twin: lab.Explorer | None) -> None:
    """Move every control; the page must say what this Python says."""
    controls = explorer.controls()
    assert any(control.name == "Train" for control in controls) == (twin is None)
    # The reader's own class, not yet written, stays where it starts whatever is set.
    walks = "changes nothing yet" not in explorer.verdict()
    for control in sorted(controls, key=turn):
        if control.name == "Train":
            train(explorer)
        elif control.kind == "play" and walks:
            play(explorer, control)
        elif control.kind in ("slider", "choice"):
            draws = walks and twin is not None and control.name != "shown"
            move_twice(explorer, control, draws=draws)
            if twin:
                same(explorer, twin)


def pull_the_start(explorer: Explorer, twin: lab.Explorer) -> None:
    explorer.press(explorer.control("Reset"), "Enter")
    explorer.notebook.settle()
    follow(explorer, twin)
    twin.view.width = explorer.canvas.evaluate("canvas => parseInt(canvas.style.aspectRatio)")
    for number, box, at in [(g["number"], g["box"], g.get("at")) for g in twin.view.grabs]:
        if at:
            across, down = (10 if at[i] < box[i] + box[i + 2] / 2 else -10 for i in (0, 1))
            places = [(at[0] + across * i, at[1] + down / 2 * i) for i in range(5)]
            explorer.drag(*places)
            first, there = (twin.live.grabbed(number, *place) for place in (at, places[-1]))
            # The site's matplotlib is another, whose maps are a few pixels wider or narrower.
            near = {name: abs(to - first[name]) / 10 for name, to in there.items()}
            expect(
                explorer, {name: pytest.approx(to, abs=near[name]) for name, to in there.items()}
            )
            same(explorer, twin)


def expect(explorer: Explorer, values: dict[str, Any]) -> None:
    """Wait until the page shows these values: of many moves the last may come late."""
    shown: dict[str, float] = {}

    def there() -> bool:
        shown.update(explorer.values())
        return all(shown[name] == value for name, value in values.items())

    with suppress(TimeoutError):
        explorer.notebook.wait(there, 10, "")
    assert {name: shown[name] for name in values} == values
    explorer.notebook.settle()


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
