"""Makes the steps of bulk changes that were confirmed, one by one, in the order in which they were confirmed.

Each step is one transaction: what it changes, with its events and audit entries, and that it is done. A worker that is
killed repeats nothing and loses the step in hand alone, and any worker goes on from there.
"""

import asyncio
import logging
from dataclasses import dataclass
from uuid import UUID

from fastapi.exceptions import RequestValidationError

from services.evidence.library.bulk_changes import commands, queries
from services.evidence.library.bulk_changes.queries import StepRow
from shared import clock
from shared.messaging.dispatcher import describe, is_outage
from shared.persistence.database import Database
from shared.problems import Problem
from shared.waiting import repeat_until

logger = logging.getLogger(__name__)

POLL_INTERVAL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that is about to be made, and the version of its bulk change before."""

    bulk_change_id: UUID
    version: int
    step: StepRow


async def make_bulk_changes(database: Database, stop: asyncio.Event) -> None:
    """Make bulk changes until stopped. The worker's job."""
    await repeat_until(stop, lambda: make_next_step(database), interval=POLL_INTERVAL_SECONDS)


async def make_next_step(database: Database) -> bool:
    """Make the next step that is due. Returns whether there was one. Raises on an outage, changing nothing."""
    due: DueStep | None = None
    try:
        async with database.transaction() as uow:
            bulk_change = await queries.lock_next_due(uow.session, clock.now())
            if bulk_change is None:
                return False
            uow.caller = bulk_change.editor
            step = await queries.next_planned(uow.session, bulk_change.id)
            if step is None:
                await commands.finish(uow, bulk_change)
            else:
                due = DueStep(bulk_change.id, bulk_change.version, step)
                await commands.make_step(uow, bulk_change, step)
    except Exception as error:
        if due is None or is_outage(error):
            raise
        await _end_failed_step(database, due, error)
    return True


async def _end_failed_step(database: Database, due: DueStep, error: Exception) -> None:
    """Leave a step that was refused; put one off that failed. Another worker may have gone on with it meanwhile."""
    async with database.transaction() as uow:
        bulk_change = await queries.lock_version(uow.session, due.bulk_change_id, due.version)
        if bulk_change is None or await queries.next_planned(uow.session, bulk_change.id) != due.step:
            return
        uow.caller = bulk_change.editor
        if isinstance(error, Problem | RequestValidationError):
            reason = commands.reason_of(error)
            await queries.end_step(uow.session, bulk_change.id, due.step.number, reason=reason)
        else:
            logger.warning("step %s of %s failed: %s", due.step.number, bulk_change.id, describe(error))
            await commands.record_failure(uow, bulk_change, due.step)
