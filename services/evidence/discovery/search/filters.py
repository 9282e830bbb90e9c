"""The filters of a search, and of whatever lists or exports what a search would find."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.evidence.library.date_ranges import check_order
from services.evidence.library.items.descriptions import Design, Kind, PartialDate
from services.evidence.library.place_filters import CountryFilter, SettingFilter
from shared.events.contracts.evidence import WayOfKnowing


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a search; None filters nothing. A date of which only the year is known is in each of its months.

    A range finds whatever lies in it at some time, by the dates of `library.years`. Research that does not say when it
    came out is in none.
    """

    topic: UUID | None = None
    way_of_knowing: WayOfKnowing | None = None
    country: str | None = None
    """`GB` includes its nations, and a nation includes what is from the whole of `GB`."""
    setting: str | None = None
    since: str | None = None
    until: str | None = None
    language: str | None = None
    """`en` includes `en-GB`."""
    kind: Kind | None = None
    design: Design | None = None


NO_FILTERS = Filters()


async def _filters(
    topic: Annotated[UUID | None, Query(description="Only what is filed under this topic or one below it.")] = None,
    way_of_knowing: WayOfKnowing | None = None,
    country: CountryFilter = None,
    setting: SettingFilter = None,
    since: Annotated[
        PartialDate | None,
        Query(
            alias="from",
            description="Year, month or day: research that came out since, accounts and practice knowledge about a time"
            " since, or, where they name none, first shown here since, and guides first published here since. What"
            " says no date is left out: `without.years` counts it.",
        ),
    ] = None,
    until: Annotated[PartialDate | None, Query(alias="to", description="The same, up to and including it.")] = None,
    language: Annotated[
        str | None, Query(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", description="`en`, `cy`.")
    ] = None,
    kind: Annotated[Kind | None, Query(description="Of works of research.")] = None,
    design: Annotated[Design | None, Query(description="Of studies.")] = None,
) -> Filters:
    check_order(since, until)
    return Filters(topic, way_of_knowing, country, setting, since, until, language, kind, design)


SearchFilters = Annotated[Filters, Depends(_filters)]
"""The filters of a request, from its query parameters."""


def earliest_day(date: str) -> str:
    """Return the first day that a year, month or day can mean, as a string that sorts: `2019-00-00`."""
    return f"{date}-00-00"[:10]


def latest_day(date: str) -> str:
    """Return the last day that a year, month or day can mean, as a string that sorts: `2019-99-99`."""
    return f"{date}-99-99"[:10]
