"""Takes imports back, batch by batch.

Each batch is one transaction, with the number of its last record: a worker that is killed loses nothing but the batch
that it had begun, and any worker goes on from there.
"""

import asyncio
import logging
from uuid import UUID

from services.evidence.exchange.withdrawals import commands, queries
from services.evidence.exchange.withdrawals.statements import IsApplied
from shared import clock
from shared.callers import Caller
from shared.messaging.dispatcher import describe, is_outage
from shared.persistence.database import Database
from shared.waiting import repeat_until

logger = logging.getLogger(__name__)

POLL_INTERVAL_SECONDS = 1.0


class ImportWithdrawer:
    """The worker's job that takes imports back. `is_applied` says what items somebody works with."""

    def __init__(self, is_applied: IsApplied) -> None:
        self._is_applied = is_applied

    async def run(self, database: Database, stop: asyncio.Event) -> None:
        """Take back what editors ask for, until stopped."""
        await repeat_until(stop, lambda: self.process_next_batch(database), interval=POLL_INTERVAL_SECONDS)

    async def process_next_batch(self, database: Database) -> bool:
        """Process the next batch that is due. Returns whether there was one. Raises on an outage, changing nothing."""
        begun: tuple[UUID, int, Caller] | None = None
        try:
            async with database.transaction() as uow:
                withdrawal = await queries.lock_next_due(uow.session, clock.now())
                if withdrawal is None:
                    return False
                begun = (withdrawal.id, withdrawal.version, withdrawal.requester)
                uow.caller = withdrawal.requester
                await commands.process_batch(uow, withdrawal, self._is_applied)
        except Exception as error:
            if begun is None or is_outage(error):
                raise
            withdrawal_id, version, requester = begun
            logger.warning("a batch of the withdrawal %s failed: %s", withdrawal_id, describe(error))
            async with database.transaction(requester) as uow:
                await commands.record_failure(uow, withdrawal_id, version)
        return True
