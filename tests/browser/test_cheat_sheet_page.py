"""The cheat sheet, printed from its HTML page as Chromium prints on A4: one side, then the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbconvert import HTMLExporter

from tools.jupyter import ROOT, Lab

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHEET = nbformat.read(ROOT / "notebooks" / "cheat_sheet.ipynb", 4).cells


@pytest.fixture(scope="module")
def page(lab: Lab) -> Iterator[Page]:
    with lab.open("cheat_sheet.ipynb") as opened:
        page = opened.page.context.new_page()
        page.context.set_offline(True)
        yield page


def printed(page: Page, cells: list[nbformat.NotebookNode], folder: Path) -> int:
    """Return on how many pages the cells are printed."""
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    (folder / "sheet.html").write_text(html, encoding="utf-8")
    page.goto((folder / "sheet.html").as_uri())
    cm = "1cm"
    pdf = page.pdf(format="A4", margin={"top": cm, "right": cm, "bottom": cm, "left": cm})
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_all_before_the_glossary_is_one_page(page: Page, tmp_path: Path) -> None:
    assert SHEET[-1].source.startswith("## Glossary\n")
    assert printed(page, SHEET[:-1], tmp_path) == 1


def test_the_glossary_begins_a_page(page: Page, tmp_path: Path) -> None:
    alone = printed(page, [SHEET[0], SHEET[-1]], tmp_path)
    assert printed(page, SHEET, tmp_path) == alone == 2


def test_a_longer_sheet_is_counted_as_more(page: Page, tmp_path: Path) -> None:
    more = nbformat.v4.new_markdown_cell(SHEET[1].source)
    assert printed(page, [*SHEET[:-1], more], tmp_path) == 2


def test_what_lays_out_the_print_is_not_seen_in_jupyterlab(lab: Lab) -> None:
    with lab.open("cheat_sheet.ipynb") as opened:
        opened.page.locator(".jp-Notebook h1", has_text="seven rules").wait_for()
        text = opened.page.locator(".jp-Notebook").inner_text()
        assert "@media" not in text
