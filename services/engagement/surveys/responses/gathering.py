"""Answers that arrive while others are being written go together: one statement and one commit for all of them.

Nobody waits for company: an answer that finds a free writer goes at once, alone if need be.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from services.engagement.surveys.responses import queries
from services.engagement.surveys.responses.queries import Invited, Keeping
from shared import tracing
from shared.events.contracts.engagement import ResponseReceived
from shared.persistence.unit_of_work import Database

logger = logging.getLogger(__name__)

MOST_TOGETHER = 64
WRITERS = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer by invitation, what the world will hear of it, and the word for whoever waits."""

    answer: Invited
    received: ResponseReceived
    traceparent: str | None
    kept: asyncio.Future[bool]


class Gathering:
    """The answers by invitation that are on their way from one process into its database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: deque[Waiting] = deque()
        self._writers: set[asyncio.Task[None]] = set()
        self._writing = 0

    async def keep(self, answer: Keeping, received: ResponseReceived) -> bool:
        """Keep the answer and publish the event. False when the invitation was used, or the person has answered."""
        if isinstance(answer, Invited) and await self._together(answer, received):
            return True
        kept = await queries.keep_alone(self.database, answer, received)
        if kept:
            self.database.wake_relay()
        return kept

    async def _together(self, answer: Invited, received: ResponseReceived) -> bool:
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(answer, received, tracing.current_traceparent(), kept))
        if self._writing < WRITERS:
            self._writing += 1
            writer = asyncio.create_task(self._write(), name="keep answers")
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        return await kept

    async def _write(self) -> None:
        # Told within the task: its done-callbacks come later, and an answer in between would wait for nobody.
        try:
            await self._write_all()
        finally:
            self._writing -= 1

    async def _write_all(self) -> None:
        while batch := self._next():
            places: set[int] = set()
            try:
                places = await queries.keep_together(
                    self.database,
                    [one.answer for one in batch],
                    [one.received for one in batch],
                    [one.traceparent for one in batch],
                )
            except Exception as error:  # noqa: BLE001  one of them may be at fault: each tries alone and hears for itself
                logger.warning("%d answers could not be kept together: %s", len(batch), type(error).__name__)
            if places:
                self.database.wake_relay()
            for place, one in enumerate(batch, 1):
                if not one.kept.done():
                    one.kept.set_result(place in places)

    def _next(self) -> list[Waiting]:
        """Up to so many; no invitation twice, the second click waits for the next time."""
        batch: list[Waiting] = []
        tokens: set[bytes] = set()
        while self._waiting and len(batch) < MOST_TOGETHER and self._waiting[0].answer.token_hash not in tokens:
            batch.append(self._waiting.popleft())
            tokens.add(batch[-1].answer.token_hash)
        return batch
