"""A real JupyterLab in a headless Chromium, started once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tools.jupyter import Lab, find_chromium


@pytest.fixture(scope="package")
def lab() -> Iterator[Lab]:
    # Not to the end of the session: Playwright's event loop would be in the way of asyncio.run.
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
