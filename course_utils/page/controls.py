"""The controls of an `Explorer`: what each is called, and the values that it takes."""

from dataclasses import asdict, dataclass, field
from math import ceil, floor, isclose, log10
from numbers import Real

_MANTISSAS = (1, 1.05, 1.5, 1.9, 2, 3, 5, 7, 9, 9.5)
_SHARES = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
_COUNTS = (*range(1, 11), 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 250, 300, 500, 1000)


@dataclass(frozen=True)
class Slider:
    """A number between two ends, that can also be typed.

    stops: the round numbers that the arrow keys go through. step: of what a drag gives; 0 for
        three digits. log: whether equal ways are equal factors. unit: stands behind the value.
    high: may be the name of another control, whose value is the end; a value at it stays there.
    whole: only whole numbers. play: milliseconds for each when played. opens: it begins a row.
    """

    label: str
    value: float
    low: float
    high: float | str
    stops: tuple = ()
    step: float = 0
    log: bool = False
    whole: bool = False
    unit: str = ""
    play: int = 0
    opens: bool = False
    kind: str = field(default="slider", init=False)

    def clean(self, value, ends):
        """Return a value as the picture gets it, among ends: the values of all controls; a
        ValueError where it is none."""
        if not isinstance(value, Real) or isinstance(value, bool) or value != value:
            raise ValueError(f"{self.label} must be a number, got {value!r}")
        value = min(max(value, self.low), ends.get(self.high, self.high))
        return round(value) if self.whole else float(value)


@dataclass(frozen=True)
class Choice:
    """Buttons of which one is pressed."""

    label: str
    options: tuple
    value: object
    kind: str = field(default="choice", init=False)

    def __post_init__(self):
        object.__setattr__(self, "options", tuple(self.options))  # a dict's names

    def clean(self, value, ends):
        if value not in self.options:
            raise ValueError(f"{self.label} must be one of {self.options}, got {value!r}")
        return value


def describe(controls):
    """Return controls as the page takes them: where many, two or three share a row from the second
    on, but for one that is played or has many options."""
    told = [{"name": name, **asdict(control)} for name, control in controls.items()]
    share = 1 if len(told) < 4 else 2 if len(told) < 10 else 3
    for place, one in enumerate(told):
        long = one.get("play") or len(one.get("options", ())) > 4
        one["share"] = share if place and not long else 1
    return told


def log_slider(label, value, low=1e-3, high=10):
    """Return a slider for a positive number, over powers of ten. The ends move out to value."""
    low, high = min(low, value), max(high, value)
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    stops = [float(f"{m}e{power}") for power in powers for m in _MANTISSAS]
    return Slider(label, value, low, high, _within(stops, low, high, value), log=True)


def share_slider(label, value, low=0, high=0.999):
    """Return a slider for a share of 1, as a momentum or a decay."""
    low, high = min(low, value), max(high, value)
    return Slider(label, value, low, high, _within(_SHARES, low, high, value), 0.001)


def slider(label, value, low, high, step, jump=None, **more):
    """Return a slider for any number. step: of a drag. jump: of the arrow keys, step by default."""
    jump, low, high = jump or step, min(low, value), max(high, value)
    stops = [round(place * jump, 10) for place in range(ceil(low / jump), floor(high / jump) + 1)]
    return Slider(label, value, low, high, _within(stops, low, high, value), step, **more)


def whole_slider(label, value, low, high, play=0):
    """Return a slider for a count. play: as for `Slider`; the arrow keys then go one by one."""
    stops = () if play or isinstance(high, str) else _within((0, *_COUNTS), low, high, value)
    return Slider(label, value, low, high, stops, 1, whole=True, play=play)


def setting_slider(label, value):
    """Return a slider for an optimizer's setting, by its name's end and the value it starts from:
    a rate, and any number from 1 on, goes over powers of ten; a whole number stays one."""
    if isinstance(value, int) and value > 1 and not label.endswith("lr"):
        return whole_slider(label, value, 1, 10 * value)
    if value > 0 and (label.endswith("lr") or value >= 1):
        least, most = min(-3, floor(log10(value)) - 2), max(1, ceil(log10(value)) + 1)
        return log_slider(label, value, 10.0**least, 10.0**most)
    return share_slider(label, value, min(0, 2 * value))


def _within(stops, low, high, value):
    inside = {stop for stop in stops if low <= stop <= high and not isclose(stop, value)}
    return tuple(sorted(inside | {low, high, value}))
