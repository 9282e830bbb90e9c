"""Queries of harvests, their runs and their quarantine."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.callers import is_editor
from services.evidence.exchange.harvests.rules import HarvestRemoved
from services.evidence.exchange.harvests.tables import Harvest, HarvestRun, QuarantinedRecord, harvest_records
from shared.callers import Caller
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class HarvestNotFound(NotFound):
    title = "There is no such harvest"
    detail = "Check the id. The list is at /v1/harvests."


class QuarantinedRecordNotFound(NotFound):
    title = "There is no such record in quarantine"
    detail = "It may have been stored since. Look at the list of this harvest again."


async def get_harvest(session: AsyncSession, harvest_id: UUID, *, lock: bool = False) -> Harvest:
    """Return the harvest. Raises HarvestNotFound or HarvestRemoved."""
    harvest = await fetch(session, Harvest, harvest_id, missing=HarvestNotFound, lock=lock)
    if harvest.removed_at is not None:
        raise HarvestRemoved
    return harvest


async def get_own_harvest(session: AsyncSession, harvest_id: UUID, caller: Caller) -> Harvest:
    """Return a harvest whose records the caller may see: an editor any, a partner its own. As of imports.

    Raises HarvestNotFound or HarvestRemoved.
    """
    harvest = await get_harvest(session, harvest_id)
    if not is_editor(caller) and harvest.harvester_id != caller.id:
        raise HarvestNotFound
    return harvest


async def lock_and_clear(session: AsyncSession, harvest: Harvest) -> None:
    """Lock the harvest, and delete its runs, its quarantine, and which items came from it.

    Workers lock a run or a record before the harvest, and so does this, to avoid deadlocks. What they add before the
    harvest is locked is deleted after that.
    """
    await _clear(session, harvest.id)
    await session.refresh(harvest, with_for_update=True)
    await _clear(session, harvest.id)


def all_harvests() -> SelectOfScalar[Harvest]:
    """Select every harvest that was not removed, to be paged by id."""
    return select_rows(Harvest).where(col(Harvest.removed_at).is_(None))


def runs_of(harvest_id: UUID) -> SelectOfScalar[HarvestRun]:
    """Select the runs of a harvest, to be paged by id."""
    return select_rows(HarvestRun).where(col(HarvestRun.harvest_id) == harvest_id)


async def runs_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, HarvestRun]:
    """Return these runs."""
    runs = await session.execute(select_rows(HarvestRun).where(col(HarvestRun.id).in_(ids)))
    return {run.id: run for run in runs.scalars()}


def quarantine_of(harvest_id: UUID) -> SelectOfScalar[QuarantinedRecord]:
    """Select the quarantined records of a harvest, to be paged by id."""
    return select_rows(QuarantinedRecord).where(col(QuarantinedRecord.harvest_id) == harvest_id)


async def lock_quarantined_record(session: AsyncSession, harvest_id: UUID, record_id: UUID) -> QuarantinedRecord:
    """Return the record. Raises QuarantinedRecordNotFound."""
    record = await fetch(session, QuarantinedRecord, record_id, missing=QuarantinedRecordNotFound, lock=True)
    if record.harvest_id != harvest_id:
        raise QuarantinedRecordNotFound
    return record


async def unfinished_run(session: AsyncSession, harvest_id: UUID) -> HarvestRun | None:
    """Return the run of this harvest that is not finished, if there is one."""
    statement = runs_of(harvest_id).where(col(HarvestRun.status) == "running")
    return (await session.execute(statement.limit(1))).scalars().first()


async def lock_next_due_run(session: AsyncSession, now: datetime) -> HarvestRun | None:
    """Return the run that has been due for longest and that no other worker has locked."""
    statement = select_rows(HarvestRun).where(col(HarvestRun.status) == "running", col(HarvestRun.try_at) <= now)
    statement = statement.order_by(col(HarvestRun.try_at)).limit(1).with_for_update(skip_locked=True)
    return (await session.execute(statement)).scalars().first()


async def lock_next_due_harvest(session: AsyncSession, now: datetime) -> Harvest | None:
    """Return the harvest whose next run has been due for longest and that no other worker has locked."""
    statement = select_rows(Harvest).where(col(Harvest.next_at) <= now).order_by(col(Harvest.next_at)).limit(1)
    return (await session.execute(statement.with_for_update(skip_locked=True))).scalars().first()


async def lock_run(session: AsyncSession, run_id: UUID, version: int) -> HarvestRun | None:
    """Return the run as it was at this version; None if another worker has gone on from there."""
    statement = select_rows(HarvestRun).where(
        col(HarvestRun.id) == run_id, col(HarvestRun.version) == version, col(HarvestRun.status) == "running"
    )
    return (await session.execute(statement.with_for_update())).scalars().first()


async def update_schedule(session: AsyncSession, harvest_id: UUID, **columns: datetime | UUID | str | None) -> None:
    """Change columns that only the worker sets, without a new version: an editor's ETag stays valid."""
    await session.execute(update(Harvest).where(col(Harvest.id) == harvest_id).values(**columns))


async def _clear(session: AsyncSession, harvest_id: UUID) -> None:
    await session.execute(delete(HarvestRun).where(col(HarvestRun.harvest_id) == harvest_id))
    await session.execute(delete(QuarantinedRecord).where(col(QuarantinedRecord.harvest_id) == harvest_id))
    await session.execute(delete(harvest_records).where(harvest_records.c.harvest_id == harvest_id))
