"""Runs the reader's code quietly, not for ever, and turns what goes wrong in it into help."""

import inspect
import io
import re
import sys
import traceback
import warnings
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from course_utils.tutor.checks.task import Trouble, trouble
from course_utils.tutor.lessons import sentence

STEPS = 1_000_000
_NOT_THEIRS = (str(Path(__file__).parent), str(Path(np.__file__).parent))

# An exception, a pattern that its message has, and the mistake; a further one is said as well.
STOPPED = (
    (TypeError, "NoneType", "fresh-state-missing"),
    (KeyError, "", "fresh-state-missing", "fresh-state-missing:key"),
    (AttributeError, "^'(numpy|dict|list|float|int|tuple)", "no-such-method"),
    (AttributeError, "object has no attribute", "fresh-state-missing:unset"),
    (UnboundLocalError, "", "self-missing:local"),
    (NameError, "'np'", "import-missing:np"),
    (NameError, "'math'", "import-missing:math"),
    (NameError, "'(log|exp|sqrt)'", "import-missing:prefix"),
    (NameError, "", "self-missing"),
    (ZeroDivisionError, "", "t-from-0:divided"),
    (TypeError, r"for \^|bitwise_xor", "power"),
    (OverflowError, "", "overflow"),
    (TypeError, "complex128", "negative-root"),
    (ValueError, "math domain|nonnegative", "negative-root"),
    (TypeError, "Cannot cast", "integer-state:cast"),
    (ValueError, "matmul|not aligned", "one-number:product"),
    (ValueError, "broadcast", "one-state-for-all:shapes"),
    (ValueError, "truth value", "array-as-condition"),
    (TypeError, "'dict'", "whole-dict"),
    (TypeError, "argument", "signature"),
    (RuntimeError, "changed size", "keys-changed:looping"),
    (RecursionError, "", "endless-loop:recursion"),
)

# The same in a function that is no method; these come first.
IN_A_FUNCTION = (
    (UnboundLocalError, "", "no-value"),
    (NameError, "'self'", "self-in-function"),
    (NameError, "^name '(?!(np|math|log|exp|sqrt)')", "spelling"),
    (ValueError, "matmul|not aligned", "shapes"),
    (IndexError, "^(list|tuple) index", "measured-list"),
)


class _TooLong(BaseException):
    """Not an Exception, so that an `except Exception` in the reader's loop lets it pass."""


def run(function, *arguments):
    """Call the reader's function and return its value; Trouble where it raises or does not end.

    It may take STEPS of the interpreter's smallest steps (bytecodes, since a loop on one line
    executes no further line), a number and not a time, so that a slow machine allows as much as a
    fast one. What it prints or warns is dropped. A loop inside a single call of a compiled
    function, as `sum(itertools.count())`, takes no steps and can't be stopped.
    """
    left = STEPS

    def trace(frame, event, argument):
        nonlocal left
        frame.f_trace_opcodes = True
        left -= event == "opcode"
        if left < 0:
            raise _TooLong
        return trace

    before = sys.gettrace()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            sys.settrace(trace)
            try:
                return function(*arguments)
            finally:
                sys.settrace(before)
    except _TooLong as error:
        raise trouble("endless-loop", steps=f"{STEPS:,}", place=_place(error)) from None
    except (Exception, SystemExit) as error:
        raise explained(error, function) from None


def explained(error, function):
    """Return the Trouble that says what an exception means in this function, class or method."""
    place = _place(error)
    text = sentence("exception", error=type(error).__name__, message=error, place=place)
    alone = inspect.isfunction(function)
    arguments = ", ".join(inspect.signature(function).parameters) if alone else ""
    for expected, pattern, *mistakes in (*(IN_A_FUNCTION if alone else ()), *STOPPED):
        if mistakes == ["signature"] and place:
            continue  # the call that failed stands in their code
        if isinstance(error, expected) and re.search(pattern, str(error)):
            help = [sentence(each, arguments=arguments) for each in mistakes]
            return Trouble(mistakes[0], " ".join([text, *help]))
    return Trouble("exception", text)


def _place(error):
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_NOT_THEIRS)]
    return f" It was at `{theirs[-1].line}`." if theirs and theirs[-1].line else ""
