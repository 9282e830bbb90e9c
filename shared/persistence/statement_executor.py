"""A whole command or query in one SQL statement, for the few hot paths: one round trip, without the object mapper.

PostgreSQL runs a single statement in a transaction of its own: the state, its events and its idempotency records commit
together or not at all, and the response is sent after that. There is no audit entry: where one is needed, use the
unit of work.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import asyncpg
import orjson

from shared.events.event import Event
from shared.persistence.idempotency import IdempotencyRecord
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

    def __init__(self, error: asyncpg.PostgresError) -> None:
        super().__init__(f"{type(error).__name__} ({error.constraint_name or 'no constraint'})")
        self.sqlstate = error.sqlstate


_EVENT_TYPES = ("text", "uuid", "uuid", "bytea")
_RECORD_TYPES = ("bigint", "bytea", "bytea", "int", "jsonb", "bytea", "text")


@lru_cache(maxsize=64)
def build_statement(ctes: str, parameter_count: int, *, with_records: bool) -> str:
    """Return the statement that runs these CTEs and publishes the events whose `place` the last, `succeeded`, returns.

    The CTEs have `parameter_count` parameters; those of the events follow: source, topic and type, then arrays of
    traceparents, event ids, keys and data. Last come those of the idempotency records, if there are any: arrays of
    places and of the fields of `IdempotencyRecord`.
    """
    source = parameter_count + 1
    published = (
        "published AS (INSERT INTO outbox (source, topic, type, sequence, traceparent, event_id, key, data) "  # noqa: S608  our own text, the values are parameters
        f"SELECT ${source}, ${source + 1}, ${source + 2}, 1, e.traceparent, e.event_id, e.key, e.data "
        f"FROM unnest({_arrays(_EVENT_TYPES, source + 3)}) WITH ORDINALITY "
        "AS e (traceparent, event_id, key, data, place) JOIN succeeded USING (place))"
    )
    fields = ", ".join(IdempotencyRecord._fields)
    recorded = (
        f"recorded AS (INSERT INTO idempotency_records ({fields}) SELECT {fields} "  # noqa: S608  as above
        f"FROM unnest({_arrays(_RECORD_TYPES, source + 3 + len(_EVENT_TYPES))}) AS r (place, {fields}) "
        "JOIN succeeded USING (place))"
    )
    effects = [ctes, published, *([recorded] if with_records else [])]
    return f"WITH {', '.join(effects)} SELECT place FROM succeeded"  # noqa: S608  as above


def _arrays(types: Sequence[str], first: int) -> str:
    return ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, first))


def _record_columns(records: Mapping[int, IdempotencyRecord]) -> list[tuple[object, ...]]:
    """Return the arrays of places and of each field, headers as JSON; none without records."""
    rows = [
        (place, id, fingerprint, status, orjson.dumps(headers).decode(), body, media_type)
        for place, (id, fingerprint, status, headers, body, media_type) in records.items()
    ]
    return list(zip(*rows, strict=True))


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
        records: Mapping[int, IdempotencyRecord],
    ) -> set[int]:
        """Run many commands of one kind in one statement, and publish the event of each that had an effect.

        The last of the `ctes`, `succeeded`, returns the `place`, counted from 1, of each such command; so does this.
        `columns` are the parameters $1, $2..., one element for each command. The events are of one type, and each is
        the first of its key. `records` are, by place, the idempotency records of the requests that have a key: each is
        stored if its command had an effect. Raises ServiceUnavailable when the database is not reachable (the outcome
        may be unknown), StatementRejected when it refuses the statement.
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
        statement = build_statement(ctes, len(columns), with_records=bool(records))
        parameters = (*columns, *event_parameters, *_record_columns(records))
        rows = await self._execute(lambda connection: connection.fetch(statement, *parameters))
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
            raise StatementRejected(error) from None
        except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
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
