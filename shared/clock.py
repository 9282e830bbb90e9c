"""The clock: the only module that reads the time, so that tests can set it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date in England: what a person, a rate card and a bank mean by today."""
    return datetime.now(LONDON).date()


def in_england(day: date, time_of_day: time) -> datetime:
    """Return the moment, in UTC, at which clocks in England show this time on this day.

    Of an hour that comes twice in autumn, the first. One that is left out in spring is read as if clocks had not
    changed.
    """
    return datetime.combine(day, time_of_day, LONDON).astimezone(UTC)
