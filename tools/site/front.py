"""The page that a reader lands on: the picture of the five methods, and a way to every lesson."""

import base64
import html
import json
import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import nbformat

from tools.site.packages import ROOT
from tools.site.reading import title

STATIC = Path(__file__).parent / "static"
WIDTH = 1100  # of the picture, in the page's pixels, until the page has told its own
CHEAT_SHEET = ["cheat_sheet", "Rules, defaults and conversions to PyTorch and Keras", ""]


def write_front(site: Path, notebooks: list[Path], size: int, mnist: bool) -> None:
    """Write index.html and what belongs to it.

    size: of what Python loads, in bytes. mnist: whether the site holds the files of MNIST.
    """
    for name in ("front.js", "front_worker.js", "front_picture.py"):
        shutil.copyfile(STATIC / name, site / name)
    page = ROOT / "course_utils/page"
    shutil.copyfile(page / "page.js", site / "page.js")
    style = (page / "page.css").read_text("utf-8") + (STATIC / "front.css").read_text("utf-8")
    (site / "front.css").write_text(style, "utf-8")
    state, png, sentence = picture()
    lessons = "\n".join(lesson(notebooks, *row) for row in [*rows(), CHEAT_SHEET])
    digits = "" if mnist else " This site came without MNIST: the small digits stand in."
    text = (STATIC / "front.html").read_text("utf-8")
    for name, value in {
        "STATE": json.dumps(state).replace("<", "\\u003c"),
        "PNG": base64.b64encode(png).decode(),
        "SENTENCE": html.escape(sentence),
        "LESSONS": lessons,
        "BYTES": str(size),
        "DIGITS": digits,
    }.items():
        text = text.replace(f"@{name}@", value)
    (site / "index.html").write_text(text, "utf-8")


def picture() -> tuple[dict[str, Any], bytes, str]:
    """Return what a page shows of the picture, as JSON holds it, a PNG of it, and its sentence."""
    names = runpy.run_path(str(STATIC / "front_picture.py"))
    png = names["explorer"].live.stored(names["explorer"].sentence)[0]
    state = names["heard"]("width", WIDTH)
    for name, value in state.items():
        if isinstance(value, bytes):
            state[name] = {"base64": base64.b64encode(value).decode()}
    return state, png, names["explorer"].sentence


def rows() -> list[list[str]]:
    """Return name, sentence and time of each lesson, as the README tells them."""
    readme = (ROOT / "README.md").read_text("utf-8")
    return [
        list(row) for row in re.findall(r"^\| `(\d\d_\w+)` \| (.+?) \| (.+?) \|$", readme, re.M)
    ]


def lesson(notebooks: list[Path], name: str, sentence: str, time: str) -> str:
    path = next(path for path in notebooks if path.stem == name)
    heading = html.escape(title(nbformat.read(path, 4)))
    number = name[:2] if name[0].isdigit() else ""
    return f"""<li data-notebook="{path.name}">
<a class="lesson" href="lab/index.html?path={path.name}">{number} {heading}</a>
<p>{html.escape(sentence)}. <span class="time">{time}</span></p>
<p class="ways"><a href="lab/index.html?path={path.name}">Run it</a>
<a href="read/{name}.html">Read it</a></p>
</li>"""
