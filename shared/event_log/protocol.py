"""The two sides of the event log, the same for Apache Kafka (`.kafka`) and for PostgreSQL (`.embedded`).

What both promise: the messages of one key lie in one partition in the order in which they were appended, and stay there
until the topic's retention; a group remembers how far it came in each partition; a partition is read by one member of a
group at a time, and a member that is gone gives its partitions back within seconds.
"""

import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol

PARTITIONS = 6
RETENTION = timedelta(days=30)
_MIX, _BITS = 0x5BD1E995, 0xFFFFFFFF

Headers = Sequence[tuple[str, bytes]]


class LogError(Exception):
    """The log did not do what was asked, or the answer is unknown. Ask again with a new producer or member."""


class Fenced(LogError):
    """The partition belongs to another member by now: what was to be committed is no longer ours to commit."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic to create. The number of partitions is for ever: with another one a key would change its partition."""

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
    """What a producer appends."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers


class Record(NamedTuple):
    """What a member reads."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class PartitionOffsets(NamedTuple):
    """How far a member came in a partition: the offset it will read next, and the one that the next message gets."""

    position: int
    end: int


def partition_of(key: bytes, partitions: int) -> int:
    """Where a key lies: murmur2, as every Kafka client has it, so that both logs agree."""
    length = len(key)
    state = 0x9747B28C ^ length
    for word in struct.unpack_from(f"<{length >> 2}I", key):
        word = word * _MIX & _BITS
        state = (state * _MIX & _BITS) ^ ((word ^ word >> 24) * _MIX & _BITS)
    if rest := length & 3:
        state = (state ^ int.from_bytes(key[length - rest :], "little")) * _MIX & _BITS
    state = (state ^ state >> 13) * _MIX & _BITS
    return ((state ^ state >> 15) & 0x7FFFFFFF) % partitions


class Producer(Protocol):
    """One writer of the log."""

    async def append(self, messages: Sequence[Message]) -> None:
        """Returns when every message is safe. Raises LogError when that is unknown: append the same ones again by a new
        producer; what was safe already then stands in the log twice, with the same id."""
        ...

    async def close(self) -> None:
        """Give up what is under way, within seconds, and let go of the connections."""
        ...


class Member(Protocol):
    """One reader of a group. All methods raise LogError when the member is of no more use: close it, make another."""

    async def poll(self, seconds: float) -> Mapping[Partition, Sequence[Record]]:
        """The next records, in order by partition; waits so long at most if there are none."""
        ...

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """The group goes on from these offsets. Raises Fenced when a partition belongs to another member by now."""
        ...

    def pause(self, partition: Partition) -> None:
        """No more records of it until it is resumed; those after the last one polled come then."""
        ...

    def resume(self, partition: Partition) -> None:
        """Read on."""
        ...

    async def partition_offsets(self) -> Mapping[Partition, PartitionOffsets]:
        """Position and end of each partition that is this member's."""
        ...

    async def close(self) -> None:
        """Leave the group: its partitions are free at once."""
        ...


Assigned = Callable[[Collection[Partition]], Awaitable[None]]
"""Called before the first record of these partitions is given out."""

Revoked = Callable[[Collection[Partition]], Awaitable[None]]
"""Called when the group wants partitions back. Until it returns they are still ours and offsets may be committed."""


class Log(Protocol):
    """An event log. Methods raise LogError."""

    async def create_topics(self, topics: Collection[Topic]) -> None:
        """Make those that are missing; leave the others as they are."""
        ...

    async def producer(self, name: str) -> Producer:
        """A connected producer; `name` is for the log's own diagnostics."""
        ...

    async def member(self, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> Member:
        """Join the group. Where it has committed nothing, it begins with the oldest record."""
        ...

    async def ends(self, topics: Collection[str]) -> Mapping[Partition, int]:
        """The offset that the next message of each partition will get."""
        ...

    async def committed(self, group: str, topics: Collection[str]) -> Mapping[Partition, int]:
        """How far the group has come; partitions without a commit are missing."""
        ...

    def read(self, partition: Partition, end: int) -> AsyncIterator[Sequence[Record]]:
        """Everything in the partition before `end`, oldest first, outside any group."""
        ...

    async def close(self) -> None:
        """Let go of the connections that are not a producer's or a member's."""
        ...
