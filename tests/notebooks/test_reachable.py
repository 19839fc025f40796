"""Every setting that the text beside an explorer names can be set in it, exactly."""

import ast
import re

import numpy as np

import course_utils
from course_utils import compare
from course_utils.lab import Explorer
from course_utils.tutor import lessons
from tests.notebooks.cells import NOTEBOOKS, calls, shown, solved

LESSONS = [path.stem for path in sorted(NOTEBOOKS.glob("0*.ipynb"))]
SAME = {"condition": "κ", "beta1": "β₁", "beta2": "β₂", "lr": "learning rate"}
BETWEEN = r"`?:?(?: (?:=|of|to|at|past|about|goes to|up from|on both sides of))* ?[\"“]?"
NUMBER = r"(?<![\d.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?"
ORDER = r"\b(?:[Ss]et|[Tt]ype|[Pp]ut)\b"
FEWEST = 32  # of 40, so that a changed pattern that finds nothing is noticed


class Digits(tuple):
    """Data as `load_mnist` returns it."""

    name = "a few random digits"


def few_digits(normalize):
    """Return what `load_mnist` returns, without the digits."""
    rng = np.random.default_rng(0)
    part = rng.random((20, 784), np.float32), rng.integers(0, 10, 20)
    return Digits((part, part))


def few_updates(*args, **settings):
    """Compare as `compare` does, soon done."""
    return compare(*args, **settings | {"iterations": 100, "evaluate_every": 10})


def names(source):
    """Return the names that source gives a value, and those others that it uses."""
    made, used = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            made.add(node.name)
        elif isinstance(node, ast.alias):
            made.add(node.asname or node.name)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
    return made, used - made


def explorer_of(cells, at):
    """Run a cell, and before it what it needs of the earlier ones; return the explorer it shows."""
    run, wanted = [], names(cells[at].source)[1]
    for cell in reversed(cells[:at]):
        if cell.cell_type == "code":
            made, used = names(cell.source)
            if made & wanted:
                lines = ast.parse(cell.source).body
                run.append(ast.Module([e for e in lines if not isinstance(e, ast.Expr)], []))
                wanted = wanted - made | used
    known = {}
    for lines in reversed(run):
        exec(compile(lines, "<cell>", "exec"), known)
    found = shown(cells[at].source, known)
    assert isinstance(found, Explorer), cells[at].source
    return found


def sections(cells):
    """Yield the numbers of the cells of each section."""
    inside = []
    for number, cell in enumerate(cells):
        if cell.cell_type == "markdown" and re.search(r"^##", cell.source, re.M):
            yield inside
            inside = []
        inside.append(number)
    yield inside


def beside(lesson):
    """Yield (place, explorer, sentence) for the text of each section that has an explorer."""
    cells = solved(lesson).cells
    for section in sections(cells):
        shows = [number for number in section if "explore_" in cells[number].source]
        explorers = {number: explorer_of(cells, number) for number in shows}
        for number in section if explorers else ():
            nearest = min(explorers, key=lambda other: abs(other - number))
            text = re.sub(r"\$+[^$]+\$+", ". ", prose(cells[number]))
            for sentence in re.split(r"(?<=[.?|])\s", text):
                yield f"{lesson}, cell {number} on cell {nearest}", explorers[nearest], sentence


def prose(cell):
    """Return the text of a cell, or that a reveal opens."""
    if cell.cell_type == "markdown":
        return cell.source
    return " ".join(
        lessons.entry("prediction", id)["reading"] for f, id in calls(cell) if f == "reveal"
    )


def settings(explorer, sentence):
    """Yield the control and the value of each setting of an explorer that a sentence names."""
    for name, control in explorer.controls.items():
        words = {name, control.label, control.label.replace(" ", "'s ", 1), SAME.get(name, name)}
        options = [each for each in getattr(control, "options", ()) if isinstance(each, str)]
        number = r"\d+" if getattr(control, "whole", False) else NUMBER
        word, value = "|".join(map(re.escape, words)), "|".join([number, *options])
        for match in re.finditer(rf"(?<!\w)(?:{word}){BETWEEN}({value})(?!\.?\w)", sentence):
            told = match[1]
            yield name, told if told in options else float(told.replace(",", "").replace("−", "-"))


def test_every_setting_that_the_text_names_can_be_set(monkeypatch):
    monkeypatch.setattr(Explorer, "_show", lambda *_: None)  # to draw them all takes a minute
    monkeypatch.setattr(course_utils, "load_mnist", few_digits)
    monkeypatch.setattr(course_utils, "compare", few_updates)
    monkeypatch.chdir(NOTEBOOKS)
    found, out_of_reach, not_understood = [], [], []
    for lesson in LESSONS:
        for where, explorer, sentence in beside(lesson):
            placed = list(settings(explorer, sentence))
            if not placed and re.search(ORDER, sentence) and re.search(NUMBER, sentence):
                not_understood.append(f"{where}: {sentence}")
            for name, value in placed:
                explorer.reset()
                explorer.set(**{name: value})
                found.append(f"{where}: {name} {value}")
                if explorer.values()[name] != value:
                    out_of_reach.append(f"{found[-1]} becomes {explorer.values()[name]}")
    print("\n".join(found))
    assert not out_of_reach
    assert not not_understood
    assert len(found) >= FEWEST
