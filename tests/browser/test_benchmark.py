"""The benchmark of explorers with a few keys; how fast anything is depends on the machine."""

import re

from benchmarks import explorers
from tools.jupyter import Lab


def test_both_competitors_draw(lab: Lab) -> None:
    with explorers.opened(lab) as (ours, theirs):
        latency, cpu = explorers.updates(ours, theirs, rounds=1, presses=2)
        drag = explorers.dragged(ours, theirs, values=5)
    assert "times faster" in latency.ratio
    assert "times the time" in cpu.ratio
    assert re.match(r"[1-5] pictures, 0 times blank, 0 jumps, ", drag.measured), drag.measured
