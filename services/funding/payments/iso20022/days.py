"""Days and moments in messages of banks: which day they are in London."""

import re
from datetime import date, datetime, timedelta

from shared.clock import LONDON

DAY = re.compile(r"\d{4}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?")
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?")


def parse_day(text: str) -> date:
    """Return the day of an ISODate. Raises ValueError. A time zone does not change which day the bank names."""
    if not DAY.fullmatch(text):
        raise ValueError("not a day")
    return date.fromisoformat(text[:10])


def parse_moment(text: str) -> date:
    """Return the day in London of an ISODateTime. Raises ValueError. Without a time zone, it is London's time.

    24:00:00, which XML allows, is the beginning of the next day.
    """
    match = MOMENT.fullmatch(text)
    if match is None:
        raise ValueError("not a moment")
    day, time, zone = match.groups()
    if midnight := time == "24:00:00":
        time = "00:00:00"
    moment = datetime.fromisoformat(f"{day}T{time}{zone or ''}")
    try:
        if midnight:
            moment += timedelta(days=1)
        return (moment if moment.tzinfo is None else moment.astimezone(LONDON)).date()
    except OverflowError as error:
        raise ValueError("before or after all days") from error
