"""A notebook in a folder of the reader's, beside their files, in a kernel with their settings."""

from nbformat.v4 import new_code_cell

from tests.notebooks.cells import read
from tools.normalise import execute

SHADOWS = "code", "copy", "email", "html", "queue", "random", "statistics", "string", "training"
SETTINGS = """
import numpy
from IPython.core.interactiveshell import InteractiveShell
numpy.seterr(all="raise")
InteractiveShell.ast_node_interactivity = "all"
%load_ext autoreload
%autoreload 2
"""


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def test_a_notebook_prints_the_same_in_a_folder_of_the_readers(tmp_path):
    """As papermill runs it, which stays in the folder that it was called from."""
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('the {name} of the reader')")
    stored, nb = read("08_which_optimizer"), read("08_which_optimizer")
    nb.cells.insert(0, new_code_cell(SETTINGS))
    ran = execute(nb, tmp_path)
    for before, after in zip(stored.cells, ran.cells[1:], strict=True):
        if before.cell_type == "code":
            assert printed(after) == printed(before)
            assert len(after.outputs) >= len(before.outputs)
