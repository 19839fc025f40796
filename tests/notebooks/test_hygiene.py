"""Every notebook keeps every rule, and every rule can fail.

No notebook is run here: nbval does that.
"""

import functools
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks import rules
from tools import normalise

PATHS = sorted(rules.NOTEBOOKS.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
each_rule = pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
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


# The rules themselves, on a notebook made up to keep them all

TITLE, OPENING, FIRST, FIGURE, TOLD, BEFORE, EXPLORER, PLAIN = 0, 1, 2, 3, 4, 5, 6, 9
PROSE = "You see the path turn at every step while the loss goes down, and you ask why. " * 2
IMPORTS = "import numpy as np\nfrom course_utils.lab import explore_paths\n"
MODULE = "from course_utils import lab as shown\nshown.explore_paths()"


def good():
    cells = [
        new_markdown_cell("# See the zig-zag"),
        new_markdown_cell("**You will be able to** see. **You need** a mouse. **Time** 5 min."),
    ]
    for number in range(10):
        heading = f"## Part {number}\n\n" if number != 1 else ""
        output = new_output("stream", text="f = 0.0133\n")
        code = new_code_cell("print('f =', 0.0133)", outputs=[output], execution_count=number + 1)
        cells += [new_markdown_cell(heading + PROSE), code, new_markdown_cell(PROSE)]
    cells.append(new_markdown_cell("## What you saw\n\nIt. **Sources:** one. **Next:** more."))
    cells[FIGURE].source = IMPORTS + "np.arange(3)"
    cells[FIGURE].outputs = [new_output("display_data", {"image/png": "AA", "text/plain": "f"})]
    cells[EXPLORER].source = "explorer = explore_paths()\nexplorer"
    cells[EXPLORER].outputs = [new_output("display_data", {"image/png": "AA"})]
    return new_notebook(cells=cells)


def source(text, at=PLAIN, **metadata):
    """A change to the good notebook: this source for one of its cells."""

    def change(nb):
        nb.cells[at].source = text
        nb.cells[at].metadata.update(metadata)

    return change


def prints(text):
    def change(nb):
        nb.cells[PLAIN].outputs = [new_output("stream", text=text)]

    return change


def shows(text):
    def change(nb):
        nb.cells[PLAIN].outputs = [new_output("execute_result", {"text/plain": text})]

    return change


def insert(at, *cells):
    def change(nb):
        nb.cells[at:at] = cells

    return change


def error(nb):
    nb.cells[PLAIN].outputs = [new_output("error", ename="KeyError", evalue="'W1'", traceback=[])]


def clear(at):
    def change(nb):
        nb.cells[at].outputs = []

    return change


def count(number):
    def change(nb):
        nb.cells[PLAIN].execution_count = number

    return change


def every_code_cell(text):
    def change(nb):
        for _, cell in rules.code(nb)[2:]:
            cell.source = text

    return change


def every_text(text):
    def change(nb):
        for _, cell in rules.markdown(nb)[2:-1]:
            cell.source = text

    return change


def remove(start, stop=None):
    def change(nb):
        del nb.cells[start:stop]

    return change


CODE, TEXT = new_code_cell("1 + 1"), new_markdown_cell("Text.")
TASK = new_code_cell("1 + 1", metadata={"tags": ["exercise"]})

BAD = [
    (rules.no_empty_cell, source(""), "cell 10: empty"),
    (rules.no_empty_cell, source("# x = 1\n\n  # y = 2"), "cell 10: empty"),
    (rules.no_empty_cell, source(" \n", TOLD), "cell 5: empty"),
    (rules.plain_python, source("!ls"), "cell 10: not plain Python: !ls"),
    (rules.plain_python, source("%matplotlib inline"), "not plain Python: %matplotlib"),
    (rules.plain_python, source("%pip install numpy"), "cell 10: installs"),
    (rules.plain_python, source("os.system('conda install -y numpy')"), "cell 10: installs"),
    (rules.no_semicolon_at_the_end, source("x = 1;"), "cell 10: ends in ;"),
    (rules.no_semicolon_at_the_end, source("x = 1;  # quiet\n"), "cell 10: ends in ;"),
    (rules.no_star_import, source("from numpy import *"), "cell 10: numpy.*"),
    (rules.no_sys_path, source("import sys\nsys.path.append('..')"), "cell 10: sys.path"),
    (rules.no_sys_path, source("from sys import path"), "cell 10: sys.path"),
    (rules.no_pyplot, source("plt.plot([1])"), "cell 10: plt"),
    (rules.no_pyplot, source("import matplotlib.pyplot as p"), "cell 10: matplotlib.pyplot"),
    (rules.no_pyplot, source("from ipywidgets import HTML"), "cell 10: ipywidgets.HTML"),
    (rules.no_global_random_state, source("np.random.seed(0)"), "cell 10: np.random.seed"),
    (rules.no_global_random_state, source("np.random.randn(3)"), "cell 10: np.random.randn"),
    (rules.no_global_random_state, source("from numpy.random import seed"), "numpy.random.seed"),
    (rules.no_global_random_state, source("random.seed(1)"), "cell 10: random.seed"),
    (rules.no_silenced_warnings, source("warnings.simplefilter('ignore')"), "cell 10: warnings."),
    (rules.no_silenced_warnings, source("from warnings import filterwarnings"), "cell 10"),
    (rules.no_class_outside_exercises, source("class SGD:\n    pass"), "cell 10: class SGD"),
    (rules.imports_are_allowed, source("import torch.optim"), "cell 10: torch.optim is neither"),
    (rules.imports_are_allowed, source("from .local import x"), "cell 10: .local.x is neither"),
    (rules.imports_are_used_and_not_repeated, source("import math"), "cell 10: math is not used"),
    (rules.imports_are_used_and_not_repeated, source("import numpy as np"), "np is imported again"),
    (rules.marks_are_tags, source("# NBVAL_IGNORE_OUTPUT\nx = 1"), "cell 10: nbval mark in a"),
    (rules.marks_are_tags, source("x = 1", tags=["keep-output"]), "cell 10: keep-output needs"),
    (rules.code_cells_are_short, source("x = 1\n" * 16), "cell 10: 16 lines"),
    (rules.code_cells_are_short, every_code_cell("x = 1\n" * 5), "median lines of a code cell: 5"),
    (rules.few_code_cells_in_a_row, insert(PLAIN, CODE, CODE), "cells 10 to 12: code without"),
    (rules.size_of_the_lesson, remove(8, 17), "cells of the lesson: 24, expected 25 to 45"),
    (rules.size_of_the_lesson, insert(8, *[TEXT] * 13), "cells of the lesson: 46"),
    (rules.size_of_the_lesson, remove(8, 17), "code cells of the lesson: 7, expected 8 to 16"),
    (rules.size_of_the_lesson, insert(8, *[CODE] * 7), "code cells of the lesson: 17"),
    (rules.size_of_the_lesson, insert(8, *[TASK] * 48), "cells with the tasks: 81"),
    (rules.size_of_the_lesson, insert(8, *[TASK] * 29), "code cells with the tasks: 39"),
    (rules.enough_prose_and_not_too_much, every_text("Too short."), "per code cell: 6, expected"),
    (rules.enough_prose_and_not_too_much, every_text("word " * 60), "words of prose per code cell"),
    (rules.enough_prose_and_not_too_much, every_text("$x + y$ " * 25), "per code cell: 2, exp"),
    (rules.small_file, prints("x" * 1_000_000), "bytes: "),
    (rules.opening, source("See the zig-zag", TITLE), "cell 1: no # title"),
    (rules.opening, source("**Time** 5 min", OPENING), "lacks **You will be able to**"),
    (rules.opening, source("You need\n**You will be able to**", OPENING), "lacks **You need**"),
    (rules.opening, source("**You will be able to** **You need**", OPENING), "lacks **Time**"),
    (rules.closing, remove(-1), "the end lacks **What you saw**"),
    (rules.closing, source("**What you saw** **Next**", -1), "the end lacks **Sources**"),
    (rules.closing, source("**What you saw** **Sources**", -1), "the end lacks **Next**"),
    (rules.pictures_are_told, insert(TOLD, CODE), "cell 4: no text after its picture"),
    (rules.pictures_are_told, remove(EXPLORER + 1), "cell 7: no text after its picture"),
    (rules.explorers_follow_a_figure, source("## A new part", BEFORE), "cell 7: explorer without"),
    (rules.explorers_follow_a_figure, clear(FIGURE), "cell 7: explorer without"),
    (rules.explorers_follow_a_figure, source(MODULE), "cell 10: explorer without"),
    (rules.images_have_alternative_text, source("![](a.png)", TOLD), "cell 5: ![](a.png)"),
    (rules.images_have_alternative_text, source('<img src="a.png" alt="">', TOLD), "cell 5: <img"),
    (rules.links_lead_somewhere, source("[next](none.ipynb#top)", TOLD), "cell 5: none.ipynb does"),
    (rules.links_lead_somewhere, source("<img src='no.png' alt='x'>", TOLD), "cell 5: no.png does"),
    (rules.every_code_cell_has_run, count(None), "cell 10: execution count None, expected 3"),
    (rules.every_code_cell_has_run, count(7), "cell 10: execution count 7, expected 3"),
    (rules.no_stored_error, error, "cell 10: KeyError"),
    (rules.outputs_hold_on_every_machine, prints("in /home/me/x.py"), "cell 10: /home"),
    (rules.outputs_hold_on_every_machine, prints("PosixPath('/work/x')"), "cell 10: /work"),
    (rules.outputs_hold_on_every_machine, prints(r"C:\Users\me"), "cell 10: C:\\"),
    (rules.outputs_hold_on_every_machine, shows("[np.float64(1.0)]"), "cell 10: np.float64("),
    (rules.outputs_hold_on_every_machine, shows("<object at 0x7f3a>"), "cell 10: at 0x7f3a"),
]

ACCEPTED = [
    (rules.no_empty_cell, source("# the reason\nx = 1")),
    (rules.plain_python, source("await something()")),
    (rules.no_semicolon_at_the_end, source("x = 1; y = 2\ntext = ';'")),
    (rules.no_global_random_state, source("rng = np.random.default_rng(0)")),
    (rules.no_class_outside_exercises, source("class A:\n    pass", tags=["exercise"])),
    (rules.marks_are_tags, source("x = 1", tags=["keep-output", "nbval-ignore-output"])),
    (rules.few_code_cells_in_a_row, insert(PLAIN, CODE)),
    (rules.size_of_the_lesson, insert(8, *[TASK] * 28)),
    (rules.images_have_alternative_text, source('![a path](a.png) <img alt="b">', TOLD)),
    (rules.links_lead_somewhere, source("[a](https://example.org) [b](#top)", TOLD)),
    (rules.outputs_hold_on_every_machine, prints("home/work, np.log10(x), https://a.org/tmp/b")),
]


@each_rule
def test_rule_accepts_a_good_notebook(rule):
    assert rule(good()) == []


@pytest.mark.parametrize(("rule", "change", "complaint"), BAD)
def test_rule_refuses(rule, change, complaint):
    nb = good()
    change(nb)
    assert any(complaint in found for found in rule(nb)), rule(nb)


@pytest.mark.parametrize(("rule", "change"), ACCEPTED)
def test_rule_accepts(rule, change):
    nb = good()
    change(nb)
    assert rule(nb) == []


def test_link_to_a_file_beside_the_notebook_is_accepted(tmp_path):
    (tmp_path / "01_sgd.ipynb").touch()
    nb = good()
    nb.cells[TOLD].source = '[next](01_sgd.ipynb#top "the next one")'
    assert rules.links_lead_somewhere(nb, tmp_path) == []
    assert rules.links_lead_somewhere(nb, tmp_path / "elsewhere") != []


def test_every_rule_has_been_seen_to_refuse():
    assert {rule for rule, *_ in BAD} == set(rules.RULES)


def test_a_page_that_is_no_lesson_keeps_all_other_rules():
    lesson, page = (rules.rules_for(Path(name)) for name in ("01_sgd.ipynb", "cheat_sheet.ipynb"))
    assert lesson == rules.RULES
    assert set(lesson) - set(page) == rules.LESSONS_ONLY
    assert rules.size_of_the_lesson in rules.LESSONS_ONLY
