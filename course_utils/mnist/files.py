"""The four files of MNIST: where they are looked for, how they are checked, downloaded and kept."""

import contextlib
import gzip
import io
import os
import tempfile
import tomllib
import warnings
import zlib
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np

from course_utils.machine import CAN_MAP, IN_BROWSER, cache_folder

KNOWN = tomllib.loads(Path(__file__).with_name("files.toml").read_text("utf-8"))
ZIPPED, INSIDE, SCALED, MIRRORS = (KNOWN[key] for key in ("zipped", "inside", "scaled", "mirrors"))
HELD: dict[str, np.ndarray] = {}  # by SHA-256, what `scaled` has returned in this process
TIMEOUT = (5, 15)  # seconds to connect, seconds between two pieces of an answer
COURSE = Path(__file__).parents[2]  # where a relative COURSE_MNIST_DIR starts from
FAULTS = dict.fromkeys(("ConnectTimeout", "ReadTimeout"), "did not answer in time") | {
    "ProxyError": "was not reached through the proxy that HTTPS_PROXY or the system names",
    "SSLError": "failed on TLS or its certificate (REQUESTS_CA_BUNDLE names a filter's own)",
}


class MnistWarning(UserWarning):
    """The digits are not MNIST, or they are but could not be kept for the next call."""


def named_folder(value):
    """Return what COURSE_MNIST_DIR means, wherever a program runs; Windows keeps quotes in it."""
    whole, bare = (COURSE / os.path.expanduser(text) for text in (value, value.strip("\"' ")))
    return whole if os.path.exists(whole) else bare


def read_folder(folder, label):
    """Return {name: content} of files there, zipped or not, with anything after "train-images".

    They may lie one folder further in, or in MNIST/raw, as Kaggle and torchvision leave them.
    """
    folder, files = Path(os.path.expanduser(folder)).absolute(), {}
    for name in INSIDE:
        stem, faults = name.split("-idx")[0], []
        for place in (f"{stem}*", f"*/{stem}*", f"MNIST/raw/{stem}*"):
            for file in sorted(filter(Path.is_file, folder.glob(place))):
                try:
                    files[name] = files.get(name) or content(name, file.read_bytes())
                except (OSError, ValueError) as error:
                    faults.append(f"{file.name}: {error}")
        if name not in files:
            there = ", ".join(sorted(file.name for file in folder.glob("*"))[:9]) or "nothing"
            told = "; ".join(faults) or f"found no {name}.gz, zipped or not, but {there}"
            kind = ValueError if faults else FileNotFoundError
            raise kind(f"{label}={str(folder)!r}: {told}; expected {', '.join(INSIDE)} there")
    return files


def read_cache(cache):
    """Return {name: content} of the intact files; what is missing or broken there is left out."""
    files = {}
    for name in INSIDE:
        with contextlib.suppress(OSError, ValueError):
            files[name] = content(name, (cache / f"{name}.gz").read_bytes())
    return files


def content(name, data):
    """Return what is inside a file, zipped or not; a ValueError says what came instead."""
    inside, start = data, data[:200].lstrip()[:20]
    came = f"{len(data):,} bytes that are no gzip file, nor in MNIST's format"
    if data.startswith(b"\x1f\x8b"):
        try:
            inside = gzip.decompress(data)
        except (EOFError, OSError, zlib.error):
            came = f"a gzip file of {len(data):,} bytes, cut short or damaged"
    if sha256(data).hexdigest() == ZIPPED[name] or sha256(inside).hexdigest() == INSIDE[name]:
        return inside
    if start.startswith(b"<"):
        came = "a web page"
    elif inside.startswith(b"\0\0\x08"):
        came = "another data set (Fashion-MNIST has the same names)"
    raise ValueError(
        f"this is {came}, and starts with {start!r}; expected MNIST's with SHA-256 "
        f"{ZIPPED[name]}, or what is inside it with {INSIDE[name]}"
    )


def download(names, cache):
    """Return {name: content} and a sentence on their source; each whole file goes to the cache."""
    if IN_BROWSER:
        raise ConnectionError("this site came without its files")
    from pooch import HTTPDownloader
    from tqdm.auto import tqdm

    files, faults, not_kept = {}, [], ""
    for mirror in MIRRORS:
        host = mirror.split("/")[2]
        try:
            for name in [name for name in names if name not in files]:
                buffer = io.BytesIO()
                with tqdm(desc=name, total=1, unit="B", unit_scale=True) as bar:  # pooch sets total
                    fetch = HTTPDownloader(progressbar=bar, chunk_size=2**14, timeout=TIMEOUT)
                    fetch(f"{mirror}{name}.gz", buffer, None)
                files[name] = content(name, buffer.getvalue())
                try:
                    keep(buffer.getvalue(), cache / f"{name}.gz")
                except OSError as error:
                    not_kept = f"; it could not be kept in {cache} ({error.strerror or error})"
            source = f"Downloaded from {host}{not_kept}."
            if not_kept:
                warnings.warn(source, MnistWarning, stacklevel=3)
            return files, source
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "the download of MNIST was stopped; no part of a file was kept, "
                "and the next load_mnist() goes on with the files that are missing"
            ) from None
        except (OSError, ValueError) as error:
            said = str(getattr(error.args[0] if error.args else None, "reason", error))
            words = FAULTS.get(type(error).__name__, "could not be used")
            faults.append(f"{host} {words}: {said.rstrip('.')}")
    raise ConnectionError("; ".join(faults))


def keep(data, file):
    """Write under another name, then move: a file in the cache is whole at any time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="download-", dir=file.parent) as folder:
        part = Path(folder, file.name)
        part.write_bytes(data)
        part.chmod(part.stat().st_mode & ~0o022)  # whatever the user lets others do
        part.replace(file)


def scaled(pixels, *folders):
    """Return all images as rows of float32 from 0 to 1, read-only, and always the same array.

    pixels: those to train on and those to test with, as uint8.
    folders: where a file of the array may lie, which processes map, to hold it in memory once. If
        there is none that is intact, and that only this user or root can change, the cache gets
        one; where that can't be, this process has the array to itself.
    """
    cache = cache_folder()
    for folder in (*folders, cache) if CAN_MAP and SCALED not in HELD else ():
        path = Path(os.path.expanduser(folder), "mnist.float32")
        with contextlib.suppress(OSError), path.open("rb") as file:
            about = os.fstat(file.fileno())
            alone = about.st_uid in (0, os.getuid()) and not about.st_mode & 0o022
            if alone and file_digest(file, "sha256").hexdigest() == SCALED:
                HELD[SCALED] = np.asarray(np.memmap(file, np.float32, "r").reshape(-1, 784))
                break
    if SCALED not in HELD:
        every = np.concatenate(pixels, dtype=np.float32)
        every /= np.float32(255)
        every.flags.writeable = False
        with contextlib.suppress(OSError):
            if CAN_MAP:
                keep(every, cache / "mnist.float32")
                every = np.asarray(np.memmap(cache / "mnist.float32", np.float32, "r"))
        HELD[SCALED] = every.reshape(-1, 784)
    return HELD[SCALED]
