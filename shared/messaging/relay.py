"""Sends what waits in the outbox to the log: one relay per service at a time, in batches, each key in its order.

A row leaves the outbox only after the log has acknowledged it, by its own id. Nothing depends on how far the relay once
was: ids commit out of order, and behind a cursor events would vanish. The next rows are read while the ones before are
under way, but they are sent only when those are acknowledged.
"""

import asyncio
import collections
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from prometheus_client import Counter, Gauge

from shared.event_log.embedded.log import let_go
from shared.event_log.protocol import Log, LogError, Message, Producer
from shared.messaging import cloudevents
from shared.persistence.outbox import CHANNEL

logger = logging.getLogger(__name__)

BATCH = 500
LOOK = 1.0
"""Seconds after which the relay looks by itself, should nobody have knocked."""
STALLED = 30.0
"""Seconds without progress, while rows wait, after which the relay is not well."""

# The database writes the bytes of the headers: it has a processor of its own, and this process has one for everything.
WAITING = """
    SELECT id, topic, convert_to(key::text, 'UTF8'), data,
        convert_to(event_id::text, 'UTF8'), convert_to(source, 'UTF8'), convert_to(type, 'UTF8'),
        convert_to(to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8'),
        convert_to(sequence::text, 'UTF8'), convert_to(traceparent, 'UTF8')
    FROM outbox WHERE {} ORDER BY id LIMIT $1
"""
REMOVE = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"
BACKLOG = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(time)), 0)::float8, count(*)
    FROM (SELECT time FROM outbox ORDER BY id LIMIT 10000) waiting
"""

sent = Counter("impact_relay_sent", "Events that the log has acknowledged", ["service", "type"])
lag = Gauge("impact_relay_lag_seconds", "Age of the oldest event in the outbox", ["service"])
waiting = Gauge("impact_relay_waiting", "Events in the outbox, 10,000 at most", ["service"])

Row = Sequence[Any]


class Relay:
    """The way of one service's events from its outbox, in the database at `dsn`, to the log."""

    def __init__(self, dsn: str, service: str, log: Log, *, batch: int = BATCH) -> None:
        self.dsn = dsn
        self.service = service
        self.log = log
        self.batch = batch
        self.leading = False
        """Whether this process is the one that relays now."""
        self._knocked = asyncio.Event()
        self._moved_at = time.monotonic()
        self._oldest = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Relay, or wait to take over from another process, until `stop` is set."""
        # The list of rows under way is a parameter: planned anew each time it becomes a hash, and else a scan per row.
        anew = {"plan_cache_mode": "force_custom_plan"}
        # A removal that a crash undoes sends the same ids again, which is recognised: no need to wait for the disk.
        unhurried = {"synchronous_commit": "off"}
        async with self._connected(anew) as reader, self._connected(unhurried) as remover:
            await reader.add_listener(CHANNEL, self._on_knock)
            while not stop.is_set():
                if await reader.fetchval("SELECT pg_try_advisory_lock(hashtext('impact relay'))"):
                    break
                await _paused(stop, LOOK)
            self.leading, self._moved_at = not stop.is_set(), time.monotonic()
            try:
                await self._lead(reader, remover, stop)
            finally:
                self.leading = False

    async def check(self) -> str | None:
        """What is wrong with the relay, for /health/ready."""
        silent = time.monotonic() - self._moved_at
        if self.leading and self._oldest > STALLED and silent > STALLED:
            return f"events have waited in the outbox for {self._oldest:.0f} s"
        return None

    def _on_knock(self, *_: object) -> None:
        self._knocked.set()

    async def _lead(self, reader: Any, remover: Any, stop: asyncio.Event) -> None:
        producer: Producer | None = None
        patience = 0.1
        watched = asyncio.create_task(self._watch(stop))
        ending = asyncio.create_task(self._knock_at_the_end(stop))
        try:
            while not stop.is_set():
                try:
                    producer = producer or await self.log.producer(f"relay of {self.service}")
                    await self._drain(reader, remover, producer, stop)
                except (LogError, asyncio.CancelledError) as error:
                    task = asyncio.current_task()
                    if task is not None and task.cancelling():
                        raise
                    # Whether the last batch arrived is unknown: it is sent again, by a new producer, with the same ids.
                    logger.warning("the log takes no events, trying again: %s", error)
                    if producer is not None:
                        await producer.close()
                    producer = None
                    await _paused(stop, patience)
                    patience = min(patience * 2, 2)
                    continue
                patience = 0.1
                if watched.done():
                    watched.result()
                await _paused(self._knocked, LOOK)
        finally:
            watched.cancel()
            ending.cancel()
            await asyncio.gather(watched, ending, return_exceptions=True)
            if producer is not None:
                await producer.close()

    async def _drain(self, reader: Any, remover: Any, producer: Producer, stop: asyncio.Event) -> None:
        """Send all that waits."""
        self._knocked.clear()
        batch = Batch(await remover.fetch(WAITING.format("true"), self.batch))
        removal: asyncio.Task[Any] | None = None
        removing: list[int] = []
        try:
            while batch.ids and not stop.is_set():
                full = len(batch.ids) == self.batch
                reading = asyncio.create_task(self._next(reader, removing + batch.ids)) if full else None
                # The database gets to work on reading and removing before this process is busy with the batch.
                await asyncio.sleep(0)
                try:
                    await producer.append(batch.messages)
                finally:
                    following = await reading if reading is not None else Batch([])
                if removal is not None:
                    await removal
                removing = batch.ids
                removal = asyncio.create_task(remover.execute(REMOVE, removing))
                self._moved_at = time.monotonic()
                for kind, count in collections.Counter(batch.kinds).items():
                    sent.labels(self.service, kind.decode()).inc(count)
                batch = following
        finally:
            if removal is not None:
                await removal

    async def _next(self, reader: Any, under_way: list[int]) -> "Batch":
        """What comes after the rows that are being sent or removed, ready to be sent."""
        return Batch(await reader.fetch(WAITING.format("id <> ALL($2::bigint[])"), self.batch, under_way))

    async def _knock_at_the_end(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._knocked.set()

    async def _watch(self, stop: asyncio.Event) -> None:
        async with self._connected() as connection:
            while not stop.is_set():
                self._oldest, count = await connection.fetchrow(BACKLOG)
                lag.labels(self.service).set(self._oldest)
                waiting.labels(self.service).set(count)
                await _paused(stop, 5)

    @asynccontextmanager
    async def _connected(self, settings: Mapping[str, str] | None = None) -> AsyncGenerator[Any]:
        settings = {"application_name": f"impact relay of {self.service}", **(settings or {})}
        connection: Any = await asyncpg.connect(self.dsn, timeout=10, command_timeout=60, server_settings=settings)
        try:
            yield connection
        finally:
            await let_go(connection)


class Batch:
    """Rows of the outbox as messages."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.ids: list[int] = [row[0] for row in rows]
        self.kinds: list[bytes] = [row[6] for row in rows]
        self.messages = [message_of(row) for row in rows]


def message_of(row: Row) -> Message:
    _, topic, key, data, event_id, source, kind, at, sequence, traceparent = row
    return Message(topic, key, data, cloudevents.headers(event_id, source, kind, at, key, sequence, traceparent))


async def _paused(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
