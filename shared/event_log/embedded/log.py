"""The embedded log: Kafka's meaning, kept in a PostgreSQL database of its own, for one command and no containers.

Appending takes the row lock of each partition and holds it until the commit: so offsets become visible in order, and a
reader that has seen one has seen all before it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import orjson

from shared.event_log.protocol import (
    Assigned,
    Headers,
    LogError,
    Member,
    Message,
    Partition,
    Producer,
    Record,
    Revoked,
    Topic,
)
from shared.event_log.protocol import partition_of as partition_of_key

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Row: TypeAlias = asyncpg.Record

SCHEMA = Path(__file__).with_name("schema.sql")
APPENDED = "event_log_appended"
ANSWER_WITHIN = 20.0
"""Seconds after which a statement whose outcome is unknown is given up."""


async def ensure_schema(url: str) -> None:
    """Make the log's tables where they are missing. Safe to repeat, and for several to do at once."""
    async with connected(url, "schema") as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('impact event log'))")
        await connection.execute(SCHEMA.read_text())


class EventLog:
    """The log in the database at `url`, whose schema is there already."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def create_topics(self, topics: Collection[Topic]) -> None:
        async with connected(self.url, "topics") as connection:
            for topic in topics:
                await connection.execute(
                    "SELECT create_topic($1, $2, $3)", topic.name, topic.partitions, topic.retention
                )

    async def producer(self, name: str) -> Producer:
        return EmbeddedProducer(await connect(self.url, name))

    async def member(self, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> Member:
        from shared.event_log.embedded.group import join

        return await join(self.url, group, topics, assigned, revoked)

    async def ends(self, topics: Collection[str]) -> Mapping[Partition, int]:
        async with connected(self.url, "ends") as connection:
            rows: list[Any] = await connection.fetch(
                "SELECT topic, number, next_offset FROM partitions WHERE topic = ANY($1)", list(topics)
            )
        return {Partition(topic, number): end for topic, number, end in rows}

    async def committed(self, group: str, topics: Collection[str]) -> Mapping[Partition, int]:
        async with connected(self.url, "committed") as connection:
            rows: list[Any] = await connection.fetch(
                "SELECT topic, number, committed FROM progress JOIN partitions ON id = partition "
                "WHERE group_name = $1 AND topic = ANY($2) AND committed IS NOT NULL",
                group,
                list(topics),
            )
        return {Partition(topic, number): offset for topic, number, offset in rows}

    async def read(self, partition: Partition, end: int) -> AsyncIterator[Sequence[Record]]:
        position = 0
        async with connected(self.url, "read") as connection:
            while True:
                rows: list[Any] = await connection.fetch(
                    "SELECT log_offset, key, value, headers FROM records JOIN partitions ON id = partition "
                    "WHERE topic = $1 AND number = $2 AND log_offset >= $3 AND log_offset < $4 "
                    "ORDER BY log_offset LIMIT 500",
                    *(partition.topic, partition.number, position, end),
                )
                if not rows:
                    return
                position = rows[-1]["log_offset"] + 1
                yield [record_of(partition, row) for row in rows]

    async def close(self) -> None:
        """Nothing is held between calls."""


class EmbeddedProducer:
    """Appends a batch in one transaction, then tells the members that wait."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._places: dict[str, list[int]] = {}

    async def append(self, messages: Sequence[Message]) -> None:
        with as_log_errors():
            places = [await self._place(message.topic, message.key) for message in messages]
            keys = [message.key for message in messages]
            values = [message.value for message in messages]
            heads = [_written(message.headers) for message in messages]
            await self._connection.execute("SELECT append($1, $2, $3, $4)", places, keys, values, heads)
            # Outside the transaction: NOTIFY inside it would make every commit of the server wait for this one.
            topics = ",".join({message.topic for message in messages})
            await self._connection.execute("SELECT pg_notify($1, $2)", APPENDED, topics)

    async def _place(self, topic: str, key: bytes) -> int:
        places = self._places.get(topic)
        if places is None:
            found: list[Any] = await self._connection.fetch(
                "SELECT id FROM partitions WHERE topic = $1 ORDER BY number", topic
            )
            if not found:
                raise LogError(f"there is no topic {topic}")
            places = self._places[topic] = [row["id"] for row in found]
        return places[partition_of_key(key, len(places))]

    async def close(self) -> None:
        await let_go(self._connection)


def record_of(partition: Partition, row: "Row") -> Record:
    """A record from a row with log_offset, key, value and headers."""
    headers = [(name, value.encode("latin-1")) for name, value in orjson.loads(row["headers"])]
    return Record(partition, row["log_offset"], row["key"], row["value"], headers)


def _written(headers: Headers) -> str:
    """As JSON: latin-1 gives every byte a character, so that any value comes back as it was."""
    return orjson.dumps([(name, value.decode("latin-1")) for name, value in headers]).decode()


async def connect(url: str, purpose: str) -> "Connection":
    with as_log_errors():
        return await asyncpg.connect(
            url,
            timeout=10,
            command_timeout=ANSWER_WITHIN,
            server_settings={"application_name": f"impact event log, {purpose}"},
        )


@asynccontextmanager
async def connected(url: str, purpose: str) -> AsyncGenerator["Connection"]:
    connection = await connect(url, purpose)
    try:
        with as_log_errors():
            yield connection
    finally:
        await let_go(connection)


async def let_go(connection: "Connection") -> None:
    """Close what may be broken already."""
    try:
        await connection.close(timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
        await asyncio.sleep(0)


@contextmanager
def as_log_errors() -> Generator[None]:
    try:
        yield
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise LogError(f"the event log did not answer as hoped: {type(error).__name__}: {error}") from error
