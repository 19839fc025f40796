"""`check` in a real kernel: nothing of an answer is shown, and Interrupt ends it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from course_utils.tutor.checks import sandbox
from course_utils.tutor.lessons import task

ROOT = Path(__file__).parents[2]
LOOP = "        for key in params:"
ANSWER = task("sgd-rule")["solution"].replace(LOOP, f"        {{}}\n{LOOP}")
ANSWER += '\ncheck("sgd-rule", MySGD)\n'


@pytest.fixture(scope="module")
def kernel():
    manager = KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = sys.executable
    # With this name in it a kernel leaves out what is written to the process's own streams.
    manager.start_kernel(
        env={n: value for n, value in os.environ.items() if n != "PYTEST_CURRENT_TEST"}
    )
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(60)

    def run(source, interrupt_after=None):
        """Run a cell; return (kind, text) of each output."""
        asked, shown, start = client.execute(source), [], time.monotonic()
        while True:
            if interrupt_after and time.monotonic() - start > interrupt_after:
                manager.interrupt_kernel()
                interrupt_after = None
            try:
                message = client.get_iopub_msg(timeout=0.1)
            except Exception as error:
                if type(error).__name__ != "Empty" or time.monotonic() - start > 60:
                    raise
                continue
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return shown
            if kind == "stream":
                shown.append((content["name"], content["text"]))
            elif kind in ("execute_result", "display_data"):
                shown.append((kind, content["data"]["text/plain"]))
            elif kind == "error":
                shown.append((kind, content["ename"]))

    assert run("import numpy as np\nfrom course_utils.tutor import check") == []
    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    "line",
    [
        "print('out')",
        "import sys; print('err', file=sys.stderr); sys.stdout.flush()",
        "import logging; logging.warning('logged')",
        "from IPython.display import display; display('shown')",
        "import ipywidgets; from IPython.display import display; display(ipywidgets.IntSlider())",
        "import os; os.system('echo out; echo err >&2')",
    ],
)
def test_nothing_of_an_answer_is_shown(kernel, line):
    [(kind, text)] = kernel(ANSWER.format(line))
    assert kind == "execute_result"
    assert text.startswith("MySGD: right.")


@pytest.mark.skipif(not sandbox.APART, reason="there are no copies of a process here")
@pytest.mark.parametrize(
    "line", ["import time; time.sleep(100)", "import itertools; sum(itertools.count())"]
)
def test_interrupt_ends_a_check_with_a_sentence(kernel, line):
    [(_, text)] = kernel(ANSWER.format(line), interrupt_after=0.3)
    assert text.startswith("MySGD: not yet.")
    assert line in " ".join(text.split())
    assert kernel("1 + 1") == [("execute_result", "2")]


def test_an_import_in_an_answer_breaks_nothing(kernel):
    [(_, text)] = kernel(ANSWER.format("import matplotlib.pyplot"))
    assert text.startswith("MySGD: right.")
    assert kernel("import matplotlib.pyplot") == []


def test_a_cell_magic_after_a_syntax_error_is_the_last_version(kernel):
    broken = (
        ANSWER.replace("grads):", "grads)")
        .format("pass")
        .removesuffix('check("sgd-rule", MySGD)\n')
    )
    kernel(ANSWER.format("pass"))
    assert kernel(broken) == [("error", "SyntaxError")]
    [(_, text)] = kernel('check("sgd-rule", MySGD)')
    assert "could not be read" in text
    timed = "%%time\n" + ANSWER.format("pass").removesuffix('check("sgd-rule", MySGD)\n')
    assert [kind for kind, _ in kernel(timed)] == ["stdout"]
    [(_, text)] = kernel('check("sgd-rule", MySGD)')
    assert text.startswith("MySGD: right.")
    assert ("error", "SyntaxError") in kernel("%%time\n" + broken)
    [(_, text)] = kernel('check("sgd-rule", MySGD)')
    assert "could not be read" in text


def test_a_debugger_says_nothing_of_a_check():
    pytest.importorskip("debugpy", reason="debugpy is not installed")
    code = """
import debugpy, os, sys
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what it says of this process itself
debugpy.listen(("127.0.0.1", 0))
os.dup2(1, 2)
from course_utils.tutor import check, lessons
task = lessons.task("cross-entropy")
exec("import numpy as np\\n" + task["solution"])
print(check(task["id"], cross_entropy))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.startswith("cross_entropy: right."), run.stderr
