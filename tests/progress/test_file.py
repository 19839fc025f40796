"""A learner's file: what is in it, what damage does to it, and the files of a class."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_utils.progress import file
from course_utils.progress.record import Record
from tools.jupyter import is_superuser


@pytest.fixture
def path(monkeypatch, tmp_path):
    """The path of a learner's file that isn't there yet."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / file.NAME))
    monkeypatch.setattr(file, "_waiting", [])
    return tmp_path / file.NAME


def ids():
    return [each["id"] for each in file.entries()]


def test_what_is_noted_is_read_again_in_its_order(path):
    file.note("prediction", "sgd-1", chose=2)
    file.note("reveal", "sgd-1")
    file.note("question", "sgd-q1", chose=0, opening="02_momentum")
    file.note("hint", "sgd-rule", opened=1)
    file.note("check", "sgd-rule", mistakes=["uphill"])
    file.note("check", "sgd-rule", mistakes=[])
    assert file.read(path) == (file.entries(), "")
    assert [tuple(each.values())[1:] for each in file.entries()] == [
        ("prediction", "sgd-1", 2),
        ("reveal", "sgd-1"),
        ("question", "sgd-q1", 0, "02_momentum"),
        ("hint", "sgd-rule", 1),
        ("check", "sgd-rule", ["uphill"]),
        ("check", "sgd-rule", []),
    ]


def test_the_same_again_is_not_noted_again_but_a_second_thought_is(path):
    for place in (1, 1, 0, 1):
        file.note("prediction", "sgd-1", chose=place)
    assert [each["chose"] for each in file.entries()] == [1, 0, 1]


def test_every_line_has_a_version_and_nobody_else_may_read_the_file(path):
    file.note("reveal", "sgd-1")
    assert json.loads(path.read_text())["v"] == file.VERSION
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        b"\n",
        b"\n\n\n",
        b"not json",
        b"\n[1, 2]",
        b"\n{}",
        b"\nnull",
        b'\n{"v": 1, "kind": "prediction", "id": "sgd-2", "ch',
        b'\n{"v": 2, "kind": "reveal", "id": "sgd-2"}',
        b'\n{"v": 1, "kind": "reveal", "id": 7}',
        b'\n{"v": 1, "kind": ["reveal"], "id": "sgd-2"}',
        b'\n{"v": 1, "kind": "prediction", "id": "sgd-2"}',
        b'\n{"v": 1, "kind": "prediction", "id": "sgd-2", "chose": "a"}',
        b'\n{"v": 1, "kind": "question", "id": "sgd-q2", "chose": 1, "opening": null}',
        b'\n{"v": 1, "kind": "check", "id": "sgd-rule", "mistakes": [[]]}',
        b'\n{"v": 1, "kind": "check", "id": "sgd-rule", "mistakes": 3}',
        b"\n" + b"[" * 100_000,
        b"\n" + b"9" * 10_000,
        b"\n\xff\xfe\x00",
        b"\n" + b"\0" * 4096,
    ],
    ids=range(19),
)
def test_what_is_cut_or_foreign_costs_nothing_else(path, damage):
    file.note("reveal", "sgd-1")
    with path.open("ab") as damaged:
        damaged.write(damage)
    file.note("reveal", "sgd-3")
    assert ids() == ["sgd-1", "sgd-3"]


def test_what_a_line_does_not_know_stays_in_the_file(path):
    later = '{"v": 2, "kind": "dream", "id": "sgd-1"}'
    path.write_text(later)
    file.note("reveal", "sgd-1")
    assert path.read_text().startswith(later)
    assert file.read(path)[1] == f"{path}: lines not understood: 1"


def test_a_file_cut_anywhere_keeps_its_whole_lines(path):
    for id in ("sgd-1", "sgd-2"):
        file.note("reveal", id)
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        file.note("reveal", "sgd-3")
        assert ids() == [*["sgd-1", "sgd-2"][: whole[:end].count(b"}")], "sgd-3"]


def test_ten_thousand_entries_are_read_and_of_a_far_larger_file_the_end(path, monkeypatch):
    line = '\n{"v": 1, "kind": "reveal", "id": "sgd-%05d"}'
    path.write_text("".join(line % number for number in range(10_000)))
    assert ids() == [f"sgd-{number:05d}" for number in range(10_000)]
    monkeypatch.setattr(file, "LARGEST", 1000)
    assert 15 < len(ids()) < 25
    assert ids()[-1] == "sgd-09999"


WRITE = """
import sys, time
from course_utils.progress import file
time.sleep(max(0, float(sys.argv[2]) - time.time()))
for number in range(3000):
    assert file._append(file.place(), {"v": 1, "kind": "reveal", "id": f"{sys.argv[1]}-{number}"})
"""


def test_notebooks_that_write_at_once_lose_nothing(path):
    start = str(time.time() + 1)
    writers = [subprocess.Popen([sys.executable, "-c", WRITE, name, start]) for name in "abc"]
    assert [each.wait(60) for each in writers] == [0, 0, 0]
    assert file.read(path)[1] == ""
    for name in "abc":
        own = [id for id in ids() if id.startswith(name)]
        assert own == [f"{name}-{number}" for number in range(3000)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full, which is a full disk")
def test_a_full_disk_stops_nothing_and_what_happened_is_known(path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "/dev/full")
    file.note("reveal", "sgd-1")
    assert ids() == ["sgd-1"]
    assert file.unwritten()
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    file.note("reveal", "sgd-2")
    assert not file.unwritten()
    assert [each["id"] for each in file.read(path)[0]] == ["sgd-1", "sgd-2"]


CUT_SHORT = """
import resource
from course_utils.progress import file
file.note("reveal", "sgd-1")
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (60, most))
file.note("reveal", "sgd-2")
assert file.unwritten()
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
file.note("reveal", "sgd-3")
assert not file.unwritten()
"""


@pytest.mark.skipif(os.name != "posix", reason="a file can't be given a limit here")
def test_a_line_for_which_there_was_half_the_room_is_written_again(path):
    subprocess.run([sys.executable, "-c", CUT_SHORT], check=True)
    assert ids() == ["sgd-1", "sgd-2", "sgd-3"]
    assert file.read(path)[1].endswith("lines not understood: 1")


def no_folder(path):
    return path.parent / "not there" / file.NAME


def a_folder(path):
    path.mkdir()
    return path


def under_a_file(path):
    path.write_text("")
    return path / file.NAME


def read_only(path):
    if is_superuser():
        pytest.skip("an administrator may write everywhere")
    path.write_text("")
    path.chmod(0o400)
    return path


@pytest.mark.parametrize("place", [no_folder, a_folder, under_a_file, read_only])
def test_where_it_can_not_be_written_it_is_known_until_the_kernel_ends(path, monkeypatch, place):
    monkeypatch.setenv("COURSE_PROGRESS", str(place(path)))
    file.note("prediction", "sgd-1", chose=0)
    file.note("prediction", "sgd-1", chose=1)
    assert [each["chose"] for each in file.entries()] == [0, 1]
    assert file.unwritten()


def test_off_reads_and_writes_nothing(path, monkeypatch, tmp_path):
    file.note("reveal", "sgd-1")
    before = path.read_bytes()
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    monkeypatch.chdir(tmp_path)
    assert ids() == []
    file.note("reveal", "sgd-2")
    assert ids() == ["sgd-2"]
    assert (file.place(), file.unwritten()) == (None, False)
    file.forget()
    assert ids() == []
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [file.NAME]


def test_by_default_it_lies_where_the_kernel_began(monkeypatch, tmp_path):
    """Whatever folder a cell goes to."""
    code = (
        "import os; from course_utils.progress import file; os.chdir('/');"
        "file.note('reveal', 'sgd-1')"
    )
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setenv("PYTHONPATH", str(Path(file.__file__).parents[2]))
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert os.listdir(tmp_path) == [file.NAME]


def test_to_forget_deletes_the_file_and_what_is_known(path):
    file.note("reveal", "sgd-1")
    file.forget()
    assert not path.exists()
    assert file.entries() == []
    file.forget()
    file.note("reveal", "sgd-2")
    assert ids() == ["sgd-2"]


# A class


def learner(folder, *entries):
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"v": 1} | entry) for entry in entries]
    (folder / file.NAME).write_text("\n".join(["", *lines]))


def test_forty_learners_are_called_like_their_folders(tmp_path):
    for number in range(40):
        entry = {"kind": "prediction", "id": "sgd-1", "chose": number % 3}
        learner(tmp_path / f"learner {number:02d}" / "course/notebooks", entry)
    found, wrong = file.merge(tmp_path)
    assert wrong == []
    assert list(found) == [f"learner {number:02d}" for number in range(40)]
    votes = [Record(entries).votes("sgd-1") for entries in found.values()]
    assert votes == [(number % 3, number % 3) for number in range(40)]


def test_a_class_may_hand_in_files_or_one_learner_a_folder(tmp_path):
    entry = {"kind": "reveal", "id": "sgd-1"}
    learner(tmp_path / "ann", entry)
    assert list(file.merge(tmp_path / "ann")[0]) == ["ann"]
    (tmp_path / "ann" / file.NAME).rename(tmp_path / f"ann-{file.NAME}")
    learner(tmp_path / "ben", entry)
    learner(tmp_path / ".Trash/cleo", entry)
    assert sorted(file.merge(tmp_path)[0]) == ["ann", "ben"]


def test_a_damaged_file_is_named_and_the_others_are_read(tmp_path):
    for name in ("ann", "ben", "cleo"):
        learner(tmp_path / name, {"kind": "reveal", "id": "sgd-1"})
    (tmp_path / "ben" / file.NAME).write_bytes(b"\x00\xffrubbish\nmore")
    found, wrong = file.merge(tmp_path)
    assert {name: len(entries) for name, entries in found.items()} == {
        "ann": 1,
        "ben": 0,
        "cleo": 1,
    }
    assert wrong == [f"{tmp_path / 'ben' / file.NAME}: lines not understood: 2"]
