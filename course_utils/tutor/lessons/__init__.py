"""What the notebooks ask: a TOML file for each; the first, 00_start_here, says what is in them."""

import re
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files


@cache
def lessons():
    """Return all lessons: a dict from the notebook's name, as 01_sgd, to its file's content."""
    names = sorted(file.name for file in files(__package__).iterdir() if file.name[0].isdigit())
    return {name.removesuffix(".toml"): _read(name) for name in names}


def entry(kind, id):
    """Return the prediction, question, explanation or task of that id; ValueError without one."""
    entries = {e["id"]: e for lesson in lessons().values() for e in lesson.get(kind, ())}
    if id not in entries:
        near = get_close_matches(str(id), entries, 3, 0) or list(entries)
        raise ValueError(f"id must be that of a {kind}, as {near}, got {id!r}")
    return entries[id]


def task(id):
    """Return the task of that id; ValueError where there is none."""
    return entry("task", id)


def mistakes(group):
    """Return {mistake: what to say}, of a group in mistakes.toml or of a task."""
    return common()[group] if group in common() else task(group).get("mistakes", {})


def common():
    """Return the groups of mistakes that tasks share."""
    return _read("mistakes.toml")


def python_errors():
    """Return what Python's own errors mean in an answer, the first that fits before others."""
    return _read("errors.toml")["error"]


def looked_for(id):
    """Return (mistake, its group) to look for in an optimizer's rule, the likelier first."""
    return tuple((key, group) for group in task(id).get("looks_for", ()) for key in mistakes(group))


def sentence(mistake, of=None, **words):
    """Return what to say about a mistake: in the task `of`, else in any; words fill its braces.

    mistake: an id, perhaps with a variant after a colon, which may have a sentence of its own.
    """
    said = _sentences(of)
    text = said.get(mistake) or said[plain(mistake)]
    return re.sub(r"{(\w+)}", lambda word: str(words.get(word[1], word[0])), text)


def plain(mistake):
    """Return a mistake's id without its variant."""
    return mistake.partition(":")[0]


@cache
def _sentences(of):
    own = [*task(of).get("looks_for", ()), of] if of else []
    return {key: text for group in [*common(), *own] for key, text in mistakes(group).items()}


@cache
def _read(name):
    return tomllib.loads((files(__package__) / name).read_text("utf-8"))
