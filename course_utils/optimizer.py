"""What all optimizers share: checked settings, state that starts at zero, and `update`."""

import copy
import inspect
from abc import ABC, abstractmethod
from functools import lru_cache, partial
from numbers import Real

import numpy as np

from course_utils.checked import check_numbers

EPS = 1e-7  # the default ε, outside the root, as in the article
PIECE = 40_000  # so many numbers are changed at once: their temporaries stay in the cache


class Hyperparameter:
    """A number, or an array of numbers, that has to lie in a range; checked whenever it is set."""

    def __init__(self, expected, accepts):
        self.expected, self.accepts = expected, accepts

    def __set_name__(self, owner, name):
        self.name = name

    def __set__(self, instance, value):
        vars(instance)[self.name] = check_numbers(self.name, value, self.expected, self.accepts)


positive = partial(Hyperparameter, "greater than 0 and finite", lambda x: x > 0)
fraction = partial(Hyperparameter, "at least 0 and less than 1", lambda x: (x >= 0) & (x < 1))
not_negative = partial(Hyperparameter, "at least 0 and finite", lambda x: x >= 0)


class Optimizer(ABC):
    """Changes parameters by their gradients; a subclass says how in `rule`.

    `hyperparameters` are the names of its settings, in the order of its signature, `lr` among them;
    `iter` counts the updates so far. `state` names the attributes in which a subclass remembers
    something between updates: each is None at first, then a dict with one array per parameter, of
    that parameter's shape and dtype, starting at zero.
    """

    lr = positive()
    iter = 0
    state: tuple[str, ...] = ()
    hyperparameters: tuple[str, ...] = ()

    def __init_subclass__(cls):
        cls.hyperparameters = tuple(_arguments(cls))
        for name in cls.state:
            setattr(cls, name, None)

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
        with np.errstate(all="ignore"):
            self.step(params, self._checked(params, grads))

    def step(self, params, grads):
        """Make the step of `update` without its checks, for arrays that have passed them before."""
        if self.iter == 0:
            for name in self.state:
                setattr(self, name, {key: np.zeros_like(p) for key, p in params.items()})
        self.iter += 1
        for key, old in params.items():
            p = np.asarray(old)
            arrays = [p, grads[key]]
            for name in self.state:
                arrays.append(getattr(self, name)[key])
            for piece in [arrays] if p.size <= PIECE else self._pieces(arrays):
                self.rule(*piece)
            if p is not old:
                params[key] = type(old)(p)

    def _pieces(self, arrays):
        """Cut large arrays into pieces whose temporaries stay in the processor's cache."""
        grid = any(isinstance(vars(self).get(name), np.ndarray) for name in self.hyperparameters)
        if grid or not all(array.flags.c_contiguous for array in arrays):
            return [arrays]
        flat, starts = [array.reshape(-1) for array in arrays], range(0, arrays[0].size, PIECE)
        return [[array[start : start + PIECE] for array in flat] for start in starts]

    def _checked(self, params, grads):
        """Return the gradients as arrays of their parameters' dtype."""
        if not isinstance(params, dict) or not isinstance(grads, dict):
            kinds = f"{type(params).__name__} and {type(grads).__name__}"
            raise TypeError(f"params and grads must be dicts of arrays, got {kinds}")
        if params.keys() != grads.keys():
            raise ValueError(f"grads must have the keys {list(params)}, got {list(grads)}")
        known = getattr(self, self.state[0]) if self.iter and self.state else params
        if known.keys() != params.keys():
            raise ValueError(
                f"params must have the keys of the earlier updates, {list(known)}, "
                f"got {list(params)}; call reset() to start a new run"
            )
        checked = {}
        for key, p in params.items():
            g, shape = np.asarray(grads[key]), np.shape(p)
            known_type = isinstance(p, np.ndarray | np.floating | float)
            if not known_type or np.asarray(p).dtype.kind != "f":
                raise TypeError(f"params[{key!r}] must be floats, got {_kind(p)}")
            if isinstance(p, np.ndarray) and not p.flags.writeable:
                raise ValueError(f"params[{key!r}] must be writeable, got a read-only array")
            if np.shape(known[key]) != shape:
                raise ValueError(
                    f"params[{key!r}] had the shape {np.shape(known[key])} in earlier updates, "
                    f"got {shape}; call reset() to start a new run"
                )
            for name in self.hyperparameters:
                value = getattr(self, name, None)
                if isinstance(value, np.ndarray) and not _broadcasts(value.shape, shape):
                    raise ValueError(
                        f"{name} is an array of shape {value.shape}, which must broadcast to the "
                        f"shape of params[{key!r}], {shape}"
                    )
            if g.dtype.kind not in "iuf":
                raise TypeError(f"grads[{key!r}] must be real numbers, got {_kind(grads[key])}")
            if g.shape != shape:
                raise ValueError(
                    f"grads[{key!r}] must have the shape of params[{key!r}], {shape}, got {g.shape}"
                )
            checked[key] = g.astype(np.asarray(p).dtype, copy=False)
        return checked

    def __repr__(self):
        known = [name for name in self.hyperparameters if hasattr(self, name)]
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in known)
        return f"{type(self).__name__}({settings})"


def _broadcasts(shape, target):
    pairs = zip(shape[::-1], target[::-1], strict=False)
    return len(shape) <= len(target) and all(n in (1, m) for n, m in pairs)


def _kind(value):
    if isinstance(value, np.ndarray | np.generic):
        return f"{type(value).__name__} of {value.dtype}"
    return f"{type(value).__name__} {value!r}"


# The settings of any object with `update(params, grads)`, and how to start it afresh


def settings_of(optimizer):
    """Return {name: value} of the numbers, or arrays of them, that an optimizer was made with.

    They are the arguments of `__init__`, with the values that the object keeps now, under that
    name or another; and `lr`, if the object has one that is no argument.
    """
    arguments, attributes, unknown = _made_with(optimizer, {})
    known = arguments | {name: value for name, value in attributes.items() if name == "lr"}
    return {n: value for n, value in known.items() if _is_number(value) and n not in unknown}


def fresh(optimizer):
    """Return an optimizer of the same class and settings that has made no update.

    It is made anew by its class, so that nothing of an earlier run is in it. Raises a TypeError
    that says what to do where an argument of `__init__` can't be found again in the object.
    """
    return with_settings(optimizer)


def with_settings(optimizer, **changes):
    """Return a `fresh` optimizer with other values for some of `settings_of(optimizer)`."""
    cls = type(optimizer)
    arguments, attributes, _ = _made_with(optimizer, changes)
    if wrong := changes.keys() - arguments.keys() - ({"lr"} & attributes.keys()):
        raise ValueError(f"{cls.__name__} has no setting {wrong.pop()!r}")
    new = cls(**arguments)
    for name, value in [item for owner in cls.__mro__[:-1] for item in vars(owner).items()]:
        if isinstance(value, _CONTAINERS) and name[:2] != "__" and getattr(new, name) is value:
            attributes[name] = _before_updates(cls, name, value, value)
    for name, value in attributes.items():
        if getattr(new, name) is not value:
            setattr(new, name, value)
    return new


_NONE = inspect.Parameter.empty
_CONTAINERS = dict, list, set, np.ndarray


def _made_with(optimizer, changes):
    """Return the arguments that make such an optimizer anew, what to set on it then, and which
    arguments are only stand-ins, since all that is known is what was worked out from them."""
    cls = type(optimizer)
    if isinstance(optimizer, type) or not callable(getattr(optimizer, "update", None)):
        raise TypeError(f"an optimizer is an object with update(params, grads), got {optimizer!r}")
    arguments, attributes, unknown, elsewhere = {}, {}, set(), []
    for name, default in _arguments(cls).items():
        arguments[name] = 0.5 if default is _NONE else default
        if name in changes:
            arguments[name] = changes[name]
        elif name in ("t", "iter") and default is not _NONE:
            unknown.add(name)  # it counts the updates
        elif hasattr(optimizer, name):
            arguments[name] = _before_updates(cls, name, getattr(optimizer, name), default)
        else:
            elsewhere.append(name)
    for name in elsewhere:
        moved = _moved_by(cls, name, arguments)
        if not moved or not all(hasattr(optimizer, key) for key in moved):
            do = f"keep its argument in __init__: self.{name} = {name}"
            raise TypeError(f"{cls.__name__} can't be started afresh; {do}")
        if same := [key for key, value in moved.items() if value == arguments[name]]:
            arguments[name] = getattr(optimizer, same[0])
        else:
            unknown.add(name)
            attributes |= {key: getattr(optimizer, key) for key in moved}
    lr_is_settable = "lr" not in arguments and not isinstance(getattr(cls, "lr", 0), property)
    if lr_is_settable and _is_number(getattr(optimizer, "lr", None)):
        attributes["lr"] = changes.get("lr", optimizer.lr)
    return arguments, attributes, unknown


def _moved_by(cls, name, arguments):
    """Return {attribute: value} of the numbers in a new object that an argument has a say in."""
    value = arguments[name]
    try:
        other = value / 2 if value % 1 else value + 1
        one, two = vars(cls(**arguments)), vars(cls(**arguments | {name: other}))
    except Exception:
        return {}
    return {k: v for k, v in one.items() if _is_number(v) and not np.array_equal(v, two.get(k))}


@lru_cache(maxsize=100)
def _arguments(cls):
    """Return the names and defaults of what `__init__` takes, past *args and **kwargs too."""
    names = {}
    for owner in [owner for owner in cls.__mro__[:-1] if "__init__" in vars(owner)]:
        parameters = list(inspect.signature(owner.__init__).parameters.values())[1:]
        named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        names |= {p.name: p.default for p in named}
        if named == parameters:
            break
    return names


def _before_updates(cls, name, value, default):
    """Return what an argument, or a container of the class, held before the first update."""
    if not isinstance(value, _CONTAINERS):
        return fresh(value) if hasattr(value, "update") else copy.deepcopy(value)
    values = value.values() if isinstance(value, dict) else value
    computed = all(isinstance(one, np.ndarray | np.generic) for one in values)
    if name in ("v", "h", "m") or (computed and not isinstance(value, np.ndarray)):
        start = value if default is _NONE else default
        if isinstance(start, _CONTAINERS):
            start = copy.deepcopy(start)
            start.fill(0) if isinstance(start, np.ndarray) else start.clear()
        return start
    if value is default:
        do = f"make what all its objects share, {name}, in __init__: self.{name} = …"
        raise TypeError(f"{cls.__name__} can't be started afresh; {do}")
    return copy.deepcopy(value)


def _is_number(value):
    if isinstance(value, np.ndarray | tuple):
        return np.asarray(value).dtype.kind in ("i", "u", "f")
    return isinstance(value, Real) and not isinstance(value, bool)
