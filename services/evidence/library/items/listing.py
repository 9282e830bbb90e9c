"""What is published, the newest first: as busy as reading one, and read in the same way."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, DateTime, Integer, String, Uuid, any_, bindparam, func, literal_column, select, tuple_
from sqlmodel import col

from services.evidence.library.items.queries import BRIEF, as_text
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.tables import filings
from shared.http.pagination import PageRequest
from shared.persistence.database import Database


async def newest(
    database: Database,
    paging: PageRequest,
    way_of_knowing: str | None = None,
    topics: Collection[UUID] | None = None,
) -> tuple[list[dict[str, Any]], int | None]:
    """What is published, the newest first: one more than the page holds where there is more, and all where counted.

    Raises InvalidCursor.
    """
    at, last = paging.after([datetime, UUID]) or (None, None)
    values = {"way": way_of_knowing, "topics": topics, "at": at, "last": last, "most": paging.limit + 1}
    filters = (way_of_knowing is not None, topics is not None)
    statement, names = _newest_page(*filters, at is not None)
    rows = await database.statements.read(statement, *(values[name] for name in names))
    total = None
    if paging.count:
        statement, names = _counted(*filters)
        total = (await database.statements.read(statement, *(values[name] for name in names)))[0][0]
    found = [dict(row) for row in rows]
    for brief in found:
        if brief["retraction"] is not None:
            brief["retraction"] = orjson.loads(brief["retraction"])
    return found, total


def _published(columns: Sequence[Any], of_way: bool, of_topics: bool) -> Any:
    wanted: Any = select(*columns).select_from(Item).where(col(Item.state) == literal_column("'published'"))
    if of_way:
        wanted = wanted.where(col(Item.way_of_knowing) == bindparam("way", type_=String()))
    if of_topics:
        among = filings.c.topic_id == any_(bindparam("topics", type_=ARRAY(Uuid)))
        filed = select(filings.c.item_id).where(among, filings.c.published_at.is_not(None))
        wanted = wanted.where(col(Item.id).in_(filed))
    return wanted


@lru_cache
def _newest_page(of_way: bool, of_topics: bool, after: bool) -> tuple[str, tuple[str, ...]]:
    wanted = _published(BRIEF, of_way, of_topics)
    if after:
        place = tuple_(bindparam("at", type_=DateTime(timezone=True)), bindparam("last", type_=Uuid()))
        wanted = wanted.where(tuple_(col(Item.published_at), col(Item.id)) < place)
    newest = wanted.order_by(col(Item.published_at).desc(), col(Item.id).desc())
    return as_text(newest.limit(bindparam("most", type_=Integer())))


@lru_cache
def _counted(of_way: bool, of_topics: bool) -> tuple[str, tuple[str, ...]]:
    return as_text(_published([func.count()], of_way, of_topics))


NEWEST_PAGE = _newest_page(of_way=False, of_topics=False, after=False)[0]
