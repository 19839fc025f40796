"""What all optimizers share: checked settings, state that starts at zero, and `update`."""

import inspect
from abc import ABC, abstractmethod

import numpy as np


class Hyperparameter:
    """A number, or an array of numbers, that has to lie in a range; checked whenever it is set."""

    def __init__(self, expected, accepts):
        self.expected = expected
        self.accepts = accepts

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        try:
            return instance.__dict__[self.name]
        except KeyError:
            raise AttributeError(f"{self.name} has not been set") from None

    def __set__(self, instance, value):
        array = np.asarray(value)
        if array.dtype.kind not in "iuf":
            raise TypeError(f"{self.name} must be a number {self.expected}, got {value!r}")
        if not np.all(np.isfinite(array) & self.accepts(array)):
            raise ValueError(f"{self.name} must be {self.expected}, got {value!r}")
        if array.ndim == 0:
            instance.__dict__[self.name] = float(array)
        else:
            frozen = array.astype(float)
            frozen.flags.writeable = False
            instance.__dict__[self.name] = frozen


def positive():
    return Hyperparameter("greater than 0 and finite", lambda value: value > 0)


def fraction():
    return Hyperparameter("at least 0 and less than 1", lambda value: (value >= 0) & (value < 1))


def epsilon():
    return Hyperparameter("at least 0 and finite", lambda value: value >= 0)


class Optimizer(ABC):
    """Changes parameters by their gradients; a subclass says how in `rule`.

    `hyperparameters` are the names of its settings, in the order of its signature; `iter` counts
    the updates so far. `state` names the attributes in which a subclass remembers something
    between updates: each is None at first, then a dict with one array per parameter, of that
    parameter's shape and dtype, starting at zero.
    """

    state: tuple[str, ...] = ()
    hyperparameters: tuple[str, ...] = ()

    def __init_subclass__(cls):
        cls.hyperparameters = tuple(inspect.signature(cls).parameters)

    @abstractmethod
    def rule(self, p, g, *state):
        """Change the array `p` in place, given its gradient `g` and its state arrays."""

    def reset(self):
        """Forget the run so far; the next update starts afresh."""
        self.iter = 0
        for name in self.state:
            setattr(self, name, None)

    def update(self, params, grads):
        """Make one step: change every entry of `params` in place.

        params: dict of floats or float arrays of any shape and float dtype, which is kept.
        grads: dict with the same keys; grads[key] is the gradient of the loss by params[key] and
            has its shape.

        Raises TypeError or ValueError that names the entry when one does not fit, before anything
        has changed. A step that overflows gives inf or nan and no warning.
        """
        grads = self._checked(params, grads)
        if self.iter == 0:
            for name in self.state:
                setattr(self, name, {key: np.zeros_like(p) for key, p in params.items()})
        self.iter += 1
        with np.errstate(all="ignore"):
            for key, old in params.items():
                p = np.asarray(old)
                g = grads[key].astype(p.dtype, copy=False)
                state = [getattr(self, name)[key] for name in self.state]
                for piece in self._pieces(p, g, *state):
                    self.rule(*piece)
                if p is not old:
                    params[key] = type(old)(p)

    def _pieces(self, *arrays, size=40_000):
        """Yield large arrays in matching pieces, so that temporaries stay in the cache."""
        numbers_only = all(type(getattr(self, name)) is float for name in self.hyperparameters)
        flat = all(array.flags.c_contiguous for array in arrays)
        if arrays[0].size <= size or not (numbers_only and flat):
            yield arrays
            return
        for start in range(0, arrays[0].size, size):
            yield [array.reshape(-1)[start : start + size] for array in arrays]

    def _checked(self, params, grads):
        if not isinstance(params, dict) or not isinstance(grads, dict):
            raise TypeError(
                f"params and grads must be dicts of arrays, "
                f"got {type(params).__name__} and {type(grads).__name__}"
            )
        if params.keys() != grads.keys():
            raise ValueError(f"grads must have the keys {list(params)}, got {list(grads)}")
        known = getattr(self, self.state[0]) if self.iter and self.state else params
        if known.keys() != params.keys():
            raise ValueError(
                f"params must have the keys of the earlier updates, {list(known)}, "
                f"got {list(params)}; call reset() to start a new run"
            )
        arrays = [getattr(self, name) for name in self.hyperparameters]
        arrays = [value for value in arrays if isinstance(value, np.ndarray)]
        for key, p in params.items():
            _check_param(key, p)
            if np.shape(known[key]) != np.shape(p):
                raise ValueError(
                    f"params[{key!r}] had the shape {np.shape(known[key])} in earlier updates, "
                    f"got {np.shape(p)}; call reset() to start a new run"
                )
            for value in arrays:
                if not _fits(value.shape, np.shape(p)):
                    raise ValueError(
                        f"a hyperparameter is an array of shape {value.shape}, which must "
                        f"broadcast to the shape of params[{key!r}], {np.shape(p)}"
                    )
        return {key: _checked_gradient(key, grads[key], np.shape(p)) for key, p in params.items()}

    def __repr__(self):
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.hyperparameters)
        return f"{type(self).__name__}({settings})"


def _check_param(key, p):
    if not isinstance(p, (np.ndarray, np.floating, float)) or np.asarray(p).dtype.kind != "f":
        raise TypeError(f"params[{key!r}] must be a float or an array of floats, got {_kind(p)}")
    if isinstance(p, np.ndarray) and not p.flags.writeable:
        raise ValueError(f"params[{key!r}] must be writeable, got a read-only array")


def _checked_gradient(key, g, shape):
    g = np.asarray(g)
    if g.dtype.kind not in "iuf":
        raise TypeError(f"grads[{key!r}] must be real numbers, got {_kind(g)}")
    if g.shape != shape:
        raise ValueError(
            f"grads[{key!r}] must have the shape of params[{key!r}], {shape}, got {g.shape}"
        )
    return g


def _fits(shape, target):
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


def _kind(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return f"{type(value).__name__} of {value.dtype}"
    return f"{type(value).__name__} {value!r}"
