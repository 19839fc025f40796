"""The decision guide of notebook 07 points to what exists."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
HERE = "07_which_optimizer.ipynb"


def markdown(name):
    cells = nbformat.read(NOTEBOOKS / name, 4).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def headings(name):
    return {text for source in markdown(name) for text in re.findall(r"^#+ (.+)$", source, re.M)}


(GUIDE,) = [source for source in markdown(HERE) if source.startswith("## What to try first")]
LINES = [line.strip("| ").split(" | ") for line in GUIDE.splitlines() if line.startswith("| ")][2:]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_line_says_what_to_try_to_tune_and_to_look_at_and_where_it_was_seen(line):
    assert len(line) == 5
    assert all(line)
    pointers = re.findall(r"\]\(([^)#]*)#?([^)]*)\)(?:, \*(.+?)\*)?", line[4])
    assert pointers or "common practice" in line[4]
    for notebook, anchor, named in pointers:
        known = headings(notebook or HERE)
        assert named or anchor
        assert (named or anchor) in known | {heading.replace(" ", "-") for heading in known}
