"""Says what one of Python's errors means in the reader's answer."""

import inspect
import re

from course_utils.tutor.checks.task import Diagnosis, Trouble, message_of
from course_utils.tutor.lessons import python_errors, sentence


def explained(error, of, kind, function, place):
    """Return the Trouble that says what an exception means.

    of: the task. kind: optimizer or function. function: what was called. place: the reader's line
    where it was raised, or '' where check's own call failed.
    """
    names, message = [each.__name__ for each in type(error).__mro__], message_of(error)
    said = f"{names[0]}: {message}".removesuffix(".").removesuffix(": ")
    text = sentence("exception", error=said, place=place)
    here = {"", of, kind, *([] if place else ["call"])}
    for row in python_errors():
        raised = any(re.fullmatch(row["raised"], name) for name in names)
        fits = raised and re.search(row.get("message", ""), message)
        if fits and here.intersection(row.get("within", "").split(" ")):
            help = row["text"].replace("{arguments}", _arguments(function))
            return Trouble(Diagnosis((row["id"],), (f"{text} {help}",)))
    return Trouble(Diagnosis(("exception",), (text,)))


def _arguments(function):
    try:
        return ", ".join(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ""
