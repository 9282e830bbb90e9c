"""The unit of work: state, events, audit entries and idempotency record in one transaction, before the answer."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, Request
from sqlalchemy import event as listening
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from shared import tracing
from shared.callers import Caller, caller_of
from shared.events.event import Envelope, Event
from shared.persistence import audit, idempotency, outbox
from shared.persistence.statement_executor import StatementExecutor
from shared.persistence.tables import Row

logger = logging.getLogger(__name__)

NOTIFY_INTERVAL_SECONDS = 0.002
"""Commits of one moment share a knock: thousands a second would cost as much as the commits."""

TCP_USER_TIMEOUT_SECONDS = 30
"""After which a connection whose other end does not even acknowledge is given up: a machine that vanished closes
nothing, and the system alone would wait a quarter of an hour."""

COMMIT_SECONDS = 30.0
"""Beyond its deadline, after which a commit is given up with its connection: a database that is gone without a word
would else take one for each, until there are none."""


class _Session(Session):
    """A session that notes what its flushes change, for the audit trail."""


@listening.listens_for(_Session, "before_flush")
def _note_changes(session: Session, _context: Any, _instances: Any) -> None:
    noted: list[dict[str, Any]] = session.info.setdefault("changes", [])
    for rows, action in ((session.new, "created"), (session.dirty, "changed"), (session.deleted, "removed")):
        for row in rows:
            if not isinstance(row, Row) or not row.__audited__:
                continue
            if action != "changed" or session.is_modified(row):
                noted.append(audit.change_of(row, action))


class UnitOfWork:
    """One command's work on one service: `save` rows, `publish` events. Only `begin` and the consumer commit."""

    def __init__(
        self, session: AsyncSession, *, service: str, caller: Caller | None = None, cause: Envelope | None = None
    ) -> None:
        self.session = session
        self.service = service
        self.caller = caller
        self.cause = cause
        self._events: list[tuple[Event, int | None, Row | None]] = []
        self._publishes = False

    def save(self, row: Row) -> None:
        self.session.add(row)

    async def remove(self, row: Row) -> None:
        await self.session.delete(row)

    def publish(self, *events: Event, sequence: int | None = None, of: Row | None = None) -> None:
        """Send these when the work commits, in this order.

        `sequence` is the aggregate's version: taken from the row `of`, or the row of this session whose id is the
        event's key; a write without a row (Core) gives it.
        """
        for event in events:
            self._events.append(
                (event, sequence, of if of is not None or sequence is not None else self._row(event.key))
            )

    def record(
        self,
        action: str,
        kind: str,
        subject: UUID,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """An audit entry for what was written without a row of the session. No personal data."""
        changes: list[dict[str, Any]] = self.session.sync_session.info.setdefault("changes", [])
        changes.append(
            {
                "action": action,
                "kind": kind,
                "subject": subject,
                "before": audit.plain(before),
                "after": audit.plain(after),
            }
        )

    async def flush_events(self) -> None:
        """Write what was changed and published so far, with the versions of now; the transaction goes on."""
        await self.session.flush()
        changes = self.session.sync_session.info.pop("changes", ())
        events, self._events = self._sequenced(self._events), []
        if changes or events:
            self._publishes = self._publishes or bool(events)
            connection = await self.session.connection()
            told = audit.columns(self.caller, changes)
            sent = outbox.columns(events, f"/{self.service}", tracing.current_traceparent())
            await connection.exec_driver_sql(_PLATFORM_ROWS, (*told, *sent))

    async def commit(self) -> bool:
        """All of it, or nothing. Returns whether there are events to relay."""
        await self.flush_events()
        await self.session.commit()
        return self._publishes

    def _sequenced(self, events: list[tuple[Event, int | None, Row | None]]) -> list[tuple[Event, int]]:
        numbered: list[tuple[Event, int]] = []
        for event, sequence, of in events:
            row = of or (self._row(event.key) if sequence is None else None)
            number = row.version if row is not None else sequence
            if number is None:
                raise LookupError(
                    f"{event.event_type} has no row of its key in this unit of work: give of= or sequence="
                )
            numbered.append((event, number))
        return numbered

    def _row(self, key: UUID) -> Row | None:
        """Looked up while publishing: the session itself holds its rows weakly."""
        for row in (*self.session.new, *self.session.identity_map.values()):
            if isinstance(row, Row) and row.id == key:
                return row
        return None


# One round trip for both, on the path of every command; each list is a column.
_PLATFORM_ROWS = """
WITH told AS (
    INSERT INTO audit_entries (actor, actor_kind, action, kind, subject, before, after)
    SELECT $1, $2, action, kind, subject, before::jsonb, after::jsonb
    FROM unnest($3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[]) AS t (action, kind, subject, before, after)
)
INSERT INTO outbox (source, traceparent, event_id, topic, key, type, sequence, data)
SELECT $8, $9, * FROM unnest($10::uuid[], $11::text[], $12::uuid[], $13::text[], $14::int[], $15::bytea[])
"""


def _give_up_when_silent(connection: Any, _record: object) -> None:
    """asyncpg has no word for what libpq calls keepalives and tcp_user_timeout."""
    line: socket.socket = connection.driver_connection._transport.get_extra_info("socket")
    if line.family == socket.AF_UNIX:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    seconds = {
        "TCP_KEEPIDLE": TCP_USER_TIMEOUT_SECONDS // 3,
        "TCP_KEEPINTVL": TCP_USER_TIMEOUT_SECONDS // 6,
        "TCP_KEEPCNT": 4,
    }
    for name, value in {**seconds, "TCP_USER_TIMEOUT": TCP_USER_TIMEOUT_SECONDS * 1000}.items():
        # Not every system has all of them.
        if hasattr(socket, name):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


class Database:
    """A service's own PostgreSQL: sessions, units of work, and the knock that wakes the relay."""

    def __init__(self, url: str, service: str, *, pool: int = 10) -> None:
        self.service = service
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=pool,
            max_overflow=0,
            pool_timeout=10,
            # The last one returned is taken first: those that a busy moment opened stay small.
            pool_use_lifo=True,
            # What a statement was about may be personal, and errors reach the logs.
            hide_parameters=True,
            json_serializer=_json,
            json_deserializer=orjson.loads,
            connect_args={"server_settings": {"application_name": f"impact {service}"}},
        )
        listening.listen(self.engine.sync_engine, "connect", _give_up_when_silent)
        self.statements = StatementExecutor(self.dsn, service, pool)
        self._relay_wanted = asyncio.Event()
        self._notify_relaying: asyncio.Task[None] | None = None

    @property
    def dsn(self) -> str:
        """The address as asyncpg and libpq take it."""
        return make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)

    def session(self) -> AsyncSession:
        return AsyncSession(self.engine, sync_session_class=_Session, expire_on_commit=False, autoflush=True)

    @asynccontextmanager
    async def unit_of_work(
        self, caller: Caller | None = None, cause: Envelope | None = None
    ) -> AsyncGenerator[UnitOfWork]:
        """A unit of work that is rolled back unless it was committed."""
        async with self.session() as session:
            yield UnitOfWork(session, service=self.service, caller=caller, cause=cause)

    @asynccontextmanager
    async def transaction(
        self, caller: Caller | None = None, cause: Envelope | None = None
    ) -> AsyncGenerator[UnitOfWork]:
        """A unit of work for background jobs and handlers: committed when the block ends without an exception."""
        async with self.unit_of_work(caller, cause) as uow:
            yield uow
            if await _to_its_end(uow.commit()):
                self.wake_relay()

    def wake_relay(self) -> None:
        """Knock once for all commits of this moment, outside a transaction: NOTIFY inside halves the commit rate."""
        self._relay_wanted.set()
        if self._notify_relaying is None or self._notify_relaying.done():
            self._notify_relaying = asyncio.create_task(self._notify_relay(), name="wake the relay")

    async def _notify_relay(self) -> None:
        try:
            connection = await asyncpg.connect(self.dsn)
            try:
                while True:
                    await self._relay_wanted.wait()
                    self._relay_wanted.clear()
                    await connection.execute("NOTIFY outbox")
                    await asyncio.sleep(NOTIFY_INTERVAL_SECONDS)
            finally:
                connection.terminate()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            logger.warning("could not wake the relay; it looks by itself within a second", exc_info=True)

    async def close(self) -> None:
        if self._notify_relaying is not None:
            self._notify_relaying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._notify_relaying
        await self.statements.close()
        await self.engine.dispose()


async def begin(request: Request) -> AsyncIterator[UnitOfWork]:
    """The unit of work of a request: committed after the endpoint, before the answer leaves."""
    database: Database = request.app.state.database
    async with database.transaction(caller_of(request)) as uow:
        await idempotency.claim(request, uow.session)
        yield uow
        await idempotency.keep(request, uow.session)


async def _to_its_end(commit: Coroutine[Any, Any, bool]) -> bool:
    """A commit that began is not cut off by a deadline, unless it never ends: half-known is worse than late."""
    running = asyncio.ensure_future(commit)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        _, late = await asyncio.wait([running], timeout=COMMIT_SECONDS)
        for unfinished in late:
            unfinished.cancel()
            await asyncio.wait(late)
        raise


async def read(request: Request) -> AsyncIterator[AsyncSession]:
    """A session that only reads."""
    database: Database = request.app.state.database
    async with database.session() as session:
        yield session


Transaction = Annotated[UnitOfWork, Depends(begin, scope="function")]
Reading = Annotated[AsyncSession, Depends(read, scope="function")]
