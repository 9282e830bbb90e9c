"""Dates of publication, as precise as a record states them: `2021`, `2021-05` or `2021-05-04`."""

import re
from calendar import monthrange
from collections.abc import Iterable
from functools import lru_cache

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MAX_DATE_LENGTH = 200
"""How many characters of a text are searched for a date."""
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_RUN_TOGETHER = re.compile(r"(?<!\d)((?:1[4-9]|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBERS = re.compile(r"[/-](\d{1,2})(?:[/-](\d{1,2}))?(?!\d)")
_MONTH = re.compile(r"\b(" + "|".join(MONTHS) + r")[a-z]*\b")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")


def published_on(texts: Iterable[str]) -> str | None:
    """Return the date of publication. The first date gives the year; another of the same year may be more precise."""
    dates = [date for text in texts if text and (date := parse_partial_date(text[:MAX_DATE_LENGTH]))]
    if not dates:
        return None
    return max((date for date in dates if date[:4] == dates[0][:4]), key=len)


@lru_cache(maxsize=10_000)
def parse_partial_date(text: str) -> str | None:
    """Parse `1948/07//`, `2019-8-29`, `2018 Mar 1`, `1 March 2018`, `Spring 2010`; None where there is no year."""
    if len(text) == 4 and text.isascii() and text.isdigit() and "1400" <= text < "2100":
        return text
    match = _YEAR.search(text)
    if match is None:
        joined = _RUN_TOGETHER.search(text)
        return _format_date(joined[1], int(joined[2]), int(joined[3])) if joined else None
    year, rest = match[1], text[match.end() :]
    if numbers := _NUMBERS.match(rest):
        return _format_date(year, int(numbers[1]), int(numbers[2] or 0))
    around = f"{text[: match.start()]} {rest}"
    if month := _MONTH.search(around.lower()):
        day = _DAY.search(around)
        return _format_date(year, MONTHS.index(month[1]) + 1, int(day[1]) if day else 0)
    return year


def _format_date(year: str, month: int, day: int) -> str:
    """Return the date, without a month or day that the calendar does not have."""
    if not 1 <= month <= 12:
        return year
    valid_day = 1 <= day <= monthrange(int(year), month)[1]
    return f"{year}-{month:02}-{day:02}" if valid_day else f"{year}-{month:02}"
