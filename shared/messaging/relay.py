"""Relays the outbox to the event log: one relay per service at a time, in batches, in order per key.

A row is deleted by its id, only after the log has acknowledged it. There is no position: ids commit out of order, and
events behind a cursor would vanish. The next batch is read while one is being sent, and sent once that is acknowledged.
"""

import asyncio
import collections
import logging
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
from prometheus_client import Counter, Gauge

from shared.event_log.embedded.connections import close_connection
from shared.event_log.protocol import Log, LogError, Message, Producer
from shared.messaging import cloudevents
from shared.persistence.outbox import CHANNEL
from shared.waiting import Backoff, pause

if TYPE_CHECKING:
    from shared.event_log.embedded.connections import Connection, Row

logger = logging.getLogger(__name__)

BATCH_ROWS = 500
POLL_INTERVAL_SECONDS = 1.0
"""Seconds between polls of the outbox, for a notification that was lost."""
BACKLOG_INTERVAL_SECONDS = 5.0
STALL_TIMEOUT_SECONDS = 30.0
"""Seconds without progress, while rows wait, after which the relay is not ready."""

# The database encodes the headers, since this process has one processor for everything.
SELECT_BATCH = """
    SELECT id, topic, convert_to(key::text, 'UTF8'), data,
        convert_to(event_id::text, 'UTF8'), convert_to(source, 'UTF8'), convert_to(type, 'UTF8'),
        convert_to(to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8'),
        convert_to(sequence::text, 'UTF8'), convert_to(traceparent, 'UTF8')
    FROM outbox WHERE {} ORDER BY id LIMIT $1
"""
DELETE_BATCH = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"
BACKLOG = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(time)), 0)::float8, count(*)
    FROM (SELECT time FROM outbox ORDER BY id LIMIT 10000) waiting
"""

sent_counter = Counter("impact_relay_sent", "Events that the log has acknowledged", ["service", "type"])
lag_gauge = Gauge("impact_relay_lag_seconds", "Age in seconds of the oldest event in the outbox", ["service"])
waiting_gauge = Gauge("impact_relay_waiting", "Events in the outbox, 10,000 at most", ["service"])


class OutboxRow(NamedTuple):
    """A row of SELECT_BATCH; all but id, topic and data are texts in UTF-8."""

    id: int
    topic: str
    key: bytes
    data: bytes
    event_id: bytes
    source: bytes
    type: bytes
    time: bytes
    sequence: bytes
    traceparent: bytes | None


class Relay:
    """Sends one service's events from its outbox, in the database at `dsn`, to the log."""

    def __init__(self, dsn: str, service: str, log: Log, *, batch: int = BATCH_ROWS) -> None:
        self.dsn = dsn
        self.service = service
        self.log = log
        self.batch = batch
        self.leading = False
        """Whether this process holds the lock, and so relays."""
        self._notified = asyncio.Event()
        self._progressed_at = time.monotonic()
        self._oldest = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Relay, or wait to take over from another process, until `stop` is set."""
        # With a custom plan the list of excluded ids is hashed; with a generic one it is scanned for each row.
        reader_settings = {"plan_cache_mode": "force_custom_plan"}
        # A deletion that a crash undoes sends the same ids again, which consumers recognise: no wait for the disk.
        remover_settings = {"synchronous_commit": "off"}
        async with self._connect(reader_settings) as reader, self._connect(remover_settings) as remover:
            await reader.add_listener(CHANNEL, self._on_notify)
            while not stop.is_set():
                if await reader.fetchval("SELECT pg_try_advisory_lock(hashtext('impact relay'))"):
                    break
                await pause(stop, POLL_INTERVAL_SECONDS)
            self.leading, self._progressed_at = not stop.is_set(), time.monotonic()
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._monitor_backlog(stop))
                    tasks.create_task(self._wake_when_stopped(stop))
                    await self._relay(reader, remover, stop)
            finally:
                self.leading = False

    async def check(self) -> str | None:
        """Return what is wrong with the relay, for /health/ready, or None."""
        idle_seconds = time.monotonic() - self._progressed_at
        if self.leading and self._oldest > STALL_TIMEOUT_SECONDS and idle_seconds > STALL_TIMEOUT_SECONDS:
            return f"events have waited in the outbox for {self._oldest:.0f} s"
        return None

    def _on_notify(self, *_: object) -> None:
        self._notified.set()

    async def _relay(self, reader: "Connection", remover: "Connection", stop: asyncio.Event) -> None:
        producer: Producer | None = None
        backoff = Backoff(first=0.1, maximum=2.0)
        try:
            while not stop.is_set():
                try:
                    producer = producer or await self.log.producer(f"relay of {self.service}")
                    await self._drain(reader, remover, producer, stop)
                except (LogError, asyncio.CancelledError) as error:
                    task = asyncio.current_task()
                    if task is not None and task.cancelling():
                        raise
                    # The last batch may have arrived: it is sent again, by a new producer, with the same ids.
                    logger.warning("the log accepts no events, trying again: %s", error)
                    if producer is not None:
                        await producer.close()
                    producer = None
                    await pause(stop, backoff.next_delay())
                    continue
                backoff.reset()
                await pause(self._notified, POLL_INTERVAL_SECONDS)
        finally:
            if producer is not None:
                await producer.close()

    async def _drain(
        self, reader: "Connection", remover: "Connection", producer: Producer, stop: asyncio.Event
    ) -> None:
        """Send the rows that wait, until none is left."""
        self._notified.clear()
        batch = OutboxBatch(await remover.fetch(SELECT_BATCH.format("true"), self.batch))
        removal: asyncio.Task[str] | None = None
        removed_ids: list[int] = []
        try:
            while batch.ids and not stop.is_set():
                full = len(batch.ids) == self.batch
                reading = asyncio.create_task(self._read_next(reader, removed_ids + batch.ids)) if full else None
                # Lets both statements reach the database before the batch occupies this process.
                await asyncio.sleep(0)
                try:
                    await producer.append(batch.messages)
                finally:
                    next_batch = await reading if reading is not None else OutboxBatch([])
                if removal is not None:
                    await removal
                removed_ids = batch.ids
                removal = asyncio.create_task(remover.execute(DELETE_BATCH, removed_ids))
                self._progressed_at = time.monotonic()
                for event_type, count in collections.Counter(batch.types).items():
                    sent_counter.labels(self.service, event_type.decode()).inc(count)
                batch = next_batch
        finally:
            if removal is not None:
                await removal

    async def _read_next(self, reader: "Connection", excluded_ids: list[int]) -> "OutboxBatch":
        """Read the batch after the rows that are being sent or deleted."""
        return OutboxBatch(await reader.fetch(SELECT_BATCH.format("id <> ALL($2::bigint[])"), self.batch, excluded_ids))

    async def _wake_when_stopped(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._notified.set()

    async def _monitor_backlog(self, stop: asyncio.Event) -> None:
        async with self._connect() as connection:
            while not stop.is_set():
                ((self._oldest, count),) = await connection.fetch(BACKLOG)
                lag_gauge.labels(self.service).set(self._oldest)
                waiting_gauge.labels(self.service).set(count)
                await pause(stop, BACKLOG_INTERVAL_SECONDS)

    @asynccontextmanager
    async def _connect(self, settings: Mapping[str, str] | None = None) -> AsyncGenerator["Connection"]:
        settings = {"application_name": f"impact relay of {self.service}", **(settings or {})}
        connection = await asyncpg.connect(self.dsn, timeout=10, command_timeout=60, server_settings=settings)
        try:
            yield connection
        finally:
            await close_connection(connection)


class OutboxBatch:
    """Rows of the outbox, and their messages."""

    def __init__(self, records: "Sequence[Row]") -> None:
        rows = [OutboxRow(*record) for record in records]
        self.ids = [row.id for row in rows]
        self.types = [row.type for row in rows]
        self.messages = [message_of(row) for row in rows]


def message_of(row: OutboxRow) -> Message:
    """Return the message of a row."""
    headers = cloudevents.headers(row.event_id, row.source, row.type, row.time, row.key, row.sequence, row.traceparent)
    return Message(row.topic, row.key, row.data, headers)
