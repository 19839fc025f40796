"""Print the tables of speed: `python -m benchmarks`, or some of them by name."""

import argparse
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from benchmarks import (
    article,
    classroom,
    descent,
    explorers,
    grid,
    memory,
    moves,
    plane,
    site,
    startup,
)
from benchmarks.timing import Row

TABLES = {
    "article": article.rows,
    "descent": descent.rows,
    "grid": grid.rows,
    "plane": plane.rows,
    "startup": startup.rows,
    "moves": moves.rows,
    "memory": memory.rows,
    "explorers": explorers.rows,
    "class": classroom.rows,
    "site": site.rows,
}
HEADER = Row("what", "measured", "compared with", "ratio", "target")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="table", help=", ".join(TABLES))
    names = parser.parse_args().tables
    if unknown := [name for name in names if name not in TABLES]:
        parser.error(f"no table {unknown[0]!r}; there are {', '.join(TABLES)}")
    sys.stdout.reconfigure(errors="replace")  # a pipe that can't take a κ gets the numbers
    print(machine())
    rows = []
    for name in names or [name for name in TABLES if name != "site"]:  # that one needs the site
        print(f"measuring {name} ...", file=sys.stderr)
        rows += TABLES[name]()
    print(f"\nTimes and ratios: the median, in brackets the best.\n\n{table(rows)}")


def machine():
    """Return two lines on what was measured on, and how busy it is."""
    try:
        cpuinfo = Path("/proc/cpuinfo").read_text()
        cpu = next(line for line in cpuinfo.splitlines() if line.startswith("model name"))
        cpu = cpu.split(":")[1].strip()
    except (OSError, StopIteration):
        cpu = platform.processor() or platform.machine()
    cores = os.cpu_count()
    blas = [
        f"{one['internal_api']} {one['version']}"
        for one in threadpool_info()
        if one["user_api"] == "blas"
    ]
    try:
        torch = metadata.version("torch")
    except metadata.PackageNotFoundError:
        torch = "not installed"
    lines = (
        f"{cpu}, {cores} cores, {platform.system()}; Python {platform.python_version()}, "
        f"NumPy {np.__version__} with {' and '.join(blas) or 'a BLAS unknown'}, PyTorch {torch}"
    )
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 0.5:
        lines += (
            f"\nOther programs run here now (load {os.getloadavg()[0]:.1f} on {cores} cores): "
            "times are too long, above all those with two threads."
        )
    return lines


def table(rows):
    """Return the rows as a Markdown table with aligned columns."""
    cells = [list(vars(one).values()) for one in (HEADER, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in cells)


if __name__ == "__main__":
    main()
