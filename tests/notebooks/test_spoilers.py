"""At each prediction, nothing that can be seen gives the answer away.

Seen is what stands before its card, with all results open, and what stands after it as it is
stored: closed from each prediction to its reveal. tests/browser/test_notebooks.py sees that
JupyterLab shows no more than that.
"""

import pytest

from course_utils.tutor import lessons
from tests.notebooks import spoilers
from tests.notebooks.cells import LESSONS, calls, read

CASES = [(name, entry) for name in LESSONS for entry in LESSONS[name]["prediction"]]
each_prediction = pytest.mark.parametrize(
    ("name", "entry"), CASES, ids=[entry["id"] for _, entry in CASES]
)


@each_prediction
def test_nothing_on_the_page_tells(name, entry):
    nb = read(name)
    place = spoilers.places(nb)[entry["id"]]
    telling = [
        f"cell {number + 1} has {word!r}"
        for number, cell in enumerate(nb.cells)
        if number != place
        for word in spoilers.found(entry["tell"], spoilers.seen(cell, opened=number < place))
    ]
    assert telling == []


@each_prediction
def test_no_word_of_the_right_choice_follows(name, entry):
    """Up to the next card."""
    cells = read(name).cells
    start = spoilers.places(read(name))[entry["id"]] + 1
    ends = [
        n
        for n, c in enumerate(cells)
        if n > start and {f for f, _ in calls(c)} & {"predict", "ask"}
    ]
    following = cells[start : min(ends, default=None)]
    text = "\n".join(spoilers.seen(cell, opened=False) for cell in following)
    assert spoilers.found(spoilers.own_words(entry), text) == []


@each_prediction
def test_what_tells_is_what_the_experiment_or_its_reveal_says(name, entry):
    """Else the tests above would look for words that nobody would write."""
    cells = read(name).cells
    start = spoilers.places(read(name))[entry["id"]] + 1
    (end,) = [n for n, cell in enumerate(cells) if ("reveal", entry["id"]) in calls(cell)]
    told = "\n".join(spoilers.seen(cell, opened=True) for cell in cells[start : end + 1])
    assert entry["tell"]
    assert [word for word in entry["tell"] if not spoilers.found([word], told)] == []


def test_a_word_is_found_whole_and_a_number_by_its_value():
    assert spoilers.found(["zig-zag", "0.9"], "A Zig-Zag of 0.95") == ["zig-zag"]
    assert spoilers.found(["-1.8", "1.8"], "y = −1.8") == ["-1.8", "1.8"]
    assert spoilers.own_words(lessons.entry("prediction", "sgd-1")) == ["45", "across"]
