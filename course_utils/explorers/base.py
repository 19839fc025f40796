"""What all explorers share: controls that answer at once with a picture and a sentence."""

import html
from base64 import b64encode
from math import floor, log10

import ipywidgets as widgets

from course_utils.figures.live import LivePicture
from course_utils.figures.style import DRAWING

_LABEL = {"description_width": "13em"}
_WIDE = {"width": "28em"}


class Explorer:
    """Controls over a picture and a verdict, the sentence that says what the picture shows.

    A subclass builds its figure and controls, hands them to `super().__init__`, and has `refresh`,
    which reads the controls, moves the artists and hands the sentence to `show`.

    controls: dict of names and widgets. picture, verdict: `ipywidgets.HTML`; the picture is an
    image whose alternative text is the verdict. view: all of it. Shown in a notebook, an explorer
    is its view, where nothing runs the picture as it was then, and as text its verdict.
    """

    def __init__(self, figure, controls, *more):
        self.live = LivePicture(figure)
        self.controls = controls
        self.defaults = {name: control.value for name, control in controls.items()}
        self.picture = widgets.HTML().add_class("course-picture")
        self.verdict = widgets.HTML().add_class("course-verdict")
        self.reset_button = widgets.Button(description="Reset", icon="undo")
        row = widgets.Box(
            [*controls.values(), self.reset_button, *more],
            layout={"flex_flow": "row wrap"},
        )
        self.view = widgets.VBox([row, self.picture, self.verdict]).add_class("course-explorer")
        self._quiet = False
        for control in controls.values():
            control.observe(self._changed, "value")
        self.reset_button.on_click(self.reset)
        self._refresh()

    def reset(self, button=None):
        """Put every control back to where it was at first."""
        self.set(**self.defaults)

    def set(self, **values):
        """Give controls, by name, new values, and show the outcome once."""
        if unknown := values.keys() - self.controls.keys():
            raise ValueError(f"controls are {', '.join(self.controls)}, got {', '.join(unknown)}")
        with DRAWING:
            self._quiet = True
            try:
                for name in [name for name in self.controls if name in values]:
                    self.controls[name].value = values[name]
            finally:
                self._quiet = False
            self._refresh()

    def _changed(self, change):
        if not self._quiet:
            self._refresh()

    def _refresh(self):
        with DRAWING:
            self.refresh()

    def refresh(self):
        """Bring picture and verdict up to date with the controls."""
        raise NotImplementedError

    def show(self, sentence):
        """Show the picture as its artists are now, with the sentence under it."""
        self.sentence = sentence
        text = html.escape(sentence)
        width, height = self.live.size
        self.png = self.live.png()
        self.picture.value = (
            f'<img alt="{text}" width="{width}" height="{height}" style="max-width:100%;'
            f'height:auto" src="data:image/png;base64,{b64encode(self.png).decode()}">'
        )
        self.verdict.value = f'<div aria-live="polite" style="font-size:115%">{text}</div>'

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = self.view._repr_mimebundle_() or {}
        data = {**bundle, "image/png": self.png, "text/plain": self.sentence}
        return data, {"image/png": {"alt": self.sentence}}


def choice(description, options, value):
    """Return labelled buttons of which one is pressed."""
    return widgets.ToggleButtons(
        options=list(options),
        value=value,
        description=description,
        style={"button_width": "8em", **_LABEL},
        layout={"margin": "2px 2em 2px 2px"},
    )


def slider(description, low, high, value, step, log=False, format=None):
    """Return a labelled slider with a readout in which a value can be typed.

    log: low, high and step are then powers of ten, and low rises by less than a step, so that
        value lies on one: JupyterLab would move it there.
    """
    if log:
        low = min(low, log10(value))
        low = log10(value) - step * floor((log10(value) - low) / step + 1e-9)
    kind = widgets.FloatLogSlider if log else widgets.FloatSlider
    number = format or (".3g" if log else ".2f")
    return kind(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        readout_format=number,
        style=_LABEL,
        layout=_WIDE,
    )


def whole_slider(description, low, high, value):
    """Return a labelled slider over whole numbers."""
    return widgets.IntSlider(value, low, high, description=description, style=_LABEL, layout=_WIDE)
