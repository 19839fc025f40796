"""What all explorers share: controls that answer at once with a picture and a sentence."""

import html
from base64 import b64encode

import ipywidgets as widgets

from course_utils.figures.live import LivePicture


class Explorer:
    """Controls over a picture and a verdict, the sentence that says what the picture shows.

    A subclass builds its figure and controls, calls `super().__init__`, and has `refresh`, which
    reads the controls, moves the artists and hands the sentence to `show`.

    controls: dict of names and widgets. picture, verdict: `ipywidgets.HTML`; the picture is an
    image whose alternative text is the verdict. view: all of it. Shown in a notebook, an explorer
    is its view, where nothing runs the picture as it was then, and as text its verdict.
    """

    def __init__(self, figure, controls, layout=None):
        self.live = LivePicture(figure)
        self.controls = controls
        self.picture = widgets.HTML().add_class("course-picture")
        self.verdict = widgets.HTML().add_class("course-verdict")
        self.sentence = ""
        self.view = widgets.VBox(
            [layout or flow(controls.values()), self.picture, self.verdict]
        ).add_class("course-explorer")

    def observe(self, *names):
        """Call `refresh` whenever one of the named controls (by default any) gets a new value."""
        for name in names or self.controls:
            self.controls[name].observe(self._changed, "value")

    def _changed(self, change):
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
        return {**bundle, "image/png": self.png, "text/plain": self.sentence}


def flow(controls):
    """Return controls side by side, in as many rows as the width needs."""
    return widgets.Box(list(controls), layout=widgets.Layout(flex_flow="row wrap"))


def choice(description, options, value):
    """Return a labelled drop-down list."""
    return widgets.Dropdown(
        options=list(options),
        value=value,
        description=description,
        style={"description_width": "7em"},
        layout=widgets.Layout(width="18em"),
    )


def slider(description, low, high, value, step, log=False, format=None):
    """Return a labelled slider with a readout in which a value can be typed."""
    kind = widgets.FloatLogSlider if log else widgets.FloatSlider
    return kind(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        readout_format=format or (".3g" if log else ".2f"),
        style={"description_width": "7em"},
        layout=widgets.Layout(width="24em"),
    )
