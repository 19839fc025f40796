"""The course elsewhere than on the reader's own machine, at the address that pyproject.toml gives.

    python -m tools.elsewhere                    write the README's row of ways to open the course
    python -m tools.elsewhere --colab FOLDER     write the edition for Colab into a folder

The edition for Colab is the same notebooks, each below a cell that installs the course where it is
missing. It stands on the branch `colab`, which .github/workflows/pages.yml writes.
"""

import argparse
import re
import tomllib
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
ADDRESS: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"][
    "Repository"
]
OWNER, NAME = ADDRESS.rstrip("/").split("/")[-2:]
FIRST = "00_start_here.ipynb"
BINDER = f"https://mybinder.org/v2/gh/{OWNER}/{NAME}/HEAD?urlpath=lab/tree/notebooks/"
COLAB = f"https://colab.research.google.com/github/{OWNER}/{NAME}/blob/colab/"
WAYS = {
    f"[In the browser](https://{OWNER}.github.io/{NAME}/)": "a browser; loads 20 to 35 MB",
    f"[Binder]({BINDER}{FIRST})": "minutes to start; keeps nothing",
    f"[Colab]({COLAB}{FIRST})": "a Google account; installs for a minute",
    f"[Codespaces](https://codespaces.new/{OWNER}/{NAME})": (
        "a GitHub account, of whose free hours it takes"
    ),
    "[Your machine](#start)": "Python 3.11, make, 600 MB; then no network",
}
UNSET = "Until `pyproject.toml` has the repository's address, only the last one leads anywhere."
ROW = re.compile(rf"^\| \[In the browser\].*\n\|.*\n\|.*\n(\n{re.escape(UNSET)}\n)?", re.M)

INSTALL = f"""\
# Colab has no copy of the course: where it is missing, this installs it, which takes a minute.
from importlib.util import find_spec

if find_spec("course_utils") is None:
    %pip install --quiet git+{ADDRESS}"""


def row() -> str:
    """Return the README's table: each way to open the course over what it needs."""
    lines = [[*WAYS], ["---"] * len(WAYS), [*WAYS.values()]]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{table}\n{UNSET}\n" if OWNER == "OWNER" else table


def write_row() -> None:
    text, found = ROW.subn(lambda _: row(), README.read_text("utf-8"))
    if found != 1:
        raise ValueError(f"README.md must have one row of ways to open the course, got {found}")
    README.write_text(text, "utf-8")


def write_colab(folder: Path) -> None:
    """Write every notebook into a folder, below a cell that installs the course."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        nb = nbformat.read(path, 4)
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                cell.source = re.sub(r"\]\((\w+\.ipynb)", rf"]({COLAB}\1", cell.source)
        nb.cells.insert(0, new_code_cell(INSTALL, id="install"))
        nbformat.write(nb, folder / path.name)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.elsewhere", description=__doc__)
    parser.add_argument("--colab", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    if options.colab:
        write_colab(options.colab)
    else:
        write_row()


if __name__ == "__main__":
    main()
