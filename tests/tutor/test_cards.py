"""Predictions, reveals, questions, explanations and hints: at first, pressed, and run again."""

import copy
from typing import Any

import pytest

from course_utils.progress import file
from course_utils.tutor import ask, cards, explain, hints, lessons, predict, reveal
from tests.tutor.reader import restart

CHOICES: list[dict[str, Any]] = [
    {"text": "Up.", "why": "That would make `f` larger."},
    {"text": "Down", "right": True, "why": "The gradient points up, and 2 < 3."},
    {"text": "Nowhere.", "why": "Only where the gradient is 0."},
]
PREDICTION: dict[str, Any] = {
    "id": "sgd-tried",
    "text": "Which way does `p` go?",
    "reading": "It goes **down**, as $-\\nabla f$ does:\n\n$$p \\leftarrow p - \\eta g$$",
    "choice": CHOICES,
}
WHYS = [str(choice["why"]).replace("`", "") for choice in CHOICES]


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """A kernel in which nothing has been chosen, and a lesson with the prediction above."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / file.NAME))
    restart(monkeypatch)
    known = copy.deepcopy(lessons.lessons())
    known["01_sgd"]["prediction"].append(PREDICTION)
    known["01_sgd"]["explanation"] = [
        {"id": "sgd-said", "text": "Why down?", "answer": "Since $f$ **falls** there.\n\n- one"}
    ]
    monkeypatch.setattr(lessons, "lessons", lambda: known)


def shown(widget):
    """Return what a card says, without its tags."""
    return cards.re.sub(r"<[^>]+>", "", widget.value).replace("&lt;", "<")


def icons(card):
    return [button.icon for button in card.buttons]


def chosen(card):
    return ["course-chosen" in button._dom_classes for button in card.buttons]


@pytest.mark.parametrize("make", [predict, lambda id: ask("sgd-q2").questions[0]])
def test_a_card_shows_its_choices_and_not_the_answer(make):
    card = make("sgd-tried")
    said = "".join(button.description + button.icon for button in card.buttons)
    assert [button.description[:3] for button in card.buttons] == ["a) ", "b) ", "c) ", "d) "][
        : len(card.choices)
    ]
    assert not any(choice["why"] in said + shown(card.answer) for choice in card.choices)
    assert not any(icons(card))
    assert not any(chosen(card))


def test_a_prediction_notes_the_choice_and_does_not_judge_it():
    card = predict("sgd-tried")
    for place in (0, 1):
        card.buttons[place].click()
        assert card.chosen == place
        assert shown(card.answer) == f"You said {'abcd'[place]}). Now run the next cells."
        assert 'aria-live="polite"' in card.answer.value
        assert icons(card) == ["circle" if each == place else "" for each in range(3)]
        assert chosen(card) == [each == place for each in range(3)]
    assert not any(why in repr(card) for why in WHYS)


def test_a_reveal_asks_first():
    predict("sgd-tried")
    card = reveal("sgd-tried")
    assert shown(card.shown) == "Your prediction first: choose in the card above."
    assert card.button.layout.display is None


def test_a_reveal_tells_on_request_without_calling_a_choice_the_readers():
    card = reveal("sgd-tried")
    card.button.click()
    assert "You said" not in shown(card.shown)
    assert shown(card.shown).startswith("b) Down. ✓ Right.")
    assert "It goes down" in shown(card.shown)
    assert card.button.layout.display == "none"


@pytest.mark.parametrize(("place", "verdict"), [(0, "✗ No."), (1, "✓ Right."), (2, "✗ No.")])
def test_a_reveal_takes_up_the_choice_then_reads_the_result_then_has_the_others(place, verdict):
    guess, card = predict("sgd-tried"), reveal("sgd-tried")
    guess.buttons[place].click()
    said = shown(card.shown)
    own, read = said.split("It goes down", 1)
    assert own.startswith(f"You said {'abc'[place]}) ")
    assert own.strip().endswith(f"{verdict} {WHYS[place]}")
    assert [why in read for why in WHYS] == [other != place for other in range(3)]
    assert "<details>" in card.shown.value.partition("It goes")[2]
    assert card.button.layout.display == "none"
    guess.buttons[1].click()
    assert shown(card.shown).startswith("You said b) Down. ✓ Right.")


def test_right_and_wrong_differ_in_sign_word_and_colour():
    guess, card = predict("sgd-tried"), reveal("sgd-tried")
    guess.buttons[0].click()
    own, others = card.shown.value.split("It goes")
    assert '<span class="course-wrong">✗ No.</span>' in own
    assert '<span class="course-right">✓ Right.</span>' in others
    assert "check" not in "".join(icons(guess)), "a choice looks right"


def test_a_reading_is_set_as_text_with_formulas():
    card = reveal("sgd-tried")
    card.button.click()
    assert "<strong>down</strong>" in card.shown.value
    assert r"\(-\nabla f\)" in card.shown.value
    assert "p \\leftarrow p - \\eta g" in card.shown.value
    assert "2 &lt; 3" in card.shown.value
    assert "<code>f</code>" in card.shown.value


def test_a_choice_survives_a_new_run_of_its_cell_and_is_known_to_a_reveal_run_later():
    predict("sgd-tried").buttons[2].click()
    again = predict("sgd-tried")
    assert again.chosen == 2
    assert chosen(again) == [False, False, True]
    assert shown(reveal("sgd-tried").shown).startswith("You said c) Nowhere. ✗ No.")
    assert predict("sgd-6").chosen is None


def test_a_rerun_of_reveal_follows_the_choice():
    guess = predict("sgd-tried")
    reveal("sgd-tried")
    now = reveal("sgd-tried")
    guess.buttons[1].click()
    assert shown(now.shown).startswith("You said b)")


def test_pressing_a_choice_says_what_it_is_worth_and_another_can_be_tried():
    card = ask("sgd-q2").questions[0]
    right = next(i for i, choice in enumerate(card.choices) if choice.get("right"))
    wrong = (right + 1) % len(card.choices)
    card.buttons[wrong].click()
    assert f"{'abcd'[wrong]}) " in shown(card.answer)
    assert "✗ No." in shown(card.answer)
    assert card.choices[wrong]["why"] in shown(card.answer)
    assert "Try another" in shown(card.answer)
    assert icons(card)[wrong] == "times"
    card.buttons[right].click()
    assert "✓ Right." in shown(card.answer)
    assert card.choices[wrong]["why"] not in shown(card.answer)
    assert [icon for icon in icons(card) if icon] == ["check"]
    assert 'aria-live="polite"' in card.answer.value
    assert icons(ask("sgd-q2").questions[0]) == icons(card), "a new run has forgotten it"


def test_several_questions_stand_on_one_card():
    card = ask("sgd-q1", "sgd-q2")
    assert repr(card) == "\n\n".join(["Questions:", *map(repr, card.questions)])
    assert [each.view in card.view.children for each in card.questions] == [True, True]


def test_an_explanation_opens_after_the_readers_own_sentence_or_on_request():
    card = explain("sgd-said")
    assert card.button.description == "Show ours anyway"
    assert shown(card.shown) == ""
    card.own.value = "Because."
    assert card.button.description == "Compare with ours"
    card.button.click()
    assert "<strong>falls</strong>" in card.shown.value
    assert r"\(f\)" in card.shown.value
    assert explain("sgd-said").own.value == "Because.", "a new run has forgotten it"


def test_hints_open_one_at_a_time():
    card, texts = hints("sgd-rule"), lessons.task("sgd-rule")["hints"]
    assert card.shown.value == ""
    for opened in (1, 2, 3):
        assert card.button.description == f"Next hint ({opened} of 3)"
        card.button.click()
        assert card.shown.value.count("<li>") == opened
    assert card.button.description == "No more hints"
    card.button.click()
    assert card.shown.value.count("<li>") == 3
    assert "<code>params[key] -= …</code>" in card.shown.value
    assert len(texts) == 3


def test_the_solution_under_the_hints_is_closed():
    inside = hints("sgd-rule").view.children[-1].value
    assert inside.startswith("<details><summary>")
    assert "params[key] -= self.lr * grads[key]" in inside


STORED = {
    "predict": (lambda: predict("sgd-tried"), "A prediction:"),
    "reveal": (lambda: reveal("sgd-tried"), "What is true of the prediction:"),
    "ask": (lambda: ask("sgd-q1"), "Questions:"),
    "explain": (lambda: explain("sgd-said"), "A sentence of your own:"),
    "hints": (lambda: hints("sgd-rule"), "3 hints for MySGD, then its solution; all closed."),
}


@pytest.mark.parametrize("card", STORED)
def test_where_nothing_runs_a_card_is_its_text_and_a_closed_one_shows_a_first_line_only(card):
    make, first = STORED[card]
    bundle = make()._repr_mimebundle_()
    assert bundle["text/plain"] == bundle["text/markdown"] == repr(make())
    assert bundle["text/plain"].splitlines()[0] == first
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "course-question" in make().view._dom_classes


def test_the_text_of_a_reveal_has_the_answer_the_reading_and_the_other_choices_in_this_order():
    text = repr(reveal("sgd-tried"))
    parts = ["b) *Down.* **✓ Right.**", PREDICTION["reading"], "- a) *Up.* **✗ No.**", "- c) "]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_answers_hints_and_solutions_are_closed_in_the_text_as_well():
    answer = next(c["why"] for c in lessons.entry("question", "sgd-q1")["choice"] if c.get("right"))
    for card, closed in (
        (ask("sgd-q1"), [answer]),
        (hints("sgd-rule"), [*lessons.task("sgd-rule")["hints"], "-= self.lr * grads[key]"]),
    ):
        open_text = cards.re.sub(r"<details>.*?</details>", "", repr(card), flags=cards.re.S)
        for each in closed:
            assert each in repr(card)
            assert each not in open_text


@pytest.mark.parametrize("make", [predict, reveal, ask, explain, hints])
def test_an_unknown_id_is_an_error(make):
    with pytest.raises(ValueError, match="got 'sgd'"):
        make("sgd")
