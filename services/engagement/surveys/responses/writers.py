"""The two writers of responses: one in a unit of work, and a fast one that stores many in one statement."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.surveys.responses.statements import (
    STORE_INVITED_UNLOCKED,
    InvitedResponse,
    NewResponse,
    statement_for,
)
from shared import tracing
from shared.events.contracts.engagement import ResponseReceived
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

MAX_BATCH_RESPONSES = 64
MAX_CONCURRENT_BATCHES = 2


class ResponseWriter(Protocol):
    """Stores responses, each with its event, in one transaction."""

    def session(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Open a session for what must be read beside."""
        ...

    async def write(self, response: NewResponse, event: ResponseReceived) -> bool:
        """Store the response and publish the event. Returns False where nothing was stored: see `refusal_of`."""
        ...


class UnitOfWorkWriter:
    """Stores a response together with the idempotency record of its request."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def session(self) -> AbstractAsyncContextManager[AsyncSession]:
        return nullcontext(self._uow.session)

    async def write(self, response: NewResponse, event: ResponseReceived) -> bool:
        connection = await self._uow.session.connection()
        statement = f"WITH {statement_for(response)} SELECT place FROM succeeded"  # noqa: S608  our own text, the values are parameters
        parameters = tuple([value] for value in response)
        if (await connection.exec_driver_sql(statement, parameters)).first() is None:
            return False
        self._uow.publish(event, sequence=1)
        return True


@dataclass(frozen=True, slots=True)
class _PendingResponse:
    """A response by invitation that waits for its batch; `stored` says whether it was part of it."""

    response: InvitedResponse
    event: ResponseReceived
    traceparent: str | None
    stored: asyncio.Future[bool]


class BatchWriter:
    """Stores responses without the object mapper, each in one round trip, and what arrives meanwhile in one batch.

    Nothing waits for a batch to fill: a response that finds a free slot is written at once, alone if need be.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: deque[_PendingResponse] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running_batches = 0

    def session(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._database.session()

    async def write(self, response: NewResponse, event: ResponseReceived) -> bool:
        if isinstance(response, InvitedResponse) and await self._write_batched(response, event):
            return True
        traceparents = [tracing.current_traceparent()]
        return bool(await self._execute(statement_for(response), [response], [event], traceparents))

    async def _write_batched(self, response: InvitedResponse, event: ResponseReceived) -> bool:
        """Return False where the invitation was used, is locked, or the batch failed: only a try alone can tell."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append(_PendingResponse(response, event, tracing.current_traceparent(), stored))
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

    async def _write_batch(self, batch: Sequence[_PendingResponse]) -> None:
        places: set[int] = set()
        try:
            places = await self._execute(
                STORE_INVITED_UNLOCKED,
                [pending.response for pending in batch],
                [pending.event for pending in batch],
                [pending.traceparent for pending in batch],
            )
        except Exception as error:  # noqa: BLE001  one of them may be at fault: each is then tried alone
            logger.warning("a batch of %d responses could not be stored: %s", len(batch), type(error).__name__)
        for number, pending in enumerate(batch, 1):
            if not pending.stored.done():
                pending.stored.set_result(number in places)

    async def _execute(
        self,
        statement: str,
        responses: Sequence[NewResponse],
        events: Sequence[ResponseReceived],
        traceparents: Sequence[str | None],
    ) -> set[int]:
        """Return the places, counted from 1, of the responses that were stored."""
        columns = list(zip(*responses, strict=True))
        places = await self._database.statements.execute_batch(
            statement, columns, events=events, traceparents=traceparents
        )
        if places:
            self._database.wake_relay()
        return places

    def _next_batch(self) -> list[_PendingResponse]:
        """Return the next responses, at most MAX_BATCH_RESPONSES, and up to the first invitation that is repeated."""
        batch: list[_PendingResponse] = []
        hashes: set[bytes] = set()
        while self._pending and len(batch) < MAX_BATCH_RESPONSES and self._pending[0].response.token_hash not in hashes:
            batch.append(self._pending.popleft())
            hashes.add(batch[-1].response.token_hash)
        return batch
