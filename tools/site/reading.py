"""Every notebook as a page to read: no script, no server but its own, also on a phone."""

import html
import json
import re
import subprocess
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

HERE = Path(__file__).parent
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$\w])\$([^$\n]+?)\$(?!\w)", re.DOTALL)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def write_pages(notebooks: list[Path], folder: Path, python: Path) -> None:
    """Write a page for each notebook into a folder of the site.

    python: the interpreter that has the converter of formulas.
    """
    folder.mkdir(parents=True)
    style = HtmlFormatter(style="default").get_style_defs(".highlight")
    (folder / "page.css").write_text(style + (HERE / "static/reading.css").read_text("utf-8"))
    exporter = HTMLExporter(
        template_name="template", extra_template_basedirs=[str(HERE)], exclude_input_prompt=True
    )
    names = [path.stem for path in notebooks]
    for place, path in enumerate(notebooks):
        nb = nbformat.read(path, 4)
        formulas = take_formulas(nb)
        body, _ = exporter.from_notebook_node(nb)
        body = set_formulas(body, formulas, python)
        body = re.sub(r'href="([\w-]+)\.ipynb', r'href="\1.html', body)
        beside = [names[at] if 0 <= at < len(names) else "" for at in (place - 1, place + 1)]
        (folder / f"{path.stem}.html").write_text(
            page(path.stem, title(nb), body, *beside), "utf-8"
        )


def title(nb: NotebookNode) -> str:
    """Return a notebook's own heading."""
    return str(nb.cells[0].source.splitlines()[0].removeprefix("# "))


def take_formulas(nb: NotebookNode) -> list[tuple[str, str]]:
    """Put marks in place of a notebook's formulas; return these, and how each stands."""
    formulas: list[tuple[str, str]] = []

    def mark(found: re.Match[str]) -> str:
        block, inline = found.groups()
        formulas.append((block, "block") if block else (inline, "inline"))
        return f"FORMULA{len(formulas) - 1}."

    def marked(text: str) -> str:
        codes = CODE.findall(text)
        parts = "\0".join(CODE.split(text))
        parts = FORMULA.sub(mark, parts)
        for code in codes:
            parts = parts.replace("\0", code, 1)
        return parts

    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = marked(cell.source)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "text/markdown" in data:
                data["text/markdown"] = marked(data["text/markdown"])
    return formulas


def set_formulas(body: str, formulas: list[tuple[str, str]], python: Path) -> str:
    command = [str(python), str(HERE / "formulas.py")]
    done = subprocess.run(
        command, input=json.dumps(formulas), capture_output=True, text=True, check=True
    )
    mathml = json.loads(done.stdout)
    return re.sub(r"FORMULA(\d+)\.", lambda found: mathml[int(found[1])], body)


def page(name: str, title: str, body: str, before: str, after: str) -> str:
    """Return a whole page: the way to the lab and to the lessons beside it, and the body."""
    lab = f"../lab/index.html?path={name}.ipynb"
    beside = [
        f'<a rel="{rel}" href="{other}.html">{word}</a>'
        for rel, word, other in (("prev", "Before", before), ("next", "Next", after))
        if other
    ]
    links = " ".join(
        ['<a href="../index.html">All lessons</a>', f'<a href="{lab}">Run it here</a>', *beside]
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<link rel="stylesheet" href="page.css">
</head>
<body>
<nav>{links}</nav>
<main>
{body}
</main>
<nav>{links}</nav>
</body>
</html>
"""
