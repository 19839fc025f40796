"""A real JupyterLab in a headless Chromium, started once for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab, find_chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Last: Playwright's event loop stays open to the end and would be in the way of asyncio.run.
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    pytest.importorskip(
        "playwright", reason="Playwright not found: install the project's test extra"
    )
    if find_chromium() is None:
        pytest.skip(
            "Chromium not found: install Debian's chromium package,"
            " or set CHROMIUM to the path of a Chromium or Chrome"
        )
    with Lab() as running:
        yield running
