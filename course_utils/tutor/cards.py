"""Predictions and questions to click, results that wait for them, hints, and a closed solution.

What a reader has chosen and written is kept for as long as the kernel runs, so a cell that is run
again shows it again. Where nothing runs, a card is its text, with all that it would open.
"""

import html
import re

import ipywidgets as widgets
import mistune

from course_utils.tutor import lessons

_STYLE = (
    "<style>.course-question button {white-space: normal; height: auto; text-align: left;"
    " line-height: 1.5; padding: 4px 10px}"
    " .course-question button.course-chosen {outline: 2px solid currentColor}"
    " .course-question pre {white-space: pre-wrap}"
    " .course-question {line-height: 1.5; max-width: 62em}"
    " .course-question summary {cursor: pointer}"
    " .course-right {color: #00694B; font-weight: bold}"
    " .course-wrong {color: #A93C00; font-weight: bold}"
    " .course-question .jupyter-widgets-disconnected::before,"
    " .course-question.jupyter-widgets-disconnected::before {content: none}"
    " .course-question.jupyter-widgets-disconnected:not(.course-question *)::after"
    " {content: 'Run this cell to answer.'; opacity: 0.7}"
    " [data-jp-theme-light=false] .course-right {color: #5BD6AE}"
    " [data-jp-theme-light=false] .course-wrong {color: #FFA070}</style>"
)
# First lines: all that JupyterLab shows of a closed output.
_PREDICTION, _REVEAL, _QUESTIONS = "A prediction:", "What is true of the prediction:", "Questions:"
_OWN = "A sentence of your own"
_SMALL = {"width": "auto", "align_self": "flex-start"}
_VERDICTS = {True: "✓ Right.", False: "✗ No."}
_markdown = mistune.create_markdown(plugins=["math", "table"])
_chosen: dict[str, int] = {}  # the place of the choice, by the id of its prediction or question
_written: dict[str, str] = {}  # the reader's own sentence, by the id of its explanation
_reveals: dict[str, "Reveal"] = {}  # the last one made, by its prediction's id


def predict(id):
    """Return a prediction: a card that notes one choice, for `reveal`; ValueError on a wrong id."""
    return Prediction(lessons.entry("prediction", id))


def reveal(id):
    """Return what is true, closed until the reader has chosen; ValueError on a wrong id."""
    return Reveal(lessons.entry("prediction", id))


def ask(*ids):
    """Return questions that say at once what a choice is worth; ValueError on a wrong id."""
    return Questions([Question(lessons.entry("question", id)) for id in ids])


def explain(id):
    """Return a place for the reader's own sentence, and an answer that opens after it."""
    return Explanation(lessons.entry("explanation", id))


def hints(id):
    """Return the hints for a task and its solution, all closed; ValueError on a wrong id."""
    return Hints(lessons.task(id))


class _Card:
    """A widget that stands as Markdown where nothing runs."""

    def __init__(self, text, *children):
        self.text = text
        self.view = widgets.VBox([widgets.HTML(_STYLE), *children]).add_class("course-question")

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        texts = {"text/markdown": self.text, "text/plain": self.text}
        return {**(self.view._repr_mimebundle_() or {}), **texts}


class _Choices(_Card):
    """A text over one button per choice.

    buttons: an `ipywidgets.Button` each, reached with Tab and pressed with Enter or Space.
    answer: the `ipywidgets.HTML` under them.
    """

    def __init__(self, entry, *, closed=""):
        self.id, self.choices = entry["id"], entry["choice"]
        labels = [f"{letter}) {choice['text']}" for letter, choice in _lettered(self.choices)]
        self.buttons = [
            widgets.Button(description=_plain(label), layout={"width": "auto", "height": "auto"})
            for label in labels
        ]
        for place, button in enumerate(self.buttons):
            button.on_click(lambda button, place=place: self.choose(place))
        self.answer = widgets.HTML(_live(""))
        text = "\n".join([f"**{entry['text']}**\n", *(f"- {label}" for label in labels)])
        question = widgets.HTML(f"<b>{_inline(entry['text'])}</b>")
        super().__init__(text + closed, question, *self.buttons, self.answer)
        if self.chosen is not None:
            self.show()

    @property
    def chosen(self):
        """The place of the reader's choice, from 0, or None."""
        return _chosen.get(self.id)

    def choose(self, place):
        """Take the choice of that place, from 0."""
        _chosen[self.id] = place
        self.show()

    def _mark(self, icon):
        for place, button in enumerate(self.buttons):
            button.icon = icon if place == self.chosen else ""
            button.remove_class("course-chosen")
        self.buttons[self.chosen].add_class("course-chosen")


class Prediction(_Choices):
    """A question before an experiment: it notes the choice and does not say what it is worth."""

    def __init__(self, entry):
        super().__init__(entry)
        self.text = f"{_PREDICTION}\n\n{self.text}"

    def choose(self, place):
        super().choose(place)
        if self.id in _reveals:
            _reveals[self.id].show()

    def show(self):
        """Mark the reader's choice."""
        self._mark("circle")
        then = "" if self.id in _reveals else " Now run the next cells."
        self.answer.value = _live(f"You said {'abcd'[self.chosen]}).{then}")


class Reveal(_Card):
    """What is true of a prediction: it asks for the choice first, and tells without on request.

    button: tells without a choice. shown: the `ipywidgets.HTMLMath` that says it.
    """

    def __init__(self, entry):
        self.id, self.choices, self.reading = entry["id"], entry["choice"], entry["reading"]
        self.button = widgets.Button(description="Tell me anyway", layout=_SMALL)
        self.button.on_click(self.tell)
        self.shown = widgets.HTMLMath()
        right, others = _told(self.choices)
        parts = [_REVEAL, right, self.reading.strip(), others]
        super().__init__("\n\n".join(parts), self.shown, self.button)
        _reveals[self.id] = self
        self.show()

    def show(self):
        """Say what is true once the reader has chosen."""
        if self.id in _chosen:
            self.tell()
        else:
            self.shown.value = _live("Your prediction first: choose in the card above.")

    def tell(self, button=None):
        """Say what is true, whether the reader has chosen or not."""
        self.button.layout.display = "none"
        first, others = _told(self.choices, _chosen.get(self.id))
        said = "You said " if self.id in _chosen else ""
        rest = f"<details><summary>The other choices</summary>{_html(others)}</details>"
        self.shown.value = _live(f"{_html(said + first)}{_html(self.reading)}{rest}")


class Question(_Choices):
    """A question: a press on a choice shows what it is worth; another choice can be tried."""

    def __init__(self, entry):
        super().__init__(entry, closed=_details("Answer", _told(entry["choice"])[0]))

    def show(self):
        """Say what the reader's choice is worth."""
        right = self.choices[self.chosen].get("right", False)
        self._mark("check" if right else "times")
        again = "" if right else " Try another one."
        self.answer.value = _live(_html(_told(self.choices, self.chosen)[0] + again))


class Questions(_Card):
    """Questions one under the other. questions: a `Question` each."""

    def __init__(self, questions):
        self.questions = questions
        text = "\n\n".join([_QUESTIONS, *map(repr, questions)])
        super().__init__(text, *(each.view for each in questions))


class Explanation(_Card):
    """A question for a sentence of the reader's own, beside an answer that opens after it.

    own: the `ipywidgets.Textarea`. button: opens the answer. shown: the answer.
    """

    def __init__(self, entry):
        self.id, self.model = entry["id"], entry["answer"]
        self.own = widgets.Textarea(
            _written.get(self.id, ""),
            placeholder=_OWN,
            layout={"width": "auto", "height": "5em"},
        )
        self.button = widgets.Button(layout=_SMALL)
        self.button.on_click(self.open)
        self.shown = widgets.HTMLMath(_live(""))
        self.own.observe(self._keep, "value")
        self._keep()
        question = widgets.HTML(f"<b>{_inline(entry['text'])}</b>")
        text = f"{_OWN}:\n\n**{entry['text']}**\n\n{self.model.strip()}"
        super().__init__(text, question, self.own, self.button, self.shown)

    def open(self, button=None):
        """Show the answer under the reader's own."""
        self.shown.value = _live(_html(self.model))

    def _keep(self, change=None):
        _written[self.id] = self.own.value
        written = bool(self.own.value.strip())
        self.button.description = "Compare with ours" if written else "Show ours anyway"


class Hints(_Card):
    """Hints behind a button that opens the next one, and under them the solution, closed.

    opened: how many hints can be read.
    """

    def __init__(self, entry):
        self.hints = entry["hints"]
        self.opened = 0
        self.button = widgets.Button(layout=_SMALL)
        self.button.on_click(self.open_next)
        self.shown = widgets.HTML()
        self._label()
        code = html.escape(entry["solution"].strip())
        solution = f"<details><summary>Solution</summary><pre>{code}</pre></details>"
        text = f"{len(self.hints)} hints for {entry['name']}, then its solution; all closed."
        closed = [_details(f"Hint {place}", each) for place, each in enumerate(self.hints, 1)]
        closed += [_details("Solution", f"```python\n{entry['solution'].strip()}\n```")]
        super().__init__(text + "".join(closed), self.button, self.shown, widgets.HTML(solution))

    def open_next(self, button=None):
        """Show one more hint."""
        self.opened = min(self.opened + 1, len(self.hints))
        items = "".join(f"<li>{_inline(each)}</li>" for each in self.hints[: self.opened])
        self.shown.value = _live(f"<ol>{items}</ol>")
        self._label()

    def _label(self):
        done = self.opened == len(self.hints)
        next_one = f"Next hint ({self.opened + 1} of {len(self.hints)})"
        self.button.description = "No more hints" if done else next_one


def _lettered(choices):
    return list(zip("abcd", choices, strict=False))


def _told(choices, place=None):
    """Return what a choice is worth, that of a place or the right one; and a list of the others."""
    if place is None:
        place = next(i for i, choice in enumerate(choices) if choice.get("right"))
    told = [_worth(*pair) for pair in _lettered(choices)]
    return told[place], "\n".join(f"- {each}" for each in told if each != told[place])


def _worth(letter, choice):
    stop = "" if choice["text"].endswith((".", "?")) else "."
    verdict = _VERDICTS[choice.get("right", False)]
    return f"{letter}) *{choice['text']}{stop}* **{verdict}** {choice['why']}"


def _live(text):
    return f'<div aria-live="polite" style="min-height: 1.5em">{text}</div>'


def _html(text):
    made = _markdown(text)
    for right, verdict in _VERDICTS.items():
        name = "course-right" if right else "course-wrong"
        made = made.replace(f"<strong>{verdict}</strong>", f'<span class="{name}">{verdict}</span>')
    return made


def _details(summary, text):
    return f"\n\n<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _inline(text):
    """Escape a text and set what stands in backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _plain(text):
    return text.replace("`", "")
