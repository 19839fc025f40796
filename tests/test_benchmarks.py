"""The benchmarks at tiny sizes: they run, and their competitors do the same work.

How fast anything is depends on the machine, so no time is tested.
"""

import re
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import article, grid, plane, startup
from benchmarks.timing import Row, Times, in_turns, quickest, row


@pytest.fixture
def digits():
    rng = np.random.default_rng(1)
    return 0.3 * rng.random((300, 20), np.float32), rng.integers(10, size=300), "a few numbers"


def losses(competitor, steps=6):
    with competitor.running() as run:
        run(steps)
    return competitor.losses()


def test_layer_objects_train_like_ours(digits):
    x, t, _ = digits
    expected, found = losses(article.Ours(x, t)), losses(article.Layers(x, t))
    assert list(found) == list(expected)
    for name in expected:
        assert found[name] == pytest.approx(expected[name], rel=1e-4), name


@pytest.mark.parametrize(("threads", "shared_out"), [(1, False), (2, False), (1, True)])
def test_pytorch_trains_like_ours(digits, threads, shared_out):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    x, t, _ = digits
    expected = losses(article.Ours(x, t))
    found = losses(article.PyTorch(x, t, threads, shared_out))
    assert list(found) == list(expected)
    for name in expected:
        assert found[name] == pytest.approx(expected[name], rel=1e-4), name


def test_article_without_pytorch_says_so(digits, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    layers, pytorch, products = article.rows(repetitions=1, steps=1, digits=digits)
    assert layers.compared_with.startswith("layer objects in float64")
    assert pytorch.compared_with == "PyTorch is not installed"
    assert products.compared_with.startswith("bare matrix products")


def test_article_with_pytorch(digits):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    table = article.rows(repetitions=2, steps=2, digits=digits)
    assert [one.target for one in table] == ["at least 3.5", "at least 1.8", "–", "at most 1.5"]
    assert table[1].compared_with.startswith("PyTorch, ")
    assert "in 2 workers" in table[2].compared_with


def test_bare_products_are_those_of_a_gradient_and_a_loss(digits):
    class Counted(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, **options):
            assert (ufunc, method) == (np.matmul, "__call__")
            m, n = (array.shape for array in inputs)
            multiplications.append(m[0] * m[1] * n[1])
            return np.matmul(*[np.asarray(array) for array in inputs]).view(Counted)

    multiplications = []
    products = article.Products(digits[0], shared_out=False)
    products.x = products.x.view(Counted)
    products.products(products.params[0])
    first, second = 128 * 20 * 100, 128 * 100 * 10
    assert sorted(multiplications) == [second] * 4 + [first] * 3


def test_article_takes_mnist_where_it_is(mnist_dir):
    x, _, name = article._digits()
    assert (x.shape, name) == ((60_000, 784), "MNIST")


def test_article_takes_random_data_where_mnist_is_not(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_MNIST_DIR", str(tmp_path))
    x, t, name = article._digits()
    assert (x.shape, x.dtype, t.shape) == ((60_000, 784), np.float32, (60_000,))
    assert name == "random data"


def test_grid():
    (one,) = grid.rows(repetitions=1, steps=3, side=6, every=3)
    assert one.what.startswith("36 settings")
    assert "measured with 4 settings" in one.compared_with


def test_plane():
    whole, cursor = plane.rows(repetitions=1, every=25)
    assert whole.what.startswith("2,500 rates")
    assert "measured with 4)" in whole.compared_with
    assert (whole.target, cursor.target) == ("under 100 ms", "–")


def test_startup_without_mnist(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_MNIST_DIR", str(tmp_path))
    imports, load = startup.rows(repetitions=1)
    assert imports.what == "import course_utils"
    assert load.measured == "MNIST is not here"


def test_startup_with_mnist(mnist_dir):
    _, time, memory = startup.rows(repetitions=1)
    assert time.measured.endswith("s)")
    assert memory.compared_with == "the float32 images: 220 MB"


def test_competitors_take_turns():
    calls = []

    class Competitor:
        def __init__(self, name):
            self.name = name

        @contextmanager
        def running(self):
            yield lambda steps: calls.append(steps * self.name)

    first, second = Competitor("a"), Competitor("b")
    times = in_turns([first, second], repetitions=2, steps=2, warm_up=1)
    assert "".join(calls) == "aaabbbaaabbb"
    assert [len(times[one].seconds) for one in (first, second)] == [2, 2]
    assert times[second].name == "b"


def test_ratios():
    ours, theirs = Times("ours", [0.2, 0.1, 0.3]), Times("theirs", [2.0, 1.5, 4.0])
    assert quickest([theirs, ours]) is ours
    assert row("what", ours, theirs, faster=3.5) == Row(
        "what", "200 ms (100 ms)", "theirs: 2 s (1.5 s)", "10 (15) times faster", "at least 3.5"
    )
    assert row("what", theirs, ours, at_most=1.5).ratio == "10 (15) times the time"
    assert row("what", theirs, ours).ratio == "10 (15) times the time"
    assert row("what", ours, theirs.scaled(0.5)).ratio == "5 (7.5) times faster"


def test_command_prints_the_machine_and_a_table(monkeypatch, capsys):
    monkeypatch.setattr(command, "TABLES", {"one": lambda: [Row("w", "m", "c", "r", "t")] * 2})
    monkeypatch.setattr(sys, "argv", ["benchmarks", "one"])
    command.main()
    printed = capsys.readouterr().out
    assert re.search(r"cores.*Python \d.*NumPy \d.* with \w+.*PyTorch", printed)
    lines = printed.splitlines()[-4:]
    assert re.fullmatch(r"\| what \| measured \| compared with \| ratio \| target \|", lines[0])
    assert len({len(line) for line in lines}) == 1


def test_command_names_its_tables(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "articel"])
    with pytest.raises(SystemExit):
        command.main()
    assert "no table 'articel'; there are article, grid, plane, startup" in capsys.readouterr().err
