"""Python in a browser: what is large is loaded when a cell needs it."""

import logging
import sys
from pathlib import Path

NEEDS = {"load_sweep": "scipy", "load_mnist": "sklearn"}
"""What a cell names, and the package that is then imported within a function."""


def prepare():
    """Let the notebook's kernel load what a cell `NEEDS`, and nothing be said about fonts."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    if kernel := sys.modules.get("pyodide_kernel.kernel"):
        usual = kernel._load_packages_from_imports
        kernel._load_packages_from_imports = lambda code: usual(with_needs(code))


def with_needs(code):
    """Return a cell's code with an import of each package that it needs at second hand."""
    names = [name for name in NEEDS if name in code]
    if Path("data/train-images-idx3-ubyte.gz").exists() and "load_mnist" in names:
        names.remove("load_mnist")
    return "\n".join([code, *(f"import {NEEDS[name]}" for name in names)])


def one_by_one(function, *values):
    """Be a `map` that the reader's stop button ends: only who asks hears of it here."""
    import js

    if js.courseStopped():
        raise KeyboardInterrupt
    return map(function, *values)
