"""The notebooks' calls of cards and checks."""

import ast
from collections.abc import Iterator

from nbformat import NotebookNode

CALLS = {"predict", "reveal", "ask", "explain", "check", "hints"}


def calls(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield (function, id) for each call of a card or a check in a cell, if it is code."""
    try:
        nodes = ast.walk(ast.parse(cell.source if cell.cell_type == "code" else ""))
    except SyntaxError:
        return
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
            ids = [each.value for each in node.args if isinstance(each, ast.Constant)]
            yield from ((node.func.id, str(id)) for id in ids)  # type: ignore[attr-defined]
