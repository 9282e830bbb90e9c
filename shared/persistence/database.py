"""A service's database: its connections, sessions and transactions, and the notification that wakes its relay."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg
import orjson
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.engine import AdaptedConnection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from shared.callers import Caller
from shared.events.event import Envelope
from shared.persistence.outbox import CHANNEL
from shared.persistence.statement_executor import StatementExecutor
from shared.persistence.unit_of_work import AuditedSession, UnitOfWork
from shared.settings import ServiceSettings

logger = logging.getLogger(__name__)

NOTIFY_INTERVAL_SECONDS = 0.002
"""Commits within this interval share one notification: thousands a second would cost as much as the commits."""

TCP_USER_TIMEOUT_SECONDS = 30
"""Seconds without an acknowledgement from the other end after which a connection is closed. A machine that vanished
closes nothing, and the operating system alone would wait a quarter of an hour."""

COMMIT_TIMEOUT_SECONDS = 30.0
"""Seconds after a request's deadline for which its commit may go on. Then its connection is closed: a database that
stopped answering would otherwise hold one for each request, until the pool is empty."""


class Database:
    """A service's own PostgreSQL. `secret` is the service's, from which its commands derive keys."""

    def __init__(self, url: str, service: str, *, pool: int = 10, secret: str = "") -> None:
        self.service = service
        self.secret = secret
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=pool,
            max_overflow=0,
            pool_timeout=10,
            # The connection that was returned last is used first, so those opened at a peak stay idle and small.
            pool_use_lifo=True,
            # A statement's parameters may be personal, and errors are logged.
            hide_parameters=True,
            json_serializer=_serialize_json,
            json_deserializer=orjson.loads,
            connect_args={"server_settings": {"application_name": f"impact {service}"}},
        )
        sqlalchemy_event.listen(self.engine.sync_engine, "connect", _set_tcp_timeouts)
        self.statements = StatementExecutor(self.dsn, service, pool)
        self._has_committed_events = asyncio.Event()
        self._notifier: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """Return the database of a service's process."""
        secret = settings.cursor_key.get_secret_value()
        return cls(settings.database.get_secret_value(), settings.service, pool=settings.database_pool, secret=secret)

    @property
    def dsn(self) -> str:
        """The URL in the form that asyncpg and libpq accept."""
        return make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)

    def session(self) -> AsyncSession:
        """Return a new session; the caller closes it."""
        return AsyncSession(self.engine, sync_session_class=AuditedSession, expire_on_commit=False, autoflush=True)

    @asynccontextmanager
    async def unit_of_work(
        self, caller: Caller | None = None, cause: Envelope | None = None
    ) -> AsyncGenerator[UnitOfWork]:
        """Open a unit of work that is rolled back unless it is committed."""
        async with self.session() as session:
            yield UnitOfWork(session, service=self.service, secret=self.secret, caller=caller, cause=cause)

    @asynccontextmanager
    async def transaction(
        self, caller: Caller | None = None, cause: Envelope | None = None
    ) -> AsyncGenerator[UnitOfWork]:
        """Open a unit of work that is committed when the block ends without an exception."""
        async with self.unit_of_work(caller, cause) as uow:
            yield uow
            if await _finish_commit(uow.commit()):
                self.wake_relay()

    def wake_relay(self) -> None:
        """Notify the relay of committed events, from a connection of its own: NOTIFY within the transactions would
        halve the commit rate."""
        self._has_committed_events.set()
        if self._notifier is None or self._notifier.done():
            self._notifier = asyncio.create_task(self._notify_relay(), name="notify the relay")

    async def _notify_relay(self) -> None:
        try:
            connection = await asyncpg.connect(self.dsn)
            try:
                while True:
                    await self._has_committed_events.wait()
                    self._has_committed_events.clear()
                    await connection.execute(f"NOTIFY {CHANNEL}")
                    await asyncio.sleep(NOTIFY_INTERVAL_SECONDS)
            finally:
                connection.terminate()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            logger.warning("could not notify the relay; it polls every second", exc_info=True)

    async def close(self) -> None:
        """Close every connection."""
        if self._notifier is not None:
            self._notifier.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._notifier
        await self.statements.close()
        await self.engine.dispose()


async def _finish_commit(commit: Coroutine[Any, Any, bool]) -> bool:
    """Await a commit to its end even if the request is cancelled meanwhile, within COMMIT_TIMEOUT_SECONDS.

    A commit that is cut off has an unknown outcome, which is worse than a late one.
    """
    committing = asyncio.ensure_future(commit)
    try:
        return await asyncio.shield(committing)
    except asyncio.CancelledError:
        _, unfinished = await asyncio.wait([committing], timeout=COMMIT_TIMEOUT_SECONDS)
        for task in unfinished:
            task.cancel()
            await asyncio.wait([task])
        raise


def _set_tcp_timeouts(connection: AdaptedConnection, _record: object) -> None:
    """Set what libpq calls keepalives and tcp_user_timeout, for which asyncpg has no option."""
    tcp_socket: socket.socket = connection.driver_connection._transport.get_extra_info("socket")
    if tcp_socket.family == socket.AF_UNIX:
        return
    tcp_socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {
        "TCP_KEEPIDLE": TCP_USER_TIMEOUT_SECONDS // 3,
        "TCP_KEEPINTVL": TCP_USER_TIMEOUT_SECONDS // 6,
        "TCP_KEEPCNT": 4,
        "TCP_USER_TIMEOUT": TCP_USER_TIMEOUT_SECONDS * 1000,
    }
    for name, value in options.items():
        # Not every operating system has all of them.
        if hasattr(socket, name):
            tcp_socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _serialize_json(value: object) -> str:
    return orjson.dumps(value).decode()
