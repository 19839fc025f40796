"""Runs the reader's code in a process of its own: quietly, not for ever, and without a trace."""

import builtins
import faulthandler
import inspect
import linecache
import logging
import multiprocessing
import os
import random
import re
import signal
import site
import sys
import sysconfig
import tempfile
import time
import traceback
import warnings
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from functools import partial
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import numpy as np

from course_utils.tutor.checks.errors import explained
from course_utils.tutor.checks.task import Trouble, trouble, unjudged

SECONDS = 1.0  # of computing in the reader's own lines
OF_A_LIBRARY = 4  # in code that the reader calls
OF_AN_IMPORT = 60
ASLEEP = 1.2  # doing nothing at all
LINES = 2_500_000  # of the reader's, where time can't be measured
MEMORY = 2**31  # bytes beyond what the process has
# Elsewhere a copy of a process with threads is not safe, or there are no processes.
APART = sys.platform == "linux"
_PATHS = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
_NOT_THEIRS = (*_PATHS, *site.getsitepackages(), str(Path(__file__).parents[2]), "<frozen", "<__")


def apart(look, *arguments):
    """Return what `look` returns, called in a copy of this process; Trouble where it does not end.

    look: calls the reader's code by `run`, and returns what can be pickled. Whatever that code
    does, this process stays as it was. Where there are no such copies (Windows, macOS, a browser)
    look is called here, and then only what a trace sees is stopped: no `sum(itertools.count())`.
    """
    if not APART:
        return look(*arguments)
    copy = multiprocessing.get_context("fork")
    ours, theirs = copy.Pipe(duplex=False)
    with tempfile.TemporaryFile() as dump:
        child = copy.Process(target=_look, args=(theirs, dump, look, arguments))
        with warnings.catch_warnings():  # the copy has none of this process's threads
            warnings.simplefilter("ignore", DeprecationWarning)
            child.start()
        theirs.close()
        try:
            _wait(ours, child.pid, dump)
            value, diagnosis = ours.recv()
        except EOFError:
            raise trouble("process-ended") from None
        except KeyboardInterrupt:
            raise trouble("interrupted", place=_line(_stack(child.pid, dump))) from None
        finally:
            child.kill()
            with suppress(ProcessLookupError):  # it ended before it had a group of its own
                os.killpg(child.pid, signal.SIGKILL)
            child.join()
            ours.close()
    if diagnosis:
        raise Trouble(diagnosis)
    return value


def _look(theirs, dump, look, arguments):
    import resource

    import psutil

    os.setsid()  # Interrupt is for the process that waits, and what is started here ends with it
    os.fork = partial(_refuse, "a process can't be started here")
    np.random.seed()  # noqa: NPY002 - or each copy would draw the same numbers
    random.seed()
    faulthandler.disable()
    faulthandler.register(signal.SIGUSR1, dump, all_threads=False)
    used, (_, most) = psutil.Process().memory_info().vms, resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, most))
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    try:
        theirs.send((look(*arguments), None))
    except Trouble as found:
        theirs.send((None, found.diagnosis))
    except Exception as error:
        theirs.send((None, unjudged(error).diagnosis))
    os._exit(0)


def _wait(ours, pid, dump):
    """Wait for a result; Trouble where the process computes, or sleeps, for too long."""
    import psutil

    process, awake = psutil.Process(pid), time.monotonic()
    idle = psutil.STATUS_SLEEPING, psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE
    while not ours.poll(0.05):
        spent = sum(process.cpu_times()[:2])
        if process.status() not in idle:
            awake = time.monotonic()
        if time.monotonic() - awake > ASLEEP:
            raise trouble("endless-loop:asleep", place=_line(_stack(pid, dump)))
        if spent > SECONDS:
            stack = _stack(pid, dump)
            limit = OF_AN_IMPORT if any("importlib" in file for file, _ in stack) else OF_A_LIBRARY
            if _theirs(stack[:1]) or spent > limit:
                raise trouble("endless-loop", limit=f"{spent:.1f} seconds", place=_line(stack))


def _stack(pid, dump):
    """Return the file and line of each call that a process is in, the innermost first."""
    start = dump.seek(0, os.SEEK_END)
    os.kill(pid, signal.SIGUSR1)
    for _ in range(20):
        time.sleep(0.02)
        dump.seek(start)
        found = re.findall(r'File "(.*)", line (\d+) in', dump.read().decode(errors="replace"))
        if found:
            break
    return [(file, int(line)) for file, line in found]


def _theirs(stack):
    return [(file, line) for file, line in stack if not file.startswith(_NOT_THEIRS)]


def _line(stack):
    source = [linecache.getline(*each).strip() for each in _theirs(stack)[:1]]
    return f" It was at `{source[0]}`." if source and source[0] else ""


def run(of, kind, function, *arguments, **named):
    """Call the reader's function and return its value; Trouble where it raises.

    of: the task. kind: optimizer or function, whose errors mean different things. What it prints,
    warns, logs or shows is dropped, and there is nobody to answer its questions.
    """
    try:
        with _quiet():
            value = (function if APART else _traced(function))(*arguments, **named)
    except _TooLong as error:
        raise trouble("endless-loop", limit=f"{LINES:,} lines", place=_place(error)) from None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and not APART:
            raise trouble("interrupted", place=_place(error)) from None
        raise explained(error, of, kind, function, _place(error)) from None
    if inspect.isgenerator(value) or inspect.iscoroutine(value):
        value.close()
        raise trouble("not-run:yield" if inspect.isgenerator(value) else "not-run:async")
    return value


def _quiet():
    stack = ExitStack()
    for each in (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        redirect_stdout(StringIO()),
        redirect_stderr(StringIO()),
        patch.object(builtins, "input", partial(_refuse, "input was called")),
    ):
        stack.enter_context(each)
    stack.callback(logging.disable, logging.root.manager.disable)
    logging.disable()
    warnings.simplefilter("ignore")
    return stack


def _refuse(why, *arguments):
    raise EOFError(why)


class _TooLong(BaseException):
    """Not an Exception, so that an `except Exception` in the reader's loop lets it pass."""


def _traced(function):
    """Return the function with a limit for the reader's own lines, not for what they call."""
    one_line = sys.version_info < (3, 12)  # there a loop on one line executes no further line
    left = LINES * (6 if one_line else 1)

    def enter(frame, event, argument):
        frame.f_trace_opcodes = one_line
        return step if _theirs([(frame.f_code.co_filename, 0)]) else None

    def step(frame, event, argument):
        nonlocal left
        left -= 1
        if left < 0:
            raise _TooLong
        return step

    def limited(*arguments, **named):
        before = sys.gettrace()
        sys.settrace(enter)
        try:
            return function(*arguments, **named)
        finally:
            sys.settrace(before)

    return limited


def _place(error):
    stack = traceback.extract_tb(error.__traceback__)
    return _line([(frame.filename, frame.lineno) for frame in reversed(stack)])
