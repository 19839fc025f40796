"""Questions, hints and solutions: what they show, at first and when pressed."""

import pytest

from course_utils import lessons
from course_utils.explorers import ask, hint, solution


def test_a_question_shows_its_choices_and_not_the_answer():
    card = ask("sgd-tenth-more")
    entry = lessons.question("sgd-tenth-more")
    assert repr(card).splitlines()[0] == entry["text"]
    assert repr(card).splitlines()[1] == f"  a) {entry['choice'][0]['text']}"
    shown = repr(card) + "".join(button.description + button.icon for button in card.buttons)
    assert not any(choice["why"] in shown for choice in entry["choice"])
    assert "right" not in shown
    assert "<b>" not in card.answer.value


def test_pressing_a_choice_says_what_it_is_worth_and_another_can_be_tried():
    card = ask("sgd-tenth-more")
    choices = card.choices
    card.buttons[0].click()
    assert "a) is not right." in card.answer.value
    assert choices[0]["why"] in card.answer.value
    assert "Try another" in card.answer.value
    assert [button.icon for button in card.buttons] == ["times", "", ""]
    card.buttons[2].click()
    assert "c) is right." in card.answer.value
    assert choices[0]["why"] not in card.answer.value
    assert [button.icon for button in card.buttons] == ["", "", "check"]
    assert 'aria-live="polite"' in card.answer.value


def test_hints_open_one_at_a_time():
    card, hints = hint("sgd-rule"), lessons.task("sgd-rule")["hints"]
    assert repr(card) == "3 hints for MySGD, opened one at a time by a button."
    assert card.shown.value == ""
    for opened in (1, 2, 3):
        assert card.button.description == f"Next hint ({opened} of 3)"
        card.button.click()
        assert card.shown.value.count("<li>") == opened
    assert card.button.disabled
    assert "<code>params[key] -= …</code>" in card.shown.value
    assert len(hints) == 3


def test_a_solution_is_closed_and_not_in_the_text():
    card = solution("sgd-rule")
    assert repr(card) == "A solution for MySGD, closed until opened."
    inside = card.view.children[-1].value
    assert inside.startswith("<details><summary>")
    assert "params[key] -= self.lr * grads[key]" in inside


@pytest.mark.parametrize("card", [ask("sgd-noise"), hint("sgd-rule"), solution("sgd-rule")])
def test_a_card_is_its_view_and_its_text(card):
    bundle = card._repr_mimebundle_()
    assert bundle["text/plain"] == repr(card)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "text/html" not in bundle
    assert "course-question" in card.view._dom_classes


@pytest.mark.parametrize("make", [ask, hint, solution])
def test_an_unknown_id_is_an_error(make):
    with pytest.raises(ValueError, match="got 'sgd'"):
        make("sgd")
