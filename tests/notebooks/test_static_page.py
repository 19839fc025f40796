"""On a page that runs nothing, a notebook still shows every picture and every sentence."""

import html
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter, ScriptExporter, SlidesExporter

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("0*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_page_tells_every_picture(path):
    notebook = nbformat.read(path, 4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    sentences = [o.data["text/plain"] for o in outputs if "image/png" in o.get("data", {})]
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    assert page.count("<img ") == len(sentences) > 0
    for sentence in sentences:
        assert f'alt="{html.escape(sentence, quote=False)}"' in page


@pytest.mark.parametrize("exporter", [MarkdownExporter, SlidesExporter])
def test_other_formats_show_every_picture_once(exporter):
    for path in NOTEBOOKS:
        text, about = exporter().from_notebook_node(notebook := nbformat.read(path, 4))
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
        pictures = sum("image/png" in output.get("data", {}) for output in outputs)
        assert text.count("<img ") + len(about.get("outputs") or ()) == pictures
        assert "widget-view" not in text


def test_a_notebook_converted_to_a_script_is_python():
    for path in NOTEBOOKS:
        script, about = ScriptExporter().from_notebook_node(nbformat.read(path, 4))
        assert about["output_extension"] == ".py"
        compile(script, path.name, "exec")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_explorer_leaves_a_picture_and_a_sentence(path):
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code" and "explore_" in cell.source:
            (shown,) = [output for output in cell.outputs if "image/png" in output.get("data", {})]
            assert shown.data["text/plain"].endswith(".")
