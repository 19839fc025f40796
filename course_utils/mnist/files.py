"""The four files of MNIST: where they are looked for, how they are checked, downloaded and kept."""

import hashlib
import io
import tempfile
import warnings
from pathlib import Path

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


def read_folder(folder, label):
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


def cache_folder():
    import pooch

    return pooch.os_cache("optimizer-course")


def read_cache(cache):
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


def download(names, cache):
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
