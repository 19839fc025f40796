"""Python in a browser: what is large is loaded when a cell needs it."""

import logging
import sys
from pathlib import Path

NEEDS = {"load_sweep": "scipy", "load_mnist": "sklearn"}
"""What a cell names, and the package that is then imported within a function."""


def prepare():
    """Let the notebook's kernel load what a cell `NEEDS`, and nothing be said about fonts."""
    # It would tell in the first cell that it lists its fonts, as it does at every visit.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    if "pyodide_kernel" in sys.modules:
        from pyodide_kernel import kernel

        usual = kernel._load_packages_from_imports
        kernel._load_packages_from_imports = lambda code: usual(with_needs(code))


def with_needs(code):
    """Return a cell's code with an import of each package that it needs at second hand."""
    names = [name for name in NEEDS if name in code]
    if Path("data/train-images-idx3-ubyte.gz").exists():
        names = [name for name in names if name != "load_mnist"]
    return "\n".join([code, *(f"import {NEEDS[name]}" for name in names)])
