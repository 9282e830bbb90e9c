"""The years of an item: the time that an account or practice is about, or when it came out or was first shown."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from pydantic import Field

from shared.views import View

YearsKind = Literal["published", "about", "shown_here"]


class Years(View):
    """The first and the last year of an item, and what these years say of it."""

    kind: YearsKind = Field(
        description="`published`: when the work came out. `about`: the time that the account or practice is about; "
        "while it goes on, until it was first shown here. `shown_here`: it names no time, and was first shown here."
    )
    first: int
    last: int


class Dates(NamedTuple):
    """The dates between which an item lies, each a year, a month or a day."""

    kind: YearsKind
    first: str
    last: str

    def to_years(self) -> Years:
        return Years(kind=self.kind, first=int(self.first[:4]), last=int(self.last[:4]))


def dates_of(way_of_knowing: str, details: Mapping[str, Any], published_at: datetime | None) -> Dates | None:
    """Return the dates of an item, by which it is found; None where nothing says any.

    The SQL of it is `discovery.search.queries.date_bounds`.
    """
    if way_of_knowing == "research":
        published_on = details.get("published_on")
        return Dates("published", published_on, published_on) if published_on else None
    shown_on = published_at.astimezone(UTC).date().isoformat() if published_at else None
    period: Mapping[str, str | None] = details.get("period") or {}
    if first := period.get("from") or period.get("to"):
        return Dates("about", first, period.get("to") or max(first, shown_on or first))
    return Dates("shown_here", shown_on, shown_on) if shown_on else None


def years_of(way_of_knowing: str, details: Mapping[str, Any], published_at: datetime | None) -> Years | None:
    """Return the years of an item, or None."""
    dates = dates_of(way_of_knowing, details, published_at)
    return dates and dates.to_years()


def period_text(details: Mapping[str, Any]) -> str | None:
    """Return the time that an item is about as an interval of ISO 8601: `2015/2016-02`, `2019/..` while it goes on."""
    period: Mapping[str, str | None] | None = details.get("period")
    return f"{period.get('from') or '..'}/{period.get('to') or '..'}" if period else None
