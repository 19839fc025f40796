"""The harness itself, on a small notebook made up here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.lab import ROOT, Explorer, Lab, Notebook, agree

EXPLORER = """
import base64, html, math, time
import ipywidgets as w

rate = w.FloatLogSlider(value=0.1, min=-3, max=0, step=0.1, description="rate")
method = w.Dropdown(options=["SGD", "Adam"], description="method")
surface = w.ToggleButtons(options=["ravine", "bowl"], description="surface")
noisy = w.Checkbox(description="noisy")
reset = w.Button(description="Reset")
fixed = w.FloatSlider(description="fixed", disabled=True)
picture, verdict = w.HTML(), w.HTML()
picture.add_class("course-picture")
verdict.add_class("course-verdict")

def draw(*_):
    text = f"{method.value} at rate {rate.value:.3g} on <{surface.value}>, noisy: {noisy.value}"
    text = html.escape(text)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><text y="30">{text}</text></svg>'
    code = base64.b64encode(svg.encode()).decode()
    picture.value = f'<img alt="{text}" src="data:image/svg+xml;base64,{code}">'
    verdict.value = text

def back(_):
    rate.value = 0.1

for control in (rate, method, surface, noisy):
    control.observe(draw, "value")
reset.on_click(back)
draw()
explorer = w.VBox([rate, method, surface, noisy, reset, fixed, picture, verdict])
explorer.add_class("course-explorer")
explorer
"""

BROKEN_CALLBACKS = """
import asyncio, sys

async def late():
    await asyncio.sleep(0.1)
    raise RuntimeError("late task")

def clicked(_):
    raise RuntimeError("broken click")

def moved(_):
    raise RuntimeError("broken move")

def started(_):
    asyncio.ensure_future(late())

def warned(_):
    print("a word of warning", file=sys.stderr)

click, start, warn = (w.Button(description=name) for name in ("Click", "Start", "Warn"))
slider = w.IntSlider(description="slider")
click.on_click(clicked)
start.on_click(started)
warn.on_click(warned)
slider.observe(moved, "value")
broken = w.VBox([click, start, warn, slider])
broken.add_class("course-explorer")
broken
"""


def write(lab: Lab, name: str, *sources: str) -> str:
    """Put a notebook of these code cells into the folder that JupyterLab serves."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{i}",
            "metadata": {},
            "source": source.strip(),
            "outputs": [],
            "execution_count": None,
        }
        for i, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": cells,
    }
    (lab.root / name).write_text(json.dumps(document))
    return name


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[Notebook]:
    name = write(lab, "harness.ipynb", "print('six times', 7)", EXPLORER, "", BROKEN_CALLBACKS)
    with lab.open(name) as notebook:
        seconds = notebook.run_all()
        assert 0 < seconds < 60
        yield notebook


@pytest.fixture
def explorer(notebook: Notebook) -> Explorer:
    return notebook.explorers()[0]


@pytest.fixture
def broken(notebook: Notebook) -> Explorer:
    return notebook.explorers()[1]


def test_run_all_leaves_a_clean_notebook(notebook: Notebook) -> None:
    assert notebook.errors() == []
    assert notebook.outputs(0) == ["six times 7"]
    assert notebook.console_errors == []


def test_a_second_run_is_waited_for(lab: Lab) -> None:
    with lab.open(write(lab, "again.ipynb", "import time; time.sleep(0.5); time.time()")) as again:
        assert again.run_all() >= 0.5
        first = again.outputs(0)
        assert again.run_all() >= 0.5
        assert again.outputs(0) != first


def test_controls_are_found_by_kind_and_label(explorer: Explorer) -> None:
    found = [(control.kind, control.label) for control in explorer.controls()]
    assert found == [
        ("slider", "rate"),
        ("dropdown", "method"),
        ("toggles", "surface"),
        ("checkbox", "noisy"),
        ("button", "Reset"),
    ]


def test_an_unknown_control_is_named(explorer: Explorer) -> None:
    with pytest.raises(LookupError, match=r"'speed'.*'rate'"):
        explorer.control("speed")


@pytest.mark.parametrize("label", ["rate", "method", "surface", "noisy"])
def test_moving_a_control_changes_picture_alt_and_verdict(explorer: Explorer, label: str) -> None:
    control = explorer.control(label)
    for _ in range(2):
        before, value = explorer.state(), explorer.value(control)
        explorer.move(control)
        after = explorer.wait_change(before)
        assert all(old != new for old, new in zip(before, after, strict=True))
        assert agree(after.alt, after.verdict)
        assert explorer.value(control) != value


def test_the_slider_turns_round_at_its_end(explorer: Explorer) -> None:
    rate = explorer.control("rate")
    before = explorer.state()
    explorer.press(rate, "End")
    at_end = explorer.wait_change(before)
    assert explorer.value(rate).startswith("1.0")
    explorer.move(rate)
    assert "0.794" in explorer.wait_change(at_end).verdict


def test_several_keys_end_at_the_last_value(explorer: Explorer) -> None:
    rate = explorer.control("rate")
    before = explorer.state()
    explorer.press(rate, "Home")
    before = explorer.wait_change(before)
    explorer.press(rate, "ArrowRight", times=10)
    assert "at rate 0.01 " in explorer.wait_change(before).verdict


def test_readout_and_button(explorer: Explorer) -> None:
    rate = explorer.control("rate")
    before = explorer.state()
    explorer.type_readout(rate, "0.2")
    typed = explorer.wait_change(before)
    assert "at rate 0.2 " in typed.alt
    explorer.press(explorer.control("Reset"), "Enter")
    assert "at rate 0.1 " in explorer.wait_change(typed).alt


def test_a_picture_that_stays_is_reported(explorer: Explorer) -> None:
    with pytest.raises(TimeoutError, match="picture had not changed"):
        explorer.wait_change(explorer.state(), timeout=0.2)
    with pytest.raises(TimeoutError, match="'rate' brought no new picture"):
        explorer.latency(explorer.control("rate"), "F2", timeout=0.2)


def test_latency_is_measured(explorer: Explorer) -> None:
    rate = explorer.control("rate")
    explorer.press(rate, "Home")
    measured = [explorer.latency(rate) for _ in range(5)]
    assert all(1 < milliseconds < 5000 for milliseconds in measured)


@pytest.mark.parametrize(
    ("label", "key", "message"),
    [
        ("Click", "Enter", "broken click"),
        ("slider", "ArrowRight", "broken move"),
        ("Warn", "Enter", "a word of warning"),
    ],
)
def test_a_broken_callback_is_reported(
    notebook: Notebook, broken: Explorer, label: str, key: str, message: str
) -> None:
    assert message not in "\n".join(notebook.callback_errors())
    broken.press(broken.control(label), key)
    notebook.settle()
    assert message in "\n".join(notebook.callback_errors())
    assert notebook.errors() == []


def test_a_broken_task_is_reported(notebook: Notebook, broken: Explorer) -> None:
    broken.press(broken.control("Start"), "Enter")
    notebook.wait(
        lambda: "late task" in "\n".join(notebook.callback_errors()), 10, "nothing was reported"
    )


def test_a_broken_cell_is_reported_and_ends_the_run(lab: Lab) -> None:
    cells = "print('before')", "1 / 0", "print('never')"
    with lab.open(write(lab, "broken.ipynb", *cells)) as notebook:
        notebook.run_all()
        (error,) = notebook.errors()
        assert "ZeroDivisionError" in error
        assert notebook.outputs(2) == []
        assert notebook.callback_errors() == []


def test_an_endless_cell_is_reported(lab: Lab) -> None:
    complaint = r"endless\.ipynb: cells were still running after 1 s"
    with (
        lab.open(write(lab, "endless.ipynb", "while True:\n    pass")) as notebook,
        pytest.raises(TimeoutError, match=complaint),
    ):
        notebook.run_all(timeout=1)


def test_closing_ends_the_kernel(lab: Lab) -> None:
    with lab.open(write(lab, "closing.ipynb", "1")):
        assert any(session["path"] == "closing.ipynb" for session in lab.request("api/sessions"))
    assert all(session["path"] != "closing.ipynb" for session in lab.request("api/sessions"))


def test_the_project_is_importable_and_its_notebooks_are_a_copy(lab: Lab) -> None:
    source = "import os, course_utils; print(os.getcwd()); print(course_utils.__path__[0])"
    with lab.open(write(lab, "where.ipynb", source)) as notebook:
        notebook.run_all()
        assert notebook.errors() == []
        folder, package = notebook.outputs(0)[0].split()
    assert Path(folder) == lab.root
    assert ROOT not in Path(folder).parents
    assert Path(package) == ROOT / "course_utils"


def test_screenshots_cover_the_notebook(lab: Lab, tmp_path: Path) -> None:
    from matplotlib.image import imread

    bar = (
        "from IPython.display import HTML; "
        "HTML('<div style=\"height:900px;background:rgb(0,0,255)\"></div>')"
    )
    with lab.open(write(lab, "tall.ipynb", bar, bar, bar), width=1000, zoom=1.25) as notebook:
        notebook.run_all()
        paths = notebook.screenshot(tmp_path / "tall-1000")
    assert [path.name for path in paths] == [f"tall-1000-{i + 1}.png" for i in range(len(paths))]
    pictures = [imread(path)[:, :, :3] for path in paths]
    assert all(picture.shape[0] <= 1800 for picture in pictures)
    assert all(picture.shape[1] == pictures[0].shape[1] for picture in pictures)
    assert sum(picture.shape[0] for picture in pictures) < (3 * 900 + 450) * 1.25
    blue = sum(int((picture[:, 500] == (0, 0, 1)).all(axis=1).sum()) for picture in pictures)
    assert blue == pytest.approx(3 * 900 * 1.25, abs=6)
