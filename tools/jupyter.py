"""Page objects: a real JupyterLab, a notebook open in it, and the explorers in that notebook.

    with Lab() as lab, lab.open("01_sgd.ipynb") as notebook:
        notebook.run_all()
        explorer = notebook.explorers()[0]
        before = explorer.state()
        explorer.move(explorer.controls()[0])
        after = explorer.wait_change(before)

The browser is the system's own Chromium, driven by Playwright. The notebooks are a copy in a
temporary folder.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, WebSocket

ROOT = Path(__file__).parents[1]

CHROMIUM_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

SETTINGS = {
    **json.loads((ROOT / "course_utils/jupyter/lab_settings.json").read_text("utf-8")),
    # Every cell is in the page, also those scrolled out of sight, and no empty screen after them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none", "scrollPastEnd": False},
}

KINDS = {
    "slider": ".course-control:has(input[type=range])",
    "choice": ".course-control:has([role=radiogroup])",
    "play": ".course-play",
    "button": ".course-button",
}

FOCUS = {"slider": "input[type=range]", "choice": "input:checked", "play": "button"}


def find_chromium() -> str | None:
    """Path of the system's Chromium or Chrome; the environment variable CHROMIUM goes first."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


class Lab:
    """JupyterLab on a free port and one headless browser, from `with` to its end.

    `folder` (default: the project's notebooks) is copied; JupyterLab serves the copy, `root`.
    """

    def __init__(self, folder: Path = ROOT / "notebooks") -> None:
        self.folder = folder

    def __enter__(self) -> Lab:
        from playwright.sync_api import sync_playwright  # so that the module loads without it

        chromium = find_chromium()
        if chromium is None:
            raise FileNotFoundError(
                "Chromium not found: install Debian's chromium package, "
                "or set CHROMIUM to the path of a Chromium or Chrome"
            )
        with ExitStack() as stack:
            temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="course-lab-"))
            self._home = home = Path(temporary)
            self.root = home / "notebooks"
            if self.folder.is_dir():
                ignore = shutil.ignore_patterns(".ipynb_checkpoints", "*course-progress.txt")
                shutil.copytree(self.folder, self.root, ignore=ignore)
            else:
                self.root.mkdir()
            self._log = home / "server.log"
            self._token = os.urandom(16).hex()
            self._url = self._start_server(stack)
            playwright = stack.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(
                executable_path=chromium,
                args=CHROMIUM_FLAGS,
                chromium_sandbox=not is_superuser(),  # as root, Chromium's sandbox can't start
            )
            stack.callback(self._browser.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def open(
        self,
        name: str,
        width: int = 1280,
        height: int = 800,
        zoom: float = 1,
        density: float = 1,
        page: str = "doc/tree",
    ) -> Notebook:
        """Open the notebook `name` of `root` in a fresh window of `width` × `height`.

        `zoom` is the browser's zoom: 1.5 shows everything half as large again. `density` is how
        many of the screen's pixels stand beside each other on one of the window's. `page`
        "notebooks" opens it in Jupyter Notebook 7.
        """
        context = self._browser.new_context(
            viewport={"width": round(width / zoom), "height": round(height / zoom)},
            device_scale_factor=zoom * density,
        )
        return Notebook(self, context.new_page(), name, page)

    def write(self, name: str, *sources: Any) -> str:
        """Put a notebook of these code cells, or cells of any kind, into `root`; its name."""
        nb = new_notebook(
            cells=[
                new_code_cell(each.strip()) if isinstance(each, str) else each for each in sources
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
        )
        nbformat.write(nb, self.root / name)
        return name

    def settings(self, plugin: str, **values: object) -> None:
        """Give a plugin of JupyterLab settings, for the windows that are opened from then on."""
        folder = self._home / "config/lab/user-settings"
        path = folder / f"{plugin.replace(':', '/')}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def log(self) -> str:
        """What the server and its kernels have printed so far."""
        return self._log.read_text(errors="replace")

    def request(self, path: str, method: str = "GET") -> Any:
        """Call the server's REST interface; returns the decoded JSON, or None."""
        request = urllib.request.Request(
            self._url + path, method=method, headers={"Authorization": f"token {self._token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def page_url(self, name: str, page: str) -> str:
        return f"{self._url}{page}/{quote(name)}?reset&token={self._token}"

    def _start_server(self, stack: ExitStack) -> str:
        for plugin, values in SETTINGS.items():
            self.settings(plugin, **values)
        home, before = self._home, os.environ.get("PYTHONPATH")
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_TOKEN": self._token,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), before))),
        }
        command = [sys.executable, "-m", "jupyter", "lab", "--no-browser"]
        command += [f"--ServerApp.root_dir={self.root}", "--ServerApp.ip=127.0.0.1"]
        command += ["--ServerApp.port=0"]
        if is_superuser():
            command += ["--allow-root"]
        log = stack.enter_context(self._log.open("w"))
        server = subprocess.Popen(
            command, cwd=self.root, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        stack.callback(_stop, server)
        end = time.monotonic() + 60
        while time.monotonic() < end and server.poll() is None:
            for info in (home / "runtime").glob("jpserver-*.json"):
                try:
                    self._url = json.loads(info.read_text())["url"]
                    self.request("api/status")
                    return self._url
                except (ValueError, urllib.error.URLError):
                    pass  # the file is half-written, or the server not listening yet
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start within 60 s. It printed:\n{self.log()}")


class Notebook:
    """One notebook open in JupyterLab, with a kernel of its own; `close` shuts that kernel down."""

    def __init__(self, lab: Lab, page: Page, name: str, kind: str) -> None:
        self.lab, self.page, self.name = lab, page, name
        self.console_errors: list[str] = []
        self._messages: list[dict[str, Any]] = []
        self._unanswered: set[str] = set()
        self._answered = 0
        self._run = 0  # where in `_messages` the last run begins
        self.received = 0  # bytes, from the kernel
        page.on("websocket", self._listen)
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        page.on(
            "console",
            lambda line: self.console_errors.append(line.text) if line.type == "error" else None,
        )
        page.goto(lab.page_url(name, kind))
        cells = json.loads((lab.root / name).read_text(encoding="utf-8"))["cells"]
        shown = page.locator(".jp-Notebook .jp-Cell")
        self.wait(lambda: shown.count() == len(cells), 60, f"{len(cells)} cells were not shown")
        # The notebook's own round indicator says idle before there is a kernel.
        self.wait(lambda: any(map(_is_idle, self._messages)), 60, "the kernel was not idle")
        self._sources = sum(
            cell["cell_type"] == "code" and bool("".join(cell["source"]).strip()) for cell in cells
        )

    def __enter__(self) -> Notebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.page.context.close()
        for session in self.lab.request("api/sessions"):
            if session["path"] == self.name:
                self.lab.request(f"api/sessions/{session['id']}", "DELETE")

    def run_all(self, timeout: float = 180) -> float:
        """Choose Run ▸ Run All Cells and wait for the last cell; returns seconds."""
        expected = self._answered + self._sources
        self._run = len(self._messages)
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        item = self.page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True)
        start = time.monotonic()
        item.click()
        self.wait(lambda: self._answered >= expected, timeout, "cells were still running")
        self.settle(timeout)
        return time.monotonic() - start

    def settle(self, timeout: float = 30) -> None:
        """Wait until the kernel has answered all that the page sent, and the page shows it."""

        def quiet() -> bool:
            # Asked again: ipywidgets holds a value back while the kernel is busy.
            return not self._unanswered and self.page.evaluate(SHOWN) and not self._unanswered

        self.wait(quiet, timeout, "kernel or page was still busy")

    def errors(self) -> list[str]:
        """Tracebacks of the cells that failed in the last `run_all`."""
        return [_traceback(m) for m in self._messages[self._run :] if _is_error(m) and _in_cell(m)]

    def callback_errors(self) -> list[str]:
        """Errors of the kernel outside of running cells: widget callbacks and tasks.

        JupyterLab hides them in its log console, so they are taken from the kernel's messages:
        every error and every text on stderr that no running cell has sent.
        """
        found = []
        for message in self._messages:
            if _in_cell(message):
                continue
            if _is_error(message):
                found.append(_traceback(message))
            elif message["content"].get("name") == "stderr":
                text = message["content"]["text"]
                # The page looks for widgets also before the kernel has loaded ipywidgets.
                if not text.startswith("No such comm"):
                    found.append(text)
        return found

    def outputs(self, i: int) -> list[str]:
        """Texts of the outputs that code cell `i` (from 0) shows."""
        cell = self.page.locator(".jp-CodeCell").nth(i)
        texts = cell.locator(".jp-OutputArea-output").all_inner_texts()
        return [text.strip() for text in texts]

    def explorers(self) -> list[Explorer]:
        return [Explorer(self, root) for root in self.page.locator(".course-explorer").all()]

    def screenshot(self, prefix: Path, max_height: int = 1800) -> list[Path]:
        """Save the whole notebook as `prefix`-1.png, -2.png, … of at most `max_height` pixels."""
        page = self.page
        before = page.viewport_size
        assert before is not None
        scale = page.evaluate("devicePixelRatio")
        panel = page.locator(".jp-WindowedPanel-outer").first
        box = panel.bounding_box()
        assert box is not None
        view = int(max_height / scale)
        page.set_viewport_size(
            {"width": before["width"], "height": view + round(before["height"] - box["height"])}
        )
        self.settle()
        box = panel.bounding_box()
        assert box is not None
        step = int(box["height"])
        total = panel.evaluate("e => e.scrollHeight")
        paths: list[Path] = []
        for top in range(0, total, step):
            scrolled = panel.evaluate("(e, top) => { e.scrollTop = top; return e.scrollTop; }", top)
            self.settle()
            hidden = top - scrolled  # the last slice can't be scrolled to the top
            path = prefix.with_name(f"{prefix.name}-{len(paths) + 1}.png")
            height = min(step, total - top)
            page.screenshot(
                path=path,
                clip={
                    "x": box["x"],
                    "y": box["y"] + hidden,
                    "width": box["width"],
                    "height": height,
                },
            )
            paths.append(path)
        page.set_viewport_size(before)
        return paths

    def wait(self, done: Callable[[], bool], timeout: float, complaint: str) -> None:
        end = time.monotonic() + timeout
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.name}: {complaint} after {timeout:g} s")
            self.page.wait_for_timeout(40)

    def _listen(self, socket: WebSocket) -> None:
        if "/channels" in socket.url:
            socket.on("framesent", self._sent)
            socket.on("framereceived", self._received)

    def _sent(self, frame: str | bytes) -> None:
        channel, message = decode(frame)
        if channel == "shell":
            self._unanswered.add(message["header"]["msg_id"])

    def _received(self, frame: str | bytes) -> None:
        self.received += len(frame)
        channel, message = decode(frame)
        parent = message["parent_header"]
        if channel == "iopub":
            self._messages.append(message)
            if _is_idle(message):
                self._unanswered.discard(parent.get("msg_id"))
        elif message["header"]["msg_type"] == "execute_reply":
            self._answered += 1
            self._unanswered.discard(parent.get("msg_id"))


@dataclass(frozen=True)
class Control:
    """A slider, choice, play button (with speed and loop) or button, and its name."""

    kind: str
    name: str
    element: Locator


class State(NamedTuple):
    """What an explorer shows: the picture, as a digest, 0 of an empty one, its alternative text,
    and the verdict."""

    picture: int
    alt: str
    verdict: str


class Explorer:
    """An element with class course-explorer: controls, course-picture and course-verdict."""

    def __init__(self, notebook: Notebook, root: Locator) -> None:
        self.notebook, self.page, self.root = notebook, notebook.page, root
        self.canvas = root.locator(".course-picture")

    def verdict(self) -> str:
        return self.state().verdict

    def state(self) -> State:
        """All three of one moment; white space in the texts is single spaces."""
        picture, alt, verdict = self.root.evaluate(READ_STATE)
        return State(picture, _plain(alt), _plain(verdict))

    def wait_change(self, previous: State, timeout: float = 30) -> State:
        """Wait for another picture than the `previous` one and for the kernel; the new state."""
        state = previous

        def changed() -> bool:
            nonlocal state
            self.notebook.settle(timeout)
            state = self.state()
            return state.picture != previous.picture

        complaint = f"the picture had not changed (verdict: {previous.verdict!r})"
        self.notebook.wait(changed, timeout, complaint)
        return state

    def controls(self, enabled: bool = True) -> list[Control]:
        """The controls in the order of the page; by default without those switched off."""
        elements = self.root.locator(", ".join(KINDS.values()))
        read = enumerate(elements.evaluate_all(READ_CONTROLS, KINDS))
        found = [(Control(kind, name, elements.nth(i)), on) for i, (kind, name, on) in read]
        return [control for control, on in found if on or not enabled]

    def control(self, name: str, kind: str | None = None, enabled: bool = True) -> Control:
        """The control with this name (and kind); by default it has to be enabled."""
        controls = self.controls(enabled)
        for control in controls:
            if control.name == name and kind in (None, control.kind):
                return control
        raise LookupError(
            f"no {'enabled ' * enabled}{kind or 'control'} {name!r}; there are "
            f"{[(c.kind, c.name) for c in controls]}"
        )

    def unlike(self, twin: Any) -> float:
        """The `difference` from what an explorer made here shows on a page of this width.

        Up to about 40 they look the same: browser and matplotlib don't smooth alike.
        """
        width = self.canvas.evaluate("canvas => canvas.clientWidth")
        twin.view.width = width
        shown = base64.b64decode(self.canvas.evaluate("canvas => canvas.toDataURL()")[22:])
        return difference(shown, drawn(twin.live, 3), width)

    def press(self, control: Control, key: str, times: int = 1) -> None:
        """Put the focus on the control and press a key, as "ArrowRight" or "Enter"."""
        css = FOCUS.get(control.kind)
        for _ in range(times):
            (control.element.locator(css).first if css else control.element).focus()
            self.page.keyboard.press(key)

    def move(self, control: Control) -> None:
        """Bring the control to another value by one key, or press it."""
        key = "Enter"
        if control.kind == "slider":
            at_end = control.element.locator("input[type=range]").evaluate("e => +e.value === 1")
            key = "ArrowLeft" if at_end else "ArrowRight"
        elif control.kind == "choice":
            key = "ArrowRight"
        self.press(control, key)

    def type(self, control: Control, text: str, key: str = "Enter") -> None:
        """Write a value into a slider's field, and press a key."""
        field = control.element.locator(".course-value")
        field.focus()
        for each in ("ControlOrMeta+a", "Delete"):
            self.page.keyboard.press(each)
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press(key)

    def drag(self, *places: tuple[float, float]) -> None:
        """Take hold of the picture at the first place, move to the others, and let go."""
        self.point(places[0])
        self.page.mouse.down()
        for place in places:
            self.point(place)
        self.page.mouse.up()

    def point(self, place: tuple[float, float]) -> None:
        """Move the pointer to a place in the picture, in the pixels that it is laid out in."""
        self.page.mouse.move(*self.on_page(place))

    def on_page(self, place: tuple[float, float]) -> tuple[float, float]:
        """Scroll the picture into view; where a place in it then is on the page."""
        x, y = self.canvas.evaluate(ON_PAGE, place)
        return x, y

    def value(self, control: Control) -> str:
        """What the page shows: a value, the option chosen, or what a button says of itself."""
        if control.kind in ("slider", "choice"):
            return self.shown()[control.name]
        element = control.element.locator("button").first if control.kind == "play" else None
        return _plain((element or control.element).get_attribute("aria-label") or control.name)

    def shown(self) -> dict[str, str]:
        """What all sliders and choices show, by name, those too that are hidden."""
        return {name: _plain(text) for name, text in self.root.evaluate(READ_VALUES)}

    def values(self) -> dict[str, float]:
        """The numbers that all sliders show, by name, those too that are hidden."""
        sliders = [control for control in self.controls(enabled=False) if control.kind == "slider"]
        shown = self.shown()
        return {control.name: float(shown[control.name]) for control in sliders}

    def enabled(self, control: Control) -> bool:
        """Whether the control can be seen and used now."""
        off = control.element.get_attribute("aria-disabled") == "true"
        return control.element.is_visible() and not off


def drawn(live: Any, density: int = 1) -> bytes:
    """What a live picture shows, as matplotlib draws it at a density, as PNG."""
    own = [artist for layer in live._layers.values() for artist in layer] if live.on_page else []
    for artist in own:
        artist.set_animated(False)
    png: bytes = live.figure.png(density)
    for artist in own:
        artist.set_animated(True)
    return png


# Two frames on: is no cell running, no widget loading, no place in a box still empty?
SHOWN = """() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => {
    const all = css => [...document.querySelectorAll(css)];
    resolve(
        !all('.jp-InputPrompt').some(prompt => prompt.textContent.includes('*'))
        && !all('.jp-OutputArea-output').some(e => e.textContent.startsWith('Loading widget'))
        && !all('.widget-box > .lm-Widget:empty:not(.jupyter-widgets)').length);
})))"""

READ_STATE = """root => {
    const canvas = root.querySelector('.course-picture');
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let digest = 0;
    for (const each of new Uint32Array(pixels.data.buffer))
        digest = Math.imul(digest ^ each, 16777619);
    return [digest, canvas.ariaLabel ?? '', root.querySelector('.course-verdict').textContent];
}"""

READ_CONTROLS = """(elements, kinds) => elements.map(element => {
    const kind = Object.keys(kinds).find(kind => element.matches(kinds[kind]));
    const name = kind === 'button' ? element.textContent
        : element.closest('.course-control').dataset.name;
    return [kind, name, element.checkVisibility() && element.ariaDisabled !== 'true'];
})"""

READ_VALUES = """root => [...root.querySelectorAll('.course-control')].map(line =>
    [line.dataset.name, line.querySelector('.course-value')?.value
        ?? line.querySelector('label:has(:checked)')?.textContent ?? ''])"""

# A place in the picture, in the pixels that it was laid out in, on the page.
ON_PAGE = """(canvas, [x, y]) => {
    canvas.scrollIntoView({block: 'nearest'});
    const box = canvas.getBoundingClientRect();
    const scale = box.width / parseFloat(canvas.style.aspectRatio);
    return [box.left + x * scale, box.top + y * scale];
}"""


def decode(frame: str | bytes) -> tuple[str, dict[str, Any]]:
    """Channel and message of a frame between page and kernel.

    A text frame is JSON; a binary one follows v1.kernel.websocket.jupyter.org: a count, so many
    offsets (all little-endian 64 bit), then channel, header, parent, metadata, content, buffers.
    """
    if isinstance(frame, str):
        message = json.loads(frame)
        return message["channel"], message

    def number(i: int) -> int:
        return int.from_bytes(frame[8 * i : 8 * i + 8], "little")

    parts = [frame[number(i) : number(i + 1)] for i in range(1, 6)]
    names = ("header", "parent_header", "metadata", "content")
    return parts[0].decode(), dict(zip(names, map(json.loads, parts[1:]), strict=True))


def agree(alt: str, verdict: str) -> bool:
    """Whether picture and verdict say the same: both say something, and one holds the other."""
    return bool(alt and verdict) and (alt in verdict or verdict in alt)


def difference(first: bytes, second: bytes, width: int) -> float:
    """How much two pictures (PNG), shown `width` pixels wide, differ at most.

    In squares of 10 pixels, so that letters' edges and half a pixel don't count: the largest
    difference of a square's mean red, green or blue, from 0 to 255.
    """
    import numpy as np
    from PIL import Image

    means = []
    for png in (first, second):
        with Image.open(BytesIO(png)) as image:
            size = width // 10, round(image.height / image.width * width / 10)
            squares = image.convert("RGB").resize(size, Image.Resampling.BOX)
        means.append(np.asarray(squares, float))
    return float(np.abs(means[0] - means[1]).max())


def _is_error(message: dict[str, Any]) -> bool:
    return bool(message["header"]["msg_type"] == "error")


def _is_idle(message: dict[str, Any]) -> bool:
    return bool(message["content"].get("execution_state") == "idle")


def _in_cell(message: dict[str, Any]) -> bool:
    return bool(message["parent_header"].get("msg_type") == "execute_request")


def _traceback(message: dict[str, Any]) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", "\n".join(message["content"]["traceback"]))


def _plain(text: str) -> str:
    return " ".join(text.split())


def is_superuser() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _stop(server: subprocess.Popen[Any]) -> None:
    """End the server, which ends its kernels."""
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
