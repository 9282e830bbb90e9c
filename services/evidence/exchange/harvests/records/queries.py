"""Queries of harvested records, of what became of them and what they gave, and of those in quarantine."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, String, delete, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.additions.queries import copy_rows
from services.evidence.exchange.harvests.tables import QuarantinedRecord, harvest_records
from services.evidence.exchange.imports.matches.rules import FilledField
from services.evidence.exchange.imports.records.queries import contribution_columns, reason_withheld
from services.evidence.exchange.imports.tables import Import
from services.evidence.library.items.tables import Item
from services.evidence.library.provenance.tables import (
    HarvestOutcome,
    Withheld,
    harvest_run_records,
    import_records,
    imported_fields,
)
from shared.persistence.columns import in_array, select_columns
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


class RunRecord(NamedTuple):
    """A row of `harvest_run_records`."""

    harvest_id: UUID
    number: int
    run_id: UUID
    identifier: str
    outcome: HarvestOutcome
    item_id: UUID
    withheld: Withheld | None = None


def records_of(harvest_id: UUID, outcomes: Sequence[HarvestOutcome]) -> Select[Any]:
    """Select what became of the records of a harvest and what each gave, to be paged by number."""
    record = harvest_run_records.c
    columns = (record.number, record.run_id, record.identifier, record.outcome, record.item_id)
    statement = (
        select_columns(
            *columns,
            col(Item.status).label("item_status"),
            col(Item.title).label("item_title"),
            reason_withheld(record.withheld).label("reason"),
            *contribution_columns(record.harvest_id, record.number),
        )
        .join(Item, col(Item.id) == record.item_id)
        .where(record.harvest_id == harvest_id)
    )
    return statement.where(record.outcome.in_(outcomes)) if outcomes else statement


async def next_number(session: AsyncSession, harvest_id: UUID) -> int:
    """Return the number of the next record of a harvest. The caller holds the lock on works."""
    record = harvest_run_records.c
    statement = select(func.coalesce(func.max(record.number), 0) + 1).where(record.harvest_id == harvest_id)
    return (await session.execute(statement)).scalar_one()


async def insert_run_records(session: AsyncSession, records: Sequence[RunRecord]) -> None:
    """Store what became of records."""
    await copy_rows(session, harvest_run_records.name, RunRecord._fields, records)


async def filled_fields(session: AsyncSession, item_ids: Collection[UUID]) -> dict[UUID, list[FilledField]]:
    """Return which fields of these items records filled, by item."""
    columns = (imported_fields.c[name] for name in FilledField._fields)
    fields: dict[UUID, list[FilledField]] = {}
    for row in await session.execute(select(*columns).where(in_array(imported_fields.c.item_id, item_ids))):
        fields.setdefault(row.item_id, []).append(FilledField(*row))
    return fields


async def forget_fields(session: AsyncSession, fields: Sequence[FilledField]) -> None:
    """Delete that records filled these fields: the item's own source says the same now."""
    filled = imported_fields.c
    if fields:
        keys = [(row.job_id, row.number, row.field) for row in fields]
        key = tuple_(filled.job_id, filled.number, filled.field)
        await session.execute(delete(imported_fields).where(key.in_(keys)))


async def came_with_an_import(session: AsyncSession, item_id: UUID) -> bool:
    """Return whether a record of an import that stands became or matched this item."""
    record = import_records.c
    statement = exists().where(
        record.item_id == item_id, record.job_id == col(Import.id), col(Import.withdrawn_at).is_(None)
    )
    return bool(await session.scalar(select(statement)))


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
