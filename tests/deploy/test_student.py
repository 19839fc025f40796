"""A student's copy of the notebooks: new versions come, and no work is lost."""

import pytest

from deploy.student import NOTE, lay


@pytest.fixture
def folders(tmp_path):
    source, copies = tmp_path / "notebooks", tmp_path / "home"
    source.mkdir()
    edition(source, "first")
    lay(source, copies)
    return source, copies


def edition(source, text):
    for name in ("01_sgd.ipynb", "02_momentum.ipynb"):
        (source / name).write_text(f"{text} {name}")


def texts(copies):
    return sorted(path.read_text() for path in copies.glob("*.ipynb"))


FIRST = ["first 01_sgd.ipynb", "first 02_momentum.ipynb"]
SECOND = ["second 01_sgd.ipynb", "second 02_momentum.ipynb"]


def test_all_are_laid_and_a_second_visit_changes_nothing(folders):
    source, copies = folders
    assert texts(copies) == FIRST
    (copies / "01_sgd.ipynb").write_text("my work")
    lay(source, copies)
    assert texts(copies) == [FIRST[1], "my work"]


def test_a_copy_that_was_not_changed_is_replaced(folders):
    source, copies = folders
    edition(source, "second")
    lay(source, copies)
    assert texts(copies) == SECOND


def test_beside_a_changed_copy_the_new_version_is_laid_once(folders):
    source, copies = folders
    (copies / "01_sgd.ipynb").write_text("my work")
    edition(source, "second")
    for _ in range(2):
        lay(source, copies)
        assert texts(copies) == ["my work", *SECOND]
    assert (copies / "01_sgd.ipynb").read_text() == "my work"


def test_two_new_versions_on_one_day_lose_nothing(folders):
    source, copies = folders
    (copies / "01_sgd.ipynb").write_text("my work")
    edition(source, "second")
    lay(source, copies)
    edition(source, "third")
    lay(source, copies)
    assert texts(copies) == [
        "my work",
        "second 01_sgd.ipynb",
        "third 01_sgd.ipynb",
        "third 02_momentum.ipynb",
    ]


def test_a_deleted_copy_is_there_again(folders):
    source, copies = folders
    (copies / "01_sgd.ipynb").unlink()
    lay(source, copies)
    assert texts(copies) == FIRST


@pytest.mark.parametrize("note", [None, "", "[1]", "7", '{"01_sgd.ipynb": '])
def test_without_its_note_every_changed_copy_stays(folders, note):
    source, copies = folders
    (copies / NOTE).unlink() if note is None else (copies / NOTE).write_text(note)
    (copies / "01_sgd.ipynb").write_text("my work")
    edition(source, "second")
    lay(source, copies)
    assert texts(copies) == sorted([*FIRST[1:], "my work", *SECOND])
