"""A lesson in Jupyter Notebook 7: it runs, follows a hand, and shows itself when opened again."""

from pathlib import Path
from urllib.request import urlopen

import jupyterlab
import nbformat
import pytest

from tools.jupyter import Lab, agree

AFTER = "e => getComputedStyle(e, '::after').content"


@pytest.fixture(autouse=True)
def fonts_of_jupyterlab(lab: Lab) -> None:
    """The server keeps by its name alone where it has found a file; these go by the same names."""
    for font in (Path(jupyterlab.__file__).parent / "static").glob("*.woff*"):
        urlopen(lab.page_url(font.name, "static/lab")).close()


def test_a_lesson_runs_follows_the_hand_and_is_there_the_next_day(lab: Lab) -> None:
    pytest.importorskip("notebook", reason="Jupyter Notebook 7 is not installed")
    lesson = nbformat.read(lab.root / "01_sgd.ipynb", 4)
    name = lab.write("lesson.ipynb", *lesson.cells[:6])
    with lab.open(name, page="notebooks") as notebook:
        notebook.run_all()
        assert notebook.errors() == []
        explorer = notebook.explorers()[0]
        before = explorer.state()
        explorer.drag((150, 150), (220, 180))
        turned = explorer.wait_change(before)
        slider = next(each for each in explorer.controls() if each.kind == "slider")
        explorer.type(slider, "50")
        typed = explorer.wait_change(turned)
        assert agree(typed.alt, typed.verdict)
        notebook.page.keyboard.press("Escape")
        notebook.page.keyboard.press("Control+s")
        text = lambda: (lab.root / name).read_text("utf-8")  # noqa: E731
        saved = lambda: "widget-state" in text() and text().endswith("}\n")  # noqa: E731
        notebook.wait(saved, 30, "the state of the widgets was not saved")
    with lab.open(name, page="notebooks") as notebook:
        notebook.wait(lambda: len(notebook.explorers()) == 1, 30, "no explorer was restored")
        notebook.settle()
        explorer = notebook.explorers()[0]
        assert explorer.state() == typed
        assert explorer.root.evaluate(AFTER) == '"Run this cell to move the picture."'
