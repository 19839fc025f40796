"""Write into TEACHING.md what the lessons' files know: what to ask before each reveal, and answers.

    python -m tools.teaching            write what has changed

In each notebook's section the parts "Ask before each reveal" and "Answers" are made anew; the rest
stays as it is.
"""

import re
from pathlib import Path

from course_utils.tutor.lessons import lessons

PAGE = Path(__file__).parents[1] / "TEACHING.md"


def asks(lesson: dict) -> str:
    """Return the table of what to ask before each reveal."""
    head = ("prediction", "the question to the class", "what most will say", "what to do")
    rows = [
        (f"`{each['id']}`", f'"{each["ask"]}"', each["expect"], each["do"])
        for each in lesson["prediction"]
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * 4, *rows))


def answers(lesson: dict) -> str:
    """Return the answers to all predictions, questions and tasks, as lists."""
    kinds = {"Predictions": "prediction", "Questions": "question", "Tasks": "task"}
    lists = [
        "\n".join([f"{title}:", "", *(f"- `{e['id']}`: {answer(e)}" for e in lesson[kind])])
        for title, kind in kinds.items()
        if lesson.get(kind)
    ]
    return "\n\n".join(lists)


def answer(entry: dict) -> str:
    """Return a task's answer, or the letter, the text and the reason of the right choice."""
    if "answer" in entry:
        return entry["answer"]
    letter, choice = next(
        pair for pair in zip("abcd", entry["choice"], strict=False) if pair[1].get("right")
    )
    stop = "" if choice["text"].endswith((".", "?")) else "."
    return f"{letter}) {choice['text']}{stop} {entry.get('because', choice['why'])}"


def written(page: str) -> str:
    """Return the page with its generated parts made anew; ValueError where one is missing."""
    for name, lesson in lessons().items():
        for title, made in (("Ask before each reveal", asks), ("Answers", answers)):
            part = rf"(^## {name}\n(?:(?!^## ).*\n)*?### {title}\n\n)(?:(?!^##).*(?:\n|\Z))*"
            found = re.search(part, page, re.M)
            if not found:
                raise ValueError(f"TEACHING.md has no part {title!r} in its section {name!r}")
            page = f"{page[: found.start()]}{found[1]}{made(lesson)}\n\n{page[found.end() :]}"
    return page.rstrip("\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
