"""Shares, and the period of statistics."""

from collections.abc import Mapping
from datetime import date, timedelta

from services.evidence.library.date_ranges import check_order, refuse

MAX_PERIOD = timedelta(days=3 * 366)
DEFAULT_PERIOD = timedelta(days=365)


def share(number: int, total: int) -> float | None:
    """Return the share, 0 to 1, rounded to three places; None where the total is 0."""
    return round(number / total, 3) if total else None


def shares(numbers: Mapping[str, int]) -> dict[str, float | None]:
    """Return the share of each number in the sum of all."""
    total = sum(numbers.values())
    return {name: share(number, total) for name, number in numbers.items()}


def period(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Return the first and last day of a period: a year until today, where left open. Raises Invalid."""
    last = last or today
    first = first or last - min(DEFAULT_PERIOD, last - date.min)
    check_order(first, last)
    if last - first > MAX_PERIOD:
        refuse("Give a period of three years at most.")
    return first, last
