"""Let an optimizer walk down a surface, and keep all that happens on the way."""

from dataclasses import dataclass
from functools import partial
from math import inf, nan
from numbers import Real

import numpy as np

from course_utils import optimizers
from course_utils.checked import check_count, check_function, check_number, frozen
from course_utils.optimizer import Optimizer, fresh, settings_of
from course_utils.surfaces import Surface

FAR = 1e6  # beyond it, or where its height overflows, a path has diverged


@dataclass(frozen=True)
class Descent:
    """A path on a surface, or a grid of paths where a hyperparameter is an array of shape `grid`.

    positions, gradients: shape (k + 1, 2) + grid: where the path was before the first of k
        updates and after each, and the surface's gradient there (without the noise).
    seen: shape (k, 2) + grid: the gradient that each update was given, with the noise.
    losses: shape (k + 1,) + grid: the height at each position.
    lr: shape (k,): the learning rate of each update; nan for an optimizer that has none, or a grid
        of them.
    state: what the optimizer remembered, a dict of arrays shaped like positions, from before the
        first update on, where it is 0. Of an object that is no `Optimizer`, what it keeps as v, h
        or m in a dict with x and y.
    diverged_at: the number of the update that took a path too far (see `FAR`), or None. In a grid
        an array of integers, −1 where a path did not diverge.
    noise: the standard deviation of the noise in each component of `seen`.
    steps: the number of updates asked for, at least k.
    surface, optimizer: what was run; the optimizer is a copy, as it was after the last update.

    A path that diverges ends with its last position before that: a single path is shorter (k less
    than the steps asked for), in a grid the rest is nan. The arrays are read-only.
    """

    positions: np.ndarray
    losses: np.ndarray
    gradients: np.ndarray
    seen: np.ndarray
    lr: np.ndarray
    state: dict[str, np.ndarray]
    diverged_at: int | np.ndarray | None
    noise: float
    steps: int
    surface: Surface
    optimizer: object

    updates = property(lambda self: len(self.losses) - 1)
    grid = property(lambda self: self.losses.shape[1:])
    heights = property(lambda self: self.losses - self.surface.lowest)


def descend(surface, optimizer, start=None, steps=30, noise=0.0, rng=0, schedule=None):
    """Let an optimizer walk down a surface and return its path, a `Descent`.

    surface: a `Surface`.
    optimizer: any object with `update(params, grads)`; a fresh copy does the work.
    start: (x, y), finite; the surface's own start by default.
    steps: number of updates, at least 1.
    noise: standard deviation, ≥ 0, of normal noise added to each component of each gradient, in
        the gradient's unit. It stands for the randomness of minibatches.
    rng: a `numpy.random.Generator` or a seed, for the noise.
    schedule: called with the number of each update, from 1; what it returns multiplies the
        optimizer's `lr`. None leaves it as it is. See `schedules`.

    What the optimizer's `update` raises gets a note that says in which update it was.
    """
    check_count("steps", steps)
    check_number("noise", noise, "of at least 0", lambda value: value >= 0)
    rng = np.random.default_rng(rng) if noise else None
    optimizer = fresh(optimizer)
    name, full_lr = type(optimizer).__name__, getattr(optimizer, "lr", None)
    if schedule is not None:
        check_function("schedule", schedule, "a function of the update's number")
        if not isinstance(full_lr, Real | np.ndarray):
            raise ValueError(f"a schedule needs an optimizer with a number lr; {name} has none")
    record = _Recorder(surface, optimizer, start, steps, noise)
    place, params, update = record.place, record.params, optimizer.update

    with np.errstate(all="ignore"):
        for made in range(steps + 1):
            x, y = place[0], place[1]
            gradient = seen = surface.gradient(x, y)
            if noise:
                seen = [part + noise * rng.standard_normal(x.shape) for part in gradient]
            if record.ends(made, x, y, surface(x, y), gradient, seen):
                break
            if schedule is not None:
                optimizer.lr = full_lr * _factor(schedule, made + 1)
                record.note_lr(made)
            try:
                if record.ours:
                    update(params, {"xy": record.seen[made]})
                    update = optimizer.step  # the first has checked what is the same in all
                else:
                    update(params, {"x": seen[0], "y": seen[1]})
                    place[0], place[1] = +params["x"], +params["y"]  # + refuses None
            except Exception as error:
                error.add_note(f"in update {made + 1} of {name}")
                raise

    if schedule is not None:
        optimizer.lr = full_lr
    return record.descent()


def _factor(schedule, t):
    factor = schedule(t)
    if not (isinstance(factor, Real) and 0 < factor < inf):
        raise ValueError(f"schedule must return a number above 0, got {factor!r} at update {t}")
    return factor


class _Recorder:
    """The arrays of a `Descent`, filled row by row, and the place (x, y) that an optimizer moves.

    A reader's optimizer moves x and y by their names. The package's own are elementwise: they move
    the two as one array, in half the time.
    """

    def __init__(self, surface, optimizer, start, steps, noise):
        grid = np.broadcast_shapes(*map(np.shape, settings_of(optimizer).values()))
        start = surface.start if start is None else start
        if np.shape(start) != (2,):
            raise ValueError(f"start must be two numbers (x, y), got {start!r}")
        self.place = np.empty((2, *grid))
        for i, value in enumerate(start):
            check_number("start", value, "two of at most 1e6 in size", lambda v: abs(v) <= FAR)
            self.place[i] = value
        self.surface, self.optimizer, self.grid, self.noise = surface, optimizer, grid, noise
        self.ours = type(optimizer).__module__ == optimizers.__name__
        parts = {"xy": slice(None)} if self.ours else {"x": 0, "y": 1}
        self.params = {key: self.place[part, ...] for key, part in parts.items()}
        self.steps, self.rows, self.diverged = steps, 0, np.full(grid, -1)
        self.rows_of_pairs = partial(np.zeros, (steps + 1, 2, *grid))
        self.positions, self.gradients = self.rows_of_pairs(), self.rows_of_pairs()
        self.seen = self.rows_of_pairs() if noise else self.gradients
        self.losses, self.lr = np.zeros((steps + 1, *grid)), np.zeros(steps + 1)
        self.note_lr(slice(None))
        self.state = {name: self.rows_of_pairs() for name in optimizer.state} if self.ours else {}

    def note_lr(self, made):
        lr = getattr(self.optimizer, "lr", nan)
        self.lr[made] = lr if isinstance(lr, Real) else nan

    def ends(self, made, x, y, height, gradient, seen):
        """Record what is there after so many updates; return whether the path ends with it."""
        near = (abs(x) <= FAR) & (abs(y) <= FAR) & (abs(height) < inf)
        if not (near.all() if self.grid else near):
            self.diverged[(self.diverged < 0) & ~near] = made
            if np.all(self.diverged >= 0):
                return True
        self.rows = made + 1
        self.losses[made] = height
        self.positions[made, 0], self.positions[made, 1] = x, y
        self.gradients[made, 0], self.gradients[made, 1] = gradient
        if self.noise:
            self.seen[made, 0], self.seen[made, 1] = seen
        if not self.ours:
            self.note_lr(made)
            self._look_for_state(made)
        elif made:
            for name, array in self.state.items():
                array[made] = getattr(self.optimizer, name)["xy"]
        return made == self.steps

    def _look_for_state(self, made):
        own = isinstance(self.optimizer, Optimizer)
        for name in self.optimizer.state if own else ("v", "h", "m"):
            memory = getattr(self.optimizer, name, None)
            if isinstance(memory, dict) and {"x", "y"} <= memory.keys():
                pair = [np.asarray(memory[key]) for key in "xy"]
                if all(one.shape == self.grid and one.dtype.kind in "iuf" for one in pair):
                    self.state.setdefault(name, self.rows_of_pairs())[made] = pair

    def descent(self):
        for name in self.state if self.ours else ():
            if memory := getattr(self.optimizer, name):
                both = memory["xy"]
                setattr(self.optimizer, name, {"x": both[0, ...], "y": both[1, ...]})
        last, updates = int(self.diverged.max()), max(self.rows - 1, 0)
        gradients = self._history(self.gradients, self.rows)
        return Descent(
            positions=self._history(self.positions, self.rows),
            losses=self._history(self.losses, self.rows),
            gradients=gradients,
            seen=self._history(self.seen, updates) if self.noise else gradients[:updates],
            lr=frozen(self.lr[:updates].copy()),
            state={name: self._history(array, self.rows) for name, array in self.state.items()},
            diverged_at=frozen(self.diverged) if self.grid else last if last >= 0 else None,
            steps=self.steps,
            noise=float(self.noise),
            surface=self.surface,
            optimizer=self.optimizer,
        )

    def _history(self, array, rows):
        """Return the first rows, read-only, with nan where a path of a grid has diverged."""
        array = array if rows == len(array) else array[:rows].copy()
        made = np.arange(rows).reshape(-1, *[1] * (array.ndim - 1))
        gone = (self.diverged >= 0) & (made >= self.diverged)
        if self.grid and np.any(gone):
            array[np.broadcast_to(gone, array.shape)] = nan
        return frozen(array)
