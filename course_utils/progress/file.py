"""The file: append, read, forget, and merge those of a class.

A line is an entry, as JSON: `v`, the version of this form; `kind`: prediction, reveal, question,
hint or check; `id`, of the card; and what was done: `chose` (a place from 0), `opened` (so many
hints) or `mistakes` (ids, none in a right answer). `opening` is the lesson whose opening asked.

COURSE_PROGRESS, in the environment, names another file than course-progress.txt in the notebook's
folder, or `off` for none. (JupyterLite reads what has json in its name as one value, and hangs.)
"""

import json
import os
from functools import partial
from pathlib import Path
from threading import Lock

VERSION, NAME, LARGEST = 1, "course-progress.txt", 4_000_000  # bytes that are read, of a file's end
HOLDS = {"reveal": "id", "hint": "opened", "check": "mistakes"}  # of others `chose`
TYPES = {"id": str, "chose": int, "opened": int, "mistakes": list}
_HERE = Path.cwd()  # a cell may go elsewhere later
_waiting: list[dict] = []  # what could not be written, in order
_one_by_one = Lock()  # widgets answer in another thread than cells


def place():
    """Return the path of the learner's file, or None where nothing is read or written."""
    named = os.environ.get("COURSE_PROGRESS") or NAME
    return None if named == "off" else _HERE / named


def note(kind, id, **what):
    """Keep an entry, unless the last one on this says the same."""
    entry = {"v": VERSION, "kind": kind, "id": id} | what
    with _one_by_one:
        same = [each for each in entries() if (each["kind"], each["id"]) == (kind, id)]
        if same[-1:] != [entry]:
            _waiting.append(entry)
            while _waiting and place() and _append(place(), _waiting[0]):
                del _waiting[0]


def entries():
    """Return all entries, the oldest first."""
    return (read(place())[0] if place() else []) + _waiting


def unwritten():
    """Whether entries could not be written."""
    return bool(place() and _waiting)


def forget():
    """Delete all entries; OSError where the file can't be deleted."""
    with _one_by_one:
        _waiting.clear()
        if place():
            place().unlink(missing_ok=True)


def read(path):
    """Return a file's entries, the oldest first, and what is wrong with it in words, or ''."""
    try:
        if not path.is_file():
            return [], ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LARGEST))
            lines = [line for line in file.read(LARGEST).split(b"\n") if line.strip()]
    except OSError as error:
        return [], str(error)
    found = [entry for entry in map(_entry, lines) if entry]
    others = len(lines) - len(found)
    return found, f"{path}: lines not understood: {others}" if others else ""


def merge(folder):
    """Return {learner's name: entries} of a folder, and what is wrong with its files.

    A learner is called like the folder in it that has the file, however deep, or like the file, as
    ann-course-progress.txt. Where the file lies in it under its own name, it is the learner's own.
    """
    learners, wrong = {}, []
    for path in sorted(folder.rglob(f"*{NAME}")):
        inside = path.relative_to(folder).parts
        if any(part.startswith(".") for part in inside):
            continue  # Jupyter's own copies
        name = folder.resolve().name if inside == (NAME,) else inside[0].removesuffix(f"-{NAME}")
        found, trouble = read(path)
        learners[name] = learners.get(name, []) + found
        wrong += [trouble] if trouble else []
    return learners, wrong


def _append(path, entry):
    """Write an entry in one piece, which nobody else's can come between; whether it is written."""
    line = f"\n{json.dumps(entry)}\n".encode()  # so that what is cut or foreign spoils no other
    try:
        with open(path, "ab", buffering=0, opener=partial(os.open, mode=0o600)) as file:
            return file.write(line) == len(line)
    except OSError:
        return False


def _entry(line):
    """Return the entry of a line, or None where it is cut, foreign or of another version."""
    try:
        entry = json.loads(line)
        texts = [entry["id"], entry.get("opening", ""), *entry.get("mistakes", ())]
        holds = HOLDS.get(entry["kind"], "chose")
        known = entry["v"] == VERSION and isinstance(entry[holds], TYPES[holds])
        return entry if known and {*map(type, texts)} == {str} else None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
