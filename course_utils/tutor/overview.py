"""What a reader has done, lesson by lesson, and what to look at again."""

from course_utils.progress import file
from course_utils.progress.record import Record
from course_utils.tutor import lessons


class Text(str):
    """A text in Markdown."""

    __repr__ = _repr_markdown_ = str.__str__


def progress():
    """Return a table of what was predicted, answered and solved, and what to look at again.

    Predictions count once their reveal has told, questions by the first choice, begun lessons only.
    """
    record, rows, again = Record(file.entries()), [], []
    for name, lesson in lessons.lessons().items():
        guesses, asked, tasks = (lesson.get(k, ()) for k in ("prediction", "question", "task"))
        told = [right(e, record.votes(e["id"])[1]) for e in guesses if record.of(e["id"], "reveal")]
        first = [right(each, record.first(each["id"])) for each in asked]
        tried = {e["name"]: record.solved(e["id"]) for e in tasks if record.of(e["id"], "check")}
        row = f"| [{name}]({name}.ipynb) | {len(told)} of {len(guesses)} | {told.count(True)}"
        row += f" | {told.count(False)} | {len(first) - first.count(None)} of {len(first)}"
        row += f" | {first.count(True)} | {sum(tried.values())} of {len(tasks)} |"
        if told or tried or {*first} - {None}:
            rows.append(row.replace("0 of 0 | 0 |", "– | – |").replace("0 of 0", "–"))
        again += [f"- {name}: {asked[i]['text']}" for i, ok in enumerate(first) if ok is False]
        again += [f"- {name}: the task `{task}`" for task, done in tried.items() if not done]
    head = "| lesson | predicted | right | wrong | answered | right at once | solved |"
    rows = [head, "| --- " * 7 + "|", *rows] if rows else ["Nothing so far."]
    where = f"`{(file.place() or file.Path(file.NAME)).name}`"
    kept = f"Kept in the file {where}, and nowhere else; `forget()` deletes it."
    if file.unwritten():
        kept = f"**The file {where} can't be written**: what you do is kept until the kernel ends."
    look = ["**To look at again**\n\n" + "\n".join(again)] if again else []
    return Text("\n\n".join(["**Your progress**", "\n".join(rows), *look, kept]))


def again(ids, opening):
    """Return `ids` and the questions that come back in a lesson's opening; ValueError on no lesson.

    Two at most, of the lessons before it, answered wrongly; those that it has asked stay.
    """
    names = list(lessons.lessons())
    if opening not in names:
        raise ValueError(f"opening must be a lesson, as 02_momentum, got {opening!r}")
    record, before = Record(file.entries()), names[: names.index(opening)]
    known = [e for name in before for e in lessons.lessons()[name].get("question", ())]
    back = [e["id"] for e in known if record.chosen("question", e["id"], opening) is not None]
    back += [e["id"] for e in known if right(e, record.first(e["id"])) is False]
    return [*ids, *[id for id in dict.fromkeys(back) if id not in ids][:2]]


def right(entry, place):
    """Return whether the choice of that place is right, or None where there is none."""
    choices = entry["choice"]
    return choices[place].get("right", False) if place in range(len(choices)) else None


def chosen(kind, id, **where):
    """Return the place that the reader has chosen, in this kernel or before, or None."""
    place = Record(file.entries()).chosen(kind, id, **where)
    return place if right(lessons.entry(kind, id), place) is not None else None
