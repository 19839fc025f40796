"""What a notebook that was run and saved shows the next day, when no kernel knows its widgets."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.jupyter import ROOT, Lab, agree

CELLS = (
    "from course_utils import SGD\nfrom course_utils.lab import explore_descent\n"
    "explore_descent(SGD(0.95))",
    "from course_utils.tutor import predict, reveal\n\npredict('sgd-1')",
    "reveal('sgd-1')",
)
AFTER = "e => getComputedStyle(e, '::after').content"


@pytest.fixture(scope="module")
def saved(lab: Lab) -> str:
    """Return the name of a notebook that was run and saved, with the settings of the course."""
    name = lab.write("saved.ipynb", *CELLS)
    with lab.open(name) as notebook:
        notebook.run_all()
        assert notebook.page.locator(".course-explorer").evaluate(AFTER) == "none"
        notebook.page.keyboard.press("Control+s")
        text = lambda: (lab.root / name).read_text("utf-8")  # noqa: E731
        saved = lambda: "widget-state" in text() and text().endswith("}\n")  # noqa: E731
        notebook.wait(saved, 30, "the state of the widgets was not saved")
    return name


def test_it_shows_pictures_and_cards_and_says_how_to_move_them(lab: Lab, saved: str) -> None:
    with lab.open(saved) as notebook:
        notebook.wait(lambda: len(notebook.explorers()) == 1, 30, "no explorer was restored")
        notebook.settle()
        explorer = notebook.explorers()[0]
        assert agree(explorer.state().alt, explorer.state().verdict)
        assert explorer.root.evaluate(AFTER) == '"Run this cell to move the picture."'
        cards = notebook.page.locator(".course-question:not(.course-question *)")
        assert [card.evaluate(AFTER) for card in cards.all()] == ['"Run this cell to answer."'] * 2
        said = notebook.page.locator(".jp-OutputArea-output").all_inner_texts()
        assert not any("Error" in text for text in said)
        assert "Your prediction first" in said[-1]
        notebook.run_all()
        assert notebook.explorers()[0].root.evaluate(AFTER) == "none"
        assert notebook.console_errors == []


def test_a_restarted_kernel_leaves_the_picture_and_says_how_to_move_it(lab: Lab) -> None:
    with lab.open(lab.write("restarted.ipynb", CELLS[0])) as notebook:
        notebook.run_all()
        explorer = notebook.explorers()[0]
        before = explorer.state()
        notebook.page.locator(".lm-MenuBar-itemLabel", has_text="Kernel").click()
        restart = notebook.page.locator(".lm-Menu-itemLabel")
        restart.get_by_text("Restart Kernel…", exact=True).click()
        notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
        told = lambda: explorer.root.evaluate(AFTER) != "none"  # noqa: E731
        notebook.wait(told, 30, "nothing said that the kernel knows the explorer no more")
        assert explorer.state() == before
        notebook.run_all()
        explorer = notebook.explorers()[0]
        assert explorer.root.evaluate(AFTER) == "none"
        before = explorer.state()
        explorer.move(explorer.controls()[0])
        explorer.wait_change(before)


def test_a_page_of_it_needs_nothing_from_afar(lab: Lab, saved: str, tmp_path: Path) -> None:
    config = ROOT / "course_utils/jupyter/nbconvert_config.json"
    (tmp_path / "jupyter_nbconvert_config.json").write_bytes(config.read_bytes())
    convert = [sys.executable, "-m", "nbconvert", "--to=html", f"--output-dir={tmp_path}"]
    subprocess.run(
        [*convert, lab.root / saved],
        env=os.environ | {"JUPYTER_CONFIG_PATH": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    page = (tmp_path / saved).with_suffix(".html").read_text("utf-8")
    assert page.count("<img ") == 1
    assert "y changes sign at every step" in page
    assert '<script type="application/vnd.jupyter.widget-view+json"' not in page
