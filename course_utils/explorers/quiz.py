"""Questions to click, hints to open one by one, and a solution that stays closed until opened."""

import html
import re

import ipywidgets as widgets

from course_utils import lessons

_STYLE = (
    "<style>.course-question button {white-space: normal; height: auto; text-align: left;"
    " line-height: 1.5; padding: 4px 10px}"
    " .course-question pre {white-space: pre-wrap}</style>"
)


def ask(id):
    """Return a prediction or a question with one button per choice; ValueError on a wrong id."""
    return Question(lessons.question(id))


def hint(id):
    """Return the three hints for a task, opened one at a time; ValueError on a wrong id."""
    return Hints(lessons.task(id))


def solution(id):
    """Return the solution of a task, closed until opened; ValueError on a wrong id."""
    return Solution(lessons.task(id))


class _Card:
    """A widget that stands as one sentence where nothing runs."""

    def __init__(self, text, *children):
        self.text = text
        self.view = widgets.VBox([widgets.HTML(_STYLE), *children]).add_class("course-question")

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {**(self.view._repr_mimebundle_() or {}), "text/plain": self.text}


class Question(_Card):
    """A question: a press on a choice shows what it is worth; another choice can be tried.

    buttons: one `ipywidgets.Button` per choice, reached with Tab and pressed with Enter or Space.
    answer: the `ipywidgets.HTML` with the verdict on the last choice and its explanation.
    """

    def __init__(self, entry):
        self.choices = entry["choice"]
        labels = [f"{'abcd'[i]}) {choice['text']}" for i, choice in enumerate(self.choices)]
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

    def choose(self, place):
        """Show what the choice of that place, from 0, is worth."""
        choice = self.choices[place]
        right = choice.get("right", False)
        for each in self.buttons:
            each.icon = ""
        self.buttons[place].icon = "check" if right else "times"
        verdict = "is right." if right else "is not right."
        again = "" if right else " Try another one."
        self.answer.value = _live(
            f"<b>{'abcd'[place]}) {verdict}</b> {_marked(choice['why'])}{again}"
        )


class Hints(_Card):
    """Hints behind a button that opens the next one. opened: how many can be read."""

    def __init__(self, entry):
        self.hints = entry["hints"]
        self.opened = 0
        self.button = widgets.Button(layout={"width": "auto"})
        self.button.on_click(self.open_next)
        self.shown = widgets.HTML()
        self._label()
        text = f"{len(self.hints)} hints for {entry['name']}, opened one at a time by a button."
        super().__init__(text, self.button, self.shown)

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
        self.button.disabled = done


class Solution(_Card):
    """A solution that is closed until its line is pressed."""

    def __init__(self, entry):
        code = html.escape(entry["solution"].strip())
        summary = f"Solution: {html.escape(entry['name'])}"
        super().__init__(
            f"A solution for {entry['name']}, closed until opened.",
            widgets.HTML(f"<details><summary>{summary}</summary><pre>{code}</pre></details>"),
        )


def _live(text):
    return f'<div aria-live="polite" style="line-height:1.5">{text}</div>'


def _marked(text):
    """Escape a text and set what stands in backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _plain(text):
    return text.replace("`", "")
