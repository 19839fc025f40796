"""Fixtures for all tests, and a last section in the report that names what did not run and why."""

from __future__ import annotations

import os
import signal
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is slow, not wrong; and a failing example should fail for everybody.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")

MNIST_FILES = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
]


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    """The folder that holds the four official MNIST files; skips the test where there is none."""
    folder = os.environ.get("COURSE_MNIST_DIR")
    if not folder:
        pytest.skip("no real MNIST: COURSE_MNIST_DIR is not set")
    missing = [name for name in MNIST_FILES if not Path(folder, name).is_file()]
    if missing:
        pytest.skip(f"no real MNIST: COURSE_MNIST_DIR={folder} lacks {', '.join(missing)}")
    return Path(folder)


@pytest.fixture
def ctrl_c() -> Generator[None, None, None]:
    """Lets SIGINT raise KeyboardInterrupt, which a shell's background job would ignore."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    yield
    tests_by_reason: dict[str, list[str]] = defaultdict(list)
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        tests_by_reason[reason.removeprefix("Skipped: ")].append(report.nodeid)
    if not tests_by_reason:
        return
    terminalreporter.section("not run")
    for reason, tests in tests_by_reason.items():
        files = dict.fromkeys(test.split("::")[0] for test in tests)
        terminalreporter.line(f"{len(tests)} in {', '.join(files)}: {reason}")
