"""The site, built once, and a headless Chromium that reaches nothing but this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.site.made import add_notebooks
from tools.jupyter import find_chromium
from tools.site.archives import NoArchives
from tools.site.build import build

BUILT = os.environ.get("COURSE_SITE")
"""A built site's folder, to test this and no other, as before it is published."""


def not_here(reason: str) -> NoReturn:
    """Skip what can't run here; where a site is to be tested, fail."""
    if BUILT:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's folder; skips where what it is built from can't be had."""
    folder = tmp_path_factory.mktemp("site") / "site"
    if BUILT:
        shutil.copytree(BUILT, folder)
        add_notebooks(folder)
        return folder
    try:
        build(folder)
    except NoArchives as error:
        not_here(f"the site can't be built: {error}")
    add_notebooks(folder)
    return folder


@pytest.fixture(scope="package")
def site(request: pytest.FixtureRequest) -> Iterator[object]:
    # Not to the end of the session: Playwright's event loop would be in the way of asyncio.run.
    pytest.importorskip(
        "playwright", reason="Playwright not found: install the project's test extra"
    )
    if find_chromium() is None:
        not_here(
            "Chromium not found: install Debian's chromium package,"
            " or set CHROMIUM to the path of a Chromium or Chrome"
        )
    from tools.site.driver import Site

    # Last, since it takes the longest, and fetches what it is made of.
    with Site(request.getfixturevalue("folder")) as running:
        yield running
