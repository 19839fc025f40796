"""Whatever a learner writes: one clear sentence, soon, and the kernel stays as it was."""

import logging
import os
import sys
import time

import numpy as np
import pytest

from course_utils.tutor import check
from course_utils.tutor.checks import sandbox
from course_utils.tutor.lessons import task
from tests.tutor.reader import checked

SGD = task("sgd-rule")["solution"]
HALF_LIFE = "np.log(0.5) / np.log(decay_rate)"


@pytest.fixture(params=["apart", "here"])
def way(request, monkeypatch):
    """Run answers in a process of their own, and here, as where there are none."""
    if request.param == "apart" and not sandbox.APART:
        pytest.skip("there are no copies of a process here")
    monkeypatch.setattr(sandbox, "APART", request.param == "apart")
    return request.param


def sgd(before="", after="", inside=""):
    def indented(lines, by):
        return "".join(f"{' ' * by}{line}\n" for line in lines.splitlines())

    source = SGD.replace("    def update", f"{indented(inside, 4)}    def update")
    source = source.replace("        for key", f"{indented(before, 8)}        for key")
    return source + indented(after, 8)


RIGHT = {
    "prints": sgd("print('out')"),
    "writes on stderr": sgd("import sys\nprint('err', file=sys.stderr)"),
    "logs": sgd("import logging\nlogging.warning('logged')"),
    "warns": sgd("import warnings\nwarnings.warn('warned')"),
    "shows progress": sgd("from tqdm import tqdm\nfor _ in tqdm(range(3)): pass"),
    "keeps a log on the class": sgd("self.log.append(1)", inside="log = []"),
    "has what can't be copied": sgd(inside="import threading\nlock = threading.Lock()"),
    "holds itself": sgd("self.me = [self]\nself.me.append(self.me)"),
    "has a property that raises": sgd(inside="@property\ndef bad(self): raise ValueError('p')"),
    "takes its settings by keyword": sgd().replace("self, lr", "self, *, lr"),
    "takes more settings": sgd().replace("self, lr", "self, verbose=False, lr"),
    "is made in __init__": sgd()
    .replace("    def update", "    def step")
    .replace("self.lr = lr", "self.lr, self.update = lr, self.step"),
    "imports a library": sgd("import wave, mailbox"),
}


@pytest.mark.parametrize("source", RIGHT.values(), ids=list(RIGHT))
def test_what_is_right_is_right_and_shows_nothing(source, way, capfd):
    before = logging.root.manager.disable
    result = checked("sgd-rule", source)
    assert result.right, result
    assert capfd.readouterr() == ("", "")
    assert logging.root.manager.disable == before


def test_a_log_of_the_notebooks_own_is_not_written_to(way):
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logging.getLogger().addHandler(handler)
    try:
        assert checked("sgd-rule", RIGHT["logs"]).right
        assert records == []
    finally:
        logging.getLogger().removeHandler(handler)


CALLED = {
    "a lambda": f"half_life = lambda decay_rate: {HALF_LIFE}",
    "a partial": "from functools import partial\nhalf_life = partial("
    "lambda decay_rate, base: np.log(base) / np.log(decay_rate), base=0.5)",
    "an object": "class F:\n"
    f"    def __call__(self, decay_rate): return {HALF_LIFE}\nhalf_life = F()",
    "a fraction": "from fractions import Fraction\n"
    f"def half_life(decay_rate): return Fraction({HALF_LIFE})",
    "a decimal": "from decimal import Decimal\n"
    f"def half_life(decay_rate): return Decimal({HALF_LIFE})",
    "an array of one": f"def half_life(decay_rate): return np.array([{HALF_LIFE}])",
}


@pytest.mark.parametrize("source", CALLED.values(), ids=list(CALLED))
def test_any_callable_and_a_number_in_any_dress_will_do(source, way):
    assert checked("half-life", source).right


def test_a_simulation_with_the_courses_own_optimizer_has_time_enough(way):
    source = """
from course_utils import Momentum, Ravine, descend
def long_run_step(lr, momentum):
    optimizer, params = Momentum(lr=lr, momentum=momentum), {"x": np.zeros(1)}
    for _ in range(1000):
        before = params["x"].copy()
        optimizer.update(params, {"x": np.ones(1)})
    return abs(params["x"] - before)
"""
    assert checked("momentum-long-run", source).right


@pytest.mark.skipif(not sandbox.APART, reason="there are no copies of a process here")
def test_a_loop_of_a_million_has_time_enough():
    source = """
def long_run_step(lr, momentum):
    v = 0.0
    for _ in range(1_000_000):
        v = momentum * v + lr
    return v
"""
    assert checked("momentum-long-run", source).right


STOPPED = {
    "asks": (sgd("input('what?')"), "asks-for-input"),
    "interrupts": (sgd("raise KeyboardInterrupt"), ("stops-itself", "interrupted")),
    "exits": (sgd("raise SystemExit(3)"), "stops-itself"),
    "is async": (sgd().replace("def update", "async def update"), "not-run"),
    "yields": (sgd(after="yield 1"), "not-run"),
    "empties grads": (sgd(after="grads.clear()"), "keys-changed"),
    "raises anything": (sgd("raise BaseException('no')"), "exception"),
    "makes integers": (
        sgd(after="for key in params: params[key] = np.zeros(params[key].shape, int)"),
        "kind",
    ),
    "recurs": (sgd("def f(n): return f(n + 1)\nf(0)"), "endless-loop"),
    "asks for a world": (sgd("np.ones((10**6, 10**6))"), "endless-loop"),
}


@pytest.mark.parametrize(("source", "mistake"), STOPPED.values(), ids=list(STOPPED))
def test_what_stops_itself_is_one_clear_sentence(source, mistake, way):
    result = checked("sgd-rule", source)
    assert result.right is False
    assert result.mistakes[0] in mistake
    assert len(result.mistakes) == 1


ENDLESS = {
    "a loop": "while True: pass",
    "a loop that catches all": "while True:\n    try: x = 1\n    except BaseException: pass",
    "the trace switched off": "import sys\nsys.settrace(None)\nwhile True: pass",
    "in compiled code": "import itertools\nsum(itertools.count())",
    "a growing list": "list(iter(int, 1))",
    "a bare except that calls again": "def f():\n    try: f()\n    except: f()\nf()",
    "asleep": "import time\ntime.sleep(100)",
    "locked": "import threading\na = threading.Lock()\na.acquire(); a.acquire()",
}


@pytest.mark.skipif(not sandbox.APART, reason="there are no copies of a process here")
@pytest.mark.parametrize("body", ENDLESS.values(), ids=list(ENDLESS))
def test_what_does_not_end_is_stopped_and_the_line_told(body):
    start = time.monotonic()
    result = checked("sgd-rule", sgd(body))
    assert result.mistakes == ("endless-loop",)
    assert "It was at `" in " ".join(result.text.split())
    assert time.monotonic() - start < 30  # however busy the machine


@pytest.mark.skipif(not sandbox.APART, reason="there are no copies of a process here")
@pytest.mark.parametrize("body", ["os._exit(0)", "ctypes.string_at(0)", "os.kill(os.getpid(), 9)"])
def test_a_process_that_ends_is_told_and_ours_is_not_touched(body):
    result = checked("sgd-rule", sgd(f"import ctypes, os\n{body}"))
    assert result.mistakes == ("process-ended",)


@pytest.mark.skipif(not sandbox.APART, reason="there are no copies of a process here")
def test_an_answer_that_stops_itself_is_not_waited_for():
    body = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"
    assert checked("sgd-rule", sgd(body)).mistakes == ("endless-loop",)


@pytest.mark.skipif(not sandbox.APART, reason="there are no copies of a process here")
def test_a_process_that_ends_before_it_begins_is_told(monkeypatch):
    monkeypatch.setattr(sandbox, "_look", lambda *arguments: os._exit(1))
    assert checked("sgd-rule", sgd()).mistakes == ("process-ended",)


@pytest.mark.skipif(not sandbox.APART, reason="there are no copies of a process here")
def test_no_answer_takes_all_the_memory():
    result = checked("sgd-rule", sgd("bytearray(3 * 2**30)"))
    assert "more memory than there is" in " ".join(result.text.split())


def test_a_loop_ends_without_a_process_too(monkeypatch):
    monkeypatch.setattr(sandbox, "APART", False)
    monkeypatch.setattr(sandbox, "LINES", 10_000)
    for body in ("while True: pass", "[0 for _ in iter(int, 1)]"):
        result = checked("sgd-rule", sgd(body))
        assert result.mistakes == ("endless-loop",)
        assert "It was at `" in " ".join(result.text.split())
    assert sys.gettrace() is None


@pytest.mark.skipif(not sandbox.APART, reason="there are no copies of a process here")
def test_nothing_of_an_answer_is_left():
    import json

    import matplotlib as mpl

    width, folder = mpl.rcParams["lines.linewidth"], os.getcwd()
    done = "import json, os, sys, matplotlib\nmatplotlib.rcParams['lines.linewidth'] = 77\n"
    done += "os.chdir('/')\nsys.modules.pop('json', 0)\nnp.zeros_like = None"
    assert checked("sgd-rule", sgd(done)).right
    assert (mpl.rcParams["lines.linewidth"], os.getcwd()) == (width, folder)
    assert np.zeros_like([1.0]) == [0.0]
    assert sys.modules["json"] is json


class Bad:
    """An object that nothing can be done with."""

    def _raise(self, *arguments, **named):
        raise RuntimeError("bad")

    __repr__ = __eq__ = __float__ = __array__ = __len__ = __iter__ = __hash__ = _raise


def holds_itself():
    each = []
    each.append(each)
    return each


@pytest.mark.parametrize("task_id", ["sgd-edge", "sgd-rule", "half-life", "adagrad-stall"])
@pytest.mark.parametrize(
    "answer",
    [
        Bad(), 10**400, 10**5000, "x" * 100_000, holds_itself(), {"lr": Bad(), "start": (1, 2)},
        float("nan"), b"bytes", {1, 2}, object, type, np.array([None]), np.array(["a"]), print,
    ],
    ids=lambda each: type.__call__(type, each).__name__,
)  # fmt: skip
def test_check_never_raises(task_id, answer, way):
    result = check(task_id, answer)
    assert result.right is False
    assert len(result.text) < 1500


def test_a_class_that_can_not_be_looked_at_is_told(way):
    source = """
class Kind(type):
    def __getattribute__(cls, name):
        raise RuntimeError("not for you")

class MySGD(metaclass=Kind):
    pass
"""
    assert checked("sgd-rule", source).mistakes == ("unjudged",)


@pytest.mark.parametrize("result", [Bad(), 10**400, holds_itself(), "x" * 100_000, object(), {}])
def test_no_result_makes_check_raise(result, way):
    for task_id in ("half-life", "cross-entropy", "second-layer"):
        assert check(task_id, lambda *arguments: result).right is False


def test_a_result_of_pytorch_is_told(way):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    result = check("half-life", lambda rate: torch.tensor(1.0, requires_grad=True))
    assert result.mistakes == ("wrong-return",)
    assert "is a Tensor" in result.text


def test_a_function_that_makes_the_object_will_do_for_a_class(way):
    source = """
from types import SimpleNamespace

def MySGD(lr=0.01):
    def update(params, grads):
        for key in params:
            params[key] -= lr * grads[key]
    return SimpleNamespace(update=update)
"""
    assert checked("sgd-rule", source).right
