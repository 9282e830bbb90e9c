from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from services.engagement.meetings.assemblies import rules
from services.engagement.meetings.assemblies.tables import Assembly
from shared.events.contracts.engagement import RegistrationOpened
from shared.events.contracts.funding import FundingRefused, RefusalReason
from shared.persistence.tables import new_id
from shared.problems import Invalid

DAY = date(2027, 4, 21)
NOON = datetime(2027, 4, 21, 11, tzinfo=UTC)


def assembly(**more: Any) -> Assembly:
    plan: dict[str, Any] = {
        "title": "Breaks that work",
        "topic_id": new_id(),
        "held_on": DAY,
        "starts_at": time(10, 30),
        "minutes": 180,
        "mode": "online",
        "places": 2,
        "expected_cost_pence": 200_000,
        "scheme": "participation",
    }
    return Assembly(**(plan | more))


def refused(of: Assembly, reason: RefusalReason = "scheme_exhausted") -> FundingRefused:
    return FundingRefused(assembly_id=of.id, reason=reason, available_pence=123_450)


def test_registration_opens_once_when_the_money_is_reserved() -> None:
    planned = assembly()
    assert rules.open_registration(planned) == RegistrationOpened(assembly_id=planned.id)
    assert planned.status == "open"
    assert rules.open_registration(planned) is None


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("scheme_exhausted", "has less left than the £2,000.00 that this assembly needs"),
        ("scheme_unknown", "no funding scheme"),
    ],
)
def test_a_refusal_says_in_plain_words_why_and_what_to_do(reason: RefusalReason, text: str) -> None:
    planned = assembly()
    rules.refuse(planned, refused(planned, reason))
    assert planned.status == "refused"
    assert planned.refusal is not None
    assert text in planned.refusal
    with pytest.raises(rules.AssemblyNotOpen, match="will not take place"):
        rules.take_place(planned, NOON)


def test_whoever_plans_reads_what_can_be_done_also_where_nothing_is_left_and_others_where_to_look() -> None:
    planned = assembly()
    rules.refuse(planned, refused(planned).model_copy(update={"available_pence": 0}))
    assert planned.refusal is not None
    assert ("Ask a funding officer to raise its cap" in planned.refusal, "£0.00" in planned.refusal) == (True, False)
    assert "a smaller one if enough is left" in planned.refusal
    with pytest.raises(rules.AssemblyNotOpen) as refusal:
        rules.take_place(planned, NOON)
    assert "/v1/assemblies?status=open&upcoming=true" in refusal.value.detail


def test_money_that_comes_after_a_refusal_opens_registration_and_a_refusal_after_opening_changes_nothing() -> None:
    planned = assembly()
    rules.refuse(planned, refused(planned))
    assert rules.open_registration(planned) is not None
    assert planned.refusal is None
    rules.refuse(planned, refused(planned))
    assert planned.status == "open"


def test_places_are_taken_until_none_is_left_and_come_back() -> None:
    planned = assembly(status="open")
    rules.take_place(planned, NOON)
    rules.take_place(planned, NOON)
    with pytest.raises(rules.AssemblyFull):
        rules.take_place(planned, NOON)
    rules.release_place(planned)
    rules.take_place(planned, NOON)
    assert planned.places_taken == 2


def test_nobody_registers_before_the_money_or_after_the_end() -> None:
    with pytest.raises(rules.AssemblyNotOpen):
        rules.take_place(assembly(), NOON)
    end = datetime(2027, 4, 21, 12, 30, tzinfo=UTC)
    rules.take_place(assembly(status="open"), end - timedelta(seconds=1))
    with pytest.raises(rules.AssemblyOver, match="ended on 21 April 2027 at 13:30"):
        rules.take_place(assembly(status="open"), end)


@pytest.mark.parametrize(
    ("held_on", "starts_at", "minutes", "end", "words"),
    [
        pytest.param(date(2027, 1, 9), time(10), 60, "2027-01-09T11:00Z", "9 January 2027 at 11:00", id="winter"),
        pytest.param(date(2027, 7, 9), time(10), 60, "2027-07-09T10:00Z", "9 July 2027 at 11:00", id="summer"),
        pytest.param(
            date(2027, 1, 9), time(23, 59), 15, "2027-01-10T00:14Z", "10 January 2027 at 00:14", id="midnight"
        ),
        pytest.param(date(2027, 3, 28), time(0, 30), 60, "2027-03-28T01:30Z", "28 March 2027 at 02:30", id="spring"),
        pytest.param(
            date(2027, 10, 31), time(0, 30), 120, "2027-10-31T01:30Z", "31 October 2027 at 01:30", id="autumn"
        ),
    ],
)
def test_an_assembly_ends_its_minutes_after_its_start_in_england(
    held_on: date, starts_at: time, minutes: int, end: str, words: str
) -> None:
    planned = assembly(held_on=held_on, starts_at=starts_at, minutes=minutes)
    assert rules.ends_at(planned) == datetime.fromisoformat(end)
    assert rules.end_in_words(planned) == words


def test_an_assembly_is_planned_for_a_time_to_come_and_has_a_place_unless_online() -> None:
    rules.check_plan(assembly(), NOON)
    with pytest.raises(Invalid) as refusal:
        rules.check_plan(assembly(held_on=date(2027, 4, 20), mode="in_person"), NOON)
    assert [error.pointer for error in refusal.value.errors] == ["/held_on", "/place"]
    with pytest.raises(Invalid):
        rules.check_change(assembly(mode="in_person"))


@pytest.mark.parametrize("too_far", [DAY + timedelta(days=rules.MAX_DAYS_AHEAD + 1), date.max])
def test_a_year_with_a_slip_is_refused(too_far: date) -> None:
    rules.check_plan(assembly(held_on=DAY + timedelta(days=rules.MAX_DAYS_AHEAD)), NOON)
    with pytest.raises(Invalid) as refusal:
        rules.check_plan(assembly(held_on=too_far), NOON)
    assert "Give a day up to 20 April 2030" in refusal.value.errors[0].detail


def test_the_time_stays_once_the_assembly_has_ended() -> None:
    rules.check_time_may_change(assembly(), NOON)
    with pytest.raises(Invalid, match="Nothing was changed"):
        rules.check_time_may_change(assembly(), NOON + timedelta(hours=2))


def test_a_day_outside_the_programme_is_explained_with_the_days_that_are_inside() -> None:
    planned, years = assembly(), {"programme_starts_on": date(2024, 4, 1), "programme_ends_on": date(2027, 3, 31)}
    rules.refuse(planned, refused(planned).model_copy(update=years))
    assert planned.refusal is not None
    assert "pays for 1 April 2024 to 31 March 2027, and not for 21 April 2027" in planned.refusal
