"""The embedded event log: topics, partitions and offsets as in Kafka, in a PostgreSQL database of its own.

An append locks the row of each partition until it commits. So offsets become visible in order, and a reader that has
seen one has seen all before it.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from shared.event_log.embedded.connections import (
    APPENDED_CHANNEL,
    as_log_errors,
    close_connection,
    connect,
    connected,
    record_of,
)
from shared.event_log.embedded.group import join
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
    TopicConfig,
)
from shared.event_log.protocol import partition_of as partition_of_key

if TYPE_CHECKING:
    from shared.event_log.embedded.connections import Connection

SCHEMA = Path(__file__).with_name("schema.sql")


async def ensure_schema(url: str) -> None:
    """Create the log's tables where they are missing. Safe to repeat, and for several processes at once."""
    async with connected(url, "schema") as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('impact event log'))")
        await connection.execute(SCHEMA.read_text())


class EventLog:
    """The event log in the database at `url`, after `ensure_schema`."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def create_topics(self, topics: Collection[TopicConfig]) -> None:
        async with connected(self.url, "topics") as connection:
            for topic in topics:
                await connection.execute(
                    "SELECT create_topic($1, $2, $3)", topic.name, topic.partitions, topic.retention
                )

    async def producer(self, name: str) -> Producer:
        return EmbeddedProducer(await connect(self.url, name))

    async def member(self, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> Member:
        return await join(self.url, group, topics, assigned, revoked)

    async def ends(self, topics: Collection[str]) -> Mapping[Partition, int]:
        async with connected(self.url, "ends") as connection:
            rows = await connection.fetch(
                "SELECT topic, number, next_offset FROM partitions WHERE topic = ANY($1)", list(topics)
            )
        return {Partition(topic, number): end for topic, number, end in rows}

    async def committed(self, group: str, topics: Collection[str]) -> Mapping[Partition, int]:
        async with connected(self.url, "committed") as connection:
            rows = await connection.fetch(
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
                rows = await connection.fetch(
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
        """Do nothing: no connection is kept between calls."""


class EmbeddedProducer:
    """Appends a batch in one transaction, then notifies the members that wait."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._partition_ids: dict[str, list[int]] = {}

    async def append(self, messages: Sequence[Message]) -> None:
        with as_log_errors():
            partition_ids = [await self._partition_id(message.topic, message.key) for message in messages]
            keys = [message.key for message in messages]
            values = [message.value for message in messages]
            headers = [_to_json(message.headers) for message in messages]
            await self._connection.execute("SELECT append($1, $2, $3, $4)", partition_ids, keys, values, headers)
            # Outside the transaction: NOTIFY inside it would make every commit of the server wait for this one.
            topics = ",".join({message.topic for message in messages})
            await self._connection.execute("SELECT pg_notify($1, $2)", APPENDED_CHANNEL, topics)

    async def _partition_id(self, topic: str, key: bytes) -> int:
        partition_ids = self._partition_ids.get(topic)
        if partition_ids is None:
            rows = await self._connection.fetch("SELECT id FROM partitions WHERE topic = $1 ORDER BY number", topic)
            if not rows:
                raise LogError(f"there is no topic {topic}")
            partition_ids = self._partition_ids[topic] = [row["id"] for row in rows]
        return partition_ids[partition_of_key(key, len(partition_ids))]

    async def close(self) -> None:
        await close_connection(self._connection)


def _to_json(headers: Headers) -> str:
    """Return headers as JSON. Latin-1 gives every byte a character, so that any value comes back unchanged."""
    return orjson.dumps([(name, value.decode("latin-1")) for name, value in headers]).decode()
