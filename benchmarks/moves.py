"""What a move of any control of any explorer costs the kernel, measured without a page."""

import gc
from time import process_time

import numpy as np

from benchmarks.timing import Row, Times, row
from course_utils import SGD, AdaGrad, Adam, Momentum, MyTwoLayerNet, Ravine, compare, descend, lab
from course_utils.experiments import Switches, five, inverse_time

WIDTH = 1370
"""Of the page, in pixels; the widest takes the longest."""


def training():
    """Return an explorer of a training on made digits, not started."""
    rng = np.random.default_rng(0)
    data = rng.random((1000, 784), np.float32), rng.integers(10, size=1000)
    network = MyTwoLayerNet(784, 100, 10, rng=0)
    stored = compare(network, {"SGD": SGD(), "Adam": Adam()}, data, data, iterations=20, rng=0)
    return lab.explore_training(network, stored, data, data, "made digits")


EXPLORERS = {
    "one path": lambda: lab.explore_descent(Adam(0.3), noise=True),
    "one path, a schedule": lambda: lab.explore_descent(SGD(0.95), schedule=inverse_time),
    "two paths, any ravine": lambda: lab.explore_descent(
        AdaGrad(1.5), faint=lambda adagrad: SGD(0.95), condition=True
    ),
    "five paths": lambda: lab.explore_descent(*five().values()),
    "anatomy": lambda: lab.explore_anatomy(descend(Ravine(), Momentum(0.1))),
    "plane": lab.explore_plane,
    "race": lab.explore_race,
    "switches": lab.explore_switches,
    "switches, own rates and noise": lambda: lab.explore_switches(Switches(rates="own", noise=0.2)),
    "schedules": lab.explore_schedules,
    "training": training,
}

LR = {"one path": "lr", "two paths, any ravine": "lr", "five paths": "SGD lr"}
"""The learning rates beside which moves of steps are measured."""


def rows(values=6):
    """Return the table: the costliest move of each explorer. values: so many of each control."""
    table = []
    for name, make in EXPLORERS.items():
        explorer = make()
        explorer.view.width = WIDTH
        costs = [
            (cost, control, value)
            for control in explorer.controls
            for value, cost in moves(explorer, control, values)
        ]
        table.append(_row(name, costs))
        if name == "plane":
            table.append(_row("plane", [cost for cost in costs if cost[1] == "condition"]))
    return table + [steps(name, lr, 5 * values) for name, lr in LR.items()]


def moves(explorer, name, count):
    """Yield values of one control, others than it has, and the CPU seconds to show each."""
    control, now = explorer.controls[name], explorer.values()
    if control.kind == "choice":
        some = list(control.options)
    else:
        high = now[control.high] if isinstance(control.high, str) else control.high
        some = list(control.stops) or list(range(int(control.low), int(high) + 1))
    places = np.linspace(0, len(some) - 1, min(count, len(some))).astype(int)
    for value in (some[place] for place in places):
        if value != explorer.values()[name]:
            yield value, _cost(explorer, **{name: value})
    explorer.set(**now)


def steps(name, lr, count):
    """Return the row on so many moves of steps beside moves of a learning rate, in turns."""
    explorer, costs = EXPLORERS[name](), ([], [])
    explorer.view.width, first = WIDTH, explorer.values()[lr]
    for move in range(count):
        costs[0].append(_cost(explorer, steps=29 - 3 * move % 10))
        costs[1].append(_cost(explorer, **{lr: first * 0.99 ** (move + 1)}))
    what = f"{name}, another number of steps, CPU time"
    return row(what, Times("steps", costs[0]), Times(lr, costs[1]), at_most=2)


def _cost(explorer, **values):
    gc.disable()  # as `timeit` does: whose garbage is collected in a move is chance
    start = process_time()
    explorer.set(**values)
    cost = process_time() - start
    gc.enable()
    return cost


def _row(name, costs):
    cost, control, value = max(costs, key=lambda each: each[0])
    return Row(
        f"{name}, the costliest move" + f" of {control}" * (len({each[1] for each in costs}) == 1),
        f"{1e3 * cost:.0f} ms of CPU ({control} = {value})",
        target="under 100 ms",
    )
