"""`check`: from a task and the reader's answer to a sentence."""

import ast
import dis
import inspect
import re
import sys
import textwrap
from dataclasses import dataclass

from course_utils.progress.file import note
from course_utils.tutor.checks.task import Trouble, unjudged
from course_utils.tutor.checks.tasks import TASKS
from course_utils.tutor.lessons import sentence
from course_utils.tutor.lessons import task as entry_of


@dataclass(frozen=True, repr=False)
class Result:
    """What `check` says.

    text: for the reader; also what is shown. right: True, False, or None where there is no answer
    yet. mistakes: the ids of what was found.
    """

    text: str
    right: bool | None
    mistakes: tuple[str, ...] = ()

    def __repr__(self):
        return self.text


def check(task_id, answer):
    """Return a Result: whether the answer solves the task, else which mistake it makes.

    task_id: as in the lessons' files; ValueError if there is none of that name.
    answer: what the reader's cell defines: a class, a function or a value. As long as its body is
        `...` the result says so quietly. Its code runs in a process of its own, where there is
        one, with a limit of time and without output; what it raises is explained. A cell with a
        syntax error defines nothing: check, given the older version, points to it.
    """
    name = entry_of(task_id)["name"]
    broken = _syntax_error(name, sys._getframe(1).f_globals.get("In", ()))
    if broken:
        return _noted(task_id, _filled(f"{name}: {broken}"), "syntax")
    try:
        if _unanswered(answer):
            return Result(f"{name}: not answered yet.", None)
        found = TASKS[task_id].diagnose(answer)
    except Trouble as told:
        found = told.diagnosis
    except Exception as error:
        found = unjudged(error).diagnosis
    if found.mistakes:
        return _noted(task_id, _told(f"{name}: not yet.", found), *found.mistakes)
    return _noted(task_id, _filled(f"{name}: right. {entry_of(task_id)['next']}"))


def _noted(task_id, text, *mistakes):
    note("check", task_id, mistakes=[*mistakes])
    return Result(text, not mistakes, mistakes)


def _told(head, found):
    if len(found.sentences) == 1:
        lines = [f"{head} {found.sentences[0]}"]
    else:
        how_many = ("Two", "Three", "Four", "Five", "Six")[len(found.sentences) - 2]
        lines = [f"{head} {how_many} mistakes:"]
        lines += [f"{number}. {each}" for number, each in enumerate(found.sentences, 1)]
    return "\n".join(map(_filled, [*lines, *([found.example] if found.example else [])]))


def _filled(text):
    """Break text into lines of at most 80 characters, not within `code`, W[0, 0] or lr · p."""
    kept = re.sub(
        r"`[^`]*`|\w\[[\d, ]+\]| [=·−←≤] ", lambda whole: whole[0].replace(" ", "\0"), text
    )
    lines = textwrap.wrap(kept, 80, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")


def _unanswered(answer, depth=0):
    """Whether the starter's `...` still stands where the answer should be."""
    if answer is ...:
        return True
    if type(answer) in (dict, tuple, list) and depth < 2:
        parts = answer.values() if type(answer) is dict else answer
        return any(_unanswered(part, depth + 1) for part in parts)
    if inspect.isclass(answer):
        answer = vars(answer).get("update")
    if not inspect.isfunction(answer):
        return False
    steps = [step for step in dis.get_instructions(answer) if step.opname not in ("RESUME", "NOP")]
    constants = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    return len(steps) <= 2 and constants == [None]


def _syntax_error(name, cells):
    """Return what is wrong with the last cell that defines `name`, if it is no Python."""
    for cell in map(_under_a_magic, reversed(cells)):
        if re.search(rf"^[ \t]*(class|def) {name}\b|^{name} *[:=]", cell, re.M):
            try:
                flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
                compile(cell, "<cell>", "exec", flags, dont_inherit=True)
            except SyntaxError as error:
                lines = cell.splitlines()
                source = lines[min(error.lineno or 1, len(lines)) - 1].strip()
                return sentence("syntax", message=error.msg, line=error.lineno, source=source)
            return ""
    return ""


def _under_a_magic(cell):
    """Return the cell that stands under `%%time` and its like, as IPython has changed it."""
    magic = re.fullmatch(r"get_ipython\(\)\.run_cell_magic\(('.*)\)\n*", cell, re.S)
    return ast.literal_eval(f"({magic[1]})")[-1] if magic else cell
