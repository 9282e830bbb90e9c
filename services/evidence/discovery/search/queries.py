"""Searches the index, reads the rows of the hits, and filters items in SQL."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, case, exists, func, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from services.evidence.discovery.search import rules
from services.evidence.discovery.search.filters import Filters, earliest_day, latest_day
from services.evidence.discovery.search.index.queries import GUIDE_WAYS, texts_of_item
from services.evidence.discovery.search.index.retrieval import SearchHit, SearchPage
from services.evidence.discovery.search.index.search_index import SearchIndex
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.library.items.queries import ItemSummaryRow, published_items
from services.evidence.library.items.tables import Item, ItemStatus
from services.evidence.library.place_filters import is_from
from services.evidence.library.topics.queries import topic_and_below
from services.evidence.library.topics.tables import filings
from services.evidence.publications.guides.citations.queries import get_doubts, get_shown_texts
from services.evidence.publications.guides.tables import Guide
from shared.events.contracts.evidence import WayOfKnowing

_WAYS_OF_GUIDES = text(
    f"SELECT guide.id, ARRAY({GUIDE_WAYS}) AS ways FROM guides guide WHERE guide.id = ANY(:ids)"  # noqa: S608  no value is put in
)


class GuideContents(NamedTuple):
    """A published guide, what its statements say as far as they are shown, and the ways of knowing that it cites."""

    guide: Guide
    statements: Sequence[str]
    ways_of_knowing: list[WayOfKnowing]
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class HitRows:
    """The rows of hits, by id. What has been withdrawn since the index was last changed has none."""

    items: Mapping[UUID, ItemSummaryRow]
    item_texts: Mapping[UUID, Sequence[str]]
    guides: Mapping[UUID, GuideContents]


async def search(
    session: AsyncSession, index: SearchIndex, request: SearchRequest, begin: int, end: int
) -> tuple[SearchPage, HitRows]:
    """Return the hits of ranks `begin` (from 0) to before `end`, and their rows.

    Raises NothingToSearchFor, TopicNotFound, IndexBeingBuilt.
    """
    rules.check_query(request.query)
    topics = await topics_within(session, request.filters)
    rules.check_index(complete=index.complete)
    request = replace(request, topics=None if topics is None else set(map(str, topics)))
    page = await asyncio.to_thread(index.search, request, begin, end)
    return page, await _rows_of(session, page.hits)


async def _rows_of(session: AsyncSession, hits: Sequence[SearchHit]) -> HitRows:
    items = [UUID(hit.id) for hit in hits if not hit.is_guide]
    return HitRows(
        items=await published_items(session, items),
        item_texts=await _item_texts(session, items),
        guides=await _guide_contents(session, [UUID(hit.id) for hit in hits if hit.is_guide]),
    )


async def _item_texts(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return the texts of those of these items that are published, for highlights."""
    statement = select(col(Item.id), col(Item.summary), col(Item.details)).where(
        col(Item.id).in_(ids), col(Item.status) == "published"
    )
    texts_of: dict[UUID, list[str]] = {}
    for row in await session.execute(statement):
        texts_of[row.id] = [text for text in texts_of_item(row.summary, row.details) if text]
    return texts_of


async def _guide_contents(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, GuideContents]:
    """Return the contents of those of these guides that are published."""
    if not ids:
        return {}
    statement = select(Guide).where(col(Guide.id).in_(ids), col(Guide.status) == "published")
    guides = {guide.id: guide for guide in (await session.execute(statement)).scalars()}
    ways = {row.id: list(row.ways) for row in await session.execute(_WAYS_OF_GUIDES, {"ids": list(guides)})}
    doubts = await get_doubts(session, guides)
    texts = await get_shown_texts(session, guides, doubts)
    return {id: GuideContents(guide, texts.get(id, ()), ways[id], id in doubts) for id, guide in guides.items()}


async def topics_within(session: AsyncSession, filters: Filters) -> list[UUID] | None:
    """Return the topic of the filters and all below it; None without one. Raises TopicNotFound."""
    return None if filters.topic is None else await topic_and_below(session, filters.topic)


def item_conditions(
    filters: Filters, topics: Collection[UUID] | None, status: ItemStatus = "published"
) -> ColumnElement[bool]:
    """Return the condition for items of this status that the filters let through. `topics`: from `topics_within`.

    It lets through what the index does: see `query_builder`.
    """
    conditions: list[ColumnElement[bool]] = [col(Item.status) == status]
    if topics is not None:
        conditions.append(exists().where(filings.c.item_id == col(Item.id), filings.c.topic_id.in_(topics)))
    if filters.way_of_knowing:
        conditions.append(col(Item.way_of_knowing) == filters.way_of_knowing)
    if filters.country:
        conditions.append(is_from(col(Item.country), filters.country))
    if filters.setting:
        conditions.append(func.lower(col(Item.setting)) == filters.setting.lower())
    if filters.language:
        conditions.append(_is_or_is_below(col(Item.language), filters.language))
    details = {"kind": filters.kind, "design": filters.design}
    conditions += [col(Item.details)[name].astext == value for name, value in details.items() if value is not None]
    return and_(*conditions, *_date_conditions(filters))


def _is_or_is_below(column: Mapped[str] | Mapped[str | None], code: str) -> ColumnElement[bool]:
    """Match the code and those that begin with it: `GB` and `GB-NIR`."""
    return or_(column == code, column.startswith(f"{code}-"))


def _date_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    first, last = date_bounds()
    conditions: list[ColumnElement[bool]] = []
    if filters.since:
        last_day = func.left(last.op("||")(literal("-99-99", String)), 10).collate("C")
        conditions.append(last_day >= earliest_day(filters.since))
    if filters.until:
        first_day = func.left(first.op("||")(literal("-00-00", String)), 10).collate("C")
        conditions.append(first_day <= latest_day(filters.until))
    return conditions


def date_bounds() -> tuple[ColumnElement[str], ColumnElement[str]]:
    """Return the first and the last date of an item, as `library.years.dates_of` does; null where nothing says any."""
    came_out = func.nullif(col(Item.details)["published_on"].astext, "")
    shown_on = func.to_char(func.timezone("UTC", col(Item.published_at)), "YYYY-MM-DD")
    begin, end = (col(Item.details)["period"][name].astext for name in ("from", "to"))
    is_research = col(Item.way_of_knowing) == "research"
    until_shown = case((begin.collate("C") > shown_on, begin), else_=shown_on)
    return (
        case((is_research, came_out), else_=func.coalesce(begin, end, shown_on)),
        case((is_research, came_out), else_=func.coalesce(end, until_shown)),
    )
