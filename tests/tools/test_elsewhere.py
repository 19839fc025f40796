"""The ways to open the course elsewhere: the README's row, and the edition for Colab."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools import elsewhere

ROOT = Path(__file__).parents[2]


def test_the_readme_has_the_row_for_this_address():
    assert elsewhere.row() in (ROOT / "README.md").read_text("utf-8")


def test_an_address_once_set_stands_in_every_way_and_the_note_goes(monkeypatch, tmp_path):
    note = elsewhere.UNSET
    assert (note in elsewhere.row()) == (elsewhere.OWNER == "OWNER")
    page = tmp_path / "README.md"
    page.write_text(f"# Title\n\n{elsewhere.row()}\n## Start\n", "utf-8")
    monkeypatch.setattr(elsewhere, "README", page)
    monkeypatch.setattr(elsewhere, "OWNER", "ada")
    elsewhere.write_row()
    assert page.read_text("utf-8") == f"# Title\n\n{elsewhere.row()}\n## Start\n"
    assert note not in page.read_text("utf-8")


def test_the_edition_for_colab_is_the_notebooks_below_one_cell(tmp_path):
    elsewhere.write_colab(tmp_path)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        ours, theirs = (nbformat.read(each, 4) for each in (path, tmp_path / path.name))
        install, *rest = theirs.cells
        assert elsewhere.ADDRESS in install.source
        assert [cell.id for cell in rest] == [cell.id for cell in ours.cells]
        assert "](0" not in "".join(cell.source for cell in rest)  # Colab knows no file beside it


def test_a_codespace_sets_itself_up_with_a_verb_of_make():
    settings = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    make, target = settings["postCreateCommand"].split()
    assert make == "make"
    assert f"\n{target} " in (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.colab
def test_the_edition_for_colab_prints_what_is_stored_with_its_versions(tmp_path):
    """In a kernel with the packages that Colab has, and the course installed as its cell does."""
    python = tmp_path / "env/bin/python"
    uv = [sys.executable, "-m", "uv"]
    pins = ROOT / "tests/tools/colab.txt"
    subprocess.run([*uv, "venv", "--quiet", str(tmp_path / "env")], check=True)
    pip = [*uv, "pip", "install", "--quiet", f"--python={python}", "-r", str(pins), str(ROOT)]
    subprocess.run(pip, check=True)
    kernel = tmp_path / "kernels/colab"
    kernel.mkdir(parents=True)
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": command, "display_name": "Colab", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(about))
    elsewhere.write_colab(tmp_path / "notebooks")
    environment = os.environ | {"JUPYTER_PATH": str(tmp_path)}
    environment.pop("PYTHONPATH", None)
    nbval = [sys.executable, "-m", "pytest", "--nbval", "--nbval-kernel-name=colab"]
    nbval += ["--nbval-cell-timeout=120", "-p", "no:cacheprovider", "-n2", "--dist=loadfile"]
    run = subprocess.run(
        [*nbval, "."], cwd=tmp_path / "notebooks", env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout
