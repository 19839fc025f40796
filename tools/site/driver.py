"""Page objects for the site: its lab in a headless Chromium, and a notebook open in it.

    with Site(folder) as site, site.open("01_sgd.ipynb") as notebook:
        notebook.run_all()

No request leaves the machine: what isn't on loopback fails, and is noted in `site.outside`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, ClassVar

import nbformat
from playwright.sync_api import BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tools.jupyter import CHROMIUM_FLAGS, SHOWN, Notebook, find_chromium, is_superuser
from tools.site.serve import Handler, server

PATIENCE = 60  # seconds
OUTCOMES = ("stream", "execute_result", "display_data", "execute_error")


ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


LAUNCH: dict[str, Any] = {
    "executable_path": find_chromium(),
    "args": [*CHROMIUM_FLAGS, ONLY_HERE],
    "chromium_sandbox": not is_superuser(),
}


class Kept(Handler):
    """It lets a browser keep all for minutes, as GitHub Pages does.

    served: the size, in bytes, of each answer.
    """

    served: ClassVar[list[int]] = []

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        self.served.append(source.seek(0, 2))
        source.seek(0)
        with suppress(ConnectionError):  # a page that is closed still loads something
            super().copyfile(source, outputfile)


class Site:
    """A site's folder behind a static server, and one browser, from `with` to its end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.outside = folder, list[str]()

    def __enter__(self) -> Site:
        with ExitStack() as stack:
            running = stack.enter_context(server(self.folder, handler=Kept))
            threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(running.shutdown)
            self.url = f"http://127.0.0.1:{running.server_port}/"
            self._chromium = stack.enter_context(sync_playwright()).chromium
            self.browser = self._chromium.launch(**LAUNCH)
            stack.callback(self.browser.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def visit(self, **options: Any) -> BrowserContext:
        """Return the windows of a reader who has never been here."""
        context = self.browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}} | options  # type: ignore[arg-type]
        )
        context.on("request", lambda request: self._note(request.url))  # a route would end caching
        return context

    def at_home(self, folder: Path) -> BrowserContext:
        """Return the windows of a reader whose browser keeps what it loads, here in a folder."""
        return self._chromium.launch_persistent_context(folder, **LAUNCH)

    def sent(self) -> int:
        """How many bytes the server has sent so far."""
        return sum(Kept.served)

    def open(self, name: str, context: BrowserContext | None = None) -> SiteNotebook:
        """Open a notebook in the lab, in a fresh browser or in a given one."""
        return SiteNotebook(self, (context or self.visit()).new_page(), name)

    def _note(self, url: str) -> None:
        if not url.startswith((self.url, "blob:", "data:")):
            self.outside.append(url)


class SiteNotebook(Notebook):
    """A notebook open in the site's lab; all that goes to its kernel and comes back is noted."""

    def __init__(self, site: Site, page: Page, name: str) -> None:
        self.page, self.name, self._run = page, name, 0
        self.console_errors: list[str] = []
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        page.add_init_script(NOTE_KERNEL)
        self._cells = nbformat.read(site.folder / "files" / name, 4).cells
        self._sources = sum(cell.cell_type == "code" and bool(cell.source) for cell in self._cells)
        page.goto(f"{site.url}lab/index.html?path={name}")
        self.wait_open()

    def wait_open(self) -> None:
        """Wait until the notebook is shown and its kernel is there."""
        shown, count = self.page.locator(".jp-Notebook .jp-Cell"), len(self._cells)
        self.wait(lambda: shown.count() == count, 120, f"{count} cells were not shown")
        status = self.page.locator("#jp-main-statusbar").get_by_text("| Idle")
        self.wait(lambda: status.count() > 0, 240, "the kernel was not idle")

    def wait(self, done: Callable[[], bool], timeout: float, complaint: str) -> None:
        super().wait(done, max(timeout, PATIENCE), complaint)  # slower than a server's Python

    def __enter__(self) -> SiteNotebook:
        return self

    def close(self) -> None:
        self.page.context.close()

    def run_all(self, timeout: float = 300) -> float:
        self._run = len(self.executed())
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        item = self.page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True)
        start = time.monotonic()
        item.click()
        # An error ends the run, so no more is to be waited for.
        ended = (
            f"courseKernel.executed.length >= {self._run + self._sources} || courseKernel.failed"
        )
        self.page.evaluate("courseKernel.failed = false")
        try:
            self.page.wait_for_function(ended, timeout=1000 * timeout, polling=200)
        except PlaywrightTimeout as error:
            raise TimeoutError(f"{self.name}: cells still waited after {timeout:g} s") from error
        self.settle(timeout)
        return time.monotonic() - start

    def settle(self, timeout: float = 60) -> None:
        for _ in range(2):  # ipywidgets holds a value back while the kernel is busy
            self.wait(
                lambda: bool(self.page.evaluate(SETTLED)), timeout, "kernel or page was still busy"
            )

    def executed(self) -> list[str]:
        """The ids of the messages by which cells were run."""
        return list(self.page.evaluate("courseKernel.executed"))

    def messages(self) -> list[dict[str, Any]]:
        """What the kernel has told: dicts of type, id of the message answered, and content."""
        return list(self.page.evaluate("courseKernel.told"))

    def results(self) -> list[list[dict[str, Any]]]:
        """What each cell of the last run has put out, as `messages` has it."""
        by_cell: dict[str, list[dict[str, Any]]] = {id: [] for id in self.executed()[self._run :]}
        for message in self.messages():
            if message["parent"] in by_cell and message["type"] in OUTCOMES:
                by_cell[message["parent"]].append(message)
        return list(by_cell.values())

    def errors(self) -> list[str]:
        return [
            "\n".join(message["content"]["traceback"])
            for cell in self.results()
            for message in cell
            if message["type"] == "execute_error"
        ]

    def callback_errors(self) -> list[str]:
        cells = self.executed()
        return [
            str(message["content"])
            for message in self.messages()
            if message["parent"] not in cells
            and (message["type"] == "execute_error" or message["content"].get("name") == "stderr")
        ]


# The kernel is a worker; what is called in it, and what it says, are messages to and from it.
NOTE_KERNEL = """(() => {
    const kernel = window.courseKernel = {executed: [], told: [], waiting: new Set()};
    const plain = value => value && JSON.parse(JSON.stringify(value, (key, each) =>
        key === 'image/png' || ArrayBuffer.isView(each) ? null : each));
    window.Worker = class extends Worker {
        constructor(...rest) {
            super(...rest);
            this.addEventListener('message', ({data}) => {
                const told = data?._kernelMessage;
                if (told) {
                    kernel.failed ||= told.type === 'execute_error';
                    kernel.told.push({
                        type: told.type, parent: told.parentHeader?.msg_id,
                        content: plain(told.bundle ?? told.content)});
                } else kernel.waiting.delete(data?.id);
            });
        }
        postMessage(message, ...rest) {
            if (message?.type === 'APPLY') {
                kernel.waiting.add(message.id);
                if (message.path[0] === 'execute')
                    kernel.executed.push(message.argumentList[1].value.header.msg_id);
            }
            super.postMessage(message, ...rest);
        }
    };
})()"""

SETTLED = f"({SHOWN})().then(shown => shown && !courseKernel.waiting.size)"
