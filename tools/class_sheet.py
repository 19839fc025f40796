"""Put a class's progress on one page: votes, solved tasks and mistakes, the hardest questions.

    python -m tools.class_sheet FOLDER…                write class_sheet.html and class_sheet.csv
    python -m tools.class_sheet --live sgd-1 FOLDER…   show the votes on a prediction as they come

A FOLDER is one learner's, with the file course-progress.txt that the notebooks keep beside them; or
it has a folder for each learner, with that file somewhere inside, as homes and handed-in work do;
or a file for each, as ann-course-progress.txt. The files have no names. Those of folders
stand on the page and in the table only with --names; else learners are numbers.

The first vote on a prediction is what a learner chose first, the last what they had chosen when the
reveal told. Of a question the first choice counts, the first time that it was asked. The page that
is shown live does not tell what is right.
"""

import argparse
import csv
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from course_utils.progress import file
from course_utils.progress.record import Record
from course_utils.tutor import lessons
from course_utils.tutor.cards import inline as marked
from course_utils.tutor.overview import right
from tools.files import replace

Entry = dict[str, Any]
Learners = dict[str, Record]
COLUMNS = "learner", "lesson", "kind", "id", "first", "last", "right", "hints", "mistakes"
STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")
SECONDS = 2  # between two looks at the files, live
HARDEST = 10


# What the files say


def read(folders: Sequence[Path]) -> tuple[Learners, list[str]]:
    """Return all learners' records by name, and what is wrong with folders or files."""
    learners: Learners = {}
    wrong: list[str] = []
    for folder in folders:
        found, complaints = file.merge(folder)
        wrong += complaints if found else [f"{folder}: there is no {file.NAME} in it"]
        for name, entries in found.items():
            learners[f"{folder}/{name}" if name in learners else name] = Record(entries)
    return learners, wrong


def votes(entry: Entry, learners: Learners) -> list[tuple[int, int]]:
    """Return the first and the last vote on a prediction, of each who has voted."""
    both = (record.votes(entry["id"]) for record in learners.values())
    return [pair for pair in both if None not in (right(entry, each) for each in pair)]


def answers(entry: Entry, learners: Learners) -> list[int]:
    """Return what each chose first who was asked a question."""
    asked = (record.of(entry["id"], "question") for record in learners.values())
    first = (each[0]["chose"] for each in asked if each)
    return [place for place in first if right(entry, place) is not None]


def tried(entry: Entry, learners: Learners) -> list[Record]:
    """Return the records of those who had a task checked."""
    return [record for record in learners.values() if record.of(entry["id"], "check")]


def mistakes(entry: Entry, record: Record) -> set[str]:
    """Return the mistakes that checks have found, those that the course knows."""
    made = {each for check in record.of(entry["id"], "check") for each in check["mistakes"]}
    return {each for each in made if sentence(each, entry)}


def sentence(mistake: str, entry: Entry) -> str:
    """Return what a check says of a mistake, or '' where it knows none of that name."""
    try:
        return re.sub(r"{\w+}", "…", lessons.sentence(mistake, entry["id"]))
    except KeyError:
        return ""


def hints(entry: Entry, record: Record) -> int:
    """Return how many hints were opened."""
    return max((each["opened"] for each in record.of(entry["id"], "hint")), default=0)


def share(entry: Entry, places: Sequence[int]) -> float:
    """Return which part of these choices is right."""
    return sum(bool(right(entry, place)) for place in places) / len(places)


def of_kind(kind: str) -> list[Entry]:
    return [entry for lesson in lessons.lessons().values() for entry in lesson.get(kind, ())]


# The table


def rows(learners: Learners) -> Iterator[tuple[object, ...]]:
    """Yield a row of COLUMNS for each card that a learner has used."""
    for name, record in learners.items():
        own = {name: record}
        for lesson, content in lessons.lessons().items():
            for each in content.get("prediction", ()):
                for first, last in votes(each, own):
                    told = "abcd"[first], "abcd"[last], right(each, last), "", ""
                    yield name, lesson, "prediction", each["id"], *told
            for each in content.get("question", ()):
                for first in answers(each, own):
                    told = "abcd"[first], "", right(each, first), "", ""
                    yield name, lesson, "question", each["id"], *told
            for each in content.get("task", ()):
                if tried(each, own) or hints(each, record):
                    made = " ".join(sorted(mistakes(each, record)))
                    solved, opened = record.solved(each["id"]), hints(each, record)
                    yield name, lesson, "task", each["id"], "", "", solved, opened, made


def table(path: Path, learners: Learners) -> None:
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        for name, *rest in rows(learners):
            # A spreadsheet would compute a name that begins like a formula.
            writer.writerow([re.sub(r"^(?=[=+\-@])", "'", str(name)), *rest])


# The page


def page(learners: Learners, names: bool = False) -> str:
    """Return the sheet: a picture of the votes, the hardest questions, then lesson by lesson."""
    told = [
        (
            name,
            "".join(told(each, learners) for told, kind in PARTS for each in lesson.get(kind, ())),
        )
        for name, lesson in lessons.lessons().items()
    ]
    parts = [f"<h1>Class sheet</h1><p>Learners: {len(learners)}</p>"]
    parts += [picture(learners), hardest(learners)]
    parts += [f"<h2>{name}</h2>{text}" for name, text in told if text]
    return document([*parts, each_learner(learners) if names else ""])


def live(entry: Entry, learners: Learners) -> str:
    """Return a page of one prediction's votes alone, which looks again by itself."""
    voted = f"<p>{len(votes(entry, learners))} of {len(learners)} have voted.</p>"
    return document([f"<main>{prediction(entry, learners, tell=False)}{voted}</main>"], SECONDS)


def document(parts: Sequence[str], again: int | None = None) -> str:
    look = f'<meta http-equiv="refresh" content="{again}">' if again else ""
    head = f'<meta charset="utf-8">{look}<title>Class sheet</title><style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>{"".join(parts)}</body>\n'


def prediction(entry: Entry, learners: Learners, tell: bool = True) -> str:
    """Return the votes on a prediction, choice by choice; '' without any, where it is to tell."""
    found = votes(entry, learners)
    if tell and not found:
        return ""
    counts = [Counter(pair[i] for pair in found) for i in (0, 1)]
    lines = [
        (choice_of(entry, place, tell), *(bar(each[place], len(found)) for each in counts))
        for place in range(len(entry["choice"]))
    ]
    return card(entry, entry["text"], ("", "first vote", "last vote"), lines)


def question(entry: Entry, learners: Learners) -> str:
    """Return the first answers to a question, choice by choice; '' without any."""
    found = answers(entry, learners)
    places = range(len(entry["choice"]))
    lines = [
        (choice_of(entry, place), bar(found.count(place), len(found))) for place in places if found
    ]
    return card(entry, entry["text"], ("", "chosen first"), lines)


def task(entry: Entry, learners: Learners) -> str:
    """Return how many solved a task, and the mistakes on the way; '' if nobody has tried."""
    found = tried(entry, learners)
    solved = sum(record.solved(entry["id"]) for record in found)
    opened = sum(bool(hints(entry, record)) for record in found)
    made = Counter(each for record in found for each in mistakes(entry, record))
    lines = [("solved", bar(solved, len(found))), ("opened a hint", bar(opened, len(found)))]
    for mistake, count in made.most_common():
        said = f"<b>{escape(mistake)}</b>: {marked(sentence(mistake, entry))}"
        lines.append((said, bar(count, len(found))))
    return card(entry, f"Task: {entry['text']}", ("", "learners"), lines if found else [])


PARTS = (prediction, "prediction"), (task, "task"), (question, "question")


def picture(learners: Learners) -> str:
    """Return a drawing: of each prediction's first and last votes, which part is right."""
    found = {entry["id"]: (entry, votes(entry, learners)) for entry in of_kind("prediction")}
    parts = {
        id: [share(entry, [pair[i] for pair in pairs]) for i in (0, 1)]
        for id, (entry, pairs) in found.items()
        if pairs
    }
    left, width, high = 150, 500, 22
    bottom = 24 + high * len(parts)
    drawn = []
    for percent in range(0, 101, 25):
        x = left + width * percent / 100
        drawn.append(f'<line x1="{x}" x2="{x}" y1="20" y2="{bottom}"/>')
        drawn.append(f'<text x="{x}" y="14" text-anchor="middle">{percent} %</text>')
    for number, (id, (first, last)) in enumerate(parts.items()):
        y, x1, x2 = 24 + high * (number + 0.5), left + width * first, left + width * last
        drawn.append(f'<text x="{left - 14}" y="{y + 4}" text-anchor="end">{id}</text>')
        drawn.append(f'<line class=move x1="{x1}" x2="{x2}" y1="{y}" y2="{y}"/>')
        drawn.append(f'<circle class=first cx="{x1}" cy="{y}" r="7"/>')
        drawn.append(f'<circle cx="{x2}" cy="{y}" r="4"/>')
    said = "; ".join(f"{id} {first:.0%}, {last:.0%}" for id, (first, last) in parts.items())
    box = f'viewBox="0 0 {left + width + 30} {bottom + 6}" role="img"'
    return (
        "<h2>Predicted rightly: the first vote (ring) and the last (dot)</h2>"
        f'<svg {box} aria-label="Right at first and at last: {said}.">{"".join(drawn)}</svg>'
        if parts
        else ""
    )


def hardest(learners: Learners) -> str:
    """Return a table of the questions that fewest got right at once, with what most chose."""
    found = [(entry, answers(entry, learners)) for entry in of_kind("question")]
    missed = [pair for pair in found if pair[1] and share(*pair) < 1]
    lines = []
    for entry, places in sorted(missed, key=lambda pair: share(*pair))[:HARDEST]:
        wrong = Counter(place for place in places if not right(entry, place))
        ((place, count),) = wrong.most_common(1)
        lured = f"{choice_of(entry, place)} ({count})"
        at_once = bar(sum(bool(right(entry, each)) for each in places), len(places))
        lines.append((f"{entry['id']}: {marked(entry['text'])}", at_once, lured))
    head = "question", "right at once", "the wrong choice of most"
    return f"<h2>The hardest questions</h2>{table_of(head, lines)}" if lines else ""


def each_learner(learners: Learners) -> str:
    """Return a table of how far each has come."""
    counts: dict[str, Counter[tuple[object, object]]] = {name: Counter() for name in learners}
    for name, _, kind, _, _, _, correct, *_ in rows(learners):
        counts[str(name)][kind, bool(correct)] += 1
    kinds = "prediction", "question", "task"
    lines = [
        (escape(name), *(f"{n[kind, True]} of {n[kind, True] + n[kind, False]}" for kind in kinds))
        for name, n in counts.items()
    ]
    head = "learner", "predicted rightly", "right at once", "solved"
    return f"<h2>Each learner, of what they have tried</h2>{table_of(head, lines)}"


def card(entry: Entry, text: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a heading and a table, or '' without lines."""
    title = f"<h3><code>{entry['id']}</code> {marked(text)}</h3>"
    return title + table_of(head, lines) if lines else ""


def table_of(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    def row(cells: Sequence[str], kind: str) -> str:
        return f"<tr>{''.join(f'<{kind}>{cell}</{kind}>' for cell in cells)}</tr>"

    return f"<table>{row(head, 'th')}{''.join(row(cells, 'td') for cells in lines)}</table>\n"


def choice_of(entry: Entry, place: int, tell: bool = True) -> str:
    mark = " <b class=right>✓</b>" if tell and right(entry, place) else ""
    return f"{'abcd'[place]}) {marked(entry['choice'][place]['text'])}{mark}"


def bar(count: int, all: int) -> str:
    return f'<progress max="{all or 1}" value="{count}"></progress> {count} of {all}'


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.class_sheet", description="Put a class's progress on one page."
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="of learners")
    parser.add_argument("--out", type=Path, default=Path(), help="where to write (default: here)")
    parser.add_argument("--names", action="store_true", help="call learners like their folders")
    parser.add_argument("--live", metavar="ID", help="show the votes on a prediction, until Ctrl-C")
    options = parser.parse_args(arguments)
    sheet = options.out / "class_sheet.html"
    try:
        entry = lessons.entry("prediction", options.live) if options.live else None
        missing = [str(each) for each in options.folders if not each.is_dir()]
        if missing:
            raise ValueError(f"FOLDER must be a folder, got {', '.join(missing)}")
        options.out.mkdir(parents=True, exist_ok=True)
        while entry:
            replace(sheet, live(entry, read(options.folders)[0]))
            print(f"{sheet} shows the votes on {options.live}; end with Ctrl-C", end="\r")
            time.sleep(SECONDS)
        learners, wrong = read(options.folders)
        if not options.names:
            learners = {str(i): record for i, record in enumerate(learners.values(), 1)}
        replace(sheet, page(learners, options.names))
        table(sheet.with_suffix(".csv"), learners)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
        return 0
    print(*wrong, sep="\n", end="\n" * bool(wrong), file=sys.stderr)
    print(f"{sheet}, {sheet.with_suffix('.csv')}: learners: {len(learners)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
