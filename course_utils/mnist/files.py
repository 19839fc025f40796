"""The four files of MNIST: where they are looked for, how they are checked, downloaded and kept."""

import contextlib
import gzip
import io
import os
import tempfile
import warnings
import zlib
from hashlib import sha256
from pathlib import Path

from course_utils.machine import IN_BROWSER, cache_folder

__all__ = ["MnistWarning", "cache_folder", "content", "download", "read_cache", "read_folder"]

ZIPPED = {  # SHA-256 of each file with .gz after its name
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
INSIDE = {  # SHA-256 of what is in it: the same bytes can be zipped in many ways
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
TIMEOUT = (5, 15)  # seconds to connect, seconds between two pieces of an answer
COURSE = Path(__file__).parents[2]  # where a relative COURSE_MNIST_DIR starts from
FAULTS = {
    "ConnectTimeout": "did not answer in time",
    "ReadTimeout": "did not answer in time",
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
                    _keep(buffer.getvalue(), cache / f"{name}.gz")
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


def _keep(data, file):
    """Write under another name, then move: a file in the cache is whole at any time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="download-", dir=file.parent) as folder:
        part = Path(folder, file.name)
        part.write_bytes(data)
        part.replace(file)
