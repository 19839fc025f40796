"""An explorer beside `ipywidgets.interact` with the same sliders and figure, in JupyterLab."""

from base64 import b64encode
from contextlib import contextmanager
from time import perf_counter

from ipywidgets import FloatLogSlider

from benchmarks.timing import Row, Times, row
from course_utils import SGD, AdaGrad, Adam, Momentum, RMSProp
from course_utils.lab import explore_descent
from tools.jupyter import Lab, find_chromium


def explorer():
    """Return the explorer that is measured."""
    return explore_descent(SGD(0.95), Momentum(0.1), AdaGrad(1.5), RMSProp(0.1), Adam(0.3))


INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import FloatLogSlider, FloatSlider, IntSlider, interact
from course_utils import SGD, AdaGrad, Adam, Momentum, Ravine, RMSProp, descend
from course_utils.experiments import METHODS
from course_utils.lab.ground import draw_surface
from course_utils.lab.paths import draw_track, frame_loss
from course_utils.lab.style import course_style

def lr(value):
    return FloatLogSlider(value, min=-3, max=1, step=0.01)

def fraction(value):
    return FloatSlider(value, min=0, max=0.999, step=0.001)

@interact(
    sgd_lr=lr(0.95),
    momentum_lr=lr(0.1), momentum=fraction(0.9),
    adagrad_lr=lr(1.5),
    rmsprop_lr=lr(0.1), decay_rate=fraction(0.99),
    adam_lr=lr(0.3), beta1=fraction(0.9), beta2=fraction(0.999),
    steps=IntSlider(30, min=1, max=200),
    start_x=FloatSlider(-7, min=-10, max=10, step=0.25),
    start_y=FloatSlider(2, min=-5, max=5, step=0.25),
)
def show(
    sgd_lr, momentum_lr, momentum, adagrad_lr, rmsprop_lr, decay_rate, adam_lr, beta1, beta2,
    steps, start_x, start_y,
):
    surface = Ravine()
    optimizers = (
        SGD(sgd_lr), Momentum(momentum_lr, momentum), AdaGrad(adagrad_lr),
        RMSProp(rmsprop_lr, decay_rate), Adam(adam_lr, beta1, beta2),
    )
    with plt.rc_context(course_style()):
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(10.4, 4.6), width_ratios=(1.75, 1), layout="constrained"
        )
        draw_surface(left, surface, arrows=True)
        for optimizer in optimizers:
            name = type(optimizer).__name__
            descent = descend(surface, optimizer, (start_x, start_y), steps)
            draw_track(left, right, METHODS[name].look, name).move(descent)
        frame_loss(right, steps)
        figure.legend(loc="outside upper center", ncols=5)
        plt.show()

# By these classes the benchmark finds the sliders and the picture.
show.widget.add_class("course-explorer")
show.widget.out.add_class("course-picture");
"""

CLOCK = """
from time import process_time
from ipywidgets import Button

clock = Button(description="clock")
clock.on_click(lambda _: setattr(clock, "description", f"{process_time():.6f}"))
clock.add_class("clock")
"""

WATCH = """root => {
    const area = root.querySelector('.course-picture');
    const image = () => area.querySelector('img');
    const height = area.clientHeight;
    const seen = {pictures: 0, blank: 0, jumps: 0, behind: 0};
    let source = image().src, key = 0, changed = 0, frame;
    const change = () => {
        if (!image()?.src) seen.blank += 1;
        else if (image().src !== source) {
            source = image().src;
            seen.pictures += 1;
            changed = performance.now();
        }
    };
    const paint = () => {
        seen.blank += !(image()?.complete && image().naturalWidth);
        seen.jumps += area.clientHeight !== height;
        frame = requestAnimationFrame(paint);
    };
    const pressed = () => { key = performance.now(); };
    const observer = new MutationObserver(change);
    observer.observe(area, {subtree: true, childList: true, attributes: true});
    document.addEventListener('keydown', pressed, {capture: true});
    paint();
    return () => {
        observer.disconnect();
        document.removeEventListener('keydown', pressed, {capture: true});
        cancelAnimationFrame(frame);
        seen.behind = Math.max(0, changed - key);
        return seen;
    };
}"""
"""Counts new pictures, moments and frames without one, and frames that have another height.

Called in the end, what it returns gives the counts, and by how many milliseconds the last new
picture came after the last key.
"""

KEYS_PER_SECOND = 30
"""How often a key that is held down repeats itself."""


def rows(rounds=4, presses=10, drag=100):
    """Return the table.

    rounds, presses: so many turns of each competitor, with so many keys each.
    drag: values over which a slider is then dragged.
    """
    try:
        import playwright  # noqa: F401
    except ModuleNotFoundError:
        return [Row("explorers in JupyterLab", "Playwright is not installed")]
    if find_chromium() is None:
        return [Row("explorers in JupyterLab", "Chromium is not here")]
    with Lab() as lab:
        names = sorted(path.name for path in lab.root.glob("*.ipynb"))
        with opened(lab) as (ours, theirs):
            table = [*updates(ours, theirs, rounds, presses), dragged(ours, theirs, drag)]
        return table + [whole_notebook(lab, name) for name in names]


@contextmanager
def opened(lab):
    """Open a notebook that shows both, and give the explorer and `interact` as competitors."""
    sources = ("from benchmarks.explorers import explorer\n\nexplorer()", INTERACT, CLOCK)
    with lab.open(lab.write("explorer_benchmark.ipynb", *sources), height=1600) as notebook:
        notebook.run_all()
        _raise_first(notebook.errors())
        first, second = notebook.explorers()
        yield Competitor("explorer", first, "SGD lr"), Competitor("interact", second, "sgd_lr")
        # A warning is no error: `interact` now and then draws a warning from matplotlib.
        _raise_first([one for one in notebook.callback_errors() if "Traceback" in one])


class Competitor:
    """One of the two on the page, with the seconds that its updates took."""

    def __init__(self, name, shown, label):
        self.name, self.shown = name, shown
        self.slider = shown.control(label)
        self.latencies, self.cpu = [], []
        shown.latency(self.slider)  # the first picture costs more

    def press(self, times):
        before = self._cpu_time()
        for _ in range(times):
            self.latencies.append(self.shown.latency(self.slider, "ArrowLeft") / 1e3)
        self.cpu.append((self._cpu_time() - before) / times)

    def drag(self, values):
        """Hold a key down for so many values; return what was seen meanwhile."""
        page = self.shown.page
        self.shown.press(self.slider, "ArrowLeft")
        self.shown.notebook.settle()
        end = self.shown.root.evaluate_handle(WATCH)
        for _ in range(values):
            page.keyboard.down("ArrowRight")
            page.wait_for_timeout(1000 / KEYS_PER_SECOND)
        page.keyboard.up("ArrowRight")
        self.shown.notebook.settle()
        return end.evaluate("end => end()")

    def _cpu_time(self):
        """Return the CPU seconds of the kernel, which reads them when the button is pressed."""
        button = self.shown.page.locator(".clock")
        before = button.inner_text()
        button.press("Enter")
        self.shown.notebook.wait(lambda: button.inner_text() != before, 10, "the clock stood")
        self.shown.notebook.settle()
        return float(button.inner_text())


def updates(ours, theirs, rounds, presses):
    """Return the rows on single updates, for which the competitors take turns."""
    for _ in range(rounds):
        ours.press(presses)
        theirs.press(presses)
    seconds = [(Times(one.name, one.latencies), Times(one.name, one.cpu)) for one in (ours, theirs)]
    latencies, cpu = zip(*seconds, strict=True)
    return [
        row("five paths, from key to new picture", *latencies, faster=3.5),
        row("five paths, the kernel's CPU time per update", *cpu, at_most=0.1),
    ]


def dragged(ours, theirs, values):
    """Return the row on dragging, after which the explorer has to show the last picture."""
    seen = [
        "{pictures} pictures, {blank} times blank, {jumps} jumps, "
        "the last {behind:.0f} ms after its key".format(**one.drag(values))
        for one in (ours, theirs)
    ]
    check_last(ours.shown)
    return Row(
        f"five paths, a slider dragged over {values} values, {KEYS_PER_SECOND} per second",
        f"{seen[0]}; it is the right one",
        f"interact: {seen[1]}",
        target="0 times blank, 0 jumps",
    )


def check_last(shown):
    """Raise a RuntimeError unless the explorer on the page shows what its sliders ask for."""
    expected = explorer()
    values = {}
    for name, control in expected.controls.items():
        track = shown.control(name).element.locator(".noUi-target")
        place = track.evaluate("e => e.noUiSlider.get()")
        values[name] = 10**place if isinstance(control, FloatLogSlider) else place
    expected.set(**values)
    src, alt, verdict = shown.state()
    if not alt == verdict == expected.sentence:
        raise RuntimeError(f"the page says {alt!r} and {verdict!r}, not {expected.sentence!r}")
    if src != f"data:image/png;base64,{b64encode(expected.png).decode()}":
        raise RuntimeError(f"the page shows another picture than that of {expected.sentence!r}")


def whole_notebook(lab, name):
    """Return the row for one notebook: opened in a fresh window, its cells run to the end."""
    start = perf_counter()
    with lab.open(name) as notebook:
        ran = notebook.run_all()
        total = perf_counter() - start
        _raise_first(notebook.errors())
    return Row(
        f"open and run {name}", f"{total:.1f} s", f"run alone: {ran:.1f} s", "–", "under 15 s"
    )


def _raise_first(errors):
    if errors:
        raise RuntimeError(errors[0])
