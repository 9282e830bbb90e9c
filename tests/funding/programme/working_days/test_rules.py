from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.funding.programme.working_days import rules

CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)}
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("start", "days", "promised"),
    [
        (MONDAY, 10, date(2026, 12, 7)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 12, 18), 10, date(2027, 1, 6)),
        (MONDAY, 0, MONDAY),
    ],
)
def test_neither_weekends_nor_bank_holidays_count_towards_the_promised_date(
    start: date, days: int, promised: date
) -> None:
    assert rules.add_working_days(start, days, CHRISTMAS) == promised


@given(st.dates(date(2025, 1, 1), date(2033, 1, 1)), st.integers(1, 60), st.sets(st.dates(), max_size=20))
def test_the_promised_date_is_a_working_day_with_as_many_working_days_before_it(
    start: date, days: int, holidays: set[date]
) -> None:
    promised = rules.add_working_days(start, days, holidays)
    between = [start + timedelta(days=n) for n in range(1, (promised - start).days + 1)]
    working = [day for day in between if day.weekday() < 5 and day not in holidays]
    assert (len(working), working[-1]) == (days, promised)
