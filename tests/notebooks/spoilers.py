"""What a reader can see of a lesson at a prediction, and what would give the answer away."""

import re

from tests.notebooks.cells import calls

COMMON = {
    "about", "after", "again", "against", "always", "before", "between", "every", "first",
    "learning", "other", "their", "than", "then", "there", "these", "they", "this", "those",
    "where", "which", "while", "with", "would",
}  # fmt: skip


def seen(cell, opened):
    """Return the text of a cell: its source, and its stored outputs where they are open.

    Of closed ones JupyterLab shows the first line of the first.
    """
    outputs = cell.outputs if cell.cell_type == "code" else ()
    texts = [each.get("text") or each.get("data", {}).get("text/plain", "") for each in outputs]
    if texts and cell.metadata.get("jupyter") and not opened:
        texts = texts[0].strip().splitlines()[:1]
    return re.sub(r"<details>.*?</details>", "", "\n".join([cell.source, *texts]), flags=re.S)


def places(nb):
    """Return {id: the number of its card, from 0} of a notebook's predictions, in order."""
    return {
        id: number
        for number, cell in enumerate(nb.cells)
        for card, id in calls(cell)
        if card == "predict"
    }


def found(telling, text):
    """Return which words or numbers of `telling` stand in a text."""
    text = text.replace("\N{MINUS SIGN}", "-")
    return [
        each
        for each in telling
        if re.search(
            rf"(?<![\w.]){re.escape(each.replace(chr(0x2212), '-'))}(?![\w]|\.\d)", text, re.I
        )
    ]


def own_words(entry):
    """Return the words and numbers that the right choice has, and neither question nor others."""
    right = next(choice["text"] for choice in entry["choice"] if choice.get("right"))
    others = [choice["text"] for choice in entry["choice"] if not choice.get("right")]
    known = {word for text in [entry["text"], *others] for word in _words(text)}
    return sorted(set(_words(right)) - known - COMMON)


def _words(text):
    return re.findall(r"\d[\d.,]*\d|\d+|[a-zäöü]{5,}", text.lower())
