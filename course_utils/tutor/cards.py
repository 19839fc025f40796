"""Predictions and questions to click, results that wait for them, hints, and a closed solution.

What a reader has chosen is kept, so a cell that is run again, on another day too, shows it again; a
sentence of their own for as long as the kernel runs. Where nothing runs, a card is its text, with
all that it would open. A wrong id raises ValueError.
"""

import html
import re
from pathlib import Path

import ipywidgets as widgets
import mistune

from course_utils.progress import file
from course_utils.tutor import lessons
from course_utils.tutor.overview import Text, again, chosen

_STYLE = f"<style>{Path(__file__).with_name('cards.css').read_text('utf-8')}</style>"
_PREDICTION, _REVEAL, _QUESTIONS = "A prediction:", "What is true of the prediction:", "Questions:"
_OWN = "A sentence of your own"  # four first lines: all that JupyterLab shows of a closed output
_VERDICTS = {"right": "✓ Right.", "wrong": "✗ No."}
_markdown = mistune.create_markdown(plugins=["math", "table"])
_written: dict[str, str] = {}  # the reader's own sentence, by the id of its explanation
_reveals: dict[str, "Reveal"] = {}  # the last one made, by its prediction's id


def forget():
    """Forget all that the reader has done, in the file too; OSError where that can't be deleted."""
    file.forget()
    _written.clear()
    _reveals.clear()
    return Text("Forgotten. Cards that are run again are as new.")


class _Card:
    """A widget that stands as Markdown where nothing runs."""

    def __init__(self, text, *children):
        self.text = text
        self.view = widgets.VBox([widgets.HTML(_STYLE), *children]).add_class("course-question")

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        texts = {"text/markdown": self.text, "text/plain": self.text}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.view.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, **texts}  # as ipywidgets 7 can't


class _Choices(_Card):
    """A text over one button per choice.

    buttons: an `ipywidgets.Button` each, reached with Tab and pressed with Enter or Space.
    answer: the `ipywidgets.HTML` under them. chosen: the place of the choice, from 0, or None.
    """

    def __init__(self, kind, id, **where):
        entry = lessons.entry(kind, id)
        self.kind, self.id, self.choices, self.where = kind, id, entry["choice"], where
        self.chosen = chosen(kind, id, **where)
        labels = [f"{'abcd'[i]}) {each['text']}" for i, each in enumerate(self.choices)]
        self.buttons = [widgets.Button(description=label.replace("`", "")) for label in labels]
        for place, button in enumerate(self.buttons):
            button.on_click(lambda button, place=place: self.choose(place))
        self.answer = widgets.HTML(_live(""))
        text = "\n".join([f"**{entry['text']}**\n", *(f"- {label}" for label in labels)])
        asked = widgets.HTML(f"<b>{inline(entry['text'])}</b>")
        super().__init__(text, asked, *self.buttons, self.answer)
        if self.chosen is not None:
            self.show()

    def choose(self, place):
        """Take the choice of that place, from 0."""
        self.chosen = place
        file.note(self.kind, self.id, chose=place, **self.where)
        self.show()

    def _mark(self, icon):
        for place, button in enumerate(self.buttons):
            button.icon = icon if place == self.chosen else ""
            button.remove_class("course-chosen")
        self.buttons[self.chosen].add_class("course-chosen")


class Prediction(_Choices):
    """A question before an experiment: it notes the choice and does not say what it is worth."""

    def __init__(self, id):
        super().__init__("prediction", id)
        self.text = f"{_PREDICTION}\n\n{self.text}"

    def choose(self, place):
        super().choose(place)
        if self.id in _reveals:
            _reveals[self.id].tell()

    def show(self):
        """Mark the reader's choice."""
        self._mark("circle")
        then = "" if self.id in _reveals else " Now run the next cells."
        self.answer.value = _live(f"You said {'abcd'[self.chosen]}).{then}")


class Reveal(_Card):
    """What is true of a prediction: it asks for the choice first, and tells without on request.

    button: tells without a choice. shown: the `ipywidgets.HTMLMath` that says it.
    """

    def __init__(self, id):
        entry = lessons.entry("prediction", id)
        self.id, self.choices, self.reading = id, entry["choice"], entry["reading"]
        self.button = widgets.Button(description="Tell me anyway")
        self.button.on_click(self.tell)
        self.shown = widgets.HTMLMath(_live("Your prediction first: choose in the card above."))
        right, others = _told(self.choices)
        parts = [_REVEAL, right, self.reading.strip(), others]
        super().__init__("\n\n".join(parts), self.shown, self.button)
        _reveals[id] = self
        if chosen("prediction", id) is not None:
            self.tell()

    def tell(self, button=None):
        """Say what is true, whether the reader has chosen or not."""
        file.note("reveal", self.id)
        self.button.layout.display = "none"
        place = chosen("prediction", self.id)
        first, others = _told(self.choices, place)
        said = "" if place is None else "You said "
        rest = f"<details><summary>The other choices</summary>{_html(others)}</details>"
        self.shown.value = _live(f"{_html(said + first)}{_html(self.reading)}{rest}")


class Question(_Choices):
    """A question: a press on a choice shows what it is worth; another choice can be tried."""

    def __init__(self, id, **where):
        super().__init__("question", id, **where)
        self.text += _details("Answer", _told(self.choices)[0])

    def show(self):
        """Say what the reader's choice is worth."""
        right = self.choices[self.chosen].get("right", False)
        self._mark("check" if right else "times")
        again = "" if right else " Try another one."
        self.answer.value = _live(_html(_told(self.choices, self.chosen)[0] + again))


class Questions(_Card):
    """Questions one under the other. questions: a `Question` each.

    opening: the lesson that begins with them, as 02_momentum. They are then asked afresh, and with
        them at most two that the reader got wrong in the lessons before it.
    """

    def __init__(self, *ids, opening=None):
        where = {"opening": opening} if opening else {}
        self.questions = [Question(id, **where) for id in (again(ids, opening) if opening else ids)]
        text = "\n\n".join([_QUESTIONS, *map(repr, self.questions)])
        super().__init__(text, *(each.view for each in self.questions))


class Explanation(_Card):
    """A question for a sentence of the reader's own, beside an answer that opens after it.

    own: the `ipywidgets.Textarea`. button: opens the answer. shown: the answer.
    """

    def __init__(self, id):
        entry = lessons.entry("explanation", id)
        self.id, self.model = id, entry["answer"]
        self.own = widgets.Textarea(_written.get(id, ""), placeholder=_OWN)
        self.button = widgets.Button()
        self.button.on_click(self.open)
        self.shown = widgets.HTMLMath(_live(""))
        self.own.observe(self._keep, "value")
        self._keep()
        asked = widgets.HTML(f"<b>{inline(entry['text'])}</b>")
        text = f"{_OWN}:\n\n**{entry['text']}**\n\n{self.model.strip()}"
        super().__init__(text, asked, self.own, self.button, self.shown)

    def open(self, button=None):
        """Show the answer under the reader's own."""
        self.shown.value = _live(_html(self.model))

    def _keep(self, change=None):
        _written[self.id] = self.own.value
        written = self.own.value.strip()
        self.button.description = "Compare with ours" if written else "Show ours anyway"


class Hints(_Card):
    """Hints behind a button that opens the next one, and under them the solution, closed.

    opened: how many hints can be read.
    """

    def __init__(self, id):
        entry = lessons.task(id)
        self.id, self.hints, self.opened = id, entry["hints"], 0
        self.button = widgets.Button(description=f"Next hint (1 of {len(self.hints)})")
        self.button.on_click(self.open_next)
        self.shown = widgets.HTML()
        code = html.escape(entry["solution"].strip())
        solution = f"<details><summary>Solution</summary><pre>{code}</pre></details>"
        text = f"{len(self.hints)} hints for {entry['name']}, then its solution; all closed."
        closed = [_details(f"Hint {place}", each) for place, each in enumerate(self.hints, 1)]
        closed += [_details("Solution", f"```python\n{entry['solution'].strip()}\n```")]
        super().__init__(text + "".join(closed), self.button, self.shown, widgets.HTML(solution))

    def open_next(self, button=None):
        """Show one more hint."""
        self.opened = min(self.opened + 1, len(self.hints))
        file.note("hint", self.id, opened=self.opened)
        items = "".join(f"<li>{inline(each)}</li>" for each in self.hints[: self.opened])
        self.shown.value = _live(f"<ol>{items}</ol>")
        more = f"Next hint ({self.opened + 1} of {len(self.hints)})"
        self.button.description = more if self.opened < len(self.hints) else "No more hints"


def _told(choices, place=None):
    """Return what a choice is worth, that of a place or the right one; and a list of the others."""
    place = [each.get("right", False) for each in choices].index(True) if place is None else place
    told = [_worth("abcd"[i], choice) for i, choice in enumerate(choices)]
    return told[place], "\n".join(f"- {each}" for each in told if each != told[place])


def _worth(letter, choice):
    stop = "" if choice["text"].endswith((".", "?")) else "."
    verdict = _VERDICTS["right" if choice.get("right") else "wrong"]
    return f"{letter}) *{choice['text']}{stop}* **{verdict}** {choice['why']}"


def _live(text):
    return f'<div aria-live="polite" style="min-height: 1.5em">{text}</div>'


def _html(text):
    made = _markdown(text)
    for name, it in _VERDICTS.items():
        made = made.replace(f"<strong>{it}</strong>", f'<span class="course-{name}">{it}</span>')
    return made


def _details(summary, text):
    return f"\n\n<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def inline(text):
    """Escape a text and set what stands in backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


predict, reveal, ask, explain, hints = Prediction, Reveal, Questions, Explanation, Hints
