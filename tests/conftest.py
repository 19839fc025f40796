"""Fixtures for all tests, and a last section in the report that names what did not run and why."""

from __future__ import annotations

import os
import signal
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from course_utils.mnist.files import named_folder, read_folder

# A busy machine is slow, not wrong; and a failing example should fail for everybody.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    """The folder that holds the four official MNIST files; skips the test where there is none."""
    value = os.environ.get("COURSE_MNIST_DIR")
    if not value:
        pytest.skip("no real MNIST: COURSE_MNIST_DIR is not set")
    folder = named_folder(value)
    try:
        read_folder(folder, "COURSE_MNIST_DIR")
    except FileNotFoundError as error:
        pytest.skip(f"no real MNIST: {error}")
    return folder


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
