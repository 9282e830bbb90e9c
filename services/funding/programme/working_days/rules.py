"""Counting working days."""

from collections.abc import Collection
from datetime import date, timedelta


def add_working_days(start: date, days: int, bank_holidays: Collection[date]) -> date:
    """Return the date `days` working days after `start`. Weekends and English bank holidays do not count."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day, bank_holidays)
    return day


def is_working_day(day: date, bank_holidays: Collection[date]) -> bool:
    """Return whether the day is neither on a weekend nor a bank holiday."""
    return day.weekday() < 5 and day not in bank_holidays
