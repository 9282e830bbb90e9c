"""What is asked of the items.

Reading one is the busiest path of the service, with reading the newest (`listing`): the same Core statements as
elsewhere, made into text once, go straight to the driver.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    Row,
    Select,
    String,
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    insert,
    label,
    literal_column,
    null,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.descriptions import WISHES
from services.evidence.library.items.identifiers import KnownWorks, Name
from services.evidence.library.items.problems import ItemNotFound
from services.evidence.library.items.tables import Item, identifiers, item_editions
from services.evidence.library.topics.tables import Topic, filings
from shared.persistence.columns import in_array
from shared.persistence.database import Database

_topics: Any = func.array(
    select(filings.c.topic_id).where(filings.c.item_id == col(Item.id)).order_by(filings.c.topic_id).scalar_subquery(),
    type_=ARRAY(Uuid),
).label("topics")
_WHOLE: tuple[Any, ...] = (
    col(Item.id),
    col(Item.version),
    col(Item.way_of_knowing),
    col(Item.state),
    col(Item.title),
    col(Item.summary),
    col(Item.country),
    col(Item.setting),
    col(Item.language),
    col(Item.own),
    col(Item.contributor_id),
    col(Item.created_at),
    col(Item.updated_at),
    col(Item.published_at),
    col(Item.withdrawn_at),
    col(Item.edition),
    col(Item.merged_into),
    col(Item.retraction),
    _topics,
)
BRIEF: tuple[Any, ...] = (
    col(Item.id),
    col(Item.way_of_knowing),
    col(Item.state),
    col(Item.title),
    func.left(col(Item.summary), literal_column("600")).label("summary"),
    col(Item.country),
    col(Item.setting),
    col(Item.language),
    col(Item.own).op("->>")(literal_column("'published_on'")).label("published_on"),
    col(Item.published_at),
    col(Item.edition),
    col(Item.retraction),
    _topics,
)

_one: Any = select(*_WHOLE)
_brief: Any = select(*BRIEF)


async def item(session: AsyncSession, item_id: UUID) -> Any:
    """As this unit of work left it. Raises ItemNotFound."""
    found = (await session.execute(_one.where(col(Item.id) == item_id))).first()
    if found is None:
        raise ItemNotFound
    return found


async def whole_among(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Those of these that exist, in every state and whole: for editors."""
    return {row.id: row for row in await session.execute(_one.where(col(Item.id).in_(ids)))}


async def one(database: Database, item_id: UUID) -> Any:
    """The same past the object mapper. Raises ItemNotFound."""
    rows = await database.statements.read(ONE, item_id)
    if not rows:
        raise ItemNotFound
    found = SimpleNamespace(**rows[0])
    found.own = orjson.loads(found.own)
    if found.retraction is not None:
        found.retraction = orjson.loads(found.retraction)
    return found


def as_text(statement: Any) -> tuple[str, tuple[str, ...]]:
    """A statement as asyncpg takes it, and the names of its values in their order."""
    compiled = statement.compile(dialect=asyncpg.dialect())
    return str(compiled), tuple(compiled.positiontup or ())


ONE = as_text(_one.where(col(Item.id) == bindparam("id", type_=Uuid())))[0]


async def published_among(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Those of these that are published, in brief."""
    wanted = _brief.where(col(Item.id).in_(ids), col(Item.state) == "published")
    return {row.id: row for row in await session.execute(wanted)}


_SHOWN: tuple[Any, ...] = (
    col(Item.id),
    col(Item.version),
    col(Item.way_of_knowing),
    col(Item.state),
    col(Item.contributor_id),
    col(Item.created_at),
    col(Item.updated_at),
    col(Item.published_at),
    col(Item.retraction),
    label("current_edition", col(Item.edition)),
    _topics,
)
_WORDS = ("title", "summary", "country", "setting", "language")
_said = func.jsonb_each(col(Item.own)).table_valued("key", "value")
_wishes = (
    select(func.coalesce(func.jsonb_object_agg(_said.c.key, _said.c.value), text("'{}'")))
    .where(_said.c.key.in_(sorted(WISHES)))
    .correlate(Item)
    .scalar_subquery()
)
_earlier = item_editions.c


async def edition_of(session: AsyncSession, item_id: UUID, edition: int) -> Any:
    """One edition of a published item (see `editions_of`), or None."""
    return (await editions_of(session, [(item_id, edition)])).get((item_id, edition))


async def editions_of(session: AsyncSession, wanted: Collection[tuple[UUID, int]]) -> dict[tuple[UUID, int], Any]:
    """Those of these editions whose items are published: what the views want of an item, with the words of then.

    Not those whose words were taken back. `current_edition` is that of today; `superseded_at` is null where it is
    this one. How a person is named is today's.
    """
    now: Any = select(
        *_SHOWN,
        label("edition", col(Item.edition)),
        null().label("superseded_at"),
        *(getattr(Item, name) for name in _WORDS),
        label("own", col(Item.own)),
    ).where(tuple_(col(Item.id), col(Item.edition)).in_(wanted), col(Item.state) == "published")
    then: Any = (
        select(
            *_SHOWN,
            _earlier.edition,
            _earlier.superseded_at,
            *(_earlier[name] for name in _WORDS),
            _earlier.own.op("||")(_wishes).label("own"),
        )
        .join(item_editions, _earlier.item_id == col(Item.id))
        .where(tuple_(_earlier.item_id, _earlier.edition).in_(wanted), _earlier.title != "")
        .where(col(Item.state) == "published")
    )
    return {(row.id, row.edition): row for row in await session.execute(union_all(now, then))}


def drafts(contributor: UUID | None, way_of_knowing: str | None, topics: Collection[UUID] | None) -> Select[Any]:
    """Of one contributor, or of all. To be paged by id."""
    wanted = _brief.where(col(Item.state) == "draft")
    if contributor is not None:
        wanted = wanted.where(col(Item.contributor_id) == contributor)
    if way_of_knowing is not None:
        wanted = wanted.where(col(Item.way_of_knowing) == way_of_knowing)
    if topics is not None:
        wanted = wanted.where(exists().where(filings.c.item_id == col(Item.id), filings.c.topic_id.in_(topics)))
    return wanted


def contributed_items(contributor: UUID) -> Select[Any]:
    """In every state. To be paged by id."""
    return _brief.where(col(Item.contributor_id) == contributor)


async def lock_item(session: AsyncSession, item_id: UUID) -> Item:
    """Nobody else changes it until this transaction ends; others may still refer to it. Raises ItemNotFound.

    Whoever holds the works of the library may refer to it, while whoever changes it waits for the works.
    """
    found = await session.get(Item, item_id, with_for_update={"key_share": True})
    if found is None:
        raise ItemNotFound
    return found


async def topics_of(session: AsyncSession, item_id: UUID) -> list[UUID]:
    filed = select(filings.c.topic_id).where(filings.c.item_id == item_id).order_by(filings.c.topic_id)
    return list((await session.execute(filed)).scalars())


async def unknown_topics(session: AsyncSession, topics: Sequence[UUID]) -> list[int]:
    """The places in the list of those that do not exist."""
    if not topics:
        return []
    known = set((await session.execute(select(col(Topic.id)).where(col(Topic.id).in_(topics)))).scalars())
    return [place for place, topic in enumerate(topics) if topic not in known]


async def file_under(session: AsyncSession, item: Item, topics: Collection[UUID]) -> None:
    """Put the item under these topics and no others. The item has been flushed."""
    await session.execute(delete(filings).where(filings.c.item_id == item.id, filings.c.topic_id.not_in(topics)))
    filed = set(await topics_of(session, item.id))
    new = [
        {
            "item_id": item.id,
            "topic_id": topic,
            "way_of_knowing": item.way_of_knowing,
            "published_at": item.published_at,
        }
        for topic in sorted(set(topics) - filed)
    ]
    if new:
        await session.execute(insert(filings), new)


async def show_filings_since(session: AsyncSession, item_id: UUID, published_at: datetime | None) -> None:
    """Let topics count the item from this time on, or no longer."""
    await session.execute(update(filings).where(filings.c.item_id == item_id).values(published_at=published_at))


async def identify(session: AsyncSession, item_id: UUID, wanted: Sequence[tuple[str, str]]) -> None:
    """Keep these identifiers for the item and no others."""
    await session.execute(delete(identifiers).where(identifiers.c.item_id == item_id))
    if wanted:
        rows = [{"scheme": scheme, "value": value, "item_id": item_id} for scheme, value in wanted]
        await session.execute(insert(identifiers), rows)


async def hold_works(session: AsyncSession) -> None:
    """Until this transaction ends, nobody else adds a work: two that are the same cannot both be new."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence works'))"))


_NAMED = text(
    "SELECT scheme, value, item_id FROM identifiers"
    " JOIN unnest(CAST(:schemes AS varchar[]), CAST(:values AS varchar[])) AS wanted (scheme, value)"
    " USING (scheme, value)"
)


async def known_works(session: AsyncSession, names: Collection[Name], fingerprints: Collection[str]) -> KnownWorks:
    """The works that have one of these identifiers or fingerprints. For a merged one, the item that stands for it."""
    known = KnownWorks()
    if names:
        schemes, values = zip(*names, strict=True)
        for row in await session.execute(_NAMED, {"schemes": list(schemes), "values": list(values)}):
            known.by_name[row.scheme, row.value] = row.item_id
    if fingerprints:
        stands = func.coalesce(col(Item.merged_into), col(Item.id))
        alike = (
            select(stands.label("id"), col(Item.fingerprint), identifiers.c.scheme, identifiers.c.value)
            .outerjoin(identifiers, identifiers.c.item_id == stands)
            .where(in_array(col(Item.fingerprint), fingerprints, String))
        )
        for row in await session.execute(alike):
            known.add(row.id, row.fingerprint, [(row.scheme, row.value)] if row.scheme else [])
    return known
