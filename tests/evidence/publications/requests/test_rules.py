from datetime import datetime, timedelta

import pytest

from services.evidence.publications.requests import rules
from services.evidence.publications.requests.answers.rules import answer
from services.evidence.publications.requests.queue.rules import assign, unassign
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from shared import clock
from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import Urgency
from shared.persistence.tables import new_id
from tests.support.callers import EDITOR

TARGETS: rules.Targets = {"today": 24, "this_week": 168, "this_month": 720, "no_hurry": 2160}
NOW = clock.now()


def new_request(urgency: Urgency = "this_week", at: datetime = NOW) -> tuple[EvidenceRequest, RequestTurn]:
    request = rules.ask(new_id(), urgency, None, None, now=at, targets=TARGETS)
    return request, RequestTurn(request_id=request.id, number=1, question="What helps?", asked_at=at)


def answered_request(after: timedelta = timedelta()) -> tuple[EvidenceRequest, RequestTurn]:
    request, turn = new_request()
    answer(request, turn, "This.", items=[], guides=[], now=NOW + after)
    return request, turn


def test_what_is_more_urgent_is_due_sooner() -> None:
    dues = [new_request(urgency)[0].due_at for urgency in rules.URGENCY_RANK]
    assert dues == sorted(dues)
    assert dues[0] == NOW + timedelta(hours=24)


def test_without_hurry_there_is_no_day_by_which_it_is_needed() -> None:
    assert rules.received(new_request("no_hurry")[0], []).needed_by is None
    assert rules.received(new_request("today")[0], []).needed_by == (NOW + timedelta(hours=24)).date()


def test_hours_are_whole_and_from_the_question_to_its_answer() -> None:
    request, turn = new_request()
    event = answer(request, turn, "This.", items=[], guides=[], now=NOW + timedelta(hours=2, minutes=59))
    assert event.within_hours == 2


def test_the_first_answer_is_what_turnaround_counts() -> None:
    request, _ = answered_request(timedelta(hours=1))
    rules.reopen(request, NOW + timedelta(hours=2), TARGETS)
    assert request.due_at == NOW + timedelta(hours=170)
    again = RequestTurn(request_id=request.id, number=2, question="And then?", asked_at=NOW + timedelta(hours=2))
    event = answer(request, again, "That.", items=[], guides=[], now=NOW + timedelta(hours=5))
    assert (request.first_answered_at, event.within_hours) == (NOW + timedelta(hours=1), 3)


def test_what_was_said_twice_is_told_once_and_what_changed_is_told_again() -> None:
    request, _ = answered_request()
    events = [rules.record_use(request, used, None, NOW) for used in ("not_yet", "no", "no", "yes")]
    assert [event.used if event else "nothing" for event in events] == ["nothing", False, "nothing", True]


def test_an_answer_comes_only_to_what_waits() -> None:
    request, turn = answered_request()
    for step in (lambda: assign(request, EDITOR.id, EDITOR, NOW), lambda: unassign(request, EDITOR, NOW)):
        with pytest.raises(rules.NotAwaitingAnswer, match="answered"):
            step()
    with pytest.raises(rules.NotAwaitingAnswer):
        answer(request, turn, "Again.", items=[], guides=[], now=NOW)


def test_nothing_comes_of_a_question_before_its_answer_or_after_it_was_taken_back() -> None:
    request, turn = new_request()
    with pytest.raises(rules.NotAnswered):
        rules.record_use(request, "yes", None, NOW)
    with pytest.raises(rules.NotAnswered):
        rules.reopen(request, NOW, TARGETS)
    rules.withdraw(request, [turn], NOW)
    with pytest.raises(rules.RequestIsWithdrawn):
        rules.record_use(request, "yes", None, NOW)
    with pytest.raises(rules.RequestIsWithdrawn):
        rules.reopen(request, NOW, TARGETS)


COLLEAGUE = person(new_id(), Role.EVIDENCE_EDITOR)
ADMINISTRATOR = person(new_id(), Role.EVIDENCE_EDITOR, Role.ADMINISTRATOR)


@pytest.mark.parametrize("urgency", rules.URGENCY_RANK)
def test_a_question_is_its_holders_alone_until_their_time_is_over(urgency: Urgency) -> None:
    request, _ = new_request(urgency)
    assign(request, EDITOR.id, EDITOR, NOW)
    until = NOW + timedelta(hours=rules.HOLD_HOURS[urgency])
    assert rules.held_until(request) == until
    just_before = until - timedelta(seconds=1)
    with pytest.raises(rules.HeldByColleague):
        assign(request, COLLEAGUE.id, COLLEAGUE, just_before)
    with pytest.raises(rules.HeldByColleague):
        unassign(request, COLLEAGUE, just_before)
    assign(request, COLLEAGUE.id, COLLEAGUE, until)
    assert request.assignee_id == COLLEAGUE.id
    with pytest.raises(rules.HeldByColleague):
        assign(request, EDITOR.id, EDITOR, until)


def test_whoever_holds_it_holds_it_on_and_an_administrator_frees_it() -> None:
    request, _ = new_request()
    assign(request, EDITOR.id, EDITOR, NOW)
    assign(request, EDITOR.id, EDITOR, NOW + timedelta(hours=20))
    rules.check_not_held(request, EDITOR, NOW + timedelta(days=9))
    with pytest.raises(rules.HeldByColleague):
        rules.check_not_held(request, COLLEAGUE, NOW + timedelta(hours=40))
    unassign(request, ADMINISTRATOR, NOW + timedelta(hours=40))
    assert (request.status, request.assignee_id, rules.held_until(request)) == ("open", None, None)


@pytest.mark.parametrize("giver", [EDITOR, ADMINISTRATOR])
def test_what_somebody_holds_is_handed_over_by_them_or_by_an_administrator(giver: Caller) -> None:
    request, _ = new_request()
    assign(request, EDITOR.id, EDITOR, NOW)
    with pytest.raises(rules.HeldByColleague):
        assign(request, new_id(), COLLEAGUE, NOW)
    with pytest.raises(rules.HeldByColleague):
        assign(request, ADMINISTRATOR.id, ADMINISTRATOR, NOW)
    assign(request, COLLEAGUE.id, giver, NOW + timedelta(hours=1))
    assert (request.assignee_id, request.assigned_at) == (COLLEAGUE.id, NOW + timedelta(hours=1))
