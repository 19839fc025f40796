"""Predictions, questions, hints and solutions: what they show, at first and when pressed."""

import pytest

from course_utils.tutor import ask, hints, lessons, predict, reveal


@pytest.mark.parametrize("make", [predict, lambda id: ask("sgd-q-edge").questions[0]])
def test_a_card_shows_its_choices_and_not_the_answer(make):
    card = make("sgd-tenth-more")
    assert repr(card).splitlines()[1] == f"  a) {card.choices[0]['text'].replace('`', '')}"
    shown = repr(card) + "".join(button.description + button.icon for button in card.buttons)
    assert not any(choice["why"] in shown for choice in card.choices)
    assert "right" not in shown
    assert "<b>" not in card.answer.value


def test_a_prediction_notes_the_choice_and_does_not_judge_it():
    card = predict("sgd-tenth-more")
    for place in (0, 2):
        card.buttons[place].click()
        assert card.chosen == place
        assert f"You said {'abcd'[place]}). Now run the experiment below." in card.answer.value
        assert 'aria-live="polite"' in card.answer.value
        assert not any(choice["why"] in card.answer.value for choice in card.choices)
        assert [button.icon for button in card.buttons].count("check") == 1
        assert card.buttons[place].icon == "check"


def test_reveal_takes_up_every_choice_and_marks_the_readers():
    card = predict("sgd-zigzag")
    seen = reveal("sgd-zigzag")
    for choice in card.choices:
        assert choice["why"] in seen.text
    right = next(i for i, choice in enumerate(card.choices) if choice.get("right"))
    for place, line in enumerate(seen.text.splitlines()[1:]):
        assert line.startswith(f"  {'abcd'[place]}) ")
        assert (" Right. " in line) == (place == right)
        assert (" No. " in line) == (place != right)
    assert "You predicted nothing yet." in seen.shown.value
    assert "your choice" not in seen.shown.value
    card.buttons[1].click()
    assert "You said b)." in seen.shown.value
    marked = [item for item in seen.shown.value.split("<li>") if "(your choice)" in item]
    assert len(marked) == 1
    assert "<b>b) (your choice)</b>" in marked[0]
    signs = [item[0] for item in seen.shown.value.split("<li>")[1:]]
    assert signs == ["✓" if choice.get("right") else "✗" for choice in card.choices]
    assert "experiment" not in card.answer.value


def test_reveal_knows_a_choice_made_before_it_was_run_and_nothing_of_other_predictions():
    predict("sgd-noise").buttons[0].click()
    assert "You said a)." in reveal("sgd-noise").shown.value
    assert "You predicted nothing yet." in reveal("adam-ranking").shown.value
    predict("sgd-noise")
    assert "You predicted nothing yet." in reveal("sgd-noise").shown.value


def test_a_rerun_of_reveal_takes_the_place_of_the_one_before():
    card = predict("sgd-zigzag")
    before, now = reveal("sgd-zigzag"), reveal("sgd-zigzag")
    card.buttons[1].click()
    assert "You said b)." in now.shown.value
    assert "You predicted nothing yet." in before.shown.value


def test_pressing_a_choice_says_what_it_is_worth_and_another_can_be_tried():
    card = ask("sgd-q-edge").questions[0]
    choices = card.choices
    right = next(i for i, choice in enumerate(choices) if choice.get("right"))
    wrong = (right + 1) % len(choices)
    card.buttons[wrong].click()
    assert f"{'abcd'[wrong]}) is not right." in card.answer.value
    assert choices[wrong]["why"] in card.answer.value
    assert "Try another" in card.answer.value
    assert card.buttons[wrong].icon == "times"
    card.buttons[right].click()
    assert f"{'abcd'[right]}) is right." in card.answer.value
    assert choices[wrong]["why"] not in card.answer.value
    assert [button.icon for button in card.buttons if button.icon] == ["check"]
    assert 'aria-live="polite"' in card.answer.value


def test_several_questions_stand_on_one_card():
    card = ask("sgd-q-sign", "sgd-q-edge")
    assert repr(card) == "\n\n".join(repr(each) for each in card.questions)
    assert [each.view in card.view.children for each in card.questions] == [True, True]


def test_hints_open_one_at_a_time():
    card, texts = hints("sgd-rule"), lessons.task("sgd-rule")["hints"]
    assert repr(card) == "3 hints for MySGD, then its solution; all closed."
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


def test_the_solution_under_the_hints_is_closed_and_not_in_the_text():
    card = hints("sgd-rule")
    inside = card.view.children[-1].value
    assert inside.startswith("<details><summary>")
    assert "params[key] -= self.lr * grads[key]" in inside
    assert "self.lr" not in repr(card)


CARDS = [predict("sgd-noise"), reveal("sgd-noise"), ask("sgd-q-sign"), hints("sgd-rule")]


@pytest.mark.parametrize("card", CARDS)
def test_a_card_is_its_view_and_its_text(card):
    bundle = card._repr_mimebundle_()
    assert bundle["text/plain"] == repr(card)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "text/html" not in bundle
    assert "course-question" in card.view._dom_classes


@pytest.mark.parametrize("make", [predict, reveal, ask, hints])
def test_an_unknown_id_is_an_error(make):
    with pytest.raises(ValueError, match="got 'sgd'"):
        make("sgd")
