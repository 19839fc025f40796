"""What every kind of task has: an entry in a lesson's file, and a diagnosis of an answer."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

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

    def __init__(self, mistake, sentence):
        super().__init__(sentence)
        self.diagnosis = Diagnosis((lessons.plain(mistake),), (sentence,))


def trouble(mistake, of=None, **words):
    """Return the Trouble with that mistake's sentence."""
    return Trouble(mistake, lessons.sentence(mistake, of, **words))


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
            what = "nothing" if answer is None else f"{type(answer).__name__} {answer!r}"[:60]
            name = lessons.task(self.id)["name"]
            raise trouble("wrong-kind:object", kind=kind, name=name, what=what)
