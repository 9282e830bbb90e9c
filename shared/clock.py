"""The clock: the only module that reads the time, so that tests can set it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date in England: what a person, a rate card and a bank mean by today."""
    return datetime.now(LONDON).date()
