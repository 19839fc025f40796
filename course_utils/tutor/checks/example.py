"""The smallest example of a mistake, in numbers."""

from dataclasses import dataclass

import numpy as np

from course_utils.tutor.checks.probes import Probe, close
from course_utils.tutor.checks.walks import remembered, walk


@dataclass(frozen=True)
class Difference:
    """Where the reader's numbers and the expected ones first part: after update t, in one entry."""

    probe: Probe
    t: int
    key: str
    place: tuple[int, ...]
    mine: float
    right: float


def first_difference(pairs, task):
    """Return the first Difference, on the simplest problem that shows one."""
    for done, probe in pairs:
        expected = walk(task, probe)
        for t, (mine, right) in enumerate(zip(done.path, expected, strict=True), 1):
            for key in mine:
                if not close([{key: mine[key]}], [{key: right[key]}], probe.tolerance):
                    wrong = ~np.isclose(mine[key], right[key], probe.tolerance, 0, equal_nan=True)
                    place = tuple(int(i) for i in np.argwhere(wrong)[0])
                    return Difference(probe, t, key, place, mine[key][place], right[key][place])
    raise ValueError("pairs must hold a path that differs from the rule's")


def example(task, where, parts=False):
    """Tell a Difference; parts: also what the rule remembers there, to compare line by line."""
    probe, t, key, place = where.probe, where.t, where.key, where.place
    many = probe.start[key].size > 1
    name = f"{key}[{', '.join(map(str, place))}]" if many else key
    settings = ", ".join(f"{name} = {value:g}" for name, value in probe.settings.items())
    text = f"Smallest example: {settings}; {name} starts at {probe.start[key][place]:.4g}"
    if len(probe.start) == 1:
        gradients = [probe.gradient(probe.start, step)[key][place] for step in range(1, t + 1)]
        are = "gradients are" if t > 1 else "gradient is"
        text += f", its {are} {', '.join(f'{g:g}' for g in gradients)}"
    elif t == 1:
        text += f", its gradient is {probe.gradient(probe.start, 1)[key][place]:.4g}"
    text += f". After update {t} your {name} is {where.mine:.6g}, expected {where.right:.6g}."
    state = remembered(task, probe, t)[key] if parts else {}
    if state:
        shape = probe.start[key].shape
        values = {part: np.broadcast_to(value, shape)[place] for part, value in state.items()}
        listed = ", ".join(f"{part} = {value:.3g}" for part, value in values.items())
        text += f" Expected there: {listed}, {name} = {where.right:.6g}."
    return text
