"""What is asked for feeds and sitemaps: always along an index, from where the page before ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, literal_column, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.oai.tables import oai_memberships, oai_records
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.tables import Topic
from services.evidence.publications.guides.tables import Guide
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.pagination import PageRequest

ON_SITEMAP = 10_000
"""Addresses on one page of the sitemap; 50,000 are allowed, of which a page would take too long to write."""

Place = tuple[datetime, UUID]


async def latest(
    session: AsyncSession, paging: PageRequest, way: WayOfKnowing | None, topic: UUID | None
) -> Sequence[Row[Any]]:
    """Records by when they changed last, the latest first, and one more than the page where there is more.

    Raises BadCursor.
    """
    table = oai_records if topic is None else oai_memberships
    found: Any = select(table.c.item_id, table.c.stamped_at)
    if topic is not None:
        found = found.where(oai_memberships.c.topic_id == topic)
        if way is not None:
            found = found.join(oai_records, oai_records.c.item_id == table.c.item_id)
    if way is not None:
        found = found.where(oai_records.c.way_of_knowing == way)
    if after := paging.after([datetime, UUID]):
        found = found.where(tuple_(table.c.stamped_at, table.c.item_id) < tuple_(*after))
    page = found.order_by(table.c.stamped_at.desc(), table.c.item_id.desc()).limit(paging.limit + 1).subquery()
    wanted: Any = (
        select(
            page.c.stamped_at,
            (col(Item.state) == literal_column("'published'")).label("shown"),
            col(Item.id),
            col(Item.way_of_knowing),
            col(Item.title),
            col(Item.summary),
            col(Item.language),
            col(Item.own),
            col(Item.retraction),
            col(Item.updated_at),
            col(Item.published_at),
            oai_records.c.topics,
        )
        .join(Item, col(Item.id) == page.c.item_id)
        .join(oai_records, oai_records.c.item_id == page.c.item_id)
        .order_by(page.c.stamped_at.desc(), col(Item.id).desc())
    )
    return (await session.execute(wanted)).all()


async def topic_names(session: AsyncSession, topics: set[UUID]) -> dict[UUID, str]:
    wanted: Any = select(col(Topic.id), col(Topic.name)).where(col(Topic.id).in_(topics))
    return {row.id: row.name for row in await session.execute(wanted)}


_BEGINNINGS = text(
    """
    SELECT published_at, id FROM (
        SELECT published_at, id, row_number() OVER (ORDER BY published_at, id) AS place
        FROM items WHERE state = 'published'
    ) shown
    WHERE place % :most = 1 ORDER BY published_at, id
    """
)


async def beginnings(session: AsyncSession) -> list[Place]:
    """The first item of each page of the sitemap."""
    return [(row.published_at, row.id) for row in await session.execute(_BEGINNINGS, {"most": ON_SITEMAP})]


async def items_from(session: AsyncSession, place: Place) -> Sequence[Row[Any]]:
    """A page of the sitemap: id, and when it changed last."""
    wanted: Any = select(col(Item.id), col(Item.updated_at)).where(
        col(Item.state) == literal_column("'published'"),
        tuple_(col(Item.published_at), col(Item.id)) >= tuple_(*place),
    )
    wanted = wanted.order_by(col(Item.published_at), col(Item.id)).limit(ON_SITEMAP)
    return (await session.execute(wanted)).all()


async def guides(session: AsyncSession) -> Sequence[Row[Any]]:
    """Every published guide, the oldest first: there are no more than a page holds."""
    wanted: Any = select(col(Guide.id), col(Guide.updated_at)).where(col(Guide.status) == "published")
    wanted = wanted.order_by(col(Guide.published_at), col(Guide.id)).limit(ON_SITEMAP)
    return (await session.execute(wanted)).all()
