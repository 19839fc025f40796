"""What a learner's entries say."""

from course_utils.progress.record import Record


def entry(kind, id, **what):
    return {"v": 1, "kind": kind, "id": id} | what


def voted(*places, id="sgd-1"):
    return [entry("reveal" if p is None else "prediction", id, chose=p) for p in places]


def test_votes_are_the_first_and_the_last_before_the_reveal():
    assert Record(voted()).votes("sgd-1") == (None, None)
    assert Record(voted(2)).votes("sgd-1") == (2, 2)
    assert Record(voted(2, 1, 0)).votes("sgd-1") == (2, 0)
    assert Record(voted(2, 1, None, 0)).votes("sgd-1") == (2, 1)
    assert Record(voted(None, 0)).votes("sgd-1") == (None, None), "after it had been told"
    assert Record(voted(2, 1)).votes("sgd-2") == (None, None)


def test_the_last_choice_is_the_one_to_show_where_it_was_made():
    asked = [entry("question", "sgd-q1", chose=place) for place in (2, 0)]
    again = entry("question", "sgd-q1", chose=1, opening="02_momentum")
    record = Record([*asked, again])
    assert record.chosen("question", "sgd-q1") == 0
    assert record.chosen("question", "sgd-q1", "02_momentum") == 1
    assert record.chosen("question", "sgd-q1", "03_adagrad") is None
    assert record.chosen("prediction", "sgd-q1") is None


def test_the_first_choice_counts_of_the_last_time_it_was_asked():
    def at(opening, *places):
        where = {"opening": opening} if opening else {}
        return [entry("question", "sgd-q1", chose=place, **where) for place in places]

    assert Record([]).first("sgd-q1") is None
    assert Record(at(None, 2, 0)).first("sgd-q1") == 2
    assert Record([*at(None, 2, 0), *at("02", 0, 1)]).first("sgd-q1") == 0
    assert Record([*at(None, 2), *at("02", 0), *at(None, 1)]).first("sgd-q1") == 0


def test_a_task_is_solved_once_a_check_has_found_no_mistake():
    checks = [entry("check", "sgd-rule", mistakes=each) for each in (["uphill"], [], ["syntax"])]
    assert not Record(checks[:1]).solved("sgd-rule")
    assert Record(checks).solved("sgd-rule")
    assert not Record(checks).solved("momentum-rule")
