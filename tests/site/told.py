"""What a notebook in the site tells, beside what is stored and what this Python says."""

import re
from typing import Any

from course_utils import lab
from tests.notebooks.cells import shown
from tests.site.made import code
from tools.jupyter import Explorer, agree


def stored_texts(cell: Any) -> dict[str, str]:
    """Return what a cell has put out as text, by stream or kind."""
    found: dict[str, str] = {}
    for output in cell.outputs:
        if output.output_type == "stream":
            found[output.name] = found.get(output.name, "") + output.text
        else:
            for kind, text in output.data.items():
                if kind.startswith("text/"):
                    found[kind] = found.get(kind, "") + text
    return found


def printed(outcomes: list[dict[str, Any]]) -> dict[str, str]:
    """Return the same of a cell that has run in the site."""
    found: dict[str, str] = {}
    for outcome in outcomes:
        content = outcome["content"]
        if outcome["type"] == "stream":
            found[content["name"]] = found.get(content["name"], "") + content["text"]
        elif outcome["type"] == "execute_error":
            found["error"] = "\n".join(content["traceback"])
        else:
            for kind, text in content["data"].items():
                if kind.startswith("text/"):
                    found[kind] = found.get(kind, "") + text
    return found


def compare(results: list[list[dict[str, Any]]], cells: list[Any]) -> None:
    """See that cells have put out what is stored; results: as `SiteNotebook.results` has them."""
    differ = [
        (cell.source, stored_texts(cell), printed(outcomes))
        for cell, outcomes in zip(cells, results, strict=True)
        if "nbval-ignore-output" not in cell.metadata.get("tags", ())
        and stored_texts(cell) != printed(outcomes)
    ]
    assert differ == []


def judged(text: Any) -> str:
    """Return what a check says on any machine: how an endless loop is measured differs."""
    return re.sub(r"stopped after \S+ (lines|seconds)", "stopped", " ".join(str(text).split()))


def twins_of(name: str) -> list[lab.Explorer]:
    """Return a lesson's explorers, made by this Python."""
    names: dict[str, Any] = {}
    values = [shown(cell.source, names) for cell in code(name)]
    return [value for value in values if isinstance(value, lab.Explorer)]


def follow(explorer: Explorer, twin: lab.Explorer) -> None:
    """Give a twin the values that the page shows."""
    values: dict[str, Any] = {}
    for name, text in explorer.shown().items():
        options = getattr(twin.controls[name], "options", ())
        values[name] = next((o for o in options if str(o) == text), None) or float(text)
    twin.set(**values)


def same(explorer: Explorer, twin: lab.Explorer) -> None:
    """See that the page says what this Python says for the same values."""
    follow(explorer, twin)
    state = explorer.state()
    assert " ".join(twin.sentence.split()) == state.verdict
    assert agree(state.alt, state.verdict)
