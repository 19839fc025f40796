"""Tables and headings of Markdown pages and of notebooks."""

import re

import nbformat


def table_rows(text):
    """Return the rows of a Markdown table, lists of strings, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[part.strip() for part in line.strip("|").split(" | ")] for line in lines[2:]]


def headings(path):
    """Return the headings of a notebook below its title, with their marks, as "## The edge"."""
    cells = nbformat.read(path, 4).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return {heading for text in texts for heading in re.findall(r"^##+ .+$", text, re.M)}
