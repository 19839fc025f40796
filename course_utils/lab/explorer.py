"""`Explorer`: a picture with controls that answers at once, with the picture and its sentence."""

import asyncio
import html
from base64 import b64encode
from contextlib import contextmanager
from math import floor, log10

import ipywidgets as widgets

from course_utils.lab.picture import DRAWING, LivePicture

_LABEL = {"description_width": "13em"}
_WIDE = {"width": "28em"}


class Explorer:
    """Controls over a picture and a verdict, the sentence that says what the picture shows.

    picture: a `Picture`, or a function of the first record that returns one.
    compute: called with the controls' values by name; returns the record to show. What the
        reader's own class raises in it is told in the verdict; the picture then stays.
    controls: widgets by name, in the order in which they stand.
    idle: called like `compute`; returns the names of the controls that have nothing to act on now.
    follow: dict of a control's name and a function; when that control changes, the function is
        called with its new value and returns the values, by name, that other controls take.
    job: for work that takes longer: called with a function that says whether to stop, and like
        `compute`; yields pairs (share done, record). It gets the buttons Train and Stop and a bar.

    verdict, picture: `ipywidgets.HTML`; the picture is an image whose alternative text is the
    verdict. view: all of it. sentence, png: what is shown. Shown in a notebook, an explorer is its
    view, where nothing runs the picture as it was then, and as text its verdict.
    """

    def __init__(self, picture, compute, controls, *, idle=None, follow=None, job=None):
        self.compute, self.controls, self.job = compute, controls, job
        self._idle, self._follow = idle or (lambda **values: ()), follow or {}
        self.defaults = self.values()
        self.picture = widgets.HTML().add_class("course-picture")
        self.verdict = widgets.HTML().add_class("course-verdict")
        self.reset_button = widgets.Button(description="Reset", icon="undo")
        self.reset_button.on_click(self.reset)
        row = [*controls.values(), self.reset_button]
        row += [control.play for control in controls.values() if hasattr(control, "play")]
        row += self._job_buttons() if job else ()
        above = widgets.Box(row, layout={"flex_flow": "row wrap"})
        self.view = widgets.VBox([above, self.picture, self.verdict]).add_class("course-explorer")
        self._look, self.live, self.png = picture, None, None
        self._quiet = self._stop_asked = False
        with DRAWING:
            self._refresh()
        for name, control in controls.items():
            control.observe(lambda change, name=name: self._changed(name), "value")

    def values(self):
        """Return the controls' values by name."""
        return {name: control.value for name, control in self.controls.items()}

    def reset(self, button=None):
        """Put every control back to where it was at first."""
        self.set(**self.defaults)

    def set(self, **values):
        """Give controls, by name, new values, and show the outcome once."""
        if unknown := values.keys() - self.controls.keys():
            raise ValueError(f"controls are {', '.join(self.controls)}, got {', '.join(unknown)}")
        with DRAWING:
            self._put({name: values[name] for name in self.controls if name in values})
            self._refresh()

    def _changed(self, name):
        if not self._quiet:
            self.set(**self._followed(name))

    def _put(self, values):
        """Give controls new values, one after the other, and show nothing yet."""
        before, self._quiet = self._quiet, True
        try:
            for name, value in values.items():
                control = self.controls[name]
                changes = control.value != value
                with control.hold_sync():
                    _reach(control, value)
                    control.value = value
                if changes:
                    self._put(self._followed(name))
        finally:
            self._quiet = before

    def _followed(self, name):
        return self._follow[name](self.controls[name].value) if name in self._follow else {}

    def _refresh(self):
        self._let_rest()
        with self._explaining():
            self._show(self.compute(**self.values()))

    @contextmanager
    def _explaining(self):
        """Tell in the verdict what the reader's own class raises; let other errors pass."""
        try:
            yield
        except Exception as error:
            if not getattr(error, "__notes__", ()):
                raise
            what = f"{type(error).__name__} {error.__notes__[0]}: {error}"
            self._display(f"{what}. Correct the class, then run its cell and this one again.")

    def _show(self, record):
        if self.live is None:
            self.live = LivePicture(self._look, record)
        self._display(self.live.show(record))

    def _display(self, sentence):
        self.sentence, text = sentence, html.escape(sentence)
        if self.live:
            width, height = self.live.size
            self.png = self.live.png()
            self.picture.value = (
                f'<img alt="{text}" width="{width}" height="{height}" style="max-width:100%;'
                f'height:auto" src="data:image/png;base64,{b64encode(self.png).decode()}">'
            )
        self.verdict.value = f'<div aria-live="polite" style="font-size:115%">{text}</div>'

    def _let_rest(self):
        resting = self._idle(**self.values())
        for name, control in self.controls.items():
            control.disabled = name in resting

    def _job_buttons(self):
        self.start_button = widgets.Button(description="Train", icon="play", button_style="primary")
        self.stop_button = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.bar = widgets.FloatProgress(max=1.0)
        self.start_button.on_click(self._start)
        self.stop_button.on_click(self._stop)
        return self.start_button, self.stop_button, self.bar

    async def run(self):
        """Do the job with the present values, until its end or a stop, and show its records."""
        self._set_running(True)
        try:
            with self._explaining():
                for done, record in self.job(lambda: self._stop_asked, **self.values()):
                    with DRAWING:
                        self.bar.value = done
                        self._show(record)
                    await asyncio.sleep(0.01)
        finally:
            self._set_running(False)

    def _set_running(self, running):
        for control in (self.start_button, self.reset_button, *self.controls.values()):
            control.disabled = running
        self.stop_button.disabled = not running
        if not running:
            self._stop_asked = False
            self._let_rest()

    def _start(self, button):
        if not self.start_button.disabled:
            self._set_running(True)
            self.task = asyncio.get_running_loop().create_task(self.run())
            self.task.add_done_callback(lambda task: task.result())

    def _stop(self, button):
        self._stop_asked = True

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {**(self.view._repr_mimebundle_() or {}), "text/plain": self.sentence}
        if self.live is None:
            return data, {}
        png, about = self.live.stored()
        return data | {"image/png": png}, {"image/png": about | {"alt": self.sentence}}


def choice(description, options, value):
    """Return labelled buttons of which one is pressed."""
    look = {"style": {"button_width": "8em", **_LABEL}, "layout": {"margin": "2px 2em 2px 2px"}}
    texts = {"options": list(options), "description": description}
    return widgets.ToggleButtons(value=value, **texts, **look)


def slider(description, low, high, value, step, log=False, format=None):
    """Return a labelled slider with a readout in which a value can be typed.

    The ends move out where value lies beyond them.
    log: low, high and step are then powers of ten, and low rises by less than a step, so that
        value lies on one: JupyterLab would move it there.
    """
    kind = widgets.FloatLogSlider if log else widgets.FloatSlider
    high = max(high, log10(value) if log else value)
    low = _first_on_grid(low, step, value) if log else min(low, value)
    texts = {"description": description, "readout_format": format or (".3g" if log else ".2f")}
    return kind(value=value, min=low, max=high, step=step, **texts, style=_LABEL, layout=_WIDE)


def _reach(control, value):
    """Let a slider reach a value: move its ends out, and of a logarithmic one the first step."""
    if isinstance(control, widgets.FloatLogSlider):
        control.min = _first_on_grid(control.min, control.step, value)
        control.max = max(control.max, log10(value))
    elif isinstance(control, widgets.FloatSlider):
        control.min, control.max = min(control.min, value), max(control.max, value)


def _first_on_grid(low, step, value):
    low = min(low, log10(value))
    return log10(value) - step * floor((log10(value) - low) / step + 1e-9)


def whole_slider(description, low, high, value, interval=None):
    """Return a labelled slider over whole numbers.

    interval: milliseconds; with it the slider has a `play`, which moves it one by one.
    """
    ends = {"value": value, "min": low, "max": high}
    control = widgets.IntSlider(**ends, description=description, style=_LABEL, layout=_WIDE)
    if interval:
        tip = "play, pause, or go back"
        control.play = widgets.Play(**ends, interval=interval, tooltip=tip)
        widgets.jslink((control.play, "value"), (control, "value"))
    return control
