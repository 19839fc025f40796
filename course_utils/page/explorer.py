"""`Explorer`: a picture with controls that answers at once, with the picture and its sentence."""

import asyncio
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, signal

import anywidget
import traitlets
from IPython import get_ipython

from course_utils.page.controls import Slider, describe
from course_utils.page.picture import LivePicture, drawing

_AT_WORK: set["Explorer"] = set()


class View(anywidget.AnyWidget):
    """What `page.js` draws, and what it says: `values`, `width`, in pixels, 0 once it has left,
    and `pointer`: a place in the picture that can be grabbed, by its number, and x and y there."""

    _esm = Path(__file__).with_name("page.js").read_text("utf-8")
    _css = Path(__file__).with_name("page.css").read_text("utf-8")

    controls: traitlets.List = traitlets.List().tag(sync=True)
    values: traitlets.Dict = traitlets.Dict().tag(sync=True, echo_update=False)
    idle: traitlets.List = traitlets.List().tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)
    size: traitlets.List = traitlets.List().tag(sync=True)
    paper, laid, axes, moving = (traitlets.Bytes().tag(sync=True) for _ in range(4))
    paper_looks: traitlets.List = traitlets.List().tag(sync=True)
    laid_looks: traitlets.List = traitlets.List().tag(sync=True)
    axes_looks: traitlets.List = traitlets.List().tag(sync=True)
    moving_looks: traitlets.List = traitlets.List().tag(sync=True)
    grabs: traitlets.List = traitlets.List().tag(sync=True)
    job = traitlets.Bool().tag(sync=True)
    running = traitlets.Bool().tag(sync=True)
    done = traitlets.Float().tag(sync=True)
    width = traitlets.Int().tag(sync=True, echo_update=False)
    pointer: traitlets.List = traitlets.List().tag(sync=True, echo_update=False)


class Explorer:
    """Controls over a picture and a sentence that says what the picture shows.

    picture: a `Picture`, or a function of the first record that returns one.
    compute: called with the controls' values by name; returns the record to show. What the
        reader's own class raises in it is told in the sentence; the picture then stays.
    controls: dict of names and controls, in the order in which they stand, the first the longest.
    idle: called like `compute`; returns the names of controls to hide, which do nothing now.
    follow: dict of a control's name and a function; when that control changes, the function is
        called with its new value and returns the values, by name, that other controls take.
    job: for work that takes longer: called with a function that says whether to stop, and like
        `compute`; yields pairs (share done, record). It gets the buttons Train and Stop and a bar.

    view: all of it, as a widget; a notebook that nothing runs shows its picture and `sentence`.
    live: the `LivePicture`, None until something could be computed.
    """

    def __init__(self, picture, compute, controls, *, idle=None, follow=None, job=None):
        self.compute, self.controls, self.job = compute, controls, job
        self._idle, self._follow = idle or (lambda **values: ()), follow or {}
        self.defaults = {name: control.value for name, control in controls.items()}
        self._values = dict(self.defaults)
        self._look, self.live, self.stop_asked = picture, None, False
        self.view = View(controls=describe(controls), job=bool(job)).add_class("course-explorer")
        self._refresh()
        self.view.observe(lambda change: self._heard(change.new), "values")
        self.view.observe(lambda change: self.set(**self.live.grabbed(*change.new[:3])), "pointer")
        self.view.observe(lambda change: self._resize(change.new), "width")
        self.view.on_msg(lambda view, button, buffers: self.press(button))

    sentence = property(lambda self: self.view.sentence)

    def values(self):
        """Return the controls' values by name."""
        return dict(self._values)

    def reset(self):
        """Put every control back to where it was when the explorer was shown."""
        self.set(**self.defaults)

    def set(self, **values):
        """Give controls, by name, new values, and show the outcome once."""
        if unknown := values.keys() - self.controls.keys():
            raise ValueError(f"controls are {', '.join(self.controls)}, got {', '.join(unknown)}")
        before = self.values()
        try:
            self._put({name: values[name] for name in self.controls if name in values})
            self._refresh()
        except Exception:
            self._values, self.view.values = before, dict(before)
            raise

    def press(self, button):
        """Do what a button of the page does: "Reset", "Train" or "Stop"."""
        if button == "Reset" and not self.view.running:
            self.reset()
        elif button == "Train" and not self.view.running:
            self.view.running = True
            self.task = asyncio.get_running_loop().create_task(self.run())
            self.task.add_done_callback(lambda task: task.result())
        elif button == "Stop":
            self.stop_asked = True

    def _heard(self, values):
        if changed := {n: value for n, value in values.items() if value != self._values[n]}:
            self.set(**changed)

    def _resize(self, width):
        if self.live:
            self.live = LivePicture(self.live.picture, self.live.record)  # drops what was drawn
            if width:
                with drawing():
                    self.live.resize(width)
                    self._display(self.live.show(self.live.record))

    def _put(self, values):
        """Give controls new values, one after the other, and show nothing yet."""
        for name, value in values.items():
            before, value = self._values[name], self.controls[name].clean(value, self._values)
            self._values[name] = value
            for other, control in self.controls.items():
                if isinstance(control, Slider) and control.high == name:
                    at = self._values[other]
                    self._values[other] = value if at == before else min(at, value)
            if value != before and name in self._follow:
                self._put(self._follow[name](value))

    @drawing()
    def _refresh(self):
        with self._explaining():
            self._show(self.compute(**self._values))

    @contextmanager
    def _explaining(self):
        """Tell in the sentence what the reader's own class raises; let other errors pass."""
        try:
            yield
        except Exception as error:
            if not getattr(error, "__notes__", ()):
                raise
            what = f"{type(error).__name__} {error.__notes__[0]}: {error}"
            self._display(f"{what}. Correct the class, then run its cell and this one again.")

    def _show(self, record, done=0.0):
        self.view.done = done
        if self.live is None:
            self.live = LivePicture(self._look, record)
        self._display(self.live.show(record))

    def _display(self, sentence):
        with self.view.hold_sync():
            self.view.values = self.values()
            self.view.idle = list(self._idle(**self._values))
            self.view.sentence = sentence
            if self.live and self.live.on_page:
                self.live.send(self.view, self.controls)

    async def run(self):
        """Do the job and show its records, until its end, a stop, or an interrupt of the kernel."""
        _AT_WORK.add(self)
        if loop := getattr(getattr(get_ipython(), "kernel", None), "io_loop", None):
            stop = lambda *_: [each.press("Stop") for each in tuple(_AT_WORK)]  # noqa: E731
            loop.add_callback(signal, SIGINT, stop)  # in the main thread, which alone hears signals
        try:
            with self._explaining():
                for done, record in self.job(lambda: self.stop_asked, **self._values):
                    with drawing():
                        self._show(record, done)
                    await asyncio.sleep(0.01)
        finally:
            _AT_WORK.discard(self)
            self.view.running = self.stop_asked = False

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        self.defaults = self.values()  # what the cell has set before it shows it
        data, about = self.view._repr_mimebundle_()
        data["text/plain"] = repr(self)
        if self.live:
            data["image/png"], about["image/png"] = self.live.stored(self.sentence)
        return data, about
