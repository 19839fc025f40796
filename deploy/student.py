"""Start a student's server, as the student: python student.py NOTEBOOKS [options of the server].

Each gets a copy of the notebooks in ~/optimizer-course. When there is a new version of one, it
takes the place of a copy that was never changed. A changed copy stays as it is, and the new version
is laid beside it, with the day in its name. A copy that was deleted or renamed is there again, as
new.
"""

import datetime
import json
import os
import sys
from hashlib import sha256
from pathlib import Path

NOTE = ".course_versions.json"
"""The file, beside the copies, that tells which version each of them began as."""


def lay(source, folder):
    """Bring the copies in a folder up to date, without touching anybody's work."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        laid = dict(json.loads((folder / NOTE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        laid = {}  # then every copy that differs counts as changed
    for new in sorted(source.glob("*.ipynb")):
        content, copy = new.read_bytes(), folder / new.name
        version, before = _version(content), laid.get(new.name)
        now = _version(copy.read_bytes()) if copy.exists() else None
        if now in (None, before):
            _write(copy, content)
        elif version not in (now, before):
            _write(_free(copy), content)
        laid[new.name] = version
    _write(folder / NOTE, json.dumps(laid, indent=1).encode())


def _version(content):
    return sha256(content).hexdigest()


def _free(copy):
    """Return a name beside a copy that nothing has yet."""
    day, number, stem = datetime.date.today(), 1, copy.stem
    while (free := copy.with_stem(f"{stem} (new {day}{f' {number}' * (number > 1)})")).exists():
        number += 1
    return free


def _write(file, content):
    """Write under another name, then move: a file is whole at any time."""
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(content)
    part.replace(file)


if __name__ == "__main__":
    os.umask(0o077)
    try:
        lay(Path(sys.argv[1]), Path.home() / "optimizer-course")
    except OSError as error:
        print(f"the notebooks could not be brought up to date: {error}", file=sys.stderr)
        (Path.home() / "optimizer-course").mkdir(exist_ok=True)
    # A kernel's sockets lie there, and the path of a socket has at most 107 characters.
    os.environ["JUPYTER_RUNTIME_DIR"] = str(Path.home() / ".run")
    server = [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[2:]]
    os.execv(sys.executable, server)
