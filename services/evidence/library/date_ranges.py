"""Ranges of days, months or years, from which to which something is filtered: they never end before they begin."""

from datetime import date
from typing import NoReturn

from shared.problems import FieldError, Invalid

ENDS_BEFORE_IT_BEGINS = "`from` is after `to`, so nothing can lie between them. Give the earlier date in `from`."


def check_order(first: str | date | None, last: str | date | None) -> None:
    """Raise Invalid where the query parameter `from` is after `to`. Either may be left open."""
    if first is not None and last is not None and ends_before(str(first), str(last)):
        refuse(ENDS_BEFORE_IT_BEGINS)


def refuse(detail: str) -> NoReturn:
    """Raise Invalid about the query parameter `from`."""
    raise Invalid(errors=[FieldError(pointer="?from", detail=detail)])


def ends_before(first: str, last: str) -> bool:
    """Return whether a range ends before it begins. A year or a month is compared as far as both say something."""
    precision = min(len(first), len(last))
    return first[:precision] > last[:precision]
