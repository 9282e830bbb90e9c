"""What is asked of harvests."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, String, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.exchange.harvests.rules import HarvestNotFound, HarvestRemoved, QuarantinedNotFound
from services.evidence.exchange.harvests.tables import Harvest, HarvestRun, QuarantinedRecord, harvest_records
from services.evidence.library.items.tables import Item
from shared.persistence.columns import in_array
from shared.persistence.tables import new_id


async def harvest_of(session: AsyncSession, harvest_id: UUID, *, lock: bool = False) -> Harvest:
    """Raises HarvestNotFound or HarvestRemoved."""
    found = await session.get(Harvest, harvest_id, with_for_update=True if lock else None)
    if found is None:
        raise HarvestNotFound
    if found.removed_at is not None:
        raise HarvestRemoved
    return found


async def forget_all_of(session: AsyncSession, harvest: Harvest) -> None:
    """Its runs, its quarantine, and what it calls its items. Locks it.

    Whoever has a page or a record in hand locks that before the harvest, and so does this: nobody waits in a circle.
    What was begun until the harvest is locked goes then.
    """
    await _forget(session, harvest.id)
    await session.refresh(harvest, with_for_update=True)
    await _forget(session, harvest.id)


async def _forget(session: AsyncSession, harvest_id: UUID) -> None:
    await session.execute(delete(HarvestRun).where(col(HarvestRun.harvest_id) == harvest_id))
    await session.execute(delete(QuarantinedRecord).where(col(QuarantinedRecord.harvest_id) == harvest_id))
    await session.execute(delete(harvest_records).where(harvest_records.c.harvest_id == harvest_id))


def all_harvests() -> SelectOfScalar[Harvest]:
    """To be paged by id."""
    return select_rows(Harvest).where(col(Harvest.removed_at).is_(None))


def runs_of(harvest_id: UUID) -> SelectOfScalar[HarvestRun]:
    """To be paged by id."""
    return select_rows(HarvestRun).where(col(HarvestRun.harvest_id) == harvest_id)


async def runs(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, HarvestRun]:
    found = await session.execute(select_rows(HarvestRun).where(col(HarvestRun.id).in_(ids)))
    return {run.id: run for run in found.scalars()}


def quarantine_of(harvest_id: UUID) -> SelectOfScalar[QuarantinedRecord]:
    """To be paged by id."""
    return select_rows(QuarantinedRecord).where(col(QuarantinedRecord.harvest_id) == harvest_id)


async def quarantined(session: AsyncSession, harvest_id: UUID, record_id: UUID) -> QuarantinedRecord:
    """Locked. Raises QuarantinedNotFound."""
    found = await session.get(QuarantinedRecord, record_id, with_for_update=True)
    if found is None or found.harvest_id != harvest_id:
        raise QuarantinedNotFound
    return found


async def running(session: AsyncSession, harvest_id: UUID) -> HarvestRun | None:
    under_way = runs_of(harvest_id).where(col(HarvestRun.status) == "running")
    return (await session.execute(under_way.limit(1))).scalars().first()


async def lock_next_due_run(session: AsyncSession, now: datetime) -> HarvestRun | None:
    """The one that has waited longest, and that no other worker has in hand."""
    due = select_rows(HarvestRun).where(col(HarvestRun.status) == "running", col(HarvestRun.try_at) <= now)
    due = due.order_by(col(HarvestRun.try_at)).limit(1).with_for_update(skip_locked=True)
    return (await session.execute(due)).scalars().first()


async def lock_next_due_harvest(session: AsyncSession, now: datetime) -> Harvest | None:
    due = select_rows(Harvest).where(col(Harvest.next_at) <= now).order_by(col(Harvest.next_at)).limit(1)
    return (await session.execute(due.with_for_update(skip_locked=True))).scalars().first()


async def lock_run(session: AsyncSession, run_id: UUID, version: int) -> HarvestRun | None:
    """None where another worker has gone on from there meanwhile."""
    statement = select_rows(HarvestRun).where(
        col(HarvestRun.id) == run_id, col(HarvestRun.version) == version, col(HarvestRun.status) == "running"
    )
    return (await session.execute(statement.with_for_update())).scalars().first()


async def note_schedule(session: AsyncSession, harvest_id: UUID, **columns: Any) -> None:
    """What the worker knows of a harvest: no change that an editor's ETag has to know of."""
    await session.execute(update(Harvest).where(col(Harvest.id) == harvest_id).values(**columns))


async def known_records(
    session: AsyncSession, harvest_id: UUID, identifiers: Collection[str]
) -> Mapping[str, Row[Any]]:
    statement = select(harvest_records).where(
        harvest_records.c.harvest_id == harvest_id, in_array(harvest_records.c.identifier, identifiers, String)
    )
    return {row.identifier: row for row in await session.execute(statement)}


async def keep_records(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """New ones, or in the place of those before."""
    if not rows:
        return
    kept = insert(harvest_records)
    changed = {name: kept.excluded[name] for name in ("item_id", "digest", "made", "deleted")}
    await session.execute(kept.on_conflict_do_update(index_elements=["harvest_id", "identifier"], set_=changed), rows)


async def comes_from_elsewhere_too(session: AsyncSession, known: Row[Any]) -> bool:
    """Whether another source, or another record of this one, stands for its item as well."""
    record = harvest_records.c
    others = select(record.item_id).where(
        record.item_id == known.item_id,
        ~record.deleted,
        (record.harvest_id != known.harvest_id) | (record.identifier != known.identifier),
    )
    return (await session.execute(others.limit(1))).first() is not None


async def hold_items(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Until this transaction ends nobody else changes these; in the order of their ids, as by everyone."""
    held: Any = select(col(Item.id)).where(in_array(col(Item.id), ids)).order_by(col(Item.id))
    await session.execute(held.with_for_update(key_share=True))


async def quarantine(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """A later record takes the place of an earlier one of the same identifier."""
    if not rows:
        return
    kept = insert(QuarantinedRecord)
    changed: dict[str, Any] = {name: kept.excluded[name] for name in ("run_id", "reason", "raw", "updated_at")}
    changed["version"] = col(QuarantinedRecord.version) + 1
    given = [{"id": new_id(), **row} for row in rows]
    await session.execute(kept.on_conflict_do_update(index_elements=["harvest_id", "identifier"], set_=changed), given)


async def release(session: AsyncSession, harvest_id: UUID, identifiers: Collection[str]) -> None:
    """These are no longer in quarantine."""
    await session.execute(
        delete(QuarantinedRecord).where(
            col(QuarantinedRecord.harvest_id) == harvest_id,
            in_array(col(QuarantinedRecord.identifier), identifiers, String),
        )
    )
