"""When a work came out, as far as its record says something."""

import re
from calendar import monthrange
from collections.abc import Iterable
from functools import lru_cache

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONGEST = 200
"""Characters of a text that are looked at."""
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_RUN_TOGETHER = re.compile(r"(?<!\d)((?:1[4-9]|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBERS = re.compile(r"[/-](\d{1,2})(?:[/-](\d{1,2}))?(?!\d)")
_MONTH = re.compile(r"\b(" + "|".join(MONTHS) + r")[a-z]*\b")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")


def published_on(texts: Iterable[str]) -> str | None:
    """Year, month or day. The first date says the year; another of the same year may say more."""
    dates = [date for text in texts if text and (date := partial_date(text[:LONGEST]))]
    if not dates:
        return None
    return max((date for date in dates if date[:4] == dates[0][:4]), key=len)


@lru_cache(maxsize=10_000)
def partial_date(text: str) -> str | None:
    """`1948/07//`, `2019-8-29`, `2018 Mar 1`, `1 March 2018`, `Spring 2010`; None where there is no year."""
    if len(text) == 4 and text.isascii() and text.isdigit() and "1400" <= text < "2100":
        return text
    found = _YEAR.search(text)
    if found is None:
        joined = _RUN_TOGETHER.search(text)
        return _dated(joined[1], int(joined[2]), int(joined[3])) if joined else None
    year, rest = found[1], text[found.end() :]
    if numbers := _NUMBERS.match(rest):
        return _dated(year, int(numbers[1]), int(numbers[2] or 0))
    around = f"{text[: found.start()]} {rest}"
    if named := _MONTH.search(around.lower()):
        day = _DAY.search(around)
        return _dated(year, MONTHS.index(named[1]) + 1, int(day[1]) if day else 0)
    return year


def _dated(year: str, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return year
    there_is = 1 <= day <= monthrange(int(year), month)[1]
    return f"{year}-{month:02}-{day:02}" if there_is else f"{year}-{month:02}"
