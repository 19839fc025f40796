"""The normalising command: what it removes, what it keeps, and that nbval accepts the result."""

import base64
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tools import files, normalise

RICH = """\
import base64, io
from PIL import Image
from PIL.PngImagePlugin import PngInfo

class Rich:
    def _repr_mimebundle_(self, include=None, exclude=None):
        stamp, file = PngInfo(), io.BytesIO()
        stamp.add_text("Software", "some version")
        Image.new("RGB", (4, 3), "orange").save(file, "PNG", pnginfo=stamp)
        return {
            "image/png": base64.b64encode(file.getvalue()).decode(),
            "text/plain": "a rich picture",
            "application/vnd.jupyter.widget-view+json": {"model_id": "1", "version_major": 2},
        }

Rich()"""
SOURCES = [
    "print('one'); print('two')",
    "import time\ntime.sleep(0.05)\nprint('three', flush=True); time.sleep(0.3); print('four')",
    RICH,
    "import ipywidgets\nslider = ipywidgets.IntSlider(3)\nslider",
    "print(time.perf_counter_ns())",
    "from pathlib import Path\nPath('here.txt').exists()",
]
TIMED = 4


def sample() -> dict:
    nb = new_notebook(cells=[new_markdown_cell("# Sample"), *map(new_code_cell, SOURCES)])
    nb.cells[1 + TIMED].metadata.tags = ["keep-output", "nbval-ignore-output"]
    return nb


def run(*arguments) -> int:
    return normalise.main([str(argument) for argument in arguments])


def png(level: int = 6, colour: str = "orange", text: str = "") -> bytes:
    file, stamp = io.BytesIO(), PngInfo()
    if text:
        stamp.add_text("Software", text)
        stamp.add_itxt("Title", text)
        stamp.add_text("Long", text, zip=True)
    Image.new("RGB", (40, 30), colour).save(file, "PNG", compress_level=level, pnginfo=stamp)
    return file.getvalue()


def tidy_one(cell):
    """The only cell of a notebook after tidying."""
    return normalise.tidy(new_notebook(cells=[cell])).cells[0]


def picture_cell(data: bytes):
    output = new_output("execute_result", {"image/png": base64.b64encode(data).decode()})
    return new_code_cell("picture", outputs=[output])


# One run of a sample notebook with every kind of output


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("notebooks") / "sample.ipynb"
    path.with_name("here.txt").touch()
    path.write_text(json.dumps(sample()))
    assert run(path) == 0
    return path


def outputs(path: Path) -> list[list]:
    return [cell.outputs for cell in normalise.code_cells(normalise.read(path.read_text()))]


def test_run_stores_every_output_without_what_varies(ran):
    stdout, slow, rich, widget, _, here = outputs(ran)
    assert [out.text for out in stdout] == ["one\ntwo\n"]
    assert [out.text for out in slow] == ["three\nfour\n"]
    assert set(rich[0].data) == {"image/png", "text/plain"}
    assert b"some version" not in base64.b64decode(rich[0].data["image/png"])
    assert widget[0].data == {"text/plain": "IntSlider(value=3)"}
    assert here[0].data["text/plain"] == "True", "the kernel runs in the notebook's folder"


def test_run_stores_no_timing_state_or_version(ran):
    nb = normalise.read(ran.read_text())
    assert nb.metadata == normalise.METADATA
    assert [set(cell.metadata) - {"tags"} for cell in nb.cells] == [set()] * len(nb.cells)
    assert [cell.execution_count for cell in normalise.code_cells(nb)] == [1, 2, 3, 4, 5, 6]
    assert (nb.nbformat, nb.nbformat_minor) == (4, 5)
    assert ran.read_text().endswith("}\n")
    assert not list(ran.parent.glob("*.tmp"))


def test_second_run_changes_no_byte_and_does_not_write(ran):
    before, written = ran.read_bytes(), ran.stat().st_mtime_ns
    assert run(ran.parent) == 0
    assert ran.read_bytes() == before
    assert ran.stat().st_mtime_ns == written
    assert run("--no-execute", "--check", ran) == 0


def test_check_names_a_stale_output_and_writes_nothing(ran, tmp_path, capsys):
    stale = tmp_path / "stale.ipynb"
    (tmp_path / "here.txt").touch()
    stale.write_text(ran.read_text().replace("two\\n", "too\\n"))
    before = stale.read_bytes()
    assert run("--check", stale) == 1
    assert f"{stale}: would change: cell 2: outputs\n" in capsys.readouterr().out
    assert stale.read_bytes() == before


def test_refresh_replaces_a_kept_output(ran, tmp_path, capsys):
    copy = tmp_path / "copy.ipynb"
    (tmp_path / "here.txt").touch()
    copy.write_bytes(ran.read_bytes())
    assert run("--refresh", copy) == 0
    assert f"rewritten: cell {TIMED + 2}: outputs\n" in capsys.readouterr().out
    assert outputs(copy)[TIMED] != outputs(ran)[TIMED]


def test_nbval_accepts_the_result_and_refuses_a_changed_widget(ran, tmp_path):
    (tmp_path / "here.txt").touch()
    changed = ran.read_text().replace("IntSlider(value=3)", "IntSlider(value=4)")
    (tmp_path / "sample.ipynb").write_text(changed)
    options = ["--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-q", "--rootdir"]
    nbval = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path, tmp_path],
        cwd=tmp_path, env=os.environ | {"PYTEST_ADDOPTS": ""}, capture_output=True, text=True,
    )  # fmt: skip
    assert re.findall("^FAILED .*(Cell .)", nbval.stdout, re.M) == ["Cell 3"], nbval.stdout
    assert f"1 failed, {len(SOURCES) - 1} passed" in nbval.stdout


def test_failing_cell_stops_with_notebook_cell_and_error(tmp_path, capsys):
    path = tmp_path / "bad.ipynb"
    cells = [new_markdown_cell("# Bad"), new_code_cell("a = 0"), new_code_cell("1 / a", id="x")]
    path.write_text(json.dumps(new_notebook(cells=cells)))
    before = path.read_bytes()
    assert run(path) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"{path}: cell 3 (id x) failed: ZeroDivisionError: division by zero")
    assert "1 / a" in message
    assert "\x1b" not in message
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import time\ntime.sleep(60)", "it ran longer than 1 s"),
        ("import os\nos._exit(1)", "Kernel died"),
    ],
)
def test_cell_that_hangs_or_kills_the_kernel_is_named(
    tmp_path, capsys, monkeypatch, source, message
):
    monkeypatch.setattr(normalise, "CELL_TIMEOUT", 1)
    path = tmp_path / "bad.ipynb"
    path.write_text(json.dumps(new_notebook(cells=[new_code_cell(source, id="x")])))
    assert run(path) == 1
    assert f"{path}: cell 1 (id x) failed: {message}" in capsys.readouterr().err


# The rules one by one, without a kernel


def test_metadata_is_the_same_everywhere():
    language = {"name": "python", "version": "3.13.1"}
    nb = new_notebook(metadata={"widgets": {"state": 1}, "language_info": language})
    assert normalise.tidy(nb).metadata == normalise.METADATA


def test_older_format_becomes_4_5():
    nb = new_notebook(nbformat_minor=4)
    assert normalise.read(normalise.write(normalise.tidy(nb))).nbformat_minor == 5


def test_check_fails_when_the_first_of_two_would_change(tmp_path):
    for name, minor in (("a", 4), ("b", 5)):
        nb = new_notebook(nbformat_minor=minor, metadata=normalise.METADATA)
        (tmp_path / f"{name}.ipynb").write_text(normalise.write(nb))
    assert run("--no-execute", "--check", tmp_path / "b.ipynb") == 0
    assert run("--no-execute", "--check", tmp_path) == 1


def test_cell_metadata_keeps_tags_only():
    kept = {"tags": ["raises-exception"]}
    dropped = {"execution": {"iopub.status.idle": "now"}, "jupyter": {"source_hidden": True}}
    assert tidy_one(new_code_cell("a", metadata=kept | dropped)).metadata == kept
    assert tidy_one(new_code_cell("a", metadata={"tags": []})).metadata == {}


def test_what_asks_and_what_answers_is_closed_and_nothing_else():
    sources = [
        "before", 'ask("q", "r")', 'predict("one")', "its experiment", 'predict("two-b")',
        "of both", 'reveal("one")', "of the second", 'reveal("two-b")', "after",
        'explain("why")', "the rule",
    ]  # fmt: skip
    cells = [new_code_cell(source) for source in sources]
    cells[-1].metadata.tags = ["closed"]
    cells.insert(4, new_markdown_cell("text"))
    tidied = [c for c in normalise.tidy(new_notebook(cells=cells)).cells if c.cell_type == "code"]
    closed = [cell.source for cell in tidied if cell.metadata.get("jupyter")]
    open_ones = {"before", "after"}
    assert closed == [source for source in sources if source not in open_ones]
    assert all(c.metadata.jupyter == {"outputs_hidden": True} for c in tidied if c.source in closed)


def test_ids_stay_unless_missing_or_repeated():
    nb = new_notebook(cells=[new_code_cell(source) for source in "abc"])
    nb.cells[0].id = nb.cells[1].id = "same"
    del nb.cells[2]["id"]
    first, again = normalise.tidy(nb), normalise.tidy(nb)
    ids = [cell.id for cell in first.cells]
    assert ids[0] == "same"
    assert len(set(ids)) == 3
    assert ids == [cell.id for cell in again.cells]


def test_new_id_avoids_one_that_is_taken():
    nb = new_notebook(cells=[new_code_cell("a"), new_code_cell("b")])
    del nb.cells[1]["id"]
    nb.cells[0].id = normalise.tidy(nb).cells[1].id
    assert len({cell.id for cell in normalise.tidy(nb).cells}) == 2


def test_counts_follow_the_order_and_cells_that_never_ran_stay_without():
    counts = [7, None, 2]
    cells = [new_code_cell("a", execution_count=count) for count in counts]
    cells[0].outputs = [new_output("execute_result", {"text/plain": "1"}, execution_count=7)]
    tidied = normalise.tidy(new_notebook(cells=cells)).cells
    assert [cell.execution_count for cell in tidied] == [1, None, 3]
    assert tidied[0].outputs[0].execution_count == 1


def test_neighbouring_streams_of_one_name_are_merged():
    parts = [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")]
    cell = new_code_cell("a", outputs=[new_output("stream", name=n, text=t) for n, t in parts])
    merged = [(out.name, out.text) for out in tidy_one(cell).outputs]
    assert merged == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


def test_output_of_a_widget_view_alone_goes_away():
    view = new_output("display_data", {normalise.WIDGET_VIEW: {"model_id": "1"}})
    assert tidy_one(new_code_cell("a", outputs=[view])).outputs == []


def test_png_loses_its_stamps_and_no_pixel():
    stripped = normalise.strip_stamps(png(text="version 3"))
    assert stripped == png()
    assert normalise.strip_stamps(stripped) == stripped
    with pytest.raises(ValueError, match="not a PNG"):
        normalise.strip_stamps(b"GIF89a")


@pytest.mark.parametrize(("colour", "kept"), [("orange", True), ("#ffa501", False)])
def test_png_with_the_stored_pixels_keeps_the_stored_bytes(colour, kept):
    stored, drawn = png(level=1), png(level=9, colour=colour)
    nb = new_notebook(cells=[picture_cell(drawn)])
    normalise.keep_stored(nb, new_notebook(cells=[picture_cell(stored)]), refresh=False)
    result = base64.b64decode(nb.cells[0].outputs[0].data["image/png"])
    assert stored != drawn
    assert result == (stored if kept else drawn)


@pytest.mark.parametrize("refresh", [False, True])
def test_keep_output_holds_until_refreshed_and_needs_something_stored(refresh):
    def timed(text):
        output = [new_output("stream", name="stdout", text=text)] if text else []
        cell = new_code_cell("t", outputs=output, metadata={"tags": ["keep-output"]})
        return new_notebook(cells=[cell])

    for before, after in (("1 s", "2 s" if refresh else "1 s"), ("", "2 s")):
        nb = timed("2 s")
        normalise.keep_stored(nb, timed(before), refresh)
        assert nb.cells[0].outputs[0].text == after


def test_no_execute_tidies_and_check_names_the_change(tmp_path, capsys):
    path = tmp_path / "raw.ipynb"
    nb = new_notebook(cells=[new_code_cell("a", metadata={"scrolled": True})])
    nb.metadata = normalise.METADATA
    path.write_text(json.dumps(nb))
    assert run("--no-execute", "--check", path) == 1
    assert f"{path}: would change: cell 1: metadata" in capsys.readouterr().out
    assert json.loads(path.read_text()) == nb
    assert run("--no-execute", path) == 0
    path.write_text(path.read_text().replace("\n ", "\n  "))
    assert run("--no-execute", "--check", tmp_path) == 1
    assert "would change: only the layout of the file" in capsys.readouterr().out
    assert run("--no-execute", path) == run("--no-execute", "--check", path) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file"),
        ("{", "Expecting property name"),
        ('{"nbformat": 3, "worksheets": []}', "nbformat is 3, expected 4"),
    ],
)
def test_what_is_no_notebook_is_named(tmp_path, capsys, text, message):
    path = tmp_path / "odd.ipynb"
    if text is not None:
        path.write_text(text)
    assert run("--no-execute", path) == 1
    error = capsys.readouterr().err
    assert str(path) in error
    assert message in error


def test_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        files.replace(path, "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.ipynb", "old")]


REMEMBERED = (
    "from course_utils.tutor import ask, progress",
    "progress()",
    "ask('sgd-q1').questions[0].choose(0)",
)


def test_a_readers_file_is_neither_read_nor_written(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setenv("PYTHONPATH", str(Path(normalise.__file__).parents[1]))
    kept = tmp_path / "course-progress.txt"
    kept.write_text('{"v": 1, "kind": "question", "id": "sgd-q2", "chose": 0}')
    path = tmp_path / "sample.ipynb"
    path.write_text(json.dumps(new_notebook(cells=[*map(new_code_cell, REMEMBERED)])))
    assert run(path) == 0
    assert "Nothing so far." in outputs(path)[1][0].data["text/plain"]
    assert kept.read_text().count("\n") == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == [kept.name, path.name]
