"""Word of revoked sessions and keys, from every process of the gateway to every other (LISTEN/NOTIFY)."""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials.cache import Remembered

CHANNEL: Final = "gateway_revocations"
LOOK_SECONDS: Final = 15.0


_told: ContextVar[list[UUID] | None] = ContextVar("told", default=None)


@contextlib.contextmanager
def noted() -> Generator[list[UUID]]:
    """What is told while the block runs: this process need not wait for the word to come round."""
    told = list[UUID]()
    before = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(before)


async def tell(session: AsyncSession, id: UUID) -> None:
    """When this transaction commits, every process forgets this session, key or client."""
    if (noted := _told.get()) is not None:
        noted.append(id)
    await session.execute(text("SELECT pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(id)})


def follow(dsn: str, remembered: Remembered) -> Callable[[asyncio.Event], Any]:
    """A background job. While it cannot listen, nothing is remembered and every credential is looked up."""

    async def job(stop: asyncio.Event) -> None:
        connection = await asyncpg.connect(dsn)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        await connection.add_listener(CHANNEL, lambda _c, _pid, _channel, id: remembered.forget(UUID(str(id))))
        remembered.trust(True)
        try:
            while not stop.is_set():
                await _first(stop, lost)
                if lost.is_set():
                    raise ConnectionError("the database ended the connection that tells of revocations")
                async with asyncio.timeout(LOOK_SECONDS):
                    await connection.execute("SELECT 1")
        finally:
            remembered.trust(False)
            connection.terminate()

    return job


async def _first(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        for task in waiting:
            with contextlib.suppress(asyncio.CancelledError):
                await task
