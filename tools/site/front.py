"""The page that a reader lands on: the picture of the five methods, and a way to every lesson."""

import base64
import html
import json
import re
import runpy
from pathlib import Path
from typing import Any

import nbformat

from tools.site.packages import ROOT
from tools.site.reading import title

STATIC = Path(__file__).parent / "static"
WIDTH = 1100  # of the picture, in the page's pixels, until the page has told its own
CHEAT_SHEET = ["cheat_sheet", "Rules, defaults and conversions to PyTorch and Keras", ""]


def write_front(site: Path, notebooks: list[Path], lock: str, size: int, mnist: bool) -> None:
    """Write index.html, which holds all that belongs to it: no part is of another version.

    lock: what Python loads its packages by. size: of what it loads, in bytes.
    mnist: whether the site holds the files of MNIST.
    """
    page = ROOT / "course_utils/page"
    style = (page / "page.css").read_text("utf-8") + (STATIC / "front.css").read_text("utf-8")
    drawing = (page / "page.js").read_text("utf-8").replace("export default", "const explorer =", 1)
    python = f"const LOCK = {script(lock)}, PICTURE = {script(front('front_picture.py'))};\n"
    state, png, sentence = picture()
    lessons = "\n".join(lesson(notebooks, *row) for row in [*rows(), CHEAT_SHEET])
    digits = "" if mnist else " This site came without MNIST: the small digits stand in."
    text = front("front.html")
    for name, value in {
        "STYLE": style,
        "SCRIPT": drawing + front("front.js"),
        "WORKER": python + front("front_worker.js"),
        "KEPT": front("kept.js"),
        "STATE": script(state),
        "PNG": base64.b64encode(png).decode(),
        "SENTENCE": html.escape(sentence),
        "LESSONS": lessons,
        "BYTES": str(size),
        "DIGITS": digits,
    }.items():
        text = text.replace(f"@{name}@", value)
    (site / "index.html").write_text(text, "utf-8")


def front(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


def script(value: Any) -> str:
    """Return a value as JSON that can stand in a page's script."""
    return json.dumps(value).replace("<", "\\u003c")


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
