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

STEPS = 1_000_000
_NOT_THEIRS = (str(Path(__file__).parent), str(Path(np.__file__).parent))

STATE = (
    "What you remember has to be made before it is used: in the first update, an array of zeros "
    "for each key, for example `np.zeros_like(params[key])`."
)
NEGATIVE_ROOT = (
    "There is a negative number under a root. If it is 1 − beta · t: beta to the power t is "
    "`beta**t`."
)
HINTS = (
    (TypeError, "NoneType", "fresh-state-missing", STATE),
    (KeyError, "", "fresh-state-missing",
     STATE + " Or a key is written out by name: other problems have others, so go through them "
     "with `for key in params:`."),
    (AttributeError, "^'(numpy|dict|list|float|int|tuple)", "no-such-method",
     "Arrays, dicts and numbers have no such method; NumPy's functions are `np.exp(…)`, "
     "`np.sqrt(…)`."),
    (AttributeError, "object has no attribute", "fresh-state-missing",
     "What an object keeps as `self.…` has to be set in `__init__` first."),
    (UnboundLocalError, "", "self-missing",
     "A name that is assigned in a function lives only until it returns. What lasts from one "
     "update to the next is kept on `self`."),
    (NameError, "'np'", "import-missing", "Run `import numpy as np` first."),
    (NameError, "'math'", "import-missing", "Run `import math` first, or take `np.`."),
    (NameError, "'(log|exp|sqrt)'", "import-missing",
     "NumPy's functions want their prefix: `np.log`, `np.sqrt`."),
    (NameError, "", "self-missing", "Check the spelling. A setting is kept on `self`: `self.lr`."),
    (ZeroDivisionError, "", "t-from-0",
     "A divisor is 0. If it is 1 − beta**t: t has to be 1 in the first update."),
    (TypeError, r"for \^|bitwise_xor", "power",
     "A power is written `**` in Python; `^` is something else."),
    (OverflowError, "", "overflow",
     "A number became too large, as exp(1000) does. Subtract the largest score of the row first."),
    (TypeError, "complex128", "negative-root", NEGATIVE_ROOT),
    (ValueError, "math domain|nonnegative", "negative-root", NEGATIVE_ROOT),
    (TypeError, "Cannot cast", "integer-state",
     "An integer array can't hold fractions. Make it with `np.zeros_like(params[key])`, which "
     "takes over the float type."),
    (ValueError, "matmul|not aligned", "one-number",
     "An update goes entry by entry, whatever the shape: multiply with `*`, not with `@`."),
    (ValueError, "broadcast", "one-state-for-all",
     "Two arrays have different shapes. Each key of `params` has a shape of its own, so what you "
     "remember needs one array per key."),
    (ValueError, "truth value", "array-as-condition",
     "`if` and `while` need one truth value; an array has many."),
    (TypeError, "'dict'", "whole-dict",
     "`params` and `grads` are dicts. Go through them: `for key in params:` and then "
     "`params[key]`, `grads[key]`."),
    (TypeError, "argument", "signature",
     "Leave the first line of the function as it was given; a method's first name is `self`."),
    (RuntimeError, "changed size", "keys-changed", "Leave the keys of the dicts as they are."),
    (RecursionError, "", "endless-loop", "The function calls itself without end."),
)  # fmt: skip

IN_A_FUNCTION = (
    (UnboundLocalError, "", "no-value", "Give that name a value before you use it."),
    (NameError, "'self'", "self-in-function",
     "This is a function, not a method: use its arguments `{arguments}`."),
    (NameError, "^name '(?!(np|math|log|exp|sqrt)')", "spelling",
     "Check the spelling. The function has the arguments `{arguments}`."),
    (ValueError, "matmul|not aligned", "shapes",
     "In a product `A @ B` the columns of A must be as many as the rows of B. Write the shapes "
     "beside the formula; one of the two wants `.T`."),
    (IndexError, "^(list|tuple) index", "measured-list",
     "A list has an end. Work out the value from the arguments `{arguments}` instead."),
)  # fmt: skip


class Trouble(Exception):
    """What the reader's code did instead of answering: help in words, and the mistakes' ids."""

    def __init__(self, text, *mistakes):
        super().__init__(text)
        self.text = text
        self.mistakes = mistakes


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
        text = (
            f"Your code was stopped after {STEPS:,} steps: a loop in it does not end, or runs far "
            "longer than needed."
        )
        raise Trouble(text + _place(error), "endless-loop") from None
    except (Exception, SystemExit) as error:
        raise explained(error, function) from None


def explained(error, function):
    """Return the Trouble that says what an exception means in this function, class or method."""
    kind, message = type(error).__name__, str(error)
    text = f"Your code stopped with {kind}: {message}.{_place(error)}"
    alone = inspect.isfunction(function)
    arguments = ", ".join(inspect.signature(function).parameters) if alone else ""
    for expected, pattern, mistake, hint in (*(IN_A_FUNCTION if alone else ()), *HINTS):
        if mistake == "signature" and _place(error):
            continue  # the call that failed stands in their code
        if isinstance(error, expected) and re.search(pattern, message):
            return Trouble(f"{text} {hint.replace('{arguments}', arguments)}", mistake)
    return Trouble(text, "exception")


def _place(error):
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_NOT_THEIRS)]
    return f" It was at `{theirs[-1].line}`." if theirs and theirs[-1].line else ""
