"""Queries of imports, of the original records that they store, and of the drafts that they brought."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.callers import is_editor
from services.evidence.exchange.imports.tables import Import, import_originals, import_rejects
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.tables import Topic, filings
from shared.callers import Caller
from shared.persistence.columns import in_array
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class ImportNotFound(NotFound):
    title = "There is no such import"
    detail = "Check the id. The list is at /v1/imports."


class PublishedDraft(NamedTuple):
    """A draft that was published, with its version after that."""

    id: UUID
    version: int
    way_of_knowing: str
    notice: str | None
    """What became of the work."""


class DraftTexts(NamedTuple):
    """What a draft says."""

    id: UUID
    contributor_id: UUID | None
    title: str
    summary: str
    setting: str | None
    details: dict[str, Any]


def imports_for(caller: Caller, *, rejects_waiting_since: datetime | None = None) -> SelectOfScalar[Import]:
    """Select the imports that the caller may see, to be paged by id: an editor every one, a partner its own.

    With `rejects_waiting_since`, only those that ended after it with rejected records that nobody has sent again.
    """
    statement = select_rows(Import)
    if rejects_waiting_since is not None:
        statement = statement.where(
            col(Import.rejected) > col(Import.sent_again),
            col(Import.finished_at) > rejects_waiting_since,
            col(Import.withdrawn_at).is_(None),
        )
    return statement if is_editor(caller) else statement.where(col(Import.submitter_id) == caller.id)


async def get_import(session: AsyncSession, import_id: UUID, caller: Caller, *, lock: bool = False) -> Import:
    """Return an import that the caller may see, on request locked. Raises ImportNotFound.

    What became of a record says that its words are in somebody's draft, or were withdrawn: a partner learns it of its
    own files alone.
    """
    job = await fetch(session, Import, import_id, missing=ImportNotFound, lock=lock)
    if not is_editor(caller) and job.submitter_id != caller.id:
        raise ImportNotFound
    return job


async def insert_originals(session: AsyncSession, import_id: UUID, contents: Mapping[int, bytes]) -> None:
    """Store rejected records by their numbers. Those that are stored already stay as they are."""
    rows = [{"job_id": import_id, "number": number, "content": content} for number, content in contents.items()]
    await session.execute(upsert(import_originals).on_conflict_do_nothing(), rows)


async def delete_originals(session: AsyncSession, before: datetime) -> None:
    """Delete the original records of imports that ended before this time."""
    ended = select(col(Import.id)).where(col(Import.finished_at) < before)
    await session.execute(delete(import_originals).where(import_originals.c.job_id.in_(ended)))


async def release_reject(session: AsyncSession, correction_id: UUID) -> None:
    """Let the rejected record that was sent again as this import, of which nothing could be read, wait once more."""
    reject = import_rejects.c
    released = update(import_rejects).where(reject.sent_again_as == correction_id).values(sent_again_as=None)
    import_id = await session.scalar(released.returning(reject.job_id))
    if import_id is not None:
        statement = update(Import).where(col(Import.id) == import_id)
        await session.execute(statement.values(sent_again=Import.sent_again - 1, version=Import.version + 1))


async def topics_by_name(session: AsyncSession, names: Collection[str]) -> dict[str, UUID]:
    """Return the topics with these names, except names that several topics share."""
    if not names:
        return {}
    ids: dict[str, list[UUID]] = {}
    for row in await session.execute(select(col(Topic.name), col(Topic.id)).where(col(Topic.name).in_(names))):
        ids.setdefault(row.name, []).append(row.id)
    return {name: same_name[0] for name, same_name in ids.items() if len(same_name) == 1}


async def publish_drafts_of_people(
    session: AsyncSession, ids: Collection[UUID], now: datetime
) -> Sequence[PublishedDraft]:
    """Publish those of these drafts that any import brought: no account, whose person nobody has asked."""
    contributor = col(Item.contributor_id)
    imported = or_(contributor.is_(None), contributor.in_(select(col(Import.submitter_id))))
    return await _publish_drafts(session, ids, now, imported)


async def publish_drafts_of_client(
    session: AsyncSession, ids: Collection[UUID], now: datetime, client_id: UUID
) -> Sequence[PublishedDraft]:
    """Publish those of these drafts that this client brought: no account, which an editor reads first."""
    return await _publish_drafts(session, ids, now, col(Item.contributor_id) == client_id)


async def draft_texts(session: AsyncSession, ids: Collection[UUID]) -> list[DraftTexts]:
    """Return the texts of the drafts among these."""
    statement = select(*(getattr(Item, name) for name in DraftTexts._fields))
    drafts = await session.execute(statement.where(in_array(col(Item.id), ids), col(Item.status) == "draft"))
    return [DraftTexts(*row) for row in drafts]


async def _publish_drafts(
    session: AsyncSession, ids: Collection[UUID], now: datetime, imported: ColumnElement[bool]
) -> Sequence[PublishedDraft]:
    """Publish drafts without waiting for whoever is changing one of them, who may wait for the lock on works.

    What is held back an editor publishes. Rows that refer to the drafts may still be added meanwhile.
    """
    not_an_account = col(Item.way_of_knowing) != "lived_experience"
    is_free = col(Item.status) == "draft", col(Item.held_back_at).is_(None)
    drafts = select(col(Item.id)).where(col(Item.id).in_(ids), *is_free, not_an_account, imported)
    locked = drafts.with_for_update(nowait=True, key_share=True).cte()
    notice = func.jsonb_extract_path_text(col(Item.retraction), "nature")
    statement = (
        update(Item)
        .where(col(Item.id).in_(select(locked.c.id)))
        .values(status="published", published_at=now, version=col(Item.version) + 1)
        .returning(col(Item.id), col(Item.version), col(Item.way_of_knowing), notice)
        .execution_options(synchronize_session=False)
    )
    return [PublishedDraft(*row) for row in await session.execute(statement)]


async def publish_filings(session: AsyncSession, ids: Collection[UUID], now: datetime) -> dict[UUID, list[UUID]]:
    """Let topics count these items as published from now on. Returns the topics of each item."""
    statement = update(filings).where(filings.c.item_id.in_(ids)).values(published_at=now)
    topics: dict[UUID, list[UUID]] = {}
    for row in await session.execute(statement.returning(filings.c.item_id, filings.c.topic_id)):
        topics.setdefault(row.item_id, []).append(row.topic_id)
    return topics
