"""Notebook 06 after its trainings were stopped: each cell that tells their results says so."""

import ast
from contextlib import redirect_stdout
from io import StringIO

import course_utils
from course_utils import MyTwoLayerNet, lab
from course_utils.mnist import _scikit_learn_digits
from tests.notebooks.cells import read, shown

RESULTS = {"trainings", "again", "runs"}


def test_cells_that_tell_results_say_that_they_were_cut_short(monkeypatch):
    def progress(done, total):
        if (done, total) == (310, 2000):
            raise KeyboardInterrupt

    digits, names, told = _scikit_learn_digits(True, "a test"), {}, []
    monkeypatch.setattr(course_utils, "load_mnist", lambda normalize: digits)
    monkeypatch.setattr(lab, "ProgressBar", lambda label: progress)
    monkeypatch.setattr(MyTwoLayerNet, "numerical_gradient", MyTwoLayerNet.gradient)  # soon done
    for cell in read("06_mnist_comparison").cells:
        if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", ()):
            with redirect_stdout(StringIO()) as printed:
                value = shown(cell.source, names)
            said = printed.getvalue() + getattr(value, "description", "")
            used = {each.id for each in ast.walk(ast.parse(cell.source)) if hasattr(each, "id")}
            if said and used & RESULTS:
                told.append(said)
    assert len(names["again"].loss) == 310
    assert len(told) == 7
    without = [said for said in told if "after 310 of 2,000 updates" not in said]
    assert [said.splitlines()[0] for said in without] == [
        "right on the test digits of scikit-learn digits after 310 updates:"
    ]
