from datetime import datetime, timedelta

import pytest

from services.evidence.publications.requests import rules
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from shared import clock
from shared.events.contracts.evidence import Urgency
from shared.persistence.tables import new_id

TARGETS: rules.Targets = {"today": 24, "this_week": 168, "this_month": 720, "no_hurry": 2160}
NOW = clock.now()


def asked(urgency: Urgency = "this_week", at: datetime = NOW) -> tuple[EvidenceRequest, RequestTurn]:
    request = rules.ask(new_id(), urgency, None, None, now=at, targets=TARGETS)
    return request, RequestTurn(request_id=request.id, number=1, question="What helps?", asked_at=at)


def answered(after: timedelta = timedelta()) -> tuple[EvidenceRequest, RequestTurn]:
    request, turn = asked()
    rules.answer(request, turn, "This.", items=[], guides=[], now=NOW + after)
    return request, turn


def test_what_is_more_urgent_is_due_sooner() -> None:
    dues = [asked(urgency)[0].due_at for urgency in rules.HURRY]
    assert dues == sorted(dues)
    assert dues[0] == NOW + timedelta(hours=24)


def test_without_hurry_there_is_no_day_by_which_it_is_needed() -> None:
    assert rules.received(asked("no_hurry")[0], []).needed_by is None
    assert rules.received(asked("today")[0], []).needed_by == (NOW + timedelta(hours=24)).date()


def test_hours_are_whole_and_from_the_question_to_its_answer() -> None:
    request, turn = asked()
    told = rules.answer(request, turn, "This.", items=[], guides=[], now=NOW + timedelta(hours=2, minutes=59))
    assert told.within_hours == 2


def test_the_first_answer_is_what_turnaround_counts() -> None:
    request, _ = answered(timedelta(hours=1))
    rules.ask_further(request, NOW + timedelta(hours=2), TARGETS)
    assert request.due_at == NOW + timedelta(hours=170)
    again = RequestTurn(request_id=request.id, number=2, question="And then?", asked_at=NOW + timedelta(hours=2))
    told = rules.answer(request, again, "That.", items=[], guides=[], now=NOW + timedelta(hours=5))
    assert (request.first_answered_at, told.within_hours) == (NOW + timedelta(hours=1), 3)


def test_what_was_said_twice_is_told_once_and_what_changed_is_told_again() -> None:
    request, _ = answered()
    told = [rules.tell_use(request, used, None, NOW) for used in ("not_yet", "no", "no", "yes")]
    assert [event.used if event else "nothing" for event in told] == ["nothing", False, "nothing", True]


def test_an_answer_comes_only_to_what_waits() -> None:
    request, turn = answered()
    for step in (lambda: rules.take(request, new_id()), lambda: rules.give_back(request)):
        with pytest.raises(rules.NotWaiting, match="answered"):
            step()
    with pytest.raises(rules.NotWaiting):
        rules.answer(request, turn, "Again.", items=[], guides=[], now=NOW)


def test_nothing_comes_of_a_question_before_its_answer_or_after_it_was_taken_back() -> None:
    request, turn = asked()
    with pytest.raises(rules.NotAnswered):
        rules.tell_use(request, "yes", None, NOW)
    with pytest.raises(rules.NotAnswered):
        rules.ask_further(request, NOW, TARGETS)
    rules.take_back(request, [turn], NOW)
    with pytest.raises(rules.TakenBack):
        rules.tell_use(request, "yes", None, NOW)
    with pytest.raises(rules.TakenBack):
        rules.ask_further(request, NOW, TARGETS)
