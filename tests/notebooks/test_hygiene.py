"""Every notebook keeps every rule.

No notebook is run here: nbval does that.
"""

import functools

import pytest

from tests.notebooks import rules
from tools import normalise

PATHS = sorted(rules.NOTEBOOKS.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
read = functools.cache(lambda path: normalise.read(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("path", "rule"),
    [(path, rule) for path in PATHS for rule in rules.rules_for(path)],
    ids=lambda value: getattr(value, "stem", None) or value.__name__,
)
def test_notebook_keeps_the_rule(path, rule):
    assert rule(read(path)) == []


@each_notebook
def test_notebook_is_normalised(path):
    text = path.read_bytes().decode()
    tidied = normalise.normalised(text, path.parent, run=False)
    assert normalise.differences(text, tidied) == [], f"run: python -m tools.normalise {path}"
