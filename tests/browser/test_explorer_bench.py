"""The table of explorers with a few keys: both competitors draw, and what is wrong is seen.

How fast anything is depends on the machine, so no time is tested.
"""

import re
from collections.abc import Iterator

import pytest

from benchmarks import explorers
from benchmarks.explorers import Competitor
from tests.browser.lab import Lab
from tests.browser.test_lab import write

Pair = tuple[Competitor, Competitor]

TAKE_AWAY = """root => new Promise(resolve => {
    const image = root.querySelector('.course-picture img'), parent = image.parentNode;
    image.remove();
    requestAnimationFrame(() => requestAnimationFrame(() => { parent.append(image); resolve(); }));
})"""
EMPTY = "root => { root.querySelector('.course-picture img').src = ''; }"
OTHER_TEXT = "root => { root.querySelector('.course-picture img').alt += ' or so'; }"


@pytest.fixture(scope="module")
def competitors(lab: Lab) -> Iterator[Pair]:
    with explorers.opened(lab) as pair:
        yield pair


def test_table(competitors: Pair) -> None:
    latency, cpu = explorers.updates(*competitors, rounds=1, presses=2)
    assert [latency.target, cpu.target] == ["at least 3.5", "at most 0.1"]
    assert [len(one.latencies) for one in competitors] == [2, 2]
    assert all(one.cpu[0] > 0 for one in competitors)
    drag = explorers.dragged(*competitors, values=5)
    pictures = re.match(r"(\d+) pictures, 0 times blank, 0 jumps, ", drag.measured)
    assert pictures, drag.measured
    assert 1 <= int(pictures[1]) <= 5


def test_the_same_sliders(competitors: Pair) -> None:
    ours, theirs = (
        [one.shown.value(control) for control in one.shown.controls() if control.kind == "slider"]
        for one in competitors
    )
    assert len(ours) == 12
    assert list(map(number, theirs)) == pytest.approx(list(map(number, ours)), rel=0.01)


def number(readout: str) -> float:
    return float(readout.replace("−", "-"))


def test_a_picture_that_goes_away_is_seen(competitors: Pair) -> None:
    for one in competitors:
        end = one.shown.root.evaluate_handle(explorers.WATCH)
        one.shown.root.evaluate(TAKE_AWAY)
        seen = end.evaluate("end => end()")
        assert seen["blank"] > 0, one.name
        assert seen["jumps"] > 0, one.name


@pytest.mark.parametrize("fault", [EMPTY, OTHER_TEXT])
def test_a_wrong_last_picture_is_an_error(competitors: Pair, fault: str) -> None:
    ours, _ = competitors
    ours.drag(1)
    explorers.check_last(ours.shown)
    ours.shown.root.evaluate(fault)
    with pytest.raises(RuntimeError, match="the page s"):
        explorers.check_last(ours.shown)


def test_a_whole_notebook(lab: Lab) -> None:
    row = explorers.whole_notebook(lab, write(lab, "good.ipynb", "6 * 7"))
    assert row.what == "open and run good.ipynb"
    assert row.target == "under 15 s"
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        explorers.whole_notebook(lab, write(lab, "bad.ipynb", "1 / 0"))


def test_without_chromium_the_table_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(
        "playwright", reason="Playwright not found: install the project's test extra"
    )
    monkeypatch.setattr(explorers, "find_chromium", lambda: None)
    (row,) = explorers.rows()
    assert row.measured == "Chromium is not here"
