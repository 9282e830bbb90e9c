"""What is asked of imports, and the writing of their parts: in bulk, since a file may hold a million records."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    Integer,
    Row,
    Select,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.exchange.imports.rules import ImportNotFound
from services.evidence.exchange.imports.tables import Import, import_chunks, import_originals, import_rejects
from services.evidence.library.items.tables import Item, identifiers
from services.evidence.library.topics.tables import Topic, filings
from shared.persistence.columns import in_array

UNFINISHED = ("queued", "running")


@dataclass(slots=True)
class NewItem:
    """A new item as it is written. `details` is JSON."""

    id: UUID
    way_of_knowing: str
    state: str
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: str
    consent_to_publish: bool | None
    contributor_id: UUID | None
    fingerprint: str | None
    identified: bool
    published_at: datetime | None
    topics: list[UUID]


_COLUMNS = tuple(each.name for each in fields(NewItem) if each.name != "topics")
_values = attrgetter(*_COLUMNS)


async def import_of(session: AsyncSession, import_id: UUID) -> Import:
    """Raises ImportNotFound."""
    found = await session.get(Import, import_id)
    if found is None:
        raise ImportNotFound
    return found


def all_imports() -> SelectOfScalar[Import]:
    """To be paged by id."""
    return select_rows(Import)


def rejects_of(import_id: UUID) -> Select[Any]:
    """To be paged by number. `kept`: whether it can be had as it came."""
    kept = import_originals.c
    is_kept = exists().where(kept.import_id == import_rejects.c.import_id, kept.number == import_rejects.c.number)
    return select(import_rejects, is_kept.label("kept")).where(import_rejects.c.import_id == import_id)


async def rejects_after(session: AsyncSession, import_id: UUID, number: int, most: int) -> Sequence[Row[Any]]:
    wanted = rejects_of(import_id).where(import_rejects.c.number > number).order_by(import_rejects.c.number)
    return (await session.execute(wanted.limit(most))).all()


async def keep_chunk(session: AsyncSession, import_id: UUID, begin: int, content: bytes) -> None:
    await session.execute(insert(import_chunks), {"import_id": import_id, "begin": begin, "content": content})


async def lock_next_due(session: AsyncSession, now: datetime) -> Import | None:
    """The oldest unfinished one that no other worker is reading, and that does not wait after a failure."""
    due = select_rows(Import).where(
        col(Import.status).in_(UNFINISHED), or_(col(Import.try_at).is_(None), col(Import.try_at) <= now)
    )
    return (await session.execute(due.order_by(col(Import.id)).limit(1).with_for_update(skip_locked=True))).scalar()


async def lock_unfinished(session: AsyncSession, import_id: UUID) -> Import | None:
    """None while another worker reads it, or when it is finished."""
    statement = select_rows(Import).where(col(Import.id) == import_id, col(Import.status).in_(UNFINISHED))
    return (await session.execute(statement.with_for_update(skip_locked=True))).scalars().first()


async def content_from(session: AsyncSession, import_id: UUID, offset: int) -> AsyncIterator[bytes]:
    """The file from this byte on, one part in memory at a time."""
    chunk = import_chunks.c
    while True:
        rest = func.substr(chunk.content, cast(offset - chunk.begin + 1, Integer))
        holding = select(rest).where(chunk.import_id == import_id, chunk.begin <= offset)
        content: bytes | None = await session.scalar(holding.order_by(chunk.begin.desc()).limit(1))
        if not content:
            return
        yield content
        offset += len(content)


async def beginning_of(session: AsyncSession, import_id: UUID, size: int) -> bytes:
    """The first bytes of a file, as many as this or as there are."""
    chunk = import_chunks.c
    found = b""
    while len(found) < size:
        begin = select(func.substr(chunk.content, 1, size - len(found)))
        content: bytes | None = await session.scalar(
            begin.where(chunk.import_id == import_id, chunk.begin == len(found))
        )
        if not content:
            break
        found += content
    return found


async def stretches(session: AsyncSession, import_id: UUID, places: Sequence[tuple[int, int]]) -> list[bytes]:
    """What stands from each byte to before another; the places in the order of the file."""
    found: list[bytes] = []
    held, at = b"", 0
    for begin, end in places:
        held, at = (held[begin - at :] if begin < at + len(held) else b""), begin
        if len(held) < end - begin:
            async for content in content_from(session, import_id, begin + len(held)):
                held += content
                if len(held) >= end - begin:
                    break
        found.append(held[: end - begin])
    return found


async def topics_called(session: AsyncSession, names: Collection[str]) -> dict[str, UUID]:
    """Those topics that have one of these names, and share it with no other."""
    if not names:
        return {}
    found: dict[str, list[UUID]] = {}
    for row in await session.execute(select(col(Topic.name), col(Topic.id)).where(col(Topic.name).in_(names))):
        found.setdefault(row.name, []).append(row.id)
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}


async def forget_content(session: AsyncSession, import_id: UUID) -> None:
    await session.execute(delete(import_chunks).where(import_chunks.c.import_id == import_id))


async def held_among(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Those of these that are items of this library, in whatever state, and for each the item that stands for it."""
    if not ids:
        return {}
    statement = select(col(Item.id), func.coalesce(col(Item.merged_into), col(Item.id)))
    return {row[0]: row[1] for row in await session.execute(statement.where(in_array(col(Item.id), ids)))}


async def add_works(session: AsyncSession, new: Sequence[NewItem], names: Sequence[tuple[str, str, UUID]]) -> None:
    """New items with the topics that each is filed under, and their identifiers: scheme, value and item."""
    if not new:
        return
    await _copy(session, Item.__tablename__, _COLUMNS, map(_values, new))
    await _copy(session, identifiers.name, ("scheme", "value", "item_id"), names)
    filed = [(item.id, topic, item.way_of_knowing, item.published_at) for item in new for topic in item.topics]
    if filed:
        await _copy(session, filings.name, ("item_id", "topic_id", "way_of_knowing", "published_at"), filed)


async def publish_drafts(
    session: AsyncSession, ids: Collection[UUID], now: datetime, client: UUID | None
) -> Sequence[Any]:
    """Those of these that imports brought, or this client did, and that may be shown: their ids, versions and ways.

    Does not wait for whoever changes one of them: they may wait for the lock on works. Others may refer to them.
    """
    gave = col(Item.contributor_id)
    brought = gave == client if client else or_(gave.is_(None), gave.in_(select(col(Import.importer_id))))
    shown = or_(col(Item.way_of_knowing) != "lived_experience", col(Item.consent_to_publish).is_(True))
    drafts = select(col(Item.id)).where(col(Item.id).in_(ids), col(Item.state) == "draft", shown, brought)
    locked = drafts.with_for_update(nowait=True, key_share=True).cte()
    published = (
        update(Item)
        .where(col(Item.id).in_(select(locked.c.id)))
        .values(state="published", published_at=now, version=col(Item.version) + 1)
        .returning(col(Item.id), col(Item.version), col(Item.way_of_knowing))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(published)).all()


async def show_filings_since(session: AsyncSession, ids: Collection[UUID], now: datetime) -> dict[UUID, list[UUID]]:
    """Let topics count these items from now on. Returns the topics of each."""
    shown = update(filings).where(filings.c.item_id.in_(ids)).values(published_at=now)
    found: dict[UUID, list[UUID]] = {}
    for row in await session.execute(shown.returning(filings.c.item_id, filings.c.topic_id)):
        found.setdefault(row.item_id, []).append(row.topic_id)
    return found


async def _copy(session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """By COPY, in the session's transaction: a third of what INSERT costs."""
    fairy = await (await session.connection()).get_raw_connection()
    connection: asyncpg.Connection[Any] = fairy.driver_connection  # pyright: ignore[reportAssignmentType]  asyncpg is the driver
    await connection.copy_records_to_table(table, columns=columns, records=rows)


async def add_rejects(session: AsyncSession, rejects: Sequence[dict[str, Any]]) -> None:
    if rejects:
        await session.execute(insert(import_rejects), rejects)


async def add_originals(session: AsyncSession, import_id: UUID, contents: Mapping[int, bytes]) -> None:
    rows = [{"import_id": import_id, "number": number, "content": content} for number, content in contents.items()]
    await session.execute(upsert(import_originals).on_conflict_do_nothing(), rows)


async def originals_from(session: AsyncSession, import_id: UUID, number: int, most: int) -> Sequence[Row[Any]]:
    """The kept records of an import from this number on."""
    kept = import_originals.c
    statement = select(import_originals).where(kept.import_id == import_id, kept.number >= number)
    return (await session.execute(statement.order_by(kept.number).limit(most))).all()


async def forget_originals(session: AsyncSession, before: datetime) -> None:
    """Those of imports that ended before."""
    ended = select(col(Import.id)).where(col(Import.finished_at) < before)
    await session.execute(delete(import_originals).where(import_originals.c.import_id.in_(ended)))
