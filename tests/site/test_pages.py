"""The front page, and the pages to read."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from tests.site.made import NAMES
from tools.site.build import stamp
from tools.site.driver import Site
from tools.site.reading import title

pytestmark = pytest.mark.site


class Tags(HTMLParser):
    """All tags of a page, and its text outside of code."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.prose, self._within = "", 0
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within += tag in ("pre", "code")

    def handle_endtag(self, tag: str) -> None:
        self._within -= tag in ("pre", "code")

    def handle_data(self, data: str) -> None:
        self.prose += "" if self._within else data


@pytest.mark.parametrize("name", NAMES)
def test_a_page_to_read_is_whole(folder: Path, name: str) -> None:
    """Formulas set, pictures with their sentences, nothing from other servers, links that lead."""
    page = Tags(folder / f"read/{name}.html")
    assert "$" not in page.prose
    assert "FORMULA" not in page.prose
    for tag, attributes in page.tags:
        assert tag != "script"
        if tag == "img":
            assert attributes["alt"]
        source = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        assert not source or not re.match("https?:|//", source), source
        target = attributes.get("href", "") if tag == "a" else ""
        if target and not re.match("https?:|#", target):
            assert (folder / "read" / target.split("?")[0].split("#")[0]).exists(), target
    assert f"../lab/index.html?path={name}.ipynb" in {a.get("href") for _, a in page.tags}


def test_a_page_to_read_fits_a_phone(site: Site) -> None:
    page = site.visit(viewport={"width": 360, "height": 700}).new_page()
    for name in NAMES:
        page.goto(f"{site.url}read/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    heights = page.goto(f"{site.url}read/01_sgd.html") and page.evaluate(
        "[...document.querySelectorAll('mfrac')].map(each => each.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) > 20  # numerators stand over denominators
    page.context.close()


def test_the_front_page_has_every_lesson(folder: Path) -> None:
    targets = {attributes.get("href") for _, attributes in Tags(folder / "index.html").tags}
    for name in NAMES:
        assert {f"lab/index.html?path={name}.ipynb", f"read/{name}.html"} <= targets


def test_the_front_picture_is_there_at_once_and_lives_when_python_is(site: Site) -> None:
    page = site.visit().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site.url)
    drawn = "document.querySelector('canvas').getContext('2d').getImageData(300, 100, 1, 1).data[3]"
    page.wait_for_function(drawn, timeout=5000)
    assert "loading" in page.locator("#python").inner_text()
    page.get_by_text("Python answers").wait_for(timeout=120_000)
    before = page.locator(".course-verdict").inner_text()
    page.locator("input[type=range]:visible").first.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.course-verdict').innerText !== before", arg=before
    )
    assert errors == []
    assert site.outside == []
    page.context.close()


def test_a_missing_file_is_named(site: Site) -> None:
    (numpy,) = site.folder.glob("static/pyodide/numpy-*.whl")
    away = numpy.rename(numpy.with_suffix(".away"))
    page = site.visit().new_page()
    try:
        page.goto(f"{site.url}lab/index.html?path=01_sgd.ipynb")
        told = page.get_by_text(re.compile("Python can't start: numpy could not be loaded"))
        told.wait_for(timeout=120_000)
    finally:
        away.rename(numpy)
        page.context.close()


def test_a_browser_that_cannot_run_python_says_so(site: Site) -> None:
    page = site.visit().new_page()
    page.add_init_script("delete window.WebAssembly")
    page.goto(f"{site.url}lab/index.html?path=01_sgd.ipynb")
    page.get_by_text("This browser has no WebAssembly").wait_for(timeout=30_000)
    page.get_by_role("link", name="read this one").click()
    page.get_by_role("heading", name="Walk downhill").wait_for(timeout=30_000)
    page.context.close()


def test_a_window_that_keeps_nothing_runs_and_says_what_it_lacks(
    site: Site, tmp_path: Path
) -> None:
    """The reader's browser blocks cookies, and with them all that a site may keep."""
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default/Preferences").write_text(json.dumps(blocked))
    with site.open("cards.ipynb", site.at_home(tmp_path)) as notebook:
        for lack in ("blocks service workers", "keeps nothing"):
            notebook.page.get_by_text(lack).wait_for(timeout=60_000)
        notebook.run_all()
        assert notebook.errors() == []
        notebook.page.keyboard.press("ControlOrMeta+s")
        notebook.settle()
        assert notebook.page.locator(".jp-Dialog").count() == 0


def test_a_new_version_takes_the_place_of_what_the_browser_has_kept(site: Site) -> None:
    """Of a notebook, too, that a server lets it keep for minutes without asking."""
    path = site.folder / "files/02_momentum.ipynb"
    before, ours = path.read_text("utf-8"), title(nbformat.read(path, 4))
    context = site.visit()
    page = context.new_page()
    try:
        for heading in (ours, "Another heading"):
            path.write_text(before.replace(ours, heading), "utf-8")
            stamp(site.folder)
            page.goto(f"{site.url}lab/index.html?path={path.name}")
            page.get_by_role("heading", name=heading).wait_for(timeout=60_000)
    finally:
        path.write_text(before, "utf-8")
        stamp(site.folder)
        context.close()


def test_a_second_visit_loads_little(site: Site, tmp_path: Path) -> None:
    for most in (35e6, 1e6):
        before = site.sent()
        site.open("01_sgd.ipynb", site.at_home(tmp_path)).close()
        assert site.sent() - before < most
