from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.funding.participation.entitlements import rules
from services.funding.participation.entitlements.overlaps import Interval, connected_to, interval_of, total_minutes
from services.funding.participation.entitlements.terms import explain
from services.funding.programme.rates.rules import involvement_pence
from tests.funding.participation.entitlements.test_rules import CARD, Attendances

START = datetime(2026, 11, 10, 9, tzinfo=UTC)


def interval(start_minute: int, minutes: int) -> Interval:
    start = START + timedelta(minutes=start_minute)
    return Interval(start, start + timedelta(minutes=minutes))


def meetings(*times: tuple[int, int, int]) -> Attendances:
    """Attend meetings in this order: hour, minute, and how many minutes."""
    person = Attendances()
    for hour, minute, minutes in times:
        person.attend(time(hour, minute), minutes)
    return person


@pytest.mark.parametrize(
    ("times", "pence"),
    [
        pytest.param([(9, 0, 300), (10, 0, 300), (10, 0, 241)], [15_000, 0, 0], id="three at once"),
        pytest.param([(9, 0, 60), (9, 30, 60)], [2_500, 2_500], id="an hour and a half are two started hours"),
        pytest.param([(9, 0, 60), (9, 15, 30)], [2_500, 0], id="one within another"),
        pytest.param([(9, 15, 30), (9, 0, 60)], [2_500, 0], id="the shorter one was recorded first"),
        pytest.param([(9, 0, 240), (13, 0, 60)], [7_500, 2_500], id="they only touch"),
        pytest.param([(9, 0, 180), (12, 0, 180), (11, 0, 120)], [7_500, 7_500, 0], id="one joins two others"),
        pytest.param([(9, 0, 60), (9, 50, 240)], [2_500, 12_500], id="together longer than half a day"),
    ],
)
def test_overlapping_meetings_are_paid_what_one_of_their_length_is_paid(
    times: list[tuple[int, int, int]], pence: list[int]
) -> None:
    person = meetings(*times)
    assert person.pence == pence
    assert [row.attendance_pence for row in person.rows] == pence


def test_the_time_is_that_of_england_also_over_midnight_and_in_summer() -> None:
    assert interval_of(date(2027, 7, 1), time(9), 60) == Interval(
        datetime(2027, 7, 1, 8, tzinfo=UTC), datetime(2027, 7, 1, 9, tzinfo=UTC)
    )
    late = interval_of(date(2027, 1, 1), time(23, 30), 60)
    early = interval_of(date(2027, 1, 2), time(0, 15), 60)
    assert late is not None
    assert early is not None
    assert connected_to(early, [("late", late)]) == [("late", late)]
    assert interval_of(date(2027, 1, 1), None, 60) is None


def test_a_meeting_whose_time_is_not_known_overlaps_with_none() -> None:
    person = meetings((9, 0, 300))
    assert person.attend(None, 300).pence == 15_000


def test_the_later_one_gets_more_once_the_earlier_one_is_withdrawn_and_less_when_that_comes_back() -> None:
    person = meetings((9, 0, 300), (10, 0, 300))
    first, second = person.rows
    person.correct(first, attended=False)
    assert person.pence == [0, 15_000]
    person.correct(first)
    assert person.pence == [0, 15_000], "what is granted anew comes after the other"
    person.correct(second, attended=False)
    assert person.pence == [15_000, 0]


def test_a_claimed_one_is_in_question_where_the_correction_of_another_changes_it() -> None:
    person = meetings((9, 0, 60), (9, 30, 60))
    first, second = person.rows
    rules.add_claim(second, 2_500)
    person.correct(first, minutes=90)
    assert (person.pence, second.in_question, second.attendance_pence) == ([5_000, 2_500], True, 0)
    person.correct(first, minutes=60)
    assert (person.pence, second.in_question) == ([2_500, 2_500], False)
    person.correct(first, minutes=90)
    person.resolve(second, "corrected")
    assert (person.pence, second.in_question) == ([5_000, 0], False)


def test_one_in_question_counts_as_granted_until_it_is_decided() -> None:
    person = meetings((9, 0, 300))
    (first,) = person.rows
    rules.add_claim(first, 15_000)
    person.correct(first, attended=False)
    second = person.attend(time(10), 300)
    assert second.pence == 0, "both would be paid if the first one stands"
    person.resolve(first, "corrected")
    assert person.pence == [0, 15_000]


def test_one_that_stands_counts_although_its_person_was_elsewhere() -> None:
    person = meetings((9, 0, 300))
    (first,) = person.rows
    rules.add_claim(first, 15_000)
    person.correct(first, attended=False)
    person.resolve(first, "stands")
    assert person.attend(time(10), 300).pence == 0


def test_the_entitlement_says_that_it_is_paid_with_another() -> None:
    person = meetings((9, 0, 60), (9, 30, 60), (9, 30, 60), (14, 0, 60))
    texts = [explain(row) or "" for row in person.rows]
    assert "£25.00 of that here. Other costs can be claimed here." in texts[1]
    assert "all of that there. Other costs can be claimed here." in texts[2]
    assert texts[3] == ""


spans = st.lists(st.tuples(st.integers(0, 600), st.integers(1, 400)), min_size=1, max_size=6)


@given(spans)
def test_total_minutes_counts_each_minute_once(times: list[tuple[int, int]]) -> None:
    minutes = {minute for start, length in times for minute in range(start, start + length)}
    assert total_minutes(interval(*span) for span in times) == len(minutes)


@settings(max_examples=300, deadline=None)
@given(spans, st.data())
def test_in_whatever_order_and_however_often_they_are_corrected_meetings_are_paid_as_the_whole_that_they_are(
    times: list[tuple[int, int]], data: st.DataObject
) -> None:
    person = Attendances()
    for start, minutes in times:
        person.attend((START + timedelta(minutes=start)).time(), minutes)
    for _ in range(data.draw(st.integers(0, 6))):
        row = data.draw(st.sampled_from(person.rows))
        person.correct(row, attended=data.draw(st.booleans()), minutes=data.draw(st.integers(1, 400)))
        attended = [row for row in person.rows if row.status == "granted"]
        intervals = [(row, interval_of(row.held_on, row.starts_at, row.minutes) or interval(0, 0)) for row in attended]
        for _, own in intervals:
            whole = connected_to(own, intervals)
            together = involvement_pence(CARD, total_minutes(span for _, span in whole))
            assert sum(row.pence for row, _ in whole) == together
        assert all(row.pence >= 0 for row in person.rows)
