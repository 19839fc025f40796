"""What the notebooks ask: one TOML file per notebook, in the order of the notebook.

A prediction or question has an `id`, a `text` and two to four `choice`s, each with `text`, `why`
(its own explanation) and, for the right one, `right = true`. For the teacher it has `because`, the
reason in a few words, where that is not the right choice's `why`. A prediction also has a `reading`
in Markdown, of the result that its reveal opens; what would give it away, words and numbers that
`tell`, so that no page shows them before; and what to `ask` the class, what to `expect` and what to
`do`.

An explanation has an `id`, a `text` that asks why, and an `answer` in Markdown.

A task has an `id`, the `name` that the reader defines, a one-line `text`, the `answer` in words for
the teacher, the `starter` (source of the reader's cell), three `hints` from faint to explicit, the
`solution` (source that takes the starter's place), `next`, what to look at once it is solved, and
`mistakes`: what to say about each one that its check knows. What tasks have in common stands in
mistakes.toml; `looks_for` names the groups of them, and the tasks, whose mistakes an optimizer's
check looks for. How a mistake is made stands in `checks`. errors.toml has Python's own errors.
"""

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


@cache
def common():
    """Return the groups of mistakes that tasks share."""
    return _read("mistakes.toml")


@cache
def python_errors():
    """Return what Python's own errors mean in an answer, the first that fits before others."""
    return _read("errors.toml")["error"]


def looked_for(id):
    """Return (mistake, its group) to look for in an optimizer's rule, the likelier first."""
    groups = task(id).get("looks_for", ())
    return tuple((mistake, group) for group in groups for mistake in mistakes(group))


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


def _read(name):
    return tomllib.loads((files(__package__) / name).read_text("utf-8"))
