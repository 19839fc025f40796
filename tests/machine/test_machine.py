"""What takes the place of threads and a whole installation in a browser."""

import importlib.util
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils import SGD, MyTwoLayerNet, machine, train, training
from course_utils.machine import browser


@pytest.fixture
def in_browser(monkeypatch):
    monkeypatch.setattr(machine, "IN_BROWSER", True)


@pytest.fixture
def page(monkeypatch):
    """The page around Python, whose stop button nobody has pressed."""
    page = SimpleNamespace(courseStopped=lambda: False)
    monkeypatch.setitem(sys.modules, "js", page)
    return page


def test_without_threads_the_functions_run_one_after_the_other(in_browser, page):
    with machine.cores() as (each, workers):
        assert workers == 1
        assert [*each(abs, [-1, 2])] == [1, 2]


def test_the_stop_button_ends_a_training(in_browser, page):
    rng, answers = np.random.default_rng(0), iter([False] * 4 + [True])
    page.courseStopped = lambda: next(answers)
    data = rng.random((50, 784), np.float32), rng.integers(10, size=50)
    run = train(MyTwoLayerNet(784, 5, 10), SGD(), data, data, iterations=1000)
    assert 0 < len(run.loss) < 100
    assert run.evaluated_at[-1] == len(run.loss)
    assert run.cut


def test_the_sites_files_lie_beside_the_notebook(in_browser):
    assert str(machine.cache_folder()) == "data"


def test_a_training_ends_when_its_time_is_over(monkeypatch):
    rng = np.random.default_rng(0)
    data = rng.random((50, 784), np.float32), rng.integers(10, size=50)
    monkeypatch.setattr(training, "LIMIT", 0)
    run = train(MyTwoLayerNet(784, 5, 10), SGD(), data, data, iterations=100_000)
    assert len(run.loss) < 100_000
    assert run.evaluated_at[-1] == len(run.loss)


def test_a_cell_gets_what_its_functions_import(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert browser.with_needs("x = 1") == "x = 1"
    assert browser.with_needs("load_sweep()").splitlines() == ["load_sweep()", "import scipy"]
    assert browser.with_needs("load_mnist()").endswith("\nimport sklearn")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train-images-idx3-ubyte.gz").touch()
    assert browser.with_needs("load_mnist()") == "load_mnist()"


@pytest.mark.parametrize("needed", browser.NEEDS.values())
def test_what_is_loaded_for_a_cell_exists(needed):
    assert importlib.util.find_spec(needed)
