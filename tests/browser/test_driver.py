"""What the other tests here rely on: whatever goes wrong in the page or the kernel is reported."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.jupyter import ROOT, Lab, Notebook

WHERE = "import os, course_utils; print(os.getcwd()); print(course_utils.__path__[0])"

EXPLORER = """
from course_utils.lab import Explorer, Picture
from course_utils.page.controls import slider


class Still(Picture):
    def show(self, parts, record):
        return "a still picture"


def computed(value):
    if value > 1:
        raise RuntimeError("broken move")


Explorer(Still(), computed, {"value": slider("slider", 0, 0, 2, 1)})
"""

BROKEN_CALLBACKS = """
import asyncio, sys
import ipywidgets as w

async def late():
    await asyncio.sleep(0.1)
    raise RuntimeError("late task")

def clicked(_):
    raise RuntimeError("broken click")

def started(_):
    asyncio.ensure_future(late())

def warned(_):
    print("a word of warning", file=sys.stderr)

click, start, warn = (w.Button(description=name) for name in ("Click", "Start", "Warn"))
click.on_click(clicked)
start.on_click(started)
warn.on_click(warned)
w.VBox([click, start, warn])
"""

BAR = """
from IPython.display import HTML
HTML('<div style="height:900px;background:rgb(0,0,255)"></div>')
"""


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[Notebook]:
    name = lab.write("harness.ipynb", WHERE, EXPLORER, "", BROKEN_CALLBACKS)
    with lab.open(name) as notebook:
        notebook.run_all()
        yield notebook
    assert all(session["path"] != name for session in lab.request("api/sessions"))


def test_the_projects_package_runs_on_a_copy_of_its_notebooks(notebook: Notebook) -> None:
    assert notebook.errors() == []
    assert notebook.console_errors == []
    folder, package = notebook.outputs(0)[0].split()
    assert Path(folder) == notebook.lab.root
    assert ROOT not in Path(folder).parents
    assert Path(package) == ROOT / "course_utils"


def test_a_picture_that_stays_and_a_broken_move_are_reported(notebook: Notebook) -> None:
    (explorer,) = notebook.explorers()
    before = explorer.state()
    assert before.alt == before.verdict == "a still picture"
    value = explorer.control("value")
    explorer.move(value)
    with pytest.raises(TimeoutError, match="picture had not changed"):
        explorer.wait_change(before, timeout=2)
    assert explorer.value(value) == "1"
    assert notebook.callback_errors() == []
    explorer.move(value)
    notebook.settle()
    assert "broken move" in "\n".join(notebook.callback_errors())
    assert explorer.value(value) == "1"


@pytest.mark.parametrize(
    ("label", "message"),
    [("Click", "broken click"), ("Warn", "a word of warning"), ("Start", "late task")],
)
def test_a_broken_callback_is_reported(notebook: Notebook, label: str, message: str) -> None:
    def reported() -> bool:
        return message in "\n".join(notebook.callback_errors())

    assert not reported()
    notebook.page.get_by_role("button", name=label, exact=True).press("Enter")
    notebook.wait(reported, 10, f"{message!r} was not reported")
    assert notebook.errors() == []


def test_a_broken_cell_is_reported_and_a_picture_shows_all(lab: Lab, tmp_path: Path) -> None:
    from matplotlib.image import imread

    name = lab.write("tall.ipynb", BAR, BAR, BAR, "1 / 0", "print('never')")
    with lab.open(name, width=1000, zoom=1.25, density=2) as notebook:
        notebook.run_all()
        (error,) = notebook.errors()
        assert "ZeroDivisionError" in error
        assert notebook.outputs(4) == []
        assert notebook.callback_errors() == []
        paths = notebook.screenshot(tmp_path / "tall-1000")
    assert [path.name for path in paths] == [f"tall-1000-{i + 1}.png" for i in range(len(paths))]
    pictures = [imread(path)[:, :, :3] for path in paths]
    assert all(picture.shape[0] <= 1800 for picture in pictures)
    blue = sum(int((picture[:, 1000] == (0, 0, 1)).all(axis=1).sum()) for picture in pictures)
    assert blue == pytest.approx(3 * 900 * 1.25 * 2, abs=6)


def test_the_server_has_loaded_what_the_course_sets(lab: Lab) -> None:
    if not Path(sys.prefix, "etc/jupyter/jupyter_server_config.d/optimizer-course.json").exists():
        pytest.skip("the course is not installed in this environment (make test installs it)")
    assert "course_utils.jupyter | extension was successfully loaded" in lab.log()
