"""A whole command or query in one SQL statement, for the few hot paths: one round trip, without the object mapper.

PostgreSQL runs a single statement in a transaction of its own: the state and its events commit together or not at all,
and the response is sent after that. There is no audit entry and no idempotency record: where one is needed, use the
unit of work.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import asyncpg

from shared.events.event import Event
from shared.persistence.tables import new_id
from shared.problems import ServiceUnavailable

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

T = TypeVar("T")
ACQUIRE_TIMEOUT_SECONDS = 10
"""Seconds to wait for a free connection."""
STATEMENT_TIMEOUT_SECONDS = 10.0
"""Seconds after which a statement is given up with its connection: a server that vanished may never answer."""
OUTAGE_SQLSTATES = ("08", "53", "57P")
"""Prefixes of SQLSTATEs that mean that the database is unreachable, full, starting or stopping: no fault of the
statement."""


class StatementRejected(Exception):
    """PostgreSQL rejected a statement. Names the error and constraint only: its message may quote personal data."""


@lru_cache(maxsize=64)
def with_events(ctes: str, parameter_count: int) -> str:
    """Return the statement that runs these CTEs and publishes the events whose `place` the last, `succeeded`, returns.

    The CTEs have `parameter_count` parameters; those of the events follow: source, topic and type, then arrays of
    traceparents, event ids, keys and data.
    """
    types = ("text", "uuid", "uuid", "bytea")
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, parameter_count + 4))
    return (
        f"WITH {ctes}, published AS ("  # noqa: S608  our own text, the values are parameters
        "INSERT INTO outbox (source, topic, type, sequence, traceparent, event_id, key, data) "
        f"SELECT ${parameter_count + 1}, ${parameter_count + 2}, ${parameter_count + 3}, 1, "
        "e.traceparent, e.event_id, e.key, e.data "
        f"FROM unnest({arrays}) WITH ORDINALITY AS e (traceparent, event_id, key, data, place) "
        "JOIN succeeded USING (place)"
        ") SELECT place FROM succeeded"
    )


class StatementExecutor:
    """Runs single statements on connections of its own: opened when first needed, at most `max_connections`."""

    def __init__(self, dsn: str, service: str, max_connections: int) -> None:
        self.dsn, self.service = dsn, service
        self._slots = asyncio.Semaphore(max_connections)
        self._idle: list[Connection] = []

    async def execute_batch(
        self,
        ctes: str,
        columns: Sequence[Sequence[object]],
        *,
        events: Sequence[Event],
        traceparents: Sequence[str | None],
    ) -> set[int]:
        """Run many commands of one kind in one statement, and publish the event of each that had an effect.

        The last of the `ctes`, `succeeded`, returns the `place`, counted from 1, of each such command; so does this.
        `columns` are the parameters $1, $2..., one element for each command. The events are of one type, and each is
        the first of its key. Raises ServiceUnavailable when the database is not reachable (the outcome may be
        unknown), StatementRejected when it refuses the statement.
        """
        event_type = type(events[0])
        event_parameters = (
            f"/{self.service}",
            event_type.topic,
            event_type.event_type,
            traceparents,
            [new_id() for _ in events],
            [event.key for event in events],
            [event.model_dump_json().encode() for event in events],
        )
        statement = with_events(ctes, len(columns))
        rows = await self._execute(lambda connection: connection.fetch(statement, *columns, *event_parameters))
        return {row["place"] for row in rows}

    async def read(self, statement: str, *parameters: object) -> list[asyncpg.Record]:
        """Return the rows of one statement that only reads. Raises ServiceUnavailable and StatementRejected."""
        return await self._execute(lambda connection: connection.fetch(statement, *parameters))

    async def _execute(self, work: "Callable[[Connection], Awaitable[T]]") -> T:
        await self._acquire_slot()
        connection = None
        try:
            connection = self._idle.pop() if self._idle else await self._connect()
            result = await work(connection)
            self._idle.append(connection)
            connection = None
            return result
        except asyncpg.PostgresError as error:
            if str(error.sqlstate).startswith(OUTAGE_SQLSTATES):
                raise ServiceUnavailable(headers={"Retry-After": "2"}) from error
            if connection is not None and not connection.is_closed():
                self._idle.append(connection)
                connection = None
            raise StatementRejected(f"{type(error).__name__} ({error.constraint_name or 'no constraint'})") from None
        except (OSError, asyncpg.InterfaceError) as error:
            raise ServiceUnavailable(headers={"Retry-After": "2"}) from error
        finally:
            if connection is not None:
                connection.terminate()
            self._slots.release()

    async def _connect(self) -> "Connection":
        return await asyncpg.connect(
            self.dsn,
            command_timeout=STATEMENT_TIMEOUT_SECONDS,
            server_settings={"application_name": f"impact {self.service} statements"},
        )

    async def _acquire_slot(self) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(ACQUIRE_TIMEOUT_SECONDS):
                await self._slots.acquire()
        except TimeoutError:
            raise ServiceUnavailable(headers={"Retry-After": "2"}) from None

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await self._idle.pop().close(timeout=5)
