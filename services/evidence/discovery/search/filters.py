"""What a search, and whatever lists or exports what a search would find, can be narrowed to.

`Narrowed` reads the query parameters; `conditions` says the same to the database. The index says it in `asking`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import String, and_, case, exists, func, literal, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.descriptions import Design, Kind, PartialDate
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.queries import topic_and_below
from services.evidence.library.topics.tables import filings
from shared.events.contracts.evidence import WayOfKnowing


@dataclass(frozen=True, slots=True)
class Filters:
    """None: whatever it is. A date that is only known by its year is within every month of that year.

    Research that does not say when it came out is within none.
    """

    topic: UUID | None = None
    way_of_knowing: WayOfKnowing | None = None
    country: str | None = None
    """`GB` stands for its nations too."""
    setting: str | None = None
    since: str | None = None
    until: str | None = None
    language: str | None = None
    """`en` stands for `en-GB` too."""
    kind: Kind | None = None
    design: Design | None = None


EVERYTHING = Filters()


async def _narrowed(
    topic: Annotated[UUID | None, Query(description="Only what is under this topic and those below it.")] = None,
    way_of_knowing: WayOfKnowing | None = None,
    country: Annotated[
        str | None,
        Query(pattern=r"^[A-Z]{2}(-[A-Z]{3})?$", description="ISO 3166: `GB-NIR`; `GB` stands for its nations too."),
    ] = None,
    setting: Annotated[str | None, Query(max_length=120, description="As the facet `settings` says it.")] = None,
    since: Annotated[
        PartialDate | None,
        Query(
            alias="from",
            description="Year, month or day: research that came out since, and accounts, practice knowledge and guides"
            " that were first shown here since. Research that does not say when it came out is left out.",
        ),
    ] = None,
    until: Annotated[
        PartialDate | None, Query(alias="to", description="The same, until then and including it.")
    ] = None,
    language: Annotated[
        str | None, Query(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", description="`en`, `cy`.")
    ] = None,
    kind: Annotated[Kind | None, Query(description="Of works of research.")] = None,
    design: Annotated[Design | None, Query(description="Of studies.")] = None,
) -> Filters:
    return Filters(topic, way_of_knowing, country, setting, since, until, language, kind, design)


Narrowed = Annotated[Filters, Depends(_narrowed)]


async def topics_within(session: AsyncSession, filters: Filters) -> list[UUID] | None:
    """The topic and all below it; None without one. Raises TopicNotFound."""
    return None if filters.topic is None else await topic_and_below(session, filters.topic)


def earliest(date: str) -> str:
    """The first day that a year, month or day can mean, as a text that sorts."""
    return f"{date}-00-00"[:10]


def latest(date: str) -> str:
    return f"{date}-99-99"[:10]


def conditions(filters: Filters, topics: Collection[UUID] | None) -> Any:
    """Of published items, in SQL. `topics`: from `topics_within`."""
    wanted: list[Any] = [col(Item.state) == "published"]
    if topics is not None:
        wanted.append(exists().where(filings.c.item_id == col(Item.id), filings.c.topic_id.in_(topics)))
    if filters.way_of_knowing:
        wanted.append(col(Item.way_of_knowing) == filters.way_of_knowing)
    if filters.country:
        wanted.append(_or_below(col(Item.country), filters.country))
    if filters.setting:
        wanted.append(func.lower(col(Item.setting)) == filters.setting.lower())
    if filters.language:
        wanted.append(_or_below(col(Item.language), filters.language))
    for name in ("kind", "design"):
        if (value := getattr(filters, name)) is not None:
            wanted.append(col(Item.details)[name].astext == value)
    return and_(*wanted, *_dated(filters))


def _or_below(column: Any, value: str) -> Any:
    return or_(column == value, column.startswith(f"{value}-"))


def _dated(filters: Filters) -> list[Any]:
    shown = func.to_char(func.timezone("UTC", col(Item.published_at)), "YYYY-MM-DD")
    came_out = func.nullif(col(Item.details)["published_on"].astext, "")
    date = case((col(Item.way_of_knowing) == "research", came_out), else_=shown)
    wanted: list[Any] = []
    if filters.since:
        last = func.left(date.op("||")(literal("-99-99", String)), 10).collate("C")
        wanted.append(last >= earliest(filters.since))
    if filters.until:
        first = func.left(date.op("||")(literal("-00-00", String)), 10).collate("C")
        wanted.append(first <= latest(filters.until))
    return wanted
