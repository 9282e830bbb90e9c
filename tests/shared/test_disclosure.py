"""No number is shown from which somebody could be recognised, and one setting says how small that is."""

import itertools
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared import disclosure
from shared.disclosure import AtLeast, FewerThan, PersonPayment, PublicSum
from shared.settings import ServiceSettings
from tests.support.settings import settings_for_tests

THRESHOLDS = st.integers(min_value=3, max_value=50)
NUMBERS = st.integers(min_value=0, max_value=500)
LEEDS, YORK = UUID(int=1), UUID(int=2)
APRIL, MAY, JUNE, JULY, AUGUST, SEPTEMBER = (date(2027, month, 3) for month in range(4, 10))
"""The first day of each on which the month before is closed."""
THRESHOLD = 5


@pytest.fixture(autouse=True)
def threshold_as_before() -> Iterator[None]:
    before = disclosure.threshold()
    disclosure.set_threshold(THRESHOLD)
    yield
    disclosure.set_threshold(before)


@given(number=NUMBERS, threshold=THRESHOLDS)
def test_a_number_of_fewer_people_than_the_threshold_is_never_shown(number: int, threshold: int) -> None:
    disclosure.set_threshold(threshold)
    shown = disclosure.rounded_count(number)
    assert (shown == FewerThan(fewer_than=2 * threshold)) == (number < 2 * threshold)
    assert disclosure.rounded_down(number) == 0 or number >= 2 * threshold


@given(number=NUMBERS, threshold=THRESHOLDS)
def test_a_rounded_number_is_never_more_than_the_number_and_less_than_a_step_from_it(
    number: int, threshold: int
) -> None:
    disclosure.set_threshold(threshold)
    shown = disclosure.rounded_count(number)
    if isinstance(shown, AtLeast):
        assert shown.at_least % (2 * threshold) == 0
        assert 0 <= number - shown.at_least < 2 * threshold


def test_nobody_at_all_is_shown_as_few_are_so_that_the_first_goes_unnoticed() -> None:
    assert disclosure.rounded_count(0) == disclosure.rounded_count(1) == FewerThan(fewer_than=2 * THRESHOLD)
    assert disclosure.rounded_down(0) == 0


@given(parts=st.lists(st.integers(0, 200), min_size=1, max_size=30), threshold=THRESHOLDS)
def test_a_sum_and_its_parts_leave_each_part_open_by_the_threshold(parts: list[int], threshold: int) -> None:
    """Without the sum a part may be anything from what is shown to a whole step more: with it, still enough."""
    disclosure.set_threshold(threshold)
    width = 2 * threshold - 1
    shown = [disclosure.rounded_down(part) for part in parts]
    total = disclosure.rounded_down(sum(parts), parts=len(parts))
    for part in shown:
        others = sum(shown) - part
        low = max(part, total - others - width * (len(parts) - 1))
        high = min(part + width, total + disclosure.table_step(len(parts)) - 1 - others)
        assert high - low >= threshold - 1
        assert high >= threshold


@given(threshold=THRESHOLDS, longest_list=st.integers(8, 60))
def test_the_step_of_tables_leaves_the_threshold_open_whatever_the_other_rows_are(
    threshold: int, longest_list: int
) -> None:
    disclosure.set_threshold(threshold)
    step = disclosure.table_step(longest_list)
    assert step % threshold == 0
    assert threshold + longest_list <= step < 2 * threshold + longest_list


@given(total=st.integers(20, 100))
def test_a_mean_leaves_open_that_as_many_as_the_threshold_answered_otherwise(total: int) -> None:
    mean = disclosure.bounded_mean(total / 20, lowest=1, highest=5, unit=1, at_least=20, step=0.1)
    assert mean is not None
    assert 1 + THRESHOLD / 20 - 1e-9 <= mean <= 5 - THRESHOLD / 20 + 1e-9
    if 1.3 <= total / 20 <= 4.7:
        assert abs(mean - total / 20) <= 0.05 + 1e-9


def test_a_mean_of_which_nothing_is_left_is_not_shown() -> None:
    assert disclosure.bounded_mean(1, lowest=0, highest=1, unit=1, at_least=10, step=0.1) is None


def paid(assembly: UUID, people: int, month: date, pence: int = 8_000, first: int = 0) -> list[PersonPayment]:
    return [PersonPayment(assembly, UUID(int=100 + first + number), month, pence) for number in range(people)]


def test_a_sum_is_of_as_many_people_as_the_threshold_and_only_of_closed_months() -> None:
    payments = paid(LEEDS, THRESHOLD, APRIL) + paid(YORK, THRESHOLD - 1, APRIL)
    assert disclosure.release(payments, date(2027, 4, 30)) == []
    assert disclosure.release(payments, date(2027, 5, 2)) == [], "its last events may still come"
    assert disclosure.release(payments, MAY) == [PublicSum(LEEDS, APRIL.replace(day=1), THRESHOLD * 8_000)]


def test_a_month_is_closed_on_the_third_of_the_next() -> None:
    assert disclosure.last_closed_day(date(2027, 5, 2)) == date(2027, 3, 31)
    assert disclosure.last_closed_day(date(2027, 5, 3)) == date(2027, 4, 30)
    assert disclosure.last_closed_day(date(2028, 1, 1)) == date(2027, 11, 30)


def test_people_count_once_however_often_they_were_paid() -> None:
    assert disclosure.release(paid(LEEDS, THRESHOLD - 1, APRIL) * 3, MAY) == []


def test_later_payments_wait_until_they_are_of_enough_people_themselves() -> None:
    payments = paid(LEEDS, THRESHOLD, APRIL) + paid(LEEDS, 1, MAY, first=10)
    assert disclosure.release(payments, JUNE) == disclosure.release(payments, MAY), "not the payment of one person"
    payments += paid(LEEDS, THRESHOLD - 1, JUNE, first=20)
    assert disclosure.release(payments, JULY)[1:] == [PublicSum(LEEDS, JUNE.replace(day=1), THRESHOLD * 8_000)]


def test_what_waits_for_three_months_is_shown_with_other_assemblies_and_never_apart_again() -> None:
    payments = paid(LEEDS, 3, APRIL) + paid(YORK, 3, APRIL, first=10)
    assert disclosure.release(payments, JULY) == []
    assert disclosure.release(payments, AUGUST) == [PublicSum(None, JULY.replace(day=1), 48_000)]
    payments += paid(LEEDS, THRESHOLD, AUGUST, first=20)
    assert disclosure.release(payments, SEPTEMBER) == [
        PublicSum(None, JULY.replace(day=1), 48_000),
        PublicSum(LEEDS, AUGUST.replace(day=1), THRESHOLD * 8_000),
    ]


def test_what_was_shown_stays_whatever_is_paid_later() -> None:
    payments = paid(LEEDS, 7, APRIL) + paid(YORK, 2, MAY) + paid(LEEDS, 4, JUNE) + paid(YORK, 9, AUGUST)
    months = [disclosure.release(payments, date(2027, month, 3)) for month in range(4, 13)]
    for earlier, later in itertools.pairwise(months):
        assert later[: len(earlier)] == earlier


def test_a_sum_of_which_one_person_got_nearly_all_waits() -> None:
    alone = [PersonPayment(LEEDS, UUID(int=9), APRIL, 1_000_000)]
    assert disclosure.release(alone + paid(LEEDS, 10, APRIL, 10_000), MAY) == [], "90,000 without the two largest"
    assert disclosure.release(alone + paid(LEEDS, 11, APRIL, 10_000), MAY) == [
        PublicSum(LEEDS, APRIL.replace(day=1), 1_110_000)
    ]


def test_a_payment_that_was_voided_before_it_was_shown_is_nobodys() -> None:
    voided = [PersonPayment(LEEDS, UUID(int=100), APRIL, -8_000)]
    assert disclosure.release(paid(LEEDS, THRESHOLD, APRIL) + voided, MAY) == []


def test_sums_are_rounded_down_to_ten_pounds() -> None:
    assert disclosure.release(paid(LEEDS, THRESHOLD, APRIL, 8_333), MAY) == [
        PublicSum(LEEDS, APRIL.replace(day=1), 41_000)
    ]


def test_ten_is_the_threshold_where_nothing_is_set_and_less_than_three_is_refused() -> None:
    settings = {name: value for name, value in settings_for_tests().items() if name != "fewest_shown"}
    assert ServiceSettings(service="any", **settings).fewest_shown == 10
    with pytest.raises(ValidationError, match="fewest_shown"):
        ServiceSettings(service="any", **settings, fewest_shown=2)
    with pytest.raises(ValueError, match="FEWEST_SHOWN is 2"):
        disclosure.set_threshold(2)
