"""The decision guide of notebook 08 points to what exists."""

import re
from pathlib import Path

import nbformat
import pytest

from tests.pages import headings, table_rows

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
HERE = "08_which_optimizer.ipynb"

CELLS = nbformat.read(NOTEBOOKS / HERE, 4).cells
(GUIDE,) = [c.source for c in CELLS if c.source.startswith("## What to try first")]
LINES = table_rows(GUIDE)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_line_says_what_to_try_to_tune_and_to_look_at_and_where_it_was_seen(line):
    assert len(line) == 5
    assert all(line)
    pointers = re.findall(r"\]\(([^)#]*)#?([^)]*)\)(?:, \*(.+?)\*)?", line[4])
    assert pointers or "common practice" in line[4]
    for notebook, anchor, named in pointers:
        known = {each.lstrip("# ") for each in headings(NOTEBOOKS / (notebook or HERE))}
        assert named or anchor
        assert (named or anchor) in known | {heading.replace(" ", "-") for heading in known}
