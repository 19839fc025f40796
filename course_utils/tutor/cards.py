"""Predictions and questions to click, hints to open one by one, and a closed solution."""

import html
import re

import ipywidgets as widgets

from course_utils.tutor import lessons

_STYLE = (
    "<style>.course-question button {white-space: normal; height: auto; text-align: left;"
    " line-height: 1.5; padding: 4px 10px}"
    " .course-question pre {white-space: pre-wrap}</style>"
)
_predictions: dict[str, "Prediction"] = {}


def predict(id):
    """Return a prediction: a card that notes one choice, for `reveal`; ValueError on a wrong id."""
    _predictions[id] = Prediction(lessons.prediction(id))
    return _predictions[id]


def reveal(id):
    """Return what each choice of a prediction is worth, the reader's marked; as `predict`."""
    return Reveal(_predictions.get(id) or Prediction(lessons.prediction(id)))


def ask(*ids):
    """Return questions that say at once what a choice is worth; ValueError on a wrong id."""
    return Questions([Question(lessons.question(id)) for id in ids])


def hints(id):
    """Return the hints for a task and its solution, all closed; ValueError on a wrong id."""
    return Hints(lessons.task(id))


class _Card:
    """A widget that stands as text where nothing runs."""

    def __init__(self, text, *children):
        self.text = text
        self.view = widgets.VBox([widgets.HTML(_STYLE), *children]).add_class("course-question")

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {**(self.view._repr_mimebundle_() or {}), "text/plain": self.text}


class _Choices(_Card):
    """A text over one button per choice.

    buttons: an `ipywidgets.Button` each, reached with Tab and pressed with Enter or Space.
    answer: the `ipywidgets.HTML` under them.
    """

    def __init__(self, entry):
        self.choices = entry["choice"]
        labels = [f"{letter}) {choice['text']}" for letter, choice in self.lettered()]
        self.buttons = [
            widgets.Button(description=_plain(label), layout={"width": "auto", "height": "auto"})
            for label in labels
        ]
        for place, button in enumerate(self.buttons):
            button.on_click(lambda button, place=place: self.choose(place))
        self.answer = widgets.HTML(_live(""))
        super().__init__(
            "\n".join([entry["text"], *(f"  {label}" for label in labels)]),
            widgets.HTML(f"<b>{_marked(entry['text'])}</b>"),
            *self.buttons,
            self.answer,
        )

    def lettered(self):
        """Return pairs of the letter and the entry of each choice."""
        return list(zip("abcd", self.choices, strict=False))

    def _mark(self, place, icon):
        for each in self.buttons:
            each.icon = ""
        self.buttons[place].icon = icon


class Prediction(_Choices):
    """A question before an experiment: it notes the choice and does not say what it is worth.

    chosen: the place of the choice, from 0, or None. reveal: the `Reveal` that follows it, or None.
    """

    def __init__(self, entry):
        super().__init__(entry)
        self.chosen = None
        self.reveal = None

    def choose(self, place):
        """Note the choice of that place, from 0."""
        self.chosen = place
        self._mark(place, "check")
        then = "" if self.reveal else " Now run the experiment below."
        self.answer.value = _live(f"You said {'abcd'[place]}).{then}")
        if self.reveal:
            self.reveal.show()


class Reveal(_Card):
    """What each choice of a prediction is worth; follows when the reader changes the choice."""

    def __init__(self, prediction):
        self.prediction = prediction
        self.shown = widgets.HTML()
        lines = [f"  {letter}) {' '.join(_worth(each))}" for letter, each in prediction.lettered()]
        super().__init__("\n".join(["What you predicted:", *lines]), self.shown)
        prediction.reveal = self
        self.show()

    def show(self):
        """Mark the reader's choice."""
        chosen, items = self.prediction.chosen, []
        for place, (letter, choice) in enumerate(self.prediction.lettered()):
            text, verdict, why = map(_marked, _worth(choice))
            sign = "✓" if choice.get("right", False) else "✗"
            yours = " (your choice)" * (place == chosen)
            items.append(
                f"<li>{sign} <b>{letter}){yours}</b> <i>{text}</i> <b>{verdict}</b> {why}</li>"
            )
        said = "You predicted nothing yet." if chosen is None else f"You said {'abcd'[chosen]})."
        listed = f'<ul style="list-style: none; padding-left: 1em">{"".join(items)}</ul>'
        self.shown.value = _live(f"<b>{said}</b>{listed}")


class Question(_Choices):
    """A question: a press on a choice shows what it is worth; another choice can be tried."""

    def choose(self, place):
        """Show what the choice of that place, from 0, is worth."""
        choice = self.choices[place]
        right = choice.get("right", False)
        self._mark(place, "check" if right else "times")
        verdict = "is right." if right else "is not right."
        again = "" if right else " Try another one."
        self.answer.value = _live(
            f"<b>{'abcd'[place]}) {verdict}</b> {_marked(choice['why'])}{again}"
        )


class Questions(_Card):
    """Questions one under the other. questions: a `Question` each."""

    def __init__(self, questions):
        self.questions = questions
        super().__init__("\n\n".join(map(repr, questions)), *(each.view for each in questions))


class Hints(_Card):
    """Hints behind a button that opens the next one, and under them the solution, closed.

    opened: how many hints can be read.
    """

    def __init__(self, entry):
        self.hints = entry["hints"]
        self.opened = 0
        self.button = widgets.Button(layout={"width": "auto"})
        self.button.on_click(self.open_next)
        self.shown = widgets.HTML()
        self._label()
        code = html.escape(entry["solution"].strip())
        solution = f"<details><summary>Solution</summary><pre>{code}</pre></details>"
        text = f"{len(self.hints)} hints for {entry['name']}, then its solution; all closed."
        super().__init__(text, self.button, self.shown, widgets.HTML(solution))

    def open_next(self, button=None):
        """Show one more hint."""
        self.opened = min(self.opened + 1, len(self.hints))
        items = "".join(f"<li>{_marked(each)}</li>" for each in self.hints[: self.opened])
        self.shown.value = _live(f"<ol>{items}</ol>")
        self._label()

    def _label(self):
        done = self.opened == len(self.hints)
        next_one = f"Next hint ({self.opened + 1} of {len(self.hints)})"
        self.button.description = "No more hints" if done else next_one


def _worth(choice):
    stop = "" if choice["text"].endswith((".", "?")) else "."
    verdict = "Right." if choice.get("right", False) else "No."
    return choice["text"] + stop, verdict, choice["why"]


def _live(text):
    return f'<div aria-live="polite" style="line-height: 1.5; min-height: 1.5em">{text}</div>'


def _marked(text):
    """Escape a text and set what stands in backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _plain(text):
    return text.replace("`", "")
