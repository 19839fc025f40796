"""An explorer beside `ipywidgets.interact` with the same sliders and figure, in JupyterLab."""

from contextlib import contextmanager
from itertools import cycle
from math import sin
from statistics import median
from time import perf_counter

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
from course_utils.ground.map import draw_surface
from course_utils.lab.paths import draw_track, frame_diagram
from course_utils.page.picture import STYLE

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
    walks = {
        type(each).__name__: descend(surface, each, (start_x, start_y), steps)
        for each in optimizers
    }
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(10.4, 4.2), width_ratios=(1.75, 1), layout="constrained"
        )
        draw_surface(left, surface)
        frame_diagram(right)
        right.set(xlim=(0, steps), ylim=(1e-5, 1e2))
        for name, walk in walks.items():
            draw_track(left, right, METHODS[name].look).move(walk)
            left.plot([], [], **METHODS[name].look, label=name)
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

WATCH = """(root, frames) => {
    const area = root.querySelector('.course-picture'), canvas = area.matches('canvas');
    const image = () => area.querySelector('img');
    const shown = () => canvas ? area.ariaLabel : image()?.src;
    const whole = () => canvas
        ? area.getContext('2d').getImageData(0, area.height >> 1, area.width, 1).data.some(v => v)
        : image()?.complete && image().naturalWidth;
    const height = area.clientHeight;
    const seen = {pictures: 0, blank: 0, jumps: 0, behind: 0};
    let before = shown(), asked = 0, changed = 0, frame;
    const change = async () => {
        if (!shown()) seen.blank += 1;
        else if (shown() !== before) {
            before = shown();
            seen.pictures += 1;
            if (!canvas) await image().decode();
            changed = performance.now();
            if (canvas) seen.blank += !whole();  // it changes at no other moment
        }
    };
    const paint = () => {
        if (!canvas) seen.blank += !whole();
        seen.jumps += area.clientHeight !== height;
        frame = requestAnimationFrame(paint);
    };
    const ask = () => { asked = performance.now(); };
    const observer = new MutationObserver(change);
    if (canvas) area.addEventListener('drawn', change);
    else observer.observe(area, {subtree: true, childList: true, attributes: true});
    for (const event of ['keydown', 'pointermove'])
        document.addEventListener(event, ask, {capture: true});
    if (frames) paint();
    return () => {
        observer.disconnect();
        area.removeEventListener('drawn', change);
        for (const event of ['keydown', 'pointermove'])
            document.removeEventListener(event, ask, {capture: true});
        cancelAnimationFrame(frame);
        seen.behind = Math.max(0, changed - asked);
        return seen;
    };
}"""
"""Counts new pictures, moments and frames without one, and frames that have another height.

Called in the end, what it returns gives the counts, and by how many milliseconds the last new
picture came after the last key or movement of the hand. Of a canvas, another picture is one with
other words.
"""

PLACES_PER_SECOND = 60
"""How often the page hears where a hand is."""


def rows(rounds=4, presses=10, drag=100):
    """Return the table.

    rounds, presses: so many turns of each competitor, with so many keys each.
    drag: places over which a slider, and the start, is then dragged.
    """
    try:
        import playwright  # noqa: F401
    except ModuleNotFoundError:
        return [Row("explorers in JupyterLab", "Playwright is not installed")]
    if find_chromium() is None:
        return [Row("explorers in JupyterLab", "Chromium is not here")]
    with Lab() as lab:
        names = sorted(path.name for path in lab.root.glob("*.ipynb"))
        with opened(lab) as (ours, theirs, steps):
            table = [*updates(ours, theirs, steps, rounds, presses), dragged(ours, theirs, drag)]
            table.append(held(ours.shown, drag))
        return table + [whole_notebook(lab, name) for name in names]


@contextmanager
def opened(lab):
    """Open a notebook that shows both, and give the explorer and `interact` as competitors."""
    sources = ("from benchmarks.explorers import explorer\n\nexplorer()", INTERACT, CLOCK)
    with lab.open(lab.write("explorer_benchmark.ipynb", *sources), height=1600) as notebook:
        notebook.run_all()
        _raise_first(notebook.errors())
        first, second = notebook.explorers()
        slider = "[data-name='{}'] input[type=range]".format
        yield (
            Competitor("explorer", first, slider("SGD lr")),
            Competitor("interact", second, ".noUi-target", ".noUi-handle"),
            Competitor("explorer, steps", first, slider("steps")),
        )
        # A warning is no error: `interact` now and then draws a warning from matplotlib.
        _raise_first([one for one in notebook.callback_errors() if "Traceback" in one])


class Competitor:
    """A slider of one of the two on the page, with what its updates took and were sent.

    track, handle: selectors of the slider, and of what in it takes keys, if not itself.
    """

    def __init__(self, name, shown, track, handle=None):
        self.name, self.shown, self.track = name, shown, shown.root.locator(track).first
        self.handle = self.track.locator(handle) if handle else self.track
        self.latencies, self.cpu, self.sent = [], [], []
        self.keys = cycle(("ArrowLeft", "ArrowRight"))
        self.turn()  # the first picture costs more

    def press(self, times):
        before = self._cpu_time()
        for _ in range(times):
            sent = self.shown.notebook.received
            self.latencies.append(self.turn()["behind"] / 1e3)
            self.sent.append(self.shown.notebook.received - sent)
        self.cpu.append((self._cpu_time() - before) / times)

    def turn(self):
        """Press a key; return what was seen until the picture was there."""
        self.handle.focus()
        with watched(self.shown, frames=False) as seen:
            self.shown.page.keyboard.press(next(self.keys))
        return seen

    def drag(self, values):
        """Drag the slider to the left, over so many values; return what was seen meanwhile."""
        self.track.scroll_into_view_if_needed()
        step = 0.4 * self.track.bounding_box()["width"] / values
        box = self.handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        places = [(x - step * i, y) for i in range(values)]
        return moved(self.shown, places)

    def _cpu_time(self):
        """Return the CPU seconds of the kernel, which reads them when the button is pressed."""
        button = self.shown.page.locator(".clock")
        before = button.inner_text()
        button.press("Enter")
        self.shown.notebook.wait(lambda: button.inner_text() != before, 10, "the clock stood")
        self.shown.notebook.settle()
        return float(button.inner_text())


@contextmanager
def watched(shown, frames=True):
    """Give a dict that at the end, when all is shown, gets what `WATCH` has seen.

    frames: whether to look at every frame, which slows the page.
    """
    seen, end = {}, shown.root.evaluate_handle(WATCH, frames)
    yield seen
    shown.notebook.settle()
    seen |= end.evaluate("end => end()")
    if not seen["pictures"]:
        raise RuntimeError("there was no new picture")


def moved(shown, places):
    """Press the mouse at the first place on the page and move it over all; return what was seen.

    Under `seconds` is how long the way took.
    """
    mouse, wait = shown.page.mouse, shown.page.wait_for_timeout
    mouse.move(*places[0])
    mouse.down()
    shown.notebook.settle()
    with watched(shown) as seen:
        start = perf_counter()
        for i, place in enumerate(places):
            mouse.move(*place)
            wait(max(0, 1e3 * (start + i / PLACES_PER_SECOND - perf_counter())))
        seen["seconds"] = perf_counter() - start
        mouse.up()
    return seen


def updates(ours, theirs, steps, rounds, presses):
    """Return the rows on single updates, for which the competitors take turns."""
    three = ours, theirs, steps
    for _ in range(rounds):
        for one in three:
            one.press(presses)
    latency = [Times(one.name, one.latencies) for one in three]
    cpu = [Times(one.name, one.cpu) for one in three]
    return [
        row("five paths, from key to new picture", *latency[:2], faster=7),
        row("five paths, the kernel's CPU time per update", *cpu[:2], at_most=1 / 30),
        row("the same for another number of steps", latency[2], latency[0], at_most=2),
        row("the same, CPU time", cpu[2], cpu[0], at_most=2),
        Row(
            "five paths, sent to the page per update",
            f"{median(ours.sent) / 1e3:.1f} kB; of steps {median(steps.sent) / 1e3:.1f} kB",
            f"interact: {median(theirs.sent) / 1e3:.1f} kB",
            target="at most 10 kB",
        ),
    ]


def dragged(ours, theirs, values):
    """Return the row on a slider dragged, after which the explorer has to show the last picture."""
    told = [
        "{pictures} pictures, {blank} times blank, {jumps} jumps, "
        "the last {behind:.0f} ms after the hand".format(**one.drag(values))
        for one in (ours, theirs)
    ]
    check_last(ours.shown)
    return Row(
        f"five paths, a slider dragged over {values} values, {PLACES_PER_SECOND} per second",
        f"{told[0]}; it is the right one",
        f"interact: {told[1]}",
        target="0 times blank, 0 jumps",
    )


def held(shown, places):
    """Return the row on the start dragged by hand, which `interact` has nothing for."""
    twin = explorer()
    twin.set(**shown.values())
    twin.view.width = shown.canvas.evaluate("canvas => canvas.clientWidth")
    x, y = shown.on_page(twin.view.grabs[0]["at"])
    seen = moved(shown, [(x + i, y + 20 * sin(i / 10)) for i in range(places)])
    check_last(shown)
    return Row(
        f"five paths, the start dragged over {places} places, {PLACES_PER_SECOND} per second",
        "{:.0f} pictures per second, the last {behind:.0f} ms after the hand; "
        "it is the right one".format(seen["pictures"] / seen["seconds"], **seen),
        target="at least 15 per second",
    )


def check_last(shown):
    """Raise a RuntimeError unless the explorer on the page shows what its sliders ask for."""
    expected = explorer()
    expected.view.width = shown.canvas.evaluate("canvas => canvas.clientWidth")  # laid out first
    expected.set(**shown.values())
    picture, alt, verdict = shown.state()
    if not alt == verdict == expected.sentence:
        raise RuntimeError(f"the page says {alt!r} and {verdict!r}, not {expected.sentence!r}")
    if not picture or shown.unlike(expected) > 45:
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
