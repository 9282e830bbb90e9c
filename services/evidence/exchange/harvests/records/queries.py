"""Queries of harvested records, and of those in quarantine."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import String, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.harvests.tables import QuarantinedRecord, harvest_records
from services.evidence.library.items.tables import Item
from shared.persistence.columns import in_array
from shared.persistence.tables import new_id


class QuarantineEntry(NamedTuple):
    """A record in quarantine, as it is inserted."""

    harvest_id: UUID
    run_id: UUID
    identifier: str
    reason: str
    raw: str


class StoredRecord(NamedTuple):
    """A row of `harvest_records`."""

    harvest_id: UUID
    identifier: str
    item_id: UUID
    digest: str
    created: bool
    deleted: bool


async def stored_records(
    session: AsyncSession, harvest_id: UUID, identifiers: Collection[str]
) -> dict[str, StoredRecord]:
    """Return those of these identifiers that this harvest has stored before."""
    statement = select(*(harvest_records.c[name] for name in StoredRecord._fields)).where(
        harvest_records.c.harvest_id == harvest_id, in_array(harvest_records.c.identifier, identifiers, String)
    )
    return {row.identifier: StoredRecord(*row) for row in await session.execute(statement)}


async def save_records(session: AsyncSession, records: Sequence[StoredRecord]) -> None:
    """Insert these, or replace those of the same identifiers."""
    if not records:
        return
    statement = insert(harvest_records)
    changes = {name: statement.excluded[name] for name in ("item_id", "digest", "created", "deleted")}
    statement = statement.on_conflict_do_update(index_elements=["harvest_id", "identifier"], set_=changes)
    await session.execute(statement, [record._asdict() for record in records])


async def has_other_source(session: AsyncSession, record: StoredRecord) -> bool:
    """Return whether another source, or another record of this one, stands for the same item."""
    columns = harvest_records.c
    statement = select(columns.item_id).where(
        columns.item_id == record.item_id,
        ~columns.deleted,
        (columns.harvest_id != record.harvest_id) | (columns.identifier != record.identifier),
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def lock_items(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Lock these items until the transaction ends, in the order of their ids, as everywhere."""
    statement = select(col(Item.id)).where(in_array(col(Item.id), ids)).order_by(col(Item.id))
    await session.execute(statement.with_for_update(key_share=True))


async def quarantine(session: AsyncSession, entries: Sequence[QuarantineEntry]) -> None:
    """Insert these records, or replace those of the same identifiers."""
    if not entries:
        return
    statement = insert(QuarantinedRecord)
    changes: dict[str, Any] = {name: statement.excluded[name] for name in ("run_id", "reason", "raw", "updated_at")}
    changes["version"] = col(QuarantinedRecord.version) + 1
    statement = statement.on_conflict_do_update(index_elements=["harvest_id", "identifier"], set_=changes)
    await session.execute(statement, [{"id": new_id(), **entry._asdict()} for entry in entries])


async def release(session: AsyncSession, harvest_id: UUID, identifiers: Collection[str]) -> None:
    """Delete these from quarantine."""
    await session.execute(
        delete(QuarantinedRecord).where(
            col(QuarantinedRecord.harvest_id) == harvest_id,
            in_array(col(QuarantinedRecord.identifier), identifiers, String),
        )
    )
