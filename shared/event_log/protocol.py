"""The interface of the event log, implemented in Apache Kafka (`.kafka`) and in PostgreSQL (`.embedded`).

Both guarantee: the messages of one key are in one partition in the order in which they were appended, until the topic's
retention time has passed; a group has a committed offset in each partition; one member of a group at a time reads a
partition, and the partitions of a member that vanished go to the others within seconds.
"""

import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol

PARTITIONS = 6
RETENTION = timedelta(days=30)
_MULTIPLIER, _MASK = 0x5BD1E995, 0xFFFFFFFF

Headers = Sequence[tuple[str, bytes]]


class LogError(Exception):
    """A call of the log failed, or its outcome is unknown. Try again with a new producer or member."""


class Fenced(LogError):
    """The partition belongs to another member by now, so this one may no longer commit its offset."""


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """A topic to create. Its number of partitions can never change: a key would move to another partition."""

    name: str
    partitions: int = PARTITIONS
    retention: timedelta = RETENTION


class Partition(NamedTuple):
    """One ordered sequence of a topic."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}"


class Message(NamedTuple):
    """A message to append."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers


class Record(NamedTuple):
    """A message in the log, as a member reads it."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class PartitionOffsets(NamedTuple):
    """The offset that a member will read next in a partition, and the one that the next message will get."""

    position: int
    end: int


def partition_of(key: bytes, partitions: int) -> int:
    """Return the number of a key's partition: murmur2, as in every Kafka client, so that both logs agree."""
    length = len(key)
    state = 0x9747B28C ^ length
    for block in struct.unpack_from(f"<{length >> 2}I", key):
        mixed = block * _MULTIPLIER & _MASK
        state = (state * _MULTIPLIER & _MASK) ^ ((mixed ^ mixed >> 24) * _MULTIPLIER & _MASK)
    if tail_length := length & 3:
        state = (state ^ int.from_bytes(key[length - tail_length :], "little")) * _MULTIPLIER & _MASK
    state = (state ^ state >> 13) * _MULTIPLIER & _MASK
    return ((state ^ state >> 15) & 0x7FFFFFFF) % partitions


class Producer(Protocol):
    """A writer of the log."""

    async def append(self, messages: Sequence[Message]) -> None:
        """Append the messages, and return when all are stored.

        Raises LogError where that is unknown: append the same messages again with a new producer. Those that were
        stored are then in the log twice, with the same id.
        """
        ...

    async def close(self) -> None:
        """Abandon pending appends and close the connections, within seconds."""
        ...


class Member(Protocol):
    """A reader that belongs to a group. Methods raise LogError where the member has failed: close it and join again."""

    async def poll(self, seconds: float) -> Mapping[Partition, Sequence[Record]]:
        """Return the next records of each partition, in order. Waits at most so many seconds where there are none."""
        ...

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Store the offsets at which the group continues. Raises Fenced where a partition went to another member."""
        ...

    def pause(self, partition: Partition) -> None:
        """Poll no more records of the partition until it is resumed."""
        ...

    def resume(self, partition: Partition) -> None:
        """Poll the partition again, after the last record that was polled."""
        ...

    async def partition_offsets(self) -> Mapping[Partition, PartitionOffsets]:
        """Return the position and end of each partition assigned to this member."""
        ...

    async def close(self) -> None:
        """Leave the group, so that others can take the partitions immediately."""
        ...


Assigned = Callable[[Collection[Partition]], Awaitable[None]]
"""Called before the first record of these partitions is polled."""

Revoked = Callable[[Collection[Partition]], Awaitable[None]]
"""Called when partitions are revoked. Until it returns, the member still owns them and may commit their offsets."""


class Log(Protocol):
    """An event log. All methods raise LogError."""

    async def create_topics(self, topics: Collection[TopicConfig]) -> None:
        """Create the topics that do not exist; leave the others as they are."""
        ...

    async def producer(self, name: str) -> Producer:
        """Return a connected producer; `name` is shown in the log's diagnostics."""
        ...

    async def member(self, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> Member:
        """Join the group. Where it has committed no offset, it starts at the oldest record."""
        ...

    async def ends(self, topics: Collection[str]) -> Mapping[Partition, int]:
        """Return the offset that the next message of each partition will get."""
        ...

    async def committed(self, group: str, topics: Collection[str]) -> Mapping[Partition, int]:
        """Return the committed offsets of the group; partitions without one are absent."""
        ...

    def read(self, partition: Partition, end: int) -> AsyncIterator[Sequence[Record]]:
        """Read all records of the partition before `end`, oldest first, outside any group."""
        ...

    async def close(self) -> None:
        """Close the connections that belong to no producer or member."""
        ...
