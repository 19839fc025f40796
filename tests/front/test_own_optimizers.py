"""A reader's own optimizer, however it is written, starts each run afresh and walks like ours."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pytest

from course_utils import SGD, Momentum, MyTwoLayerNet, Ravine, compare, descend, train
from course_utils.optimizer import fresh, settings_of, with_settings

RAVINE = Ravine()


class Plain:
    def __init__(self, lr=0.1, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(p) for key, p in params.items()}
        for key in params:
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


class WithReset(Plain):
    def reset(self):
        self.v = None


class ResetThatForgetsNothing(Plain):
    def reset(self):
        pass


class ResetThatForgetsTheSettings(Plain):
    def reset(self):
        self.__init__()


class EmptyDict(Plain):
    def __init__(self, lr=0.1, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key in params:
            self.v[key] = self.momentum * self.v.get(key, 0) - self.lr * grads[key]
            params[key] = params[key] + self.v[key]


class MadeInTheFirstUpdate(Plain):
    def __init__(self, lr=0.1, momentum=0.9):
        self.lr, self.momentum = lr, momentum

    def update(self, params, grads):
        if not hasattr(self, "v"):
            self.v = None
        super().update(params, grads)


class OnTheClass(EmptyDict):
    v = {}  # noqa: RUF012

    def __init__(self, lr=0.1, momentum=0.9):
        self.lr, self.momentum = lr, momentum


class DefaultDictOnTheClass(OnTheClass):
    v = defaultdict(float)  # noqa: RUF012


class OtherDictOnTheClass(Plain):
    speed: dict = {}  # noqa: RUF012

    def update(self, params, grads):
        for key in params:
            v = self.momentum * self.speed.get(key, 0) - self.lr * grads[key]
            self.speed[key] = np.asarray(v)
            params[key] += v


class MutableDefault(EmptyDict):
    def __init__(self, lr=0.1, momentum=0.9, v={}):  # noqa: B006
        self.lr, self.momentum, self.v = lr, momentum, v


class StateAsArgument(Plain):
    def __init__(self, lr=0.1, momentum=0.9, v=None, t=0):
        self.lr, self.momentum, self.v, self.t = lr, momentum, v, t

    def update(self, params, grads):
        self.t += 1
        if self.t == 1:
            self.v = None
        super().update(params, grads)


class OtherNames(Plain):
    def __init__(self, learning_rate=0.1, alpha=0.9):
        self.rate, self.keep, self.v = learning_rate, alpha, None

    @property
    def lr(self):
        return self.rate

    @property
    def momentum(self):
        return self.keep


class Derived(Plain):
    def __init__(self, lr=0.1, momentum=0.9):
        self.lr, self.resistance, self.v = lr, 1 - momentum, None

    def update(self, params, grads):
        inner = Momentum(self.lr, 1 - self.resistance)
        inner.v, inner.iter = self.v, int(self.v is not None)
        inner.update(params, grads)
        self.v = inner.v


class WithoutDefaults(OtherNames):
    def __init__(self, learning_rate, alpha):
        super().__init__(learning_rate, alpha)


class Slots:
    __slots__ = ("lr", "momentum", "v")
    __init__, update = Plain.__init__, Plain.update


class WithoutInit(Plain):
    lr, momentum, v = 0.1, 0.9, None

    def __init__(self):
        pass


class RateOfItsOwn(Plain):
    def __init__(self):
        super().__init__(0.3, 0.9)


@dataclass
class Data(EmptyDict):
    lr: float = 0.1
    momentum: float = 0.9
    v: dict = field(default_factory=dict)


class OfOurs(Momentum):
    def __init__(self, lr=0.1, momentum=0.9, name="mine"):
        super().__init__(lr, momentum)
        self.name, self.steps = name, 0

    def update(self, params, grads):
        self.steps += 1
        super().update(params, grads)
        assert self.iter == self.steps


class OfOursWithAnyArguments(Momentum):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.steps = 0

    def update(self, params, grads):
        self.steps += 1
        super().update(params, grads)
        assert self.iter == self.steps


class OfOursByRule(Momentum):
    def rule(self, p, g, v):
        v[...] = self.momentum * v - self.lr * g
        p += v


class Wrapper:
    def __init__(self, inner):
        self.inner = inner

    def update(self, params, grads):
        self.inner.update(params, grads)


CLASSES = [
    Plain, WithReset, ResetThatForgetsNothing, ResetThatForgetsTheSettings, EmptyDict,
    MadeInTheFirstUpdate, OnTheClass, DefaultDictOnTheClass, OtherDictOnTheClass, MutableDefault,
    StateAsArgument, OtherNames, Derived, WithoutDefaults, Slots, Data, OfOurs,
    OfOursWithAnyArguments, OfOursByRule,
]  # fmt: skip
MADE = {cls.__name__: lambda cls=cls: cls(0.2, 0.5) for cls in CLASSES} | {
    "WithoutInit": WithoutInit,
    "RateOfItsOwn": RateOfItsOwn,
    "Wrapper": lambda: Wrapper(Momentum(0.2, 0.5)),
    "Wrapper of an own": lambda: Wrapper(Plain(0.2, 0.5)),
}
TWIN = {"WithoutInit": Momentum(0.1, 0.9), "RateOfItsOwn": Momentum(0.3, 0.9)}
each_class = pytest.mark.parametrize("name", MADE)


def expected(name, **settings):
    return descend(RAVINE, TWIN.get(name, Momentum(0.2, 0.5)), **settings)


@each_class
@pytest.mark.parametrize("kind", [np.array, np.float64], ids=["arrays", "numbers"])
def test_a_run_inherits_nothing_from_earlier_ones(name, kind):
    optimizer = MADE[name]()
    for _ in range(2):
        path = descend(RAVINE, optimizer, steps=20)
        np.testing.assert_allclose(path.positions, expected(name, steps=20).positions, rtol=1e-12)
        params = {"x": kind(1.0), "y": kind(2.0)}
        optimizer.update(params, {"x": 3.0, "y": -1.0})
    again = descend(RAVINE, path.optimizer, steps=20)
    assert np.array_equal(again.positions, path.positions)


@each_class
def test_a_training_inherits_nothing_either(name):
    rng = np.random.default_rng(0)
    data = rng.standard_normal((50, 5)).astype(np.float32), rng.integers(3, size=50)
    optimizer, network = MADE[name](), MyTwoLayerNet(5, 8, 3, rng=0)
    both = {"own": optimizer, "ours": TWIN.get(name, Momentum(0.2, 0.5))}
    records = compare(network, both, data, iterations=10, batch_size=16)
    np.testing.assert_allclose(records["own"].loss, records["ours"].loss, rtol=1e-5)
    again = train(network, records["own"].optimizer, data, iterations=10, batch_size=16)
    assert np.array_equal(again.loss, records["own"].loss)


@pytest.mark.parametrize(
    "name", sorted(set(MADE) - set(TWIN) - {"Wrapper", "Wrapper of an own", "Derived"})
)
def test_settings_are_found_and_changed(name):
    optimizer = MADE[name]()
    lr, momentum = settings_of(optimizer)
    assert settings_of(optimizer) == {lr: 0.2, momentum: 0.5}
    other = with_settings(optimizer, **{momentum: 0.8})
    assert type(other) is type(optimizer)
    assert settings_of(other) == {lr: 0.2, momentum: 0.8}
    twin = descend(RAVINE, Momentum(0.2, 0.8))
    np.testing.assert_allclose(descend(RAVINE, other).positions, twin.positions, rtol=1e-12)
    assert settings_of(optimizer) == {lr: 0.2, momentum: 0.5}
    with pytest.raises(ValueError, match=f"^{type(optimizer).__name__} has no setting 'beta'"):
        with_settings(optimizer, beta=0.5)


def test_what_was_worked_out_from_a_setting_is_kept_until_the_setting_is_changed():
    optimizer = Derived(0.2, 0.5)
    assert settings_of(optimizer) == {"lr": 0.2}
    assert fresh(optimizer).resistance == 0.5
    assert with_settings(optimizer, momentum=0.8).resistance == pytest.approx(0.2)


def test_a_learning_rate_that_is_no_argument_is_a_setting():
    optimizer = RateOfItsOwn()
    optimizer.lr = 0.2
    assert settings_of(optimizer) == {"lr": 0.2} == settings_of(fresh(optimizer))
    assert with_settings(optimizer, lr=0.5).lr == 0.5
    assert with_settings(WithoutInit(), lr=0.5).lr == 0.5
    assert WithoutInit.lr == 0.1


def test_settings_of_ours():
    assert settings_of(Momentum(0.2)) == {"lr": 0.2, "momentum": 0.9}
    assert repr(with_settings(SGD(0.2), lr=0.3)) == "SGD(lr=0.3)"
    grid = with_settings(Momentum(), lr=np.array([0.1, 0.2]))
    assert settings_of(grid)["lr"].tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="lr must be greater than 0"):
        with_settings(SGD(), lr=-1)


# What can't be started afresh


class Closure:
    def __init__(self, lr):
        def update(params, grads):
            for key in params:
                params[key] -= lr * grads[key]

        self.update = update


class Forgotten(Plain):
    def __init__(self, lr=0.1, schedule="cosine"):
        super().__init__(lr)


class NumbersOnTheClass(EmptyDict):
    speed = {"x": 1.0}  # noqa: RUF012

    def __init__(self, lr=0.1):
        super().__init__(lr)


@pytest.mark.parametrize(
    ("optimizer", "says"),
    [
        (Closure(0.1), r"^Closure can't be started afresh; .*self.lr = lr"),
        (Forgotten(), r"^Forgotten can't be started afresh; .*self.schedule = schedule"),
        (
            NumbersOnTheClass(),
            r"^NumbersOnTheClass .*all its objects share, speed, .*self.speed = ",
        ),
        (Plain, r"object with update\(params, grads\), got <class"),
        (None, "got None"),
        (0.1, "got 0.1"),
    ],
    ids=lambda value: None if isinstance(value, str) else repr(type(value)),
)
def test_what_cannot_be_started_afresh_is_refused_with_a_way_out(optimizer, says):
    for use in (fresh, lambda it: descend(RAVINE, it)):
        with pytest.raises(TypeError, match=says):
            use(optimizer)


# What descend makes of an own class


def test_a_velocity_does_not_leak():
    """It did: f was 0.021 after an update by hand, and 0.048 is right."""
    optimizer = Plain(0.1)
    optimizer.update({"x": np.array(-7.0), "y": np.array(2.0)}, {"x": -0.7, "y": 4.0})
    assert descend(RAVINE, optimizer).losses[-1] == pytest.approx(0.0479, abs=5e-5)


@pytest.mark.parametrize("name", ["Plain", "EmptyDict", "OnTheClass", "MadeInTheFirstUpdate"])
def test_state_under_the_articles_names_is_recorded(name):
    path, ours = descend(RAVINE, MADE[name]()), expected(name)
    assert path.state.keys() == {"v"}
    np.testing.assert_allclose(path.state["v"], ours.state["v"], rtol=1e-12)
    assert path.lr.tolist() == [0.2] * 30


@pytest.mark.parametrize(
    "kept",
    [0.9, {"x": 1.0}, {"x": None, "y": None}, {"x": np.ones(2), "y": np.ones(2)}, [1, 2], "xy"],
    ids=repr,
)
def test_other_things_are_not_recorded(kept):
    class Keeps:
        def update(self, params, grads):
            self.m = kept
            for key in params:
                params[key] -= 0.1 * grads[key]

    assert descend(RAVINE, Keeps()).state == {}


@pytest.mark.parametrize(
    "replaced",
    [lambda p, s: p - s, lambda p, s: float(p - s), lambda p, s: np.array(p - s),
     lambda p, s: np.float64(p - s)],
    ids=["as it comes", "float", "array", "numpy float"],
)  # fmt: skip
def test_params_may_be_replaced(replaced):
    class Replaces:
        def update(self, params, grads):
            for key in params:
                params[key] = replaced(params[key], 0.3 * grads[key])

    path, ours = descend(RAVINE, Replaces()), descend(RAVINE, SGD(0.3))
    np.testing.assert_allclose(path.positions, ours.positions, rtol=1e-12)


def test_an_array_of_settings_gives_a_grid():
    path = descend(RAVINE, Plain(np.array([0.05, 0.2]), 0.5), noise=0.1)
    ours = descend(RAVINE, Momentum(np.array([0.05, 0.2]), 0.5), noise=0.1)
    assert path.grid == (2,)
    np.testing.assert_allclose(path.positions, ours.positions, rtol=1e-12)
    np.testing.assert_allclose(path.state["v"], ours.state["v"], rtol=1e-12)


class Fails:
    def __init__(self, at=3):
        self.at, self.n = at, 0

    def update(self, params, grads):
        self.n += 1
        for key in params:
            params[key] -= 0.1 * grads[key]
        if self.n == self.at:
            raise KeyError("rate")


def test_an_error_in_an_update_says_in_which():
    data = np.ones((4, 5), np.float32), np.zeros(4, int)
    for run in (
        lambda: descend(RAVINE, Fails()),
        lambda: train(MyTwoLayerNet(5, 3, 2, rng=0), Fails(), data, iterations=5, batch_size=2),
    ):
        with pytest.raises(KeyError, match="'rate'") as caught:
            run()
        assert caught.value.__notes__ == ["in update 3 of Fails"]


@pytest.mark.parametrize(
    "left", [None, "a", 1j, np.ones(3), {"x": 1.0}], ids=lambda left: type(left).__name__
)
def test_params_that_are_no_numbers_any_more_are_an_error_of_the_update(left):
    class Breaks:
        def update(self, params, grads):
            params["y"] = left

    with pytest.raises((TypeError, ValueError)) as caught:
        descend(RAVINE, Breaks())
    assert caught.value.__notes__ == ["in update 1 of Breaks"]


def test_an_own_optimizer_that_diverges_ends_without_a_warning():
    class Grows:
        def update(self, params, grads):
            for key in params:
                params[key] = params[key] * np.float64(1e200)

    assert descend(RAVINE, Grows(), steps=10).diverged_at == 1


def test_a_schedule_needs_a_learning_rate():
    class Halves:
        def update(self, params, grads):
            for key in params:
                params[key] = params[key] / 2

    with pytest.raises(ValueError, match="needs an optimizer with a number lr; Halves has none"):
        descend(RAVINE, Halves(), schedule=lambda t: 0.5)
    assert np.isnan(descend(RAVINE, Halves(), steps=3).lr).all()
    own = descend(RAVINE, Plain(0.3, 0.0), steps=5, schedule=lambda t: 1 / t)
    ours = descend(RAVINE, SGD(0.3), steps=5, schedule=lambda t: 1 / t)
    np.testing.assert_allclose(own.positions, ours.positions, rtol=1e-12)
    assert own.lr.tolist() == ours.lr.tolist()
    assert own.optimizer.lr == 0.3
