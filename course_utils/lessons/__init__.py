"""What the notebooks ask: one TOML file per notebook with its predictions, questions and tasks.

A prediction or question has an `id`, a `text` and two to four `choice`s, each with `text`, `why`
(its own explanation) and, for the right one, `right = true`. A task has an `id`, the `name` that
the reader defines, a one-line `text`, the `starter` (source of the reader's cell), three `hints`
from faint to explicit, the `solution` (source that takes the starter's place) and `next`, what to
look at once it is solved.
"""

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files


@cache
def lessons():
    """Return all lessons: a dict from the notebook's name, as 01_sgd, to its file's content."""
    sources = sorted(files(__package__).iterdir(), key=lambda file: file.name)
    return {
        source.name.removesuffix(".toml"): tomllib.loads(source.read_text("utf-8"))
        for source in sources
        if source.name.endswith(".toml")
    }


def prediction(id):
    """Return the prediction of that id; ValueError where there is none."""
    return _find(id, "prediction")


def question(id):
    """Return the question of that id; ValueError where there is none."""
    return _find(id, "question")


def task(id):
    """Return the task of that id; ValueError where there is none."""
    return _find(id, "task")


def _find(id, kind):
    entries = {e["id"]: e for lesson in lessons().values() for e in lesson.get(kind, ())}
    if id not in entries:
        near = get_close_matches(str(id), entries, 3, 0) or list(entries)
        raise ValueError(f"id must be that of a {kind}, as {near}, got {id!r}")
    return entries[id]
