"""Revoked sessions and keys, announced by every process of the gateway to every other (LISTEN/NOTIFY)."""

import asyncio
import contextlib
from collections.abc import Generator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials.cache import CredentialCache
from shared.service.background import BackgroundJob
from shared.waiting import pause, repeat_until

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

CHANNEL: Final = "gateway_revocations"
PING_INTERVAL_SECONDS: Final = 15.0

_collected: ContextVar[list[UUID] | None] = ContextVar("collected", default=None)


@contextlib.contextmanager
def collect_revocations() -> Generator[list[UUID]]:
    """Yield a list of what is revoked while the block runs, so that this process need not wait for the NOTIFY."""
    revoked = list[UUID]()
    token = _collected.set(revoked)
    try:
        yield revoked
    finally:
        _collected.reset(token)


async def announce_revocation(session: AsyncSession, id: UUID) -> None:
    """Make every process forget this session, key or client when the transaction commits."""
    if (revoked := _collected.get()) is not None:
        revoked.append(id)
    await session.execute(text("SELECT pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(id)})


def listen_for_revocations(dsn: str, cache: CredentialCache) -> BackgroundJob:
    """Return a background job that invalidates what is revoked, and disables the cache while it cannot listen."""

    async def listen(stop: asyncio.Event) -> None:
        connection = await asyncpg.connect(dsn)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        await connection.add_listener(CHANNEL, lambda _c, _pid, _channel, id: cache.invalidate(UUID(str(id))))
        cache.enable()
        try:
            async with asyncio.TaskGroup() as tasks:
                watcher = tasks.create_task(_watch(connection, lost))
                await stop.wait()
                watcher.cancel()
        finally:
            cache.disable()
            connection.terminate()

    return listen


async def _watch(connection: "Connection", lost: asyncio.Event) -> None:
    """Raise ConnectionError when the connection is lost, TimeoutError when the database no longer responds."""

    async def ping() -> None:
        async with asyncio.timeout(PING_INTERVAL_SECONDS):
            await connection.execute("SELECT 1")

    await pause(lost, PING_INTERVAL_SECONDS)
    await repeat_until(lost, ping, interval=PING_INTERVAL_SECONDS)
    raise ConnectionError("the database closed the connection that listens for revocations")
