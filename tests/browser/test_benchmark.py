"""The benchmark of explorers with a few keys; how fast anything is depends on the machine."""

import re

from benchmarks import explorers
from tools.jupyter import Lab


def test_both_competitors_draw(lab: Lab) -> None:
    with explorers.opened(lab) as (ours, theirs, steps):
        rows = explorers.updates(ours, theirs, steps, rounds=1, presses=2)
        drag = explorers.dragged(ours, theirs, values=12)
        hand = explorers.held(ours.shown, places=12)
    assert "times faster" in rows[0].ratio
    assert "times the time" in rows[1].ratio
    assert re.match(r"\d+\.\d kB; of steps \d+\.\d kB", rows[-1].measured), rows[-1].measured
    assert re.match(r"[1-9]\d* pictures, 0 times blank, 0 jumps, ", drag.measured), drag.measured
    assert re.match(r"[1-9]\d* pictures per second, ", hand.measured), hand.measured
