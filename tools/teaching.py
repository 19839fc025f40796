"""Write into TEACHING.md what notebooks and lessons know: aims, what to ask, and all answers.

    python -m tools.teaching            write what has changed

In each notebook's section the parts of PARTS are made anew, in the order of the notebook; the rest
stays as it is.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from course_utils.tutor import lessons
from tools.cards import calls

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "TEACHING.md"
Entry = dict[str, Any]
FIND: dict[str, Callable[[str], Entry]] = {
    "predict": partial(lessons.entry, "prediction"),
    "ask": partial(lessons.entry, "question"),
    "check": lessons.task,
    "explain": partial(lessons.entry, "explanation"),
}


def cells(name: str) -> list[nbformat.NotebookNode]:
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4).cells


def cards(name: str) -> Iterator[tuple[str, str, Entry]]:
    """Yield a link to the section, the card's kind and its entry, for all cards of a notebook."""
    section = "the opening"
    for cell in cells(name):
        if cell.cell_type == "markdown":
            for heading in re.findall(r"^##+ (.+)$", cell.source, re.M):
                section = f"[{heading}](notebooks/{name}.ipynb#{heading.replace(' ', '-')})"
        else:
            yield from ((section, kind, FIND[kind](id)) for kind, id in calls(cell) if kind in FIND)


def aims(name: str) -> str:
    """Return what the notebook promises, as a list."""
    text = "\n".join(cell.source for cell in cells(name) if cell.cell_type == "markdown")
    promised = re.search(r"\*\*You will be able to\*\*\n+((?:- .+\n?)+)", text)
    if not promised:
        raise ValueError(f"notebook {name} has no list under **You will be able to**")
    return promised[1].strip()


def asks(name: str) -> str:
    """Return the table of what to ask before each reveal."""
    head = ("prediction", "section", "the question to the class", "what most say", "what to do")
    rows = [
        (f"`{each['id']}`", section, f'"{each["ask"]}"', each["expect"], each["do"])
        for section, kind, each in cards(name)
        if kind == "predict"
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * 5, *rows))


def answers(name: str) -> str:
    """Return the answers to all predictions, tasks and questions, section by section."""
    lines, before = [], ""
    for section, kind, entry in cards(name):
        if section != before:
            lines.append(f"\n{section}:\n")
        before = section
        lines.append(f"- `{entry['id']}`: {answer(kind, entry)}")
    return "\n".join(lines).strip()


def answer(kind: str, entry: Entry) -> str:
    """Return a task's answer and solution, a model answer, or the right choice and its reason."""
    if kind == "check":
        code = "\n".join(f"  {line}".rstrip() for line in entry["solution"].strip().splitlines())
        return f"{entry['answer']}\n\n  ```python\n{code}\n  ```"
    if kind == "explain":
        return f"{entry['text']} {entry['answer'].strip().splitlines()[0]}"
    letter, choice = next(
        pair for pair in zip("abcd", entry["choice"], strict=False) if pair[1].get("right")
    )
    stop = "" if choice["text"].endswith((".", "?")) else "."
    return f"{letter}) {choice['text']}{stop} {entry.get('because', choice['why'])}"


PARTS = {"Aims": aims, "Ask before each reveal": asks, "Answers": answers}


def written(page: str) -> str:
    """Return the page with its generated parts made anew; ValueError where one is missing."""
    for name in lessons.lessons():
        for title, made in PARTS.items():
            part = rf"(^## {name}\n(?:(?!^## ).*\n)*?### {title}\n\n)(?:(?!^##).*(?:\n|\Z))*"
            found = re.search(part, page, re.M)
            if not found:
                raise ValueError(f"TEACHING.md has no part {title!r} in its section {name!r}")
            page = f"{page[: found.start()]}{found[1]}{made(name)}\n\n{page[found.end() :]}"
    return page.rstrip("\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
