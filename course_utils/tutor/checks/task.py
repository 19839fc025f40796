"""What every kind of task has: an entry in a lesson's file, and a diagnosis of an answer."""

import reprlib
import textwrap
import tomllib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from course_utils.tutor import lessons


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with an answer; nothing where it is right.

    mistakes: their ids. sentences: what to say, one for each. example: the smallest, in numbers, or
    ''.
    """

    mistakes: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    example: str = ""


class Trouble(Exception):
    """The reader's answer could not be judged: a diagnosis of what it did instead."""

    def __init__(self, diagnosis):
        super().__init__(*diagnosis.sentences)
        self.diagnosis = diagnosis


def trouble(mistake, of=None, **words):
    """Return the Trouble with that mistake's sentence."""
    said = lessons.sentence(mistake, of, **words)
    return Trouble(Diagnosis((lessons.plain(mistake),), (said,)))


@cache
def made(name):
    """Return how mistakes are made, as the file of that name beside this one has it."""
    return tomllib.loads((files(__package__) / name).read_text("utf-8"))


def unjudged(error):
    """Return the Trouble for an answer that can't even be looked at."""
    said = f"{type(error).__name__}: {message_of(error)}".removesuffix(".")
    return trouble("unjudged", error=said)


def message_of(error):
    """Return what an exception says, not too long, whatever it is."""
    try:
        return textwrap.shorten(str(error), 200)
    except Exception:
        return "(it can't be shown)"


@dataclass(frozen=True, eq=False)
class Task(ABC):
    """A task that the reader's answer can be checked against. id: as in the lessons' files."""

    id: str

    @abstractmethod
    def diagnose(self, answer) -> Diagnosis:
        """Return what is wrong with an answer; Trouble where it can't be judged."""

    def says(self, mistake, **words):
        """Return the sentence for a mistake in this task."""
        return lessons.sentence(mistake, self.id, **words)

    def expect(self, kind, matches, answer):
        """Raise Trouble where the answer is not a class or function, as `matches` tells."""
        if not matches(answer):
            what = "nothing" if answer is None else f"{type(answer).__name__} {shown(answer)}"
            name = lessons.task(self.id)["name"]
            raise trouble("wrong-kind:object", kind=kind, name=name, what=what)


def shown(value):
    """Return a value as text, not too long, whatever its class makes of that."""
    return reprlib.repr(value)[:60]
