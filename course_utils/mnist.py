"""MNIST, the 70,000 handwritten digits of LeCun et al. (1998), or a small stand-in that says so."""

import gzip
import hashlib
import io
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np

FILES = {  # name: (size in bytes, SHA-256)
    "train-images-idx3-ubyte.gz": (
        9_912_422,
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    "train-labels-idx1-ubyte.gz": (
        28_881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    "t10k-images-idx3-ubyte.gz": (
        1_648_877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    "t10k-labels-idx1-ubyte.gz": (
        4_542,
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
TIMEOUT = (5, 15)  # seconds to connect, seconds between two pieces of an answer


class MnistWarning(UserWarning):
    """The digits are not MNIST, or they are but could not be kept for the next call."""


class Digits(tuple):
    """`((x_train, t_train), (x_test, t_test))`, and where these digits come from.

    name: "MNIST" or "scikit-learn digits", for the title of a figure.
    source: for the reader: where they were found, or why this is not MNIST and what to do.
    """

    def __new__(cls, splits, name, source):
        digits = super().__new__(cls, splits)
        digits.name = name
        digits.source = source
        return digits

    def __getnewargs__(self):
        return tuple(self), self.name, self.source

    @property
    def is_mnist(self):
        return self.name == "MNIST"

    def __repr__(self):
        (x_train, _), (x_test, _) = self
        return f"{self.name}: {len(x_train):,} + {len(x_test):,} images of 28×28. {self.source}"


def load_mnist(normalize=True, path=None):
    """Return the digits as `(x_train, t_train), (x_test, t_test)`.

    Images are rows of 784 pixels (28 × 28, row by row, 0 is background): 60,000 to train on and
    10,000 to test with. Labels are int64 from 0 to 9, which index any array as they are.

    normalize: True gives pixels as float32 from 0 to 1, which suits a network whose weights start
        small; False gives the files' own uint8, 0 to 255.
    path: a folder with the four official .gz files. The default, None, looks into the folder that
        the environment variable COURSE_MNIST_DIR names; if it is not set, into your cache, and
        what is missing there is downloaded (11.6 MB, once). If that fails too, you get the 1,797
        digits that scikit-learn carries (Alpaydin and Kaynak 1998), enlarged from 8 × 8 pixels,
        the first 1,437 to train on, and a MnistWarning that says why.

    The answer is a `Digits`: a tuple with a `name`, a `source` and `is_mnist`. Each file is
    checked against its SHA-256 at every call.

    Raises FileNotFoundError if `path` or COURSE_MNIST_DIR lacks one of the four files, ValueError
    if one of them is not MNIST's, KeyboardInterrupt if you stop the download.

    Source: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document
    recognition".
    """
    if path is not None:
        return _mnist(_read_folder(path, "path"), normalize, f"Read from {path}.")
    if folder := os.environ.get("COURSE_MNIST_DIR"):
        files = _read_folder(folder, "COURSE_MNIST_DIR")
        return _mnist(files, normalize, f"Read from {folder}, which COURSE_MNIST_DIR names.")
    cache = _cache_folder()
    files = _read_cache(cache)
    source = f"Read from the cache, {cache}."
    if missing := [name for name in FILES if name not in files]:
        try:
            downloaded, source = _download(missing, cache)
        except ConnectionError as error:
            digits = _scikit_learn_digits(normalize, why=str(error))
            warnings.warn(digits.source, MnistWarning, stacklevel=2)
            return digits
        files |= downloaded
    return _mnist(files, normalize, source)


def _read_folder(folder, label):
    files = {}
    for name in FILES:
        file = Path(folder).expanduser() / name
        try:
            data = file.read_bytes()
        except OSError as error:
            raise FileNotFoundError(
                f"{label}={str(folder)!r}: cannot read {name} ({error.strerror}); "
                f"expected a folder with {', '.join(FILES)}"
            ) from error
        if fault := _fault(name, data):
            raise ValueError(f"{label}={str(folder)!r}: {fault}")
        files[name] = data
    return files


def _cache_folder():
    import pooch

    return pooch.os_cache("optimizer-course")


def _read_cache(cache):
    """Return the intact files; what is missing or broken there is left out."""
    files = {}
    for name in FILES:
        try:
            data = (cache / name).read_bytes()
        except OSError:
            continue
        if not _fault(name, data):
            files[name] = data
    return files


def _fault(name, data):
    """Return what came and what was expected, or None if `data` is the file."""
    size, sha256 = FILES[name]
    came_sha256 = hashlib.sha256(data).hexdigest()
    if came_sha256 == sha256:
        return None
    start = data[:200].lstrip()
    if start.startswith(b"<"):
        came = f"a web page (HTML or XML, it starts with {start[:20]!r})"
    elif not start.startswith(b"\x1f\x8b"):
        came = f"{len(data):,} bytes that are no gzip file (they start with {start[:20]!r})"
    elif len(data) < size:
        came = f"a gzip file of {len(data):,} bytes, perhaps cut short"
    else:
        came = f"a gzip file of {len(data):,} bytes with SHA-256 {came_sha256}"
    return f"{name} is {came}; expected MNIST's, {size:,} bytes with SHA-256 {sha256}"


def _download(names, cache):
    """Return {name: bytes} and a sentence on their source; each whole file goes to the cache."""
    import requests
    from pooch import HTTPDownloader
    from tqdm.auto import tqdm

    files, faults, not_kept = {}, [], ""
    for mirror in MIRRORS:
        host = mirror.split("/")[2]
        try:
            for name in [name for name in names if name not in files]:
                buffer = io.BytesIO()
                with tqdm(desc=name, total=FILES[name][0], unit="B", unit_scale=True) as bar:
                    fetch = HTTPDownloader(progressbar=bar, chunk_size=2**14, timeout=TIMEOUT)
                    fetch(mirror + name, buffer, None)
                if fault := _fault(name, buffer.getvalue()):
                    raise ValueError(fault)
                files[name] = buffer.getvalue()
                try:
                    _keep(files[name], cache / name)
                except OSError as error:
                    not_kept = (
                        f"; it could not be kept in the cache, {cache} "
                        f"({error.strerror or error}), so the next call downloads it again"
                    )
            source = f"Downloaded from {host}{not_kept}."
            if not_kept:
                warnings.warn(source, MnistWarning, stacklevel=3)
            return files, source
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "the download of MNIST was stopped; no part of a file was kept, "
                "and the next load_mnist() goes on with the files that are missing"
            ) from None
        except requests.Timeout:
            faults.append(f"{host} did not answer in time")
        except requests.HTTPError as error:
            faults.append(f"{host} answered with status {error.response.status_code}")
        except OSError as error:
            faults.append(f"{host} could not be read ({type(error).__name__})")
        except ValueError as error:
            faults.append(f"from {host}, {error}")
    raise ConnectionError("; ".join(faults))


def _keep(data, file):
    """Write under another name, then move: a file in the cache is whole at any time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="download-", dir=file.parent) as folder:
        part = Path(folder, file.name)
        part.write_bytes(data)
        part.replace(file)


def _mnist(files, normalize, source):
    x_train, t_train, x_test, t_test = (
        _images(files[name], normalize) if "images" in name else _labels(files[name])
        for name in FILES
    )
    return Digits(((x_train, t_train), (x_test, t_test)), "MNIST", source)


def _images(data, normalize):
    with gzip.open(io.BytesIO(data)) as file:
        count = np.frombuffer(file.read(16), ">u4")[1]
        images = np.empty((count, 784), np.float32 if normalize else np.uint8)
        for start in range(0, count, 1000):  # in blocks: one copy of all pixels is enough
            block = images[start : start + 1000]
            block[...] = np.frombuffer(file.read(block.size), np.uint8).reshape(block.shape)
            if normalize:
                block /= 255
    return images


def _labels(data):
    return np.frombuffer(gzip.decompress(data), np.uint8, offset=8).astype(np.int64)


def _scikit_learn_digits(normalize, why):
    """Enlarge linearly to 20 × 20 and set amid a margin of 4, where MNIST's digits are, too."""
    from sklearn.datasets import load_digits

    small, labels = load_digits(return_X_y=True)
    centres = (np.arange(20) + 0.5) * 8 / 20 - 0.5
    enlarge = np.stack([np.interp(centres, np.arange(8), unit) for unit in np.eye(8)], axis=1)
    large = enlarge @ small.reshape(-1, 8, 8) @ enlarge.T / 16
    pixels = np.pad(np.rint(255 * large).astype(np.uint8), ((0, 0), (4, 4), (4, 4)))
    images = pixels.reshape(-1, 784)
    if normalize:
        images = images / np.float32(255)
    labels = labels.astype(np.int64)
    return Digits(
        ((images[:1437], labels[:1437]), (images[1437:], labels[1437:])),
        "scikit-learn digits",
        "Not MNIST, but the 1,797 digits of 8×8 pixels that scikit-learn carries, enlarged: "
        f"{why}. For MNIST, call load_mnist() again with a network, or put its four .gz files "
        "into a folder and name that in the environment variable COURSE_MNIST_DIR.",
    )
