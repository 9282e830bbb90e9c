"""The writer of responses, which stores many in one statement."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from services.engagement.surveys.responses.statements import (
    STORE_INVITED_UNLOCKED,
    InvitedResponse,
    NewResponse,
    statement_for,
)
from shared import tracing
from shared.events.contracts.engagement import ResponseReceived
from shared.persistence.database import Database
from shared.persistence.idempotency import IdempotencyRecord

logger = logging.getLogger(__name__)

MAX_BATCH_RESPONSES = 64
MAX_CONCURRENT_BATCHES = 2


class _Submission(NamedTuple):
    """What is stored together: a response, its event, and the idempotency record of a request that has a key."""

    response: NewResponse
    event: ResponseReceived
    record: IdempotencyRecord | None
    traceparent: str | None


class _PendingSubmission(NamedTuple):
    """A submission by invitation that waits for its batch; `stored` says whether the batch stored it."""

    submission: _Submission
    token_hash: bytes
    stored: asyncio.Future[bool]


class BatchWriter:
    """Stores responses without the object mapper, each in one round trip, and what arrives meanwhile in one batch.

    Nothing waits for a batch to fill: a response that finds a free slot is written at once, alone if need be.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._pending: deque[_PendingSubmission] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running_batches = 0

    async def write(self, response: NewResponse, event: ResponseReceived, record: IdempotencyRecord | None) -> bool:
        """Store the response, the record and the event, or nothing. Returns False for nothing: see `get_refusal`."""
        submission = _Submission(response, event, record, tracing.current_traceparent())
        if isinstance(response, InvitedResponse) and await self._write_batched(submission, response.token_hash):
            return True
        return bool(await self._execute(statement_for(response), [submission]))

    async def _write_batched(self, submission: _Submission, token_hash: bytes) -> bool:
        """Return False where the invitation was used, is locked, or the batch failed: only a try alone can tell."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append(_PendingSubmission(submission, token_hash, stored))
        if self._running_batches < MAX_CONCURRENT_BATCHES:
            self._running_batches += 1
            task = asyncio.create_task(self._write_pending(), name="store responses")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await stored

    async def _write_pending(self) -> None:
        # Counted down here and not in a done-callback, which runs later: a response in between would never be written.
        try:
            while batch := self._next_batch():
                await self._write_batch(batch)
        finally:
            self._running_batches -= 1

    async def _write_batch(self, batch: Sequence[_PendingSubmission]) -> None:
        places: set[int] = set()
        try:
            places = await self._execute(STORE_INVITED_UNLOCKED, [pending.submission for pending in batch])
        except Exception as error:  # noqa: BLE001  one of them may be at fault: each is then tried alone
            logger.warning("a batch of %d responses could not be stored: %s", len(batch), type(error).__name__)
        for number, pending in enumerate(batch, 1):
            if not pending.stored.done():
                pending.stored.set_result(number in places)

    async def _execute(self, statement: str, submissions: Sequence[_Submission]) -> set[int]:
        """Return the places, counted from 1, of the submissions that were stored."""
        places = await self.database.statements.execute_batch(
            statement,
            list(zip(*(submission.response for submission in submissions), strict=True)),
            events=[submission.event for submission in submissions],
            traceparents=[submission.traceparent for submission in submissions],
            records={place: submission.record for place, submission in enumerate(submissions, 1) if submission.record},
        )
        if places:
            self.database.wake_relay()
        return places

    def _next_batch(self) -> list[_PendingSubmission]:
        """Return the next submissions, at most MAX_BATCH_RESPONSES, and up to the first invitation that is repeated."""
        batch: list[_PendingSubmission] = []
        hashes: set[bytes] = set()
        while self._pending and len(batch) < MAX_BATCH_RESPONSES and self._pending[0].token_hash not in hashes:
            batch.append(self._pending.popleft())
            hashes.add(batch[-1].token_hash)
        return batch
