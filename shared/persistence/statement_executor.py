"""A whole command in one statement, for the few paths that are hot: one round trip, past the object mapper.

PostgreSQL makes a statement that stands alone a transaction of its own: the state and the event commit together or not
at all, and the answer leaves after that (P1). There is no audit entry and no idempotency record: where one is wanted,
the unit of work is the way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from shared import tracing
from shared.events.event import Event
from shared.persistence.tables import new_id
from shared.problems import NotReady

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

T = TypeVar("T")
WAIT_SECONDS = 10
ANSWER_SECONDS = 10.0
"""After which a statement is given up with its connection: one whose other end is gone may say nothing for ever."""
AWAY = ("08", "53", "57P")
"""States of PostgreSQL that say nothing of a statement: it cannot be reached, is full, starts or stops."""


class Refused(Exception):
    """PostgreSQL did not take a statement. Says why by name alone: its own message may quote what a person wrote."""


@lru_cache(maxsize=64)
def with_event(written: str, values: int) -> str:
    """The whole statement: `written` has `values` parameters, and those of the event follow."""
    given = ", ".join(f"${number}" for number in range(values + 1, values + 9))
    return (
        f"WITH {written} INSERT INTO outbox (source, traceparent, event_id, topic, key, type, sequence, data) "  # noqa: S608  our own text, the values are parameters
        f"SELECT {given} FROM kept RETURNING 1"
    )


@lru_cache(maxsize=64)
def with_events(written: str, values: int) -> str:
    """The same for many: `kept` returns the `place` of each event that is to be published."""
    kinds = ("text", "uuid", "uuid", "bytea")
    given = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, values + 4))
    return (
        f"WITH {written}, sent AS ("  # noqa: S608  as above
        "INSERT INTO outbox (source, topic, type, sequence, traceparent, event_id, key, data) "
        f"SELECT ${values + 1}, ${values + 2}, ${values + 3}, 1, e.traceparent, e.event_id, e.key, e.data "
        f"FROM unnest({given}) WITH ORDINALITY AS e (traceparent, event_id, key, data, place) JOIN kept USING (place)"
        ") SELECT place FROM kept"
    )


class StatementExecutor:
    """Connections of its own, made when first wanted, at most `most`."""

    def __init__(self, dsn: str, service: str, most: int) -> None:
        self.dsn, self.service = dsn, service
        self._free = asyncio.Semaphore(most)
        self._idle: list[Connection] = []

    async def write(self, written: str, values: Sequence[Any], *, event: Event, sequence: int = 1) -> bool:
        """Run the CTEs `written`, `values` being $1, $2...; publish the event if the last, `kept`, returns its one row.

        Returns whether it did. Raises NotReady when the database cannot be reached: nothing is known to be kept then.
        """
        sent = (
            f"/{self.service}",
            tracing.current_traceparent(),
            new_id(),
            event.topic,
            event.key,
            event.event_type,
            sequence,
            event.model_dump_json().encode(),
        )
        statement = with_event(written, len(values))
        return await self._ask(lambda connection: connection.fetchval(statement, *values, *sent)) is not None

    async def execute_batch(
        self,
        written: str,
        columns: Sequence[Sequence[Any]],
        *,
        events: Sequence[Event],
        traceparents: Sequence[str | None],
    ) -> set[int]:
        """The same for many commands of one kind, `columns` being $1, $2...; each event is the first of its key.

        `kept` returns the `place`, counted from 1, of each command that had an effect; so does this.
        """
        kind = type(events[0])
        sent = (
            f"/{self.service}",
            kind.topic,
            kind.event_type,
            traceparents,
            [new_id() for _ in events],
            [event.key for event in events],
            [event.model_dump_json().encode() for event in events],
        )
        statement = with_events(written, len(columns))
        rows = await self._ask(lambda connection: connection.fetch(statement, *columns, *sent))
        return {row[0] for row in rows}

    async def read(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """The rows of one statement that only reads. Raises NotReady when the database cannot be reached."""
        return await self._ask(lambda connection: connection.fetch(statement, *values))

    async def _ask(self, question: "Callable[[Connection], Awaitable[T]]") -> T:
        await self._wait_for_a_turn()
        connection = None
        try:
            connection = (
                self._idle.pop()
                if self._idle
                else await asyncpg.connect(
                    self.dsn,
                    command_timeout=ANSWER_SECONDS,
                    server_settings={"application_name": f"impact {self.service} at once"},
                )
            )
            found = await question(connection)
            self._idle.append(connection)
            connection = None
            return found
        except asyncpg.PostgresError as refused:
            if str(refused.sqlstate).startswith(AWAY):
                raise NotReady(headers={"Retry-After": "2"}) from refused
            if connection is not None and not connection.is_closed():
                self._idle.append(connection)
                connection = None
            raise Refused(f"{type(refused).__name__} ({refused.constraint_name or 'no constraint'})") from None
        except (OSError, asyncpg.InterfaceError) as away:
            raise NotReady(headers={"Retry-After": "2"}) from away
        finally:
            if connection is not None:
                connection.terminate()
            self._free.release()

    async def _wait_for_a_turn(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise NotReady(headers={"Retry-After": "2"}) from None

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close(timeout=5)
