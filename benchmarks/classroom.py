"""A class on one server: a real hub on this machine, and students who drag sliders all at once."""

import asyncio
import json
import os
from contextlib import suppress
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from benchmarks.article import mnist_folder
from benchmarks.memory import WIDTH, held
from benchmarks.timing import Row
from tools.hub import Hub, missing

LESSON = """
import json
from course_utils import SGD, AdaGrad, Adam, Momentum, RMSProp
from course_utils.lab import explore_descent
explorer = explore_descent(SGD(0.95), Momentum(0.1), AdaGrad(1.5), RMSProp(0.1), Adam(0.3))
print(json.dumps([explorer.view.comm.comm_id, explorer.values()]))
"""
LONGEST = 1200
"""Seconds for all of it; then the hub and all servers are ended."""

PER_SECOND = 5
"""Moves of each student's slider."""


def rows(students=25, at_once=(1, 5, 10, 15, 20, 25), seconds=5):
    """Return the table.

    students: who log in at once, at most 40. at_once: how many of them drag together. seconds: how
        long, at most 10.
    """
    if reason := missing():
        return [Row("a class on one server", f"not measured: {reason}")]
    return asyncio.run(_rows(min(students, 40), at_once, min(seconds, 10)))


async def _rows(students, at_once, seconds):
    async with asyncio.timeout(LONGEST), Hub(students, str(mnist_folder())) as hub:
        waited = await asyncio.gather(*(_started(hub, name) for name in hub.names))
        ready = [time for time in waited if time is not None]
        if not ready:
            return [Row(f"{students} log in at once", "all fail", target="none fails")]
        table = [
            Row(
                f"{students} log in at once",
                f"{students - len(ready)} fail; the first waits {min(ready):.0f} s, half "
                f"{median(ready):.0f} s, the last {max(ready):.0f} s",
                target="none fails",
            )
        ]
        names = [name for name, time in zip(hub.names, waited, strict=True) if time is not None]
        server = [_held(hub, name) for name in names]
        pupils = [await _pupil(hub, name) for name in names]
        both = [_held(hub, name) for name in names]
        table.append(
            Row(
                "memory of a student: server, and a kernel with one explorer",
                f"{median(server):.0f} MB and {median(both) - median(server):.0f} MB",
            )
        )
        alone = None
        for count in (each for each in at_once if each <= len(pupils)):
            before, start = _cpu(hub), perf_counter()
            waits = [number / count / PER_SECOND for number in range(count)]  # no common beat
            each = [_drag(*pupil, w, seconds) for pupil, w in zip(pupils, waits, strict=False)]
            found = [time for times in await asyncio.gather(*each) for time in times]
            share = (_cpu(hub) - before) / (perf_counter() - start) / (os.cpu_count() or 1)
            alone = alone or median(found)
            table.append(
                Row(
                    f"{count} drag at once, {PER_SECOND} moves a second",
                    f"{1e3 * median(found):.0f} ms, of 20 one over "
                    f"{1e3 * quantiles(found, n=20)[-1]:.0f} ms",
                    f"one alone: {1e3 * alone:.0f} ms; servers and kernels use {share:.0%}",
                    f"{median(found) / alone:.1f}",
                )
            )
        return table


async def _started(hub, name):
    start = perf_counter()
    try:
        await hub.start(name)
    except Exception:
        return None
    return perf_counter() - start


async def _pupil(hub, name):
    """Open the explorer of five paths as on a page; return the kernel, its id and its values."""
    kernel = await hub.kernel(name)
    id, values = json.loads(await kernel.run(LESSON))
    await kernel.run(WIDTH.format(1370))
    return kernel, id, values


async def _drag(kernel, id, values, wait, seconds):
    """Move a slider for so many seconds; return how long each new picture took."""
    times = []
    await asyncio.sleep(wait)
    for move in range(PER_SECOND * seconds):
        start = perf_counter()
        state = {"values": values | {"SGD lr": round(0.3 + 0.01 * (move % 50), 2)}}
        data = {"method": "update", "state": state, "buffer_paths": []}
        await kernel.ask("comm_msg", {"comm_id": id, "data": data})
        times.append(perf_counter() - start)
        await asyncio.sleep(max(0, 1 / PER_SECOND - times[-1]))
    return times


def _held(hub, name):
    """Return the megabytes of all processes of a student, without MNIST's."""
    total = 0
    for pid in hub.processes(name):
        with suppress(OSError):  # it has ended since
            total += held(pid)[0]
    return total / 1e6


def _cpu(hub):
    """Return the processor seconds that all students' processes have used."""
    total = 0.0
    for pid in hub.processes():
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total
