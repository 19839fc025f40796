"""What a learner waits for: `import course_utils` and `load_mnist`, each in fresh processes."""

import subprocess
import sys
from pathlib import Path

from benchmarks.article import mnist_folder
from benchmarks.timing import Row, Times, row
from course_utils.mnist.files import read_folder

IMPORT = """
import sys
from time import perf_counter
start = perf_counter()
__import__(sys.argv[1])
print(perf_counter() - start)
"""
LOAD = """
import sys
from time import perf_counter
from course_utils import load_mnist
start = perf_counter()
load_mnist(path=sys.argv[1])
print(perf_counter() - start)
"""
MEMORY = """
import sys, tracemalloc
from course_utils import load_mnist
tracemalloc.start()
(x_train, _), (x_test, _) = load_mnist(path=sys.argv[1])
print(tracemalloc.get_traced_memory()[1], x_train.nbytes + x_test.nbytes)
"""


def rows(repetitions=7):
    """Return the table. The first time that something is read from the disk does not count."""
    ours, numpy, load = [], [], []
    for _ in range(repetitions + 1):
        ours += _printed(IMPORT, "course_utils")
        numpy += _printed(IMPORT, "numpy")
    table = [row("import course_utils", Times("", ours[1:]), Times("import numpy", numpy[1:]))]

    folder = mnist_folder()
    try:
        read_folder(folder, "here")
    except (FileNotFoundError, ValueError):
        return [*table, Row("load_mnist", "MNIST is not here")]
    for _ in range(repetitions + 1):
        load += _printed(LOAD, folder)
    peak, arrays = _printed(MEMORY, folder)
    return [
        *table,
        Row("load_mnist, time", str(Times("", load[1:])), target="less than 500 ms"),
        Row(
            "load_mnist, peak of memory",
            f"{peak / 1e6:.0f} MB",
            f"the float32 images: {arrays / 1e6:.0f} MB",
            f"{peak / arrays:.3g}",
            "at most 2",
        ),
    ]


def _printed(code, argument):
    """Return the numbers that a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(argument)],
        cwd=Path(__file__).parents[1],
        check=True,
        capture_output=True,
        text=True,
    )
    return [float(word) for word in done.stdout.split()]
