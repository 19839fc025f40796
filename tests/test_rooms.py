"""The rooms of course_utils: how large each may be, and that every arrow points down."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "course_utils"
LINES = {
    "machine": 80,
    "progress": 150,
    "front": 1400,
    "mnist": 270,
    "experiments": 900,
    "jupyter": 30,
    "page": 870,
    "ground": 265,
    "lab": 2400,
    "tutor": 1900,
}
LINES_OF_A_FRONT_FILE = 300
LINES_OF_JAVASCRIPT = 250
MAY_IMPORT = {
    "machine": {"machine"},
    "progress": {"progress"},
    "mnist": {"machine", "mnist"},
    "front": {"machine", "mnist", "front"},
    "experiments": {"front", "experiments"},
    "jupyter": set(),
    "page": {"page"},
    "ground": {"front", "page", "ground"},
    "lab": {"machine", "front", "experiments", "page", "ground", "lab"},
    "tutor": {"progress", "front", "experiments", "tutor"},
}


def files(room, pattern="*.py"):
    found = PACKAGE.glob(pattern) if room == "front" else (PACKAGE / room).rglob(pattern)
    return sorted(found)


def lines(path):
    return len(path.read_text("utf-8").splitlines())


def imported(path):
    """Yield the full name of everything that a file imports, wherever in it."""
    package = path.parent.relative_to(ROOT).parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(name):
    """Return the room of an imported name, or None where it is not of this package."""
    first, *rest = name.split(".")
    if first != "course_utils":
        return None
    return rest[0] if rest and rest[0] in MAY_IMPORT else "front"


@pytest.mark.parametrize("room", LINES)
def test_a_room_is_not_too_large(room):
    sizes = {path.name: lines(path) for path in files(room)}
    assert 0 < sum(sizes.values()) <= LINES[room], sizes


def test_no_file_of_the_front_room_is_too_long():
    assert [p.name for p in files("front") if lines(p) > LINES_OF_A_FRONT_FILE] == []


def test_there_is_little_javascript():
    assert sum(lines(path) for path in PACKAGE.rglob("*.js")) <= LINES_OF_JAVASCRIPT


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_point_down(room):
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(room)
        for name in imported(path)
        if room_of(name) not in {None, *MAY_IMPORT[room]}
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", ["course_utils", "tools", "benchmarks"])
def test_nothing_imports_from_the_tests(folder):
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported(path)
        if name.split(".")[0] == "tests"
    ]
    assert wrong == []


FRESH = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    import_module(name)
    loaded = sorted({"matplotlib", "ipywidgets", "IPython"} & set(sys.modules))
    if loaded:
        sys.exit(f"{name} loads {', '.join(loaded)}")
"""


@pytest.mark.parametrize("room", ["machine", "progress", "mnist", "front", "experiments"])
def test_what_computes_loads_nothing_that_draws(room):
    paths = [path.relative_to(ROOT).with_suffix("") for path in files(room)]
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    run = subprocess.run(
        [sys.executable, "-c", FRESH, *names], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
