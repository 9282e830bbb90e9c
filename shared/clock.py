"""The one place that asks what time it is, so that a rule's day can be given in a test."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The date in England: what a person, a rate card and a bank mean by today."""
    return datetime.now(LONDON).date()
