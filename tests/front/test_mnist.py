"""Most tests load small made files from a mirror on this machine; none reaches further."""

import _thread
import contextlib
import gzip
import hashlib
import os
import pickle
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from course_utils.mnist import Digits, MnistWarning, files, load_mnist
from deploy.prepare_mnist import prepare

OFFICIAL_INSIDE, OFFICIAL_SCALED = files.INSIDE, files.SCALED
OFFICIAL_MIRRORS = files.MIRRORS
cache_of_this_user = files.cache_folder
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = (f"{name}.gz" for name in files.INSIDE)
HTML = b"<!DOCTYPE html><html><body>Please log in to this network.</body></html>"


def made_files(seed):
    """Return 2,500 + 20 noise images in MNIST's format."""
    rng = np.random.default_rng(seed)
    files = {}
    for images, labels, count in [
        (TRAIN_IMAGES, TRAIN_LABELS, 2500),
        (TEST_IMAGES, TEST_LABELS, 20),
    ]:
        head = np.array([0x803, count, 28, 28], ">u4").tobytes()
        pixels = rng.integers(0, 256, (count, 784), np.uint8)
        pixels[0, :2] = 0, 255
        files[images] = gzip.compress(head + pixels.tobytes(), mtime=0)
        head = np.array([0x801, count], ">u4").tobytes()
        digits = rng.integers(0, 10, count, np.uint8)
        files[labels] = gzip.compress(head + digits.tobytes(), mtime=0)
    return files


MADE = made_files(seed=0)
OTHER = made_files(seed=1)
MADE_INSIDE = {
    name.removesuffix(".gz"): hashlib.sha256(gzip.decompress(data)).hexdigest()
    for name, data in MADE.items()
}


def made_raw(name, head):
    return np.frombuffer(gzip.decompress(MADE[name]), np.uint8, offset=head)


MADE_SCALED = hashlib.sha256(
    b"".join(made_raw(name, 16) / np.float32(255) for name in (TRAIN_IMAGES, TEST_IMAGES))
).hexdigest()
SHARED = "mnist.float32"


def assert_is_made(digits):
    (x_train, t_train), (x_test, t_test) = digits
    assert digits.is_mnist
    np.testing.assert_array_equal(np.rint(x_train * 255).ravel(), made_raw(TRAIN_IMAGES, 16))
    np.testing.assert_array_equal(t_train, made_raw(TRAIN_LABELS, 8))
    np.testing.assert_array_equal(np.rint(x_test * 255).ravel(), made_raw(TEST_IMAGES, 16))
    np.testing.assert_array_equal(t_test, made_raw(TEST_LABELS, 8))


def zipped(folder):
    return {file.name: file.read_bytes() for file in folder.glob("*.gz")}


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def fill(folder):
    """Put the made files into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in MADE.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """Made files are the right ones, the cache is empty, and no mirror can be reached."""
    monkeypatch.delenv("COURSE_MNIST_DIR", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(files, "INSIDE", MADE_INSIDE)
    monkeypatch.setattr(files, "SCALED", MADE_SCALED)
    monkeypatch.setattr(files, "HELD", {})  # as in a fresh process
    monkeypatch.setattr(files, "MIRRORS", (f"http://127.0.0.1:{closed_port()}/",))
    monkeypatch.setattr(files, "TIMEOUT", (30, 30))
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def serve():
    """Return a function that starts a mirror: `answer(handler, name)` answers each request."""
    servers = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.server.asked.append(self.path[1:])
                with contextlib.suppress(ConnectionError):
                    answer(self, self.path[1:])

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.asked = []
        server.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def send(handler, data, length=None, status=200):
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(data) if length is None else length))
    handler.end_headers()
    handler.wfile.write(data)


def good(handler, name):
    send(handler, MADE[name])


def stalls(handler, name):
    send(handler, MADE[name][:50], length=len(MADE[name]))
    handler.connection.recv(1)  # returns once the other side has given up


FAULTY_MIRRORS = {
    "web page": (lambda handler, name: send(handler, HTML), "a web page"),
    "cut short": (lambda handler, name: send(handler, MADE[name][:-9]), "cut short or damaged"),
    "wrong hash": (lambda handler, name: send(handler, OTHER[name]), "another data set"),
    "no gzip": (lambda handler, name: send(handler, b"hello"), "no gzip file"),
    "empty": (lambda handler, name: send(handler, b""), "0 bytes that are no gzip file"),
    "missing": (lambda handler, name: send(handler, HTML, status=404), "404"),
    "breaks off": (
        lambda handler, name: send(handler, MADE[name][:50], length=len(MADE[name])),
        "IncompleteRead",
    ),
    "stalls": (stalls, "Read timed out"),
}


@pytest.fixture
def impatient(monkeypatch):
    """Wait 1 s for a mirror; the whole test must be over soon, too."""
    monkeypatch.setattr(files, "TIMEOUT", (1, 1))
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < 7


# The real files


@pytest.fixture
def real(mnist_dir, monkeypatch):
    monkeypatch.setattr(files, "INSIDE", OFFICIAL_INSIDE)
    monkeypatch.setattr(files, "SCALED", OFFICIAL_SCALED)
    monkeypatch.setenv("COURSE_MNIST_DIR", str(mnist_dir))


def test_real_digits(real):
    digits = load_mnist(normalize=True)
    (x_train, t_train), (x_test, t_test) = digits
    assert (digits.name, digits.is_mnist) == ("MNIST", True)
    assert (x_train.shape, x_test.shape) == ((60000, 784), (10000, 784))
    assert (t_train.shape, t_test.shape) == ((60000,), (10000,))
    assert {x_train.dtype, x_test.dtype} == {np.dtype(np.float32)}
    assert {t_train.dtype, t_test.dtype} == {np.dtype(np.int64)}
    assert (x_train.min(), x_train.max()) == (0, 1)
    assert t_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert t_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # The mean and deviation that every tutorial normalises with.
    assert round(x_train.mean(dtype=float), 4) == 0.1307
    assert round(x_train.std(dtype=float), 4) == 0.3081
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(t_train).tolist() == counts
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(t_test).tolist() == counts


def test_real_digits_as_bytes(real):
    (x_train, _), (x_test, _) = load_mnist(normalize=False)
    assert {x_train.dtype, x_test.dtype} == {np.dtype(np.uint8)}
    assert x_train.sum() == 1567298545
    assert x_test.sum() == 264923200


def test_real_digits_need_at_most_twice_their_memory(real):
    tracemalloc.start()
    try:
        (x_train, _), (x_test, _) = load_mnist()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 2 * (x_train.nbytes + x_test.nbytes)


# Order of sources


def test_path_comes_first(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_MNIST_DIR", str(tmp_path / "nowhere"))
    digits = load_mnist(path=fill(tmp_path / "files"))
    assert_is_made(digits)
    assert digits.source == f"Read from {tmp_path / 'files'}."


def test_environment_comes_before_the_cache(monkeypatch, tmp_path, cache):
    monkeypatch.setenv("COURSE_MNIST_DIR", str(fill(tmp_path / "files")))
    fill(cache)
    digits = load_mnist()
    assert_is_made(digits)
    assert "COURSE_MNIST_DIR" in digits.source


def test_cache_comes_before_the_download(cache, monkeypatch, serve):
    server = serve(good)
    monkeypatch.setattr(files, "MIRRORS", (server.url,))
    monkeypatch.setenv("COURSE_MNIST_DIR", "")
    fill(cache)
    digits = load_mnist()
    assert_is_made(digits)
    assert digits.source == f"Read from the cache, {cache}."
    assert server.asked == []


def test_download_fills_the_cache(cache, monkeypatch, serve, capfd):
    server = serve(good)
    monkeypatch.setattr(files, "MIRRORS", (server.url,))
    digits = load_mnist()
    assert_is_made(digits)
    assert digits.source == f"Downloaded from 127.0.0.1:{server.server_port}."
    assert zipped(cache) == MADE
    out, err = capfd.readouterr()
    assert out == ""
    assert all(f"{name}: 100%" in err for name in MADE_INSIDE)
    assert_is_made(load_mnist())
    assert sorted(server.asked) == sorted(MADE)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("broken", [None, HTML, b""])
def test_only_what_is_missing_or_broken_in_the_cache_is_downloaded(
    name, broken, cache, monkeypatch, serve
):
    server = serve(good)
    monkeypatch.setattr(files, "MIRRORS", (server.url,))
    fill(cache)
    (cache / name).unlink() if broken is None else (cache / name).write_bytes(broken)
    assert_is_made(load_mnist())
    assert server.asked == [name]
    assert (cache / name).read_bytes() == MADE[name]


# What is returned


def test_normalize_divides_by_255(tmp_path):
    folder = fill(tmp_path)
    (scaled, _), _ = load_mnist(normalize=True, path=folder)
    (pixels, _), _ = load_mnist(normalize=False, path=str(folder))
    assert (scaled.dtype, pixels.dtype) == (np.float32, np.uint8)
    assert (scaled.min(), scaled.max(), pixels.max()) == (0, 1, 255)
    np.testing.assert_array_equal(scaled, pixels / np.float32(255))


def test_labels_belong_to_the_caller_and_images_to_all(tmp_path):
    folder = fill(tmp_path)
    for normalize in (True, False):
        for images, labels in load_mnist(normalize, folder):
            assert not images.flags.writeable
            labels[:] = 0
    assert_is_made(load_mnist(path=folder))


# One copy for all calls and processes


def scaled(path):
    """Load from a folder and return the array of all images."""
    (x_train, _), (x_test, _) = load_mnist(path=path)
    np.testing.assert_array_equal(np.rint(x_test * 255).ravel(), made_raw(TEST_IMAGES, 16))
    return x_train.base


def file_of(array):
    """Return the file that an array is mapped from, or None."""
    while array is not None and not isinstance(array, np.memmap):
        array = getattr(array, "base", None)
    return array if array is None else Path(array.filename)


def test_images_are_held_once_by_a_process(tmp_path):
    first = scaled(fill(tmp_path / "one"))
    assert scaled(fill(tmp_path / "two")) is first


needs_to_map = pytest.mark.skipif(os.name == "nt", reason="no user ids that tell whose a file is")


@needs_to_map
def test_images_are_mapped_from_the_cache_and_made_there_once(cache, tmp_path, monkeypatch):
    folder = fill(tmp_path / "files")
    assert file_of(scaled(folder)) == cache / SHARED
    before = (cache / SHARED).stat()
    monkeypatch.setattr(files, "HELD", {})
    assert file_of(scaled(folder)) == cache / SHARED
    assert (cache / SHARED).stat().st_mtime_ns == before.st_mtime_ns


@needs_to_map
def test_a_folder_that_was_prepared_comes_before_the_cache(cache, tmp_path, monkeypatch):
    folder = fill(tmp_path / "files")
    assert prepare(folder) == folder / SHARED
    monkeypatch.setattr(files, "HELD", {})
    monkeypatch.setattr(files, "cache_folder", lambda: cache)
    assert file_of(scaled(folder)) == folder / SHARED
    assert not cache.exists()


@needs_to_map
def test_it_comes_before_an_intact_file_in_the_cache(cache, tmp_path, monkeypatch):
    folders = [fill(tmp_path / name) for name in ("one", "other")]
    for each in folders:
        prepare(each)
        monkeypatch.setattr(files, "HELD", {})
    monkeypatch.setattr(files, "cache_folder", lambda: folders[1])
    assert file_of(scaled(folders[0])) == folders[0] / SHARED


@needs_to_map
@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.chmod(0o664),
        lambda file: file.chmod(0o646),
        lambda file: file.write_bytes(file.read_bytes()[:-4]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(bytes(8) + file.read_bytes()[8:]),
        lambda file: (file.unlink(), file.mkdir()),
    ],
    ids=["group", "others", "cut", "empty", "changed", "a folder"],
)
def test_a_file_that_is_wrong_or_that_others_can_change_is_not_mapped(
    spoil, cache, tmp_path, monkeypatch
):
    folder = fill(tmp_path / "files")
    shared = prepare(folder)
    spoil(shared)
    monkeypatch.setattr(files, "HELD", {})
    monkeypatch.setattr(files, "cache_folder", lambda: cache)
    assert file_of(scaled(folder)) == cache / SHARED


@needs_to_map
def test_a_file_of_another_user_is_not_mapped(cache, tmp_path, monkeypatch):
    folder = fill(tmp_path / "files")
    prepare(folder)
    monkeypatch.setattr(files, "HELD", {})
    monkeypatch.setattr(files, "cache_folder", lambda: cache)
    about = os.fstat
    monkeypatch.setattr(os, "getuid", lambda: 7)
    monkeypatch.setattr(os, "fstat", lambda file: os.stat_result([*about(file)[:4], 8, *[0] * 5]))
    assert file_of(scaled(folder)) != folder / SHARED


def test_what_cannot_be_kept_or_mapped_is_in_memory(cache, tmp_path, monkeypatch):
    folder = fill(tmp_path / "files")
    cache.write_text("no folder")
    first = scaled(folder)
    assert scaled(folder) is first
    assert file_of(first) is None
    cache.unlink()
    monkeypatch.setattr(files, "HELD", {})
    monkeypatch.setattr(files, "CAN_MAP", False)
    assert file_of(scaled(folder)) is None
    assert not cache.exists()


def test_preparing_needs_mnist(tmp_path, monkeypatch):
    with pytest.warns(MnistWarning), pytest.raises(ConnectionError, match="Not MNIST"):
        prepare(tmp_path)


def test_repr_is_one_line(tmp_path):
    digits = load_mnist(path=fill(tmp_path))
    assert repr(digits) == f"MNIST: 2,500 + 20 images of 28×28. Read from {tmp_path}."


def test_digits_survive_pickle():
    digits = Digits((("a", "b"), ("c", "d")), "MNIST", "Made.")
    copy = pickle.loads(pickle.dumps(digits))
    assert (copy, copy.name, copy.source, copy.is_mnist) == (digits, "MNIST", "Made.", True)


# A folder that someone named must be right


@pytest.fixture(params=["path", "COURSE_MNIST_DIR"])
def load_from(request, monkeypatch):
    def load(folder):
        if request.param == "path":
            return load_mnist(path=folder)
        monkeypatch.setenv("COURSE_MNIST_DIR", str(folder))
        return load_mnist()

    load.label = request.param
    return load


@pytest.mark.parametrize("name", MADE)
def test_named_folder_without_a_file(load_from, name, tmp_path):
    (fill(tmp_path) / name).unlink()
    (tmp_path / "mnist.npz").touch()
    with pytest.raises(FileNotFoundError) as raised:
        load_from(tmp_path)
    for words in (load_from.label, str(tmp_path), f"found no {name}", "mnist.npz", *MADE_INSIDE):
        assert words in str(raised.value)


def test_named_folder_that_is_missing_or_a_file(load_from, tmp_path):
    for folder in (tmp_path / "nowhere", fill(tmp_path) / TRAIN_IMAGES):
        with pytest.raises(FileNotFoundError, match=load_from.label):
            load_from(folder)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda name: HTML, "is a web page, and starts with b'<!DOCTYPE html>"),
        (lambda name: b"\n  <?xml version='1.0'?><Error/>", "is a web page"),
        (lambda name: MADE[name][:-9], "cut short or damaged"),
        (lambda name: MADE[name][:-9] + b"otherwise", "cut short or damaged"),
        (lambda name: b"", "is 0 bytes that are no gzip file"),
        (lambda name: OTHER[name], "another data set (Fashion-MNIST"),
        (lambda name: gzip.decompress(OTHER[name]), "another data set (Fashion-MNIST"),
    ],
)
def test_named_folder_with_a_wrong_file(load_from, name, change, words, tmp_path):
    (fill(tmp_path) / name).write_bytes(change(name))
    with pytest.raises(ValueError, match=name) as raised:
        load_from(tmp_path)
    bare = name.removesuffix(".gz")
    for part in (load_from.label, str(tmp_path), words, files.ZIPPED[bare], MADE_INSIDE[bare]):
        assert part in str(raised.value)
    fill(tmp_path)
    assert_is_made(load_from(tmp_path))


def unzip(file):
    file.with_suffix("").write_bytes(gzip.decompress(file.read_bytes()))
    file.unlink()


def unzip_with_a_dot(file):
    unzip(file)
    bare = file.with_suffix("")
    bare.rename(bare.with_name(bare.name.replace("-idx", ".idx")))


def unzip_into_a_folder_of_its_name(file):
    unzip(file)
    bare = file.with_suffix("")
    bare.rename(bare.with_name("moving"))
    bare.mkdir()
    bare.with_name("moving").rename(bare / bare.name)


def keep_both_in_raw(file):
    raw = file.parent / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    file.rename(raw / file.name)


def zip_otherwise(file):
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), 1, mtime=1))


def name_as_a_second_download(file):
    file.rename(file.with_name(f"{file.stem} (1).gz"))


def keep_beside_a_broken_one(file):
    unzip(file)
    file.write_bytes(MADE[file.name][:50])


@pytest.mark.parametrize(
    "change",
    [
        unzip,
        unzip_with_a_dot,
        unzip_into_a_folder_of_its_name,
        keep_both_in_raw,
        zip_otherwise,
        name_as_a_second_download,
        keep_beside_a_broken_one,
    ],
)
def test_files_are_taken_by_what_is_in_them(load_from, change, tmp_path):
    for file in sorted(fill(tmp_path).iterdir()):
        change(file)
    assert_is_made(load_from(tmp_path))


@pytest.mark.parametrize("value", ['"{}"', "'{}'", "{} ", ' "{}" '])
def test_quotes_and_blanks_around_the_folder_are_left_out(value, monkeypatch, tmp_path):
    folder = fill(tmp_path / "a folder")
    monkeypatch.setenv("COURSE_MNIST_DIR", value.format(folder))
    assert_is_made(load_mnist())


def test_quotes_of_the_folder_itself_stay(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_MNIST_DIR", str(fill(tmp_path / "the readers'")))
    assert_is_made(load_mnist())


def test_a_relative_folder_is_the_same_wherever_a_program_runs(monkeypatch, tmp_path):
    fill(tmp_path / "course" / "mnist")
    monkeypatch.setattr(files, "COURSE", tmp_path / "course")
    monkeypatch.setenv("COURSE_MNIST_DIR", "mnist")
    for place in (tmp_path / "course", tmp_path):
        monkeypatch.chdir(place)
        assert_is_made(load_mnist())
    monkeypatch.setenv("COURSE_MNIST_DIR", "elsewhere")
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "course" / "elsewhere"))):
        load_mnist()


# Downloads that go wrong


@pytest.mark.parametrize("fault", FAULTY_MIRRORS)
def test_a_faulty_mirror_is_passed_over(fault, cache, impatient, monkeypatch, serve):
    faulty, server = serve(FAULTY_MIRRORS[fault][0]), serve(good)
    monkeypatch.setattr(files, "MIRRORS", (faulty.url, server.url))
    assert_is_made(load_mnist())
    assert len(faulty.asked) == 1
    assert zipped(cache) == MADE


@pytest.mark.parametrize("fault", FAULTY_MIRRORS)
def test_only_faulty_mirrors_give_the_fallback_and_the_reason(
    fault, cache, impatient, monkeypatch, serve
):
    answer, words = FAULTY_MIRRORS[fault]
    monkeypatch.setattr(files, "MIRRORS", (serve(answer).url,))
    with pytest.warns(MnistWarning, match=words):
        assert not load_mnist().is_mnist
    assert not cache.exists()
    monkeypatch.setattr(files, "MIRRORS", (serve(good).url,))
    assert_is_made(load_mnist())


def test_a_second_file_can_come_from_the_second_mirror(monkeypatch, serve):
    first = serve(lambda handler, name: good(handler, name) if name == TRAIN_IMAGES else None)
    second = serve(good)
    monkeypatch.setattr(files, "MIRRORS", (first.url, second.url))
    assert_is_made(load_mnist())
    assert first.asked == [TRAIN_IMAGES, TRAIN_LABELS]
    assert second.asked == [TRAIN_LABELS, TEST_IMAGES, TEST_LABELS]


@pytest.fixture
def silent():
    """Listen and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        yield server


def test_a_mirror_that_never_answers_is_asked_once(silent, impatient, monkeypatch, serve):
    url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
    monkeypatch.setattr(files, "MIRRORS", (url, serve(good).url))
    assert_is_made(load_mnist())
    silent.accept()[0].close()
    with pytest.raises(TimeoutError):
        silent.accept()
    assert_is_made(load_mnist())


def test_a_mirror_that_never_answers_is_named(silent, impatient, monkeypatch):
    host = f"127.0.0.1:{silent.getsockname()[1]}"
    monkeypatch.setattr(files, "MIRRORS", (f"http://{host}/",))
    with pytest.warns(MnistWarning, match=f"{host} did not answer in time"):
        assert not load_mnist().is_mnist


def test_no_network(monkeypatch, serve):
    with pytest.warns(MnistWarning, match="Connection refused") as warned:
        digits = load_mnist()
    assert not digits.is_mnist
    assert [str(warning.message) for warning in warned] == [digits.source]
    assert warned[0].filename == __file__
    assert "COURSE_MNIST_DIR" in digits.source
    monkeypatch.setattr(files, "MIRRORS", (serve(good).url,))
    assert_is_made(load_mnist())


def test_a_fault_of_tls_is_named(monkeypatch, serve):
    plain = serve(good).url.replace("http:", "https:")
    monkeypatch.setattr(files, "MIRRORS", (plain,))
    with pytest.warns(MnistWarning, match=r"TLS or its certificate .*REQUESTS_CA_BUNDLE.*SSL"):
        assert not load_mnist().is_mnist


def test_a_fault_of_the_proxy_is_named(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setattr(files, "MIRRORS", ("https://mirror.invalid/",))
    with pytest.warns(MnistWarning, match=r"mirror\.invalid was not reached through the proxy"):
        assert not load_mnist().is_mnist


def test_a_wrong_list_of_certificates_is_named(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file.pem")
    monkeypatch.setattr(files, "MIRRORS", ("https://127.0.0.1/",))
    with pytest.warns(MnistWarning, match=r"invalid path: /no/such/file\.pem"):
        assert not load_mnist().is_mnist


def test_a_mirror_may_send_files_unzipped(cache, monkeypatch, serve):
    server = serve(lambda handler, name: send(handler, gzip.decompress(MADE[name])))
    monkeypatch.setattr(files, "MIRRORS", (server.url,))
    assert_is_made(load_mnist())
    assert_is_made(load_mnist())
    assert len(server.asked) == len(MADE)


def test_a_user_without_a_home_keeps_the_files_in_a_temporary_place(monkeypatch, tmp_path, serve):
    pwd = pytest.importorskip("pwd", reason="only systems with user ids have users without a home")
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(files, "cache_folder", cache_of_this_user)
    monkeypatch.setattr(files, "MIRRORS", (serve(good).url,))
    assert_is_made(load_mnist())
    assert load_mnist().source == f"Read from the cache, {tmp_path / 'optimizer-course'}."


def test_ctrl_c_in_a_download_keeps_whole_files_only(ctrl_c, cache, monkeypatch, serve):
    def interrupts(handler, name):
        if name == TRAIN_IMAGES:
            return good(handler, name)
        half = len(MADE[name]) // 2
        send(handler, MADE[name][:half], length=len(MADE[name]))
        _thread.interrupt_main()
        handler.wfile.write(MADE[name][half:])

    monkeypatch.setattr(files, "MIRRORS", (serve(interrupts).url,))
    with pytest.raises(KeyboardInterrupt, match="download of MNIST was stopped"):
        load_mnist()
    assert [file.name for file in cache.iterdir()] == [TRAIN_IMAGES]
    server = serve(good)
    monkeypatch.setattr(files, "MIRRORS", (server.url,))
    assert_is_made(load_mnist())
    assert TRAIN_IMAGES not in server.asked


def test_ctrl_c_while_a_file_is_kept(cache, monkeypatch, serve):
    def interrupted(part, file):
        assert part.read_bytes() == MADE[TRAIN_IMAGES]
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "MIRRORS", (serve(good).url,))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt, match="download of MNIST was stopped"):
            load_mnist()
    assert list(cache.iterdir()) == []
    assert_is_made(load_mnist())


def test_impossible_cache(monkeypatch, tmp_path, serve):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path / "file" / "cache")
    monkeypatch.setattr(files, "MIRRORS", (serve(good).url,))
    for _ in range(2):
        with pytest.warns(MnistWarning, match="could not be kept in") as warned:
            digits = load_mnist()
        assert_is_made(digits)
        assert [str(warning.message) for warning in warned] == [digits.source]
        assert warned[0].filename == __file__


def test_read_only_cache(cache, monkeypatch, serve):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "MIRRORS", (serve(good).url,))
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "TemporaryDirectory", refuse)
        with pytest.warns(MnistWarning, match="Permission denied"):
            assert_is_made(load_mnist())
    assert list(cache.iterdir()) == []
    assert_is_made(load_mnist())
    assert_is_made(load_mnist())


def test_two_processes_at_once(cache, serve):
    both_have_begun = threading.Barrier(2, timeout=60)

    def answer(handler, name):
        if name == TRAIN_IMAGES:
            both_have_begun.wait()
        good(handler, name)

    server = serve(answer)
    code = f"""
from pathlib import Path
from course_utils import load_mnist
from course_utils.mnist import files
files.INSIDE = {MADE_INSIDE!r}
files.MIRRORS = ({server.url!r},)
files.TIMEOUT = (60, 60)
files.cache_folder = lambda: Path({str(cache)!r})
digits = load_mnist(normalize=False)
print(digits.is_mnist, digits[0][0].sum(), digits[1][1].sum())
"""
    processes = [in_a_fresh_process(code) for _ in range(2)]
    expected = f"True {made_raw(TRAIN_IMAGES, 16).sum()} {made_raw(TEST_LABELS, 8).sum()}\n"
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, expected), err
    assert sorted(server.asked) == sorted([*MADE, *MADE])
    assert zipped(cache) == MADE


def in_a_fresh_process(code):
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# The stand-in


@pytest.fixture
def stand_in():
    with pytest.warns(MnistWarning):
        return load_mnist()


def test_stand_in(stand_in):
    (x_train, t_train), (x_test, t_test) = stand_in
    assert (stand_in.name, stand_in.is_mnist) == ("scikit-learn digits", False)
    assert (x_train.shape, x_test.shape) == ((1437, 784), (360, 784))
    assert (t_train.shape, t_test.shape) == ((1437,), (360,))
    assert {x_train.dtype, x_test.dtype} == {np.dtype(np.float32)}
    assert {t_train.dtype, t_test.dtype} == {np.dtype(np.int64)}
    assert (x_train.min(), x_train.max()) == (0, 1)
    assert set(t_train) == set(t_test) == set(range(10))
    assert repr(stand_in).startswith("scikit-learn digits: 1,437 + 360 images of 28×28. Not MNIST")
    assert "\n" not in repr(stand_in)


def test_stand_in_shows_the_small_digits_amid_a_margin(stand_in):
    from sklearn.datasets import load_digits

    small, labels = load_digits(return_X_y=True)
    large = np.concatenate([stand_in[0][0], stand_in[1][0]]).reshape(-1, 28, 28)
    np.testing.assert_array_equal(np.concatenate([stand_in[0][1], stand_in[1][1]]), labels)
    inner = large[:, 4:24, 4:24]
    assert inner.sum(dtype=float) == large.sum(dtype=float)
    # Blocks of 5 × 5 enlarged pixels cover 2 × 2 small ones.
    blocks = inner.reshape(-1, 4, 5, 4, 5).mean(axis=(2, 4))
    means = small.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)) / 16
    assert np.abs(blocks - means).max() < 0.2
    assert np.abs(np.diff(inner, axis=1)).max() < 0.41  # no step larger than 8/20 of the range


def test_stand_in_is_the_same_every_time(stand_in):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    with pytest.warns(MnistWarning):
        (x_train, _), (x_test, _) = load_mnist(normalize=False)
    assert x_train.dtype == np.uint8
    np.testing.assert_array_equal(x_train / np.float32(255), stand_in[0][0])
    np.testing.assert_array_equal(x_test / np.float32(255), stand_in[1][0])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


# What others rely on


def test_import_loads_neither_pooch_nor_scikit_learn():
    code = "import sys, course_utils.mnist; print({'pooch', 'sklearn', 'scipy'} & set(sys.modules))"
    out, err = in_a_fresh_process(code).communicate(timeout=60)
    assert out == "set()\n", err


def test_there_are_several_mirrors_and_all_are_https_folders():
    assert len(OFFICIAL_MIRRORS) >= 2
    assert all(url.startswith("https://") and url.endswith("/") for url in OFFICIAL_MIRRORS)


def test_nothing_is_printed_without_a_download(tmp_path, capfd):
    load_mnist(path=fill(tmp_path))
    assert capfd.readouterr() == ("", "")
