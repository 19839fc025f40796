"""What all optimizers share: what `update` takes, keeps and refuses, and the settings' ranges."""

import copy

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from course_utils import SGD, AdaGrad, Adam, Momentum, Ravine, RMSProp
from course_utils.optimizer import EPS
from tests.front.methods import METHODS, walk

WITH_STATE = [method for method in METHODS if method.state]
SETTINGS = [(method, name) for method in METHODS for name in method.hyperparameters]
FRACTION = "at least 0 and less than 1", lambda value: 0 <= value < 1
NOT_NEGATIVE = "at least 0 and finite", lambda value: 0 <= value < np.inf
RANGES = {
    "lr": ("greater than 0 and finite", lambda value: 0 < value < np.inf),
    **dict.fromkeys(("momentum", "decay_rate", "beta1", "beta2"), FRACTION),
    **dict.fromkeys(("eps", "weight_decay"), NOT_NEGATIVE),
}

each_method = pytest.mark.parametrize("method", METHODS)


# What update takes


@each_method
def test_float32_stays_float32_and_the_array_is_changed_in_place(method):
    rng = np.random.default_rng(0)
    start = {"W": rng.standard_normal((3, 4)), "b": rng.standard_normal(4)}
    params = {key: p.astype(np.float32) for key, p in start.items()}
    arrays, small, exact = dict(params), method(0.01), method(0.01)
    for _ in range(20):
        exact.update(start, {key: 3 * p for key, p in start.items()})
        grads = {key: 3 * p for key, p in params.items()}
        sent = copy.deepcopy(grads)
        small.update(params, grads)
        assert all(np.array_equal(grads[key], sent[key]) for key in grads)
    for key, p in params.items():
        assert p is arrays[key]
        assert p.dtype == np.float32
        np.testing.assert_allclose(p, start[key], rtol=1e-4, atol=1e-5)
        assert all(getattr(small, name)[key].dtype == np.float32 for name in small.state)


@each_method
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_parameter_decides_the_dtype(method, dtype):
    for gradient_type in (np.float16, np.float32, np.float64, np.int64):
        for lr in (0.01, np.full(3, 0.01)):
            optimizer, params = method(lr), {"p": np.ones(3, dtype)}
            optimizer.update(params, {"p": np.array([1, -2, 3], gradient_type)})
            assert params["p"].dtype == dtype
            assert np.all(np.sign(1 - params["p"]) == [1, -1, 1])
            assert all(getattr(optimizer, name)["p"].dtype == dtype for name in optimizer.state)


@each_method
def test_an_integer_gradient_counts_as_the_float_of_its_value(method):
    for g in (np.int8(100), np.uint8(200), 4_000_000_000, np.int64(2**62)):
        as_integer, as_float = {"p": 1.0}, {"p": 1.0}
        first, second = method(), method()
        for _ in range(2):
            first.update(as_integer, {"p": g})
            second.update(as_float, {"p": float(g)})
        assert as_integer == as_float


@each_method
def test_a_short_float_gradient_does_not_overflow_a_wider_parameter(method):
    narrow, wide = {"p": np.ones(1, np.float32)}, {"p": np.ones(1, np.float32)}
    method().update(narrow, {"p": np.array([300], np.float16)})
    method().update(wide, {"p": np.array([300], np.float32)})
    assert np.array_equal(narrow["p"], wide["p"])


@each_method
def test_numbers_stay_numbers_of_their_type(method):
    for number in (1.0, np.float32(1), np.float64(1), np.float16(1)):
        params, array = {"x": number}, {"x": np.array([number])}
        one, other = method(), method()
        for _ in range(3):
            one.update(params, {"x": 2.0})
            other.update(array, {"x": np.array([2.0])})
        assert type(params["x"]) is type(number)
        assert params["x"] == array["x"][0] != 1


@each_method
def test_an_array_without_dimensions_stays_the_same_array(method):
    array = np.array(1.0)
    params = {"x": array}
    method(0.5).update(params, {"x": 2.0})
    assert params["x"] is array
    assert array != 1


LAYOUTS = {
    "every other column": lambda shape: np.ones((shape[0], 2 * shape[1]))[:, ::2],
    "Fortran order": lambda shape: np.ones(shape, order="F"),
    "transposed": lambda shape: np.ones(shape[::-1]).T,
    "reversed": lambda shape: np.ones(shape)[::-1],
}


@each_method
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_in_memory_does_not_matter(method, layout):
    """The larger shape is the one that `update` cuts in pieces where the layout allows it."""
    rng = np.random.default_rng(0)
    for shape in [(5, 7), (300, 400)]:
        view, plain = LAYOUTS[layout](shape), np.ones(shape)
        params, first, second = {"p": view}, method(0.1), method(0.1)
        for _ in range(3):
            g = rng.standard_normal(shape)
            first.update(params, {"p": g})
            second.update({"p": plain}, {"p": np.asfortranarray(g)})
        assert params["p"] is view
        assert np.array_equal(view, plain)


@each_method
def test_only_the_viewed_part_of_an_array_changes(method):
    whole = np.ones((3, 6))
    method(0.1).update({"p": whole[:, ::2]}, {"p": np.ones((3, 3))})
    assert np.all(whole[:, ::2] != 1)
    assert np.all(whole[:, 1::2] == 1)


@each_method
@pytest.mark.parametrize("size", [40_000, 40_001, 90_003])
def test_large_arrays_are_treated_like_small_ones(method, size):
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal(size), rng.standard_normal((3, size))
    whole, cut, first, second = {"p": start.copy()}, {}, method(0.1), method(0.1)
    cut = {i: part.copy() for i, part in enumerate(np.array_split(start, 7))}
    for g in gradients:
        first.update(whole, {"p": g})
        second.update(cut, dict(enumerate(np.array_split(g, 7))))
    assert np.array_equal(whole["p"], np.concatenate(list(cut.values())))
    for name in first.state:
        joined = np.concatenate(list(getattr(second, name).values()))
        assert np.array_equal(getattr(first, name)["p"], joined)


@each_method
def test_a_gradient_may_be_the_parameter_itself(method):
    """As for f(x) = x²/2, whose gradient is x."""
    shared, apart = np.linspace(-1, 1, 5), np.linspace(-1, 1, 5)
    first, second = method(0.1), method(0.1)
    for _ in range(3):
        first.update({"p": shared}, {"p": shared})
        second.update({"p": apart}, {"p": apart.copy()})
    assert np.array_equal(shared, apart)


def test_nothing_is_a_set_of_parameters_too():
    params = {}
    Adam().update(params, {})
    empty = {"p": np.empty((0, 3))}
    Adam().update(empty, {"p": np.empty((0, 3))})
    assert params == {}
    assert empty["p"].shape == (0, 3)


def test_hyperparameters_broadcast_against_each_other_and_the_parameters():
    lr, momentum = np.array([[0.01], [0.1]]), np.array([0.0, 0.5, 0.9])
    start = np.full((2, 3), -7.0), np.full((2, 3), 2.0)
    path = walk(Momentum(lr, momentum), Ravine(20), start, 9)
    alone = walk(Momentum(0.1, 0.5), Ravine(20), (-7.0, 2.0), 9)
    assert np.array_equal(path[:, :, 1, 1], alone)


def test_a_large_array_with_a_grid_is_not_cut_wrongly():
    lr = np.linspace(0.01, 1, 90_000)
    params = {"p": np.ones(90_000)}
    SGD(lr).update(params, {"p": np.ones(90_000)})
    assert np.array_equal(params["p"], 1 - lr)


def test_a_hyperparameter_array_is_copied_and_read_only():
    lr = np.array([0.1, 0.2])
    optimizer = SGD(lr)
    lr[0] = -1
    assert optimizer.lr.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        optimizer.lr[0] = -1


# State


def snapshot(optimizer, params):
    """Return all that an update may change, down to the bits."""

    def bits(value):
        return type(value), np.asarray(value).dtype.str, np.asarray(value).tobytes(), id(value)

    memory = {name: getattr(optimizer, name) for name in optimizer.state}
    return (
        optimizer.iter,
        repr(optimizer),
        {name: d and {key: bits(a) for key, a in d.items()} for name, d in memory.items()},
        {key: bits(p) for key, p in params.items()},
    )


@each_method
def test_state_is_none_then_an_array_per_parameter(method):
    optimizer = method()
    assert optimizer.iter == 0
    assert all(getattr(optimizer, name) is None for name in optimizer.state)
    params = {"W": np.ones((2, 3), np.float32), "x": 1.0}
    for n in (1, 2, 3):
        optimizer.update(params, {"W": np.ones((2, 3)), "x": 1.0})
        assert optimizer.iter == n
    for name in optimizer.state:
        memory = getattr(optimizer, name)
        assert memory.keys() == params.keys()
        assert (memory["W"].shape, memory["W"].dtype) == ((2, 3), np.float32)
        assert (memory["x"].shape, memory["x"].dtype) == ((), np.float64)


@each_method
def test_reset_starts_afresh(method):
    optimizer = method(0.1)
    first = walk(optimizer, Ravine(20), (-7.0, 2.0), 20)
    continued = walk(optimizer, Ravine(20), (-7.0, 2.0), 20)
    optimizer.reset()
    assert optimizer.iter == 0
    assert all(getattr(optimizer, name) is None for name in optimizer.state)
    assert np.array_equal(walk(optimizer, Ravine(20), (-7.0, 2.0), 20), first)
    assert np.array_equal(continued, first) == (method is SGD)


@pytest.mark.parametrize("method", WITH_STATE)
def test_reset_allows_other_parameters(method):
    optimizer = method()
    optimizer.update({"x": 1.0}, {"x": 1.0})
    optimizer.reset()
    optimizer.update({"other": np.ones(3)}, {"other": np.ones(3)})
    assert getattr(optimizer, optimizer.state[0]).keys() == {"other"}


@each_method
def test_two_optimizers_share_nothing(method):
    one, other = method(0.1), method(0.1)
    expected = walk(one, Ravine(20), (-7.0, 2.0), 5)
    assert np.array_equal(walk(other, Ravine(20), (-7.0, 2.0), 5), expected)


@each_method
def test_the_unchecked_step_is_that_of_update(method):
    first, second = method(0.1), method(0.1)
    one, other = {"p": np.ones(3)}, {"p": np.ones(3)}
    for k in range(5):
        g = {"p": np.array([1.0, -k, 0.5])}
        first.update(one, g)
        second.step(other, g)
    assert np.array_equal(one["p"], other["p"])
    assert first.iter == second.iter == 5


# Settings


def test_settings_have_ranges_and_epsilon_one_default():
    for method, name in SETTINGS:
        assert name in RANGES, f"{method.__name__} has a new setting; say its range"
        assert name != "eps" or method().eps == EPS == 1e-7


WRONG_TYPES = [True, np.True_, "0.1", b"0.1", 1j, None, {}, [None], ["0.1"], np.array([True])]


@pytest.mark.parametrize(("method", "name"), SETTINGS)
def test_a_setting_that_is_no_number_is_refused(method, name):
    for wrong in WRONG_TYPES:
        with pytest.raises(TypeError, match=rf"^{name} must be a number"):
            method(**{name: wrong})


not_finite = st.sampled_from([float("nan"), float("inf"), float("-inf")])


@given(
    case=st.sampled_from(SETTINGS),
    wrong=st.floats(max_value=-5e-324) | st.sampled_from([0, -0.0, 1, 1.0, 2.5]) | not_finite,
)
@example((SGD, "lr"), 0)
@example((Momentum, "momentum"), 1)
def test_a_setting_out_of_its_range_is_refused(case, wrong):
    method, name = case
    (says, good), optimizer = RANGES[name], method()
    if good(wrong):
        setattr(optimizer, name, wrong)
        assert getattr(optimizer, name) == wrong
        return
    before = snapshot(optimizer, {})
    with pytest.raises(ValueError, match=rf"^{name} must be {says}, got ") as caught:
        method(**{name: wrong})
    assert repr(wrong) in str(caught.value)
    with pytest.raises(ValueError, match=rf"^{name} "):
        setattr(optimizer, name, np.array([0.5, wrong]))
    assert snapshot(optimizer, {}) == before


@pytest.mark.parametrize("value", [1, np.float32(0.5), np.int64(2), np.array(0.5), [0.1, 0.2]])
def test_numbers_of_all_kinds_are_good_learning_rates(value):
    optimizer = SGD(value)
    assert np.array_equal(optimizer.lr, np.asarray(value, dtype=float))


# Bad updates

GOOD = {"W": np.ones((2, 3)), "x": 1.0}


class Looks:
    """Stands for an object from elsewhere."""


def changed(**entries):
    return {**copy.deepcopy(GOOD), **entries}


def read_only():
    array = np.ones((2, 3))
    array.flags.writeable = False
    return array


# name: (params, grads, exception, what the message says)
BAD_UPDATES = {
    "no dict of gradients": (GOOD, [np.ones((2, 3)), 1.0], TypeError, "params and grads .*list"),
    "no dict of parameters": (1.0, GOOD, TypeError, "params and grads must be dicts .*float"),
    "missing gradient": (GOOD, {"W": np.ones((2, 3))}, ValueError, "grads must have the keys"),
    "extra gradient": (GOOD, changed(z=1.0), ValueError, r"grads must have the keys .*'z'"),
    "renamed gradient": (GOOD, {"W": np.ones((2, 3)), "X": 1.0}, ValueError, "grads .*'X'"),
    "misshapen gradient": (GOOD, changed(W=np.ones((3, 2))), ValueError, r"grads\['W'\].*\(3, 2\)"),
    "gradient that would broadcast": (GOOD, changed(W=1.0), ValueError, r"grads\['W'\].*\(2, 3\)"),
    "array for a number": (GOOD, changed(x=np.ones(1)), ValueError, r"grads\['x'\].*\(1,\)"),
    "complex gradient": (GOOD, changed(x=1j), TypeError, r"grads\['x'\].*complex"),
    "bool gradient": (GOOD, changed(x=True), TypeError, r"grads\['x'\].*bool"),
    "no gradient": (GOOD, changed(x=None), TypeError, r"grads\['x'\]"),
    "string gradient": (GOOD, changed(x="1"), TypeError, r"grads\['x'\]"),
    "object gradient": (GOOD, changed(x=Looks()), TypeError, r"grads\['x'\]"),
    "gradient of objects": (GOOD, changed(W=np.full((2, 3), None)), TypeError, r"grads\['W'\]"),
    "integer parameter": (changed(x=1), GOOD, TypeError, r"params\['x'\].*int"),
    "integer array": (changed(W=np.ones((2, 3), int)), GOOD, TypeError, r"params\['W'\].*int"),
    "bool parameter": (changed(x=True), GOOD, TypeError, r"params\['x'\].*bool"),
    "complex parameter": (changed(x=1j), GOOD, TypeError, r"params\['x'\].*complex"),
    "list parameter": (changed(W=[[1.0] * 3] * 2), GOOD, TypeError, r"params\['W'\].*list"),
    "no parameter": (changed(x=None), GOOD, TypeError, r"params\['x'\].*None"),
    "read-only parameter": (changed(W=read_only()), GOOD, ValueError, r"params\['W'\].*read-only"),
}


@each_method
@pytest.mark.parametrize("earlier", [0, 3])
def test_a_refused_update_changes_nothing(method, earlier):
    for params, grads, error, says in BAD_UPDATES.values():
        check_refused(method, earlier, params, grads, error, says)


def check_refused(method, earlier, params, grads, error, says):
    optimizer = method()
    run = {"W": np.full((2, 3), 2.0), "x": 2.0}
    for _ in range(earlier):
        optimizer.update(run, GOOD)
    watched = params if isinstance(params, dict) else {"x": params}
    before = snapshot(optimizer, watched)
    with pytest.raises(error, match=says):
        optimizer.update(params, grads)
    assert snapshot(optimizer, watched) == before
    reference = method()
    expected = {"W": np.full((2, 3), 2.0), "x": 2.0}
    for _ in range(earlier + 1):
        reference.update(expected, GOOD)
    optimizer.update(run, GOOD)
    assert np.array_equal(run["W"], expected["W"])
    assert run["x"] == expected["x"]


@pytest.mark.parametrize("method", WITH_STATE)
@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"W": np.ones((2, 3)), "y": 1.0}, r"params must have the keys .*'x'.*'y'.*reset\(\)"),
        ({"W": np.ones((2, 3))}, r"params must have the keys .*reset\(\)"),
        ({"W": np.ones((3, 2)), "x": 1.0}, r"params\['W'\] had the shape \(2, 3\).*\(3, 2\)"),
        ({"W": np.ones((2, 3)), "x": np.ones(1)}, r"params\['x'\] had the shape \(\).*\(1,\)"),
    ],
)
def test_other_parameters_in_the_middle_of_a_run_are_refused(method, entries, says):
    optimizer, entries = method(), copy.deepcopy(entries)
    optimizer.update(copy.deepcopy(GOOD), GOOD)
    before = snapshot(optimizer, entries)
    with pytest.raises(ValueError, match=says):
        optimizer.update(entries, copy.deepcopy(entries))
    assert snapshot(optimizer, entries) == before


@pytest.mark.parametrize(("method", "name"), SETTINGS)
def test_a_setting_whose_array_does_not_fit_is_refused(method, name):
    for shape in [(4,), (3, 2), (1, 2, 3)]:
        optimizer = method(**{name: np.full(shape, 0.5)})
        params = {"a": np.ones(shape), "W": np.ones((2, 3))}
        before = snapshot(optimizer, params)
        says = rf"^{name} is an array of shape .*params\['W'\]"
        with pytest.raises(ValueError, match=says) as caught:
            optimizer.update(params, {"a": np.ones(shape), "W": np.ones((2, 3))})
        assert str(shape) in str(caught.value)
        assert snapshot(optimizer, params) == before


@given(
    p=st.floats(width=64),
    g=st.floats(width=64),
    lr=st.floats(1e-300, 1e300),
    case=st.sampled_from(list(METHODS)),
)
@example(1.0, 1e200, 0.1, AdaGrad)
@example(1.0, 1e300, 1e300, SGD)
@example(1.0, 0.0, 1e300, RMSProp)
@example(float("inf"), float("nan"), 1.0, Adam)
def test_no_number_makes_an_update_warn_or_fail(p, g, lr, case):
    params, optimizer = {"p": p, "a": np.full(3, p)}, case(lr)
    for _ in range(3):
        optimizer.update(params, {"p": g, "a": np.full(3, g)})
    assert optimizer.iter == 3


@pytest.mark.parametrize(
    "method", [method for method in METHODS if "eps" in method.hyperparameters]
)
def test_a_zero_gradient_without_epsilon_gives_nan_and_no_warning(method):
    params = {"p": np.ones(2, np.float32)}
    method(eps=0).update(params, {"p": np.array([0.0, 1.0])})
    assert np.isnan(params["p"]).tolist() == [True, False]
