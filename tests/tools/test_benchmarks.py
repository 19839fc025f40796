"""The benchmarks at tiny sizes: each table is printed, and the competitors do the same work.

How fast anything is depends on the machine, so no time is tested.
"""

import re
import sys
from functools import partial
from io import BytesIO, TextIOWrapper

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import article
from benchmarks.timing import Row

RNG = np.random.default_rng(1)
DIGITS = 0.3 * RNG.random((300, 20), np.float32), RNG.integers(10, size=300), "a few numbers"
TINY = {
    "article": {"repetitions": 1, "steps": 1, "digits": DIGITS},
    "descent": {"repetitions": 1, "steps": 3, "times": 1},
    "grid": {"repetitions": 1, "steps": 3, "side": 6, "every": 3},
    "plane": {"repetitions": 1, "every": 9},
    "moves": {"values": 2},
    "startup": {"repetitions": 1},
    "memory": {"names": [], "reruns": 1},
}


@pytest.mark.parametrize("name", TINY)
def test_the_command_prints_a_table(monkeypatch, capsys, name):
    monkeypatch.setitem(command.TABLES, name, partial(command.TABLES[name], **TINY[name]))
    monkeypatch.setattr(sys, "argv", ["benchmarks", name])
    command.main()
    printed = capsys.readouterr().out
    assert re.search(r"cores.*Python \d.*NumPy \d.* with \w+.*PyTorch", printed)
    lines = [line for line in printed.splitlines() if line.startswith("|")]
    columns = (cell.strip() for cell in lines[0].strip("|").split("|"))
    assert list(columns) == ["what", "measured", "compared with", "ratio", "target"]
    assert len(lines) > 2
    assert len({len(line) for line in lines}) == 1


def test_a_pipe_that_is_not_utf_8_loses_no_number(monkeypatch):
    pipe = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(pipe, encoding="ascii"))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "grid"])
    monkeypatch.setitem(command.TABLES, "grid", lambda: [Row("another κ", "1.25 µs")])
    command.main()
    sys.stdout.flush()
    assert b"| another ? | 1.25 ?s " in pipe.getvalue()


def losses(competitor, steps=6):
    with competitor.running() as run:
        run(steps)
    return competitor.losses()


@pytest.mark.parametrize("name", ["Layers", "PyTorch"])
def test_the_competitor_trains_like_ours(name):
    if name == "PyTorch":
        pytest.importorskip("torch", reason="PyTorch is not installed")
    x, t, _ = DIGITS
    settings = {"PyTorch": (2, False)}.get(name, ())
    expected, found = losses(article.Ours(x, t)), losses(getattr(article, name)(x, t, *settings))
    assert list(found) == list(expected)
    for method in expected:
        assert found[method] == pytest.approx(expected[method], rel=1e-4), method
