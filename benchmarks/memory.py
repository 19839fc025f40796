"""What a kernel holds after a lesson, run through a real ipykernel, its explorers as on a page."""

import asyncio
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.timing import Row
from course_utils.jupyter import KERNELS
from tools.normalise import ThisPython, read

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
AT_MOST = {"01_sgd": 130, "06_mnist_comparison": 160}
"""Megabytes after a lesson, without what all kernels share of MNIST."""

WIDTH = """
from ipywidgets.widgets.widget import _instances
for _widget in list(_instances.values()):
    if hasattr(_widget, "paper"):
        _widget.width = {}
"""
"""What a page says of the explorers that it shows, and, with 0, of those whose cells run again."""

BARE = {"a bare kernel": "", "the course imported": "import course_utils.lab, course_utils.tutor"}


def rows(names=None, reruns=3):
    """Return the table. names: of notebooks, by default all lessons; reruns: of 06."""
    if not Path("/proc/self/smaps").exists():
        return [Row("memory of a kernel", "not measured: needs Linux's /proc")]
    found = [_row(name, measure([code])[0]) for name, code in BARE.items()]
    lessons = sorted(path.stem for path in NOTEBOOKS.glob("0*.ipynb"))
    for name in lessons if names is None else names:
        cells = read((NOTEBOOKS / f"{name}.ipynb").read_text("utf-8")).cells
        sources = [each.source for each in cells if each.cell_type == "code"]
        again = reruns if name == "06_mnist_comparison" else 1
        runs = measure(sources, again)
        found.append(_row(f"after {name}", runs[0], AT_MOST.get(name)))
        if again > 1:
            found.append(_row(f"after {again} runs of {name}", runs[-1], AT_MOST.get(name)))
    return found


def measure(sources, times=1):
    """Run cells in one kernel so many times; return after each (own, shared MNIST) in bytes."""
    sources = [WIDTH.format(0), *sources, WIDTH.format(1370)]
    nb = new_notebook(cells=[new_code_cell(each) for each in sources])
    client = NotebookClient(nb, km=ThisPython(), resources={"metadata": {"path": str(NOTEBOOKS)}})
    with ThreadPoolExecutor(1) as pool:  # where no loop of Playwright's runs
        return pool.submit(asyncio.run, _measured(client, times)).result()


async def _measured(client, times):
    found = []
    async with client.async_setup_kernel(env=KERNELS | os.environ, cleanup_kc=True):
        for _ in range(times):
            for index, cell in enumerate(client.nb.cells):
                await client.async_execute_cell(cell, index, store_history=True)
            found.append(held(client.km.provisioner.pid))
    return found


def held(pid):
    """Return a process's proportional share of memory without MNIST's, and of MNIST's, in bytes."""
    parts = {False: 0, True: 0}
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            shared = "mnist" in line.lower()
        elif line.startswith("Pss:"):
            parts[shared] += 1024 * int(line.split()[1])
    return parts[False], parts[True]


def _row(what, memory, at_most=None):
    own, shared = (f"{each / 1e6:.0f} MB" for each in memory)
    target = f"at most {at_most} MB" if at_most else "–"
    return Row(f"memory {what}", own, f"shared: {shared}", target=target)
