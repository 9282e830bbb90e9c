"""Consumer groups of the embedded event log: assignment of partitions, and committed offsets.

Each member computes the same assignment from the list of members, releases what it should no longer own, and acquires
what is free. Acquiring raises the partition's epoch, and a commit with an older epoch is refused. A member that sends
no heartbeat loses its partitions when its session times out.
"""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from shared.event_log.embedded.connections import (
    APPENDED_CHANNEL,
    as_log_errors,
    close_connection,
    connect,
    record_of,
)
from shared.event_log.embedded.statements import ASSIGN, COMMIT, FETCH, HEARTBEAT, JOIN_GROUP, LEAVE_GROUP, RELEASE
from shared.event_log.protocol import Assigned, Fenced, LogError, Partition, PartitionOffsets, Record, Revoked
from shared.waiting import pause

if TYPE_CHECKING:
    from shared.event_log.embedded.connections import Connection

CHANGED_CHANNEL = "event_log_group"
HEARTBEAT_INTERVAL_SECONDS = 1.0
"""Seconds between two heartbeats of a member."""
SESSION_TIMEOUT_SECONDS = 5.0
"""Seconds without a heartbeat after which a member's partitions are free for the others."""
POLL_INTERVAL_SECONDS = 1.0
"""Seconds between polls of a waiting member, for a notification that was lost."""
PURGE_INTERVAL_SECONDS = 600.0
"""Seconds between two deletions of records older than their topic's retention."""
MAX_POLL_RECORDS = 1000


async def join(url: str, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> "EmbeddedMember":
    """Join the group. Returns a member that has its first partitions. Raises LogError."""
    member = EmbeddedMember(await connect(url, f"member of {group}"), group, topics, assigned, revoked)
    await member.start()
    return member


class EmbeddedMember:
    """One member of a group: a connection, a task that sends heartbeats, and one that keeps the assignment."""

    def __init__(
        self, connection: "Connection", group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked
    ) -> None:
        self.id = uuid4()
        self._connection = connection
        self._group = group
        self._topics = sorted(topics)
        self._on_assigned, self._on_revoked = assigned, revoked
        self._lock = asyncio.Lock()
        self._epochs: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        self._partitions: dict[int, Partition] = {}
        self._paused: set[Partition] = set()
        self._appended = asyncio.Event()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Join the group and acquire partitions. Raises LogError."""
        try:
            with as_log_errors():
                await self._connection.add_listener(APPENDED_CHANNEL, self._on_appended)
                await self._connection.add_listener(CHANGED_CHANNEL, self._on_changed)
                await self._join()
            await self._rebalance()
        except BaseException:
            await close_connection(self._connection)
            raise
        self._tasks = [asyncio.create_task(self._send_heartbeats()), asyncio.create_task(self._keep_balanced())]

    # The methods of protocol.Member:

    async def poll(self, seconds: float) -> Mapping[Partition, Sequence[Record]]:
        end = time.monotonic() + seconds
        while True:
            self._raise_failure()
            self._appended.clear()
            if records := await self._read():
                return records
            remaining = end - time.monotonic()
            if remaining <= 0:
                return {}
            await pause(self._appended, min(remaining, POLL_INTERVAL_SECONDS))

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        ids_by_partition = {partition: partition_id for partition_id, partition in self._partitions.items()}
        async with self._lock:
            owned = {
                ids_by_partition[partition]: offset
                for partition, offset in offsets.items()
                if ids_by_partition.get(partition) in self._epochs
            }
            with as_log_errors():
                committed_rows = await self._connection.fetch(
                    COMMIT,
                    self._group,
                    self.id,
                    list(owned),
                    list(owned.values()),
                    [self._epochs[partition_id] for partition_id in owned],
                )
        if len(committed_rows) < len(offsets):
            raise Fenced("a partition was given to another member")

    def pause(self, partition: Partition) -> None:
        self._paused.add(partition)

    def resume(self, partition: Partition) -> None:
        self._paused.discard(partition)
        self._appended.set()

    async def partition_offsets(self) -> Mapping[Partition, PartitionOffsets]:
        positions = dict(self._positions)
        async with self._lock:
            with as_log_errors():
                rows = await self._connection.fetch(
                    "SELECT id, next_offset FROM partitions WHERE id = ANY($1)", list(positions)
                )
        return {
            self._partitions[partition_id]: PartitionOffsets(positions[partition_id], end) for partition_id, end in rows
        }

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            async with self._lock:
                with as_log_errors():
                    await self._connection.execute(LEAVE_GROUP, self._group, self.id)
                    await self._notify_group()
        except LogError:
            # The session will time out.
            pass
        await close_connection(self._connection)

    def _on_appended(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if not set(self._topics).isdisjoint(str(payload).split(",")):
            self._appended.set()

    def _on_changed(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if payload == self._group:
            self._changed.set()

    def _raise_failure(self) -> None:
        if self._connection.is_closed():
            raise LogError("the connection to the event log was lost")
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise LogError(f"this member failed: {error}") from error

    async def _read(self) -> dict[Partition, list[Record]]:
        positions = {
            partition_id: position
            for partition_id, position in self._positions.items()
            if self._partitions[partition_id] not in self._paused
        }
        if not positions:
            return {}
        async with self._lock:
            with as_log_errors():
                rows = await self._connection.fetch(
                    FETCH, *(list(positions), list(positions.values()), MAX_POLL_RECORDS)
                )
        records: dict[Partition, list[Record]] = {}
        for row in rows:
            partition_id = row["partition_id"]
            # Released or paused meanwhile: it is read again later.
            if self._positions.get(partition_id) is None or self._partitions[partition_id] in self._paused:
                continue
            records.setdefault(self._partitions[partition_id], []).append(
                record_of(self._partitions[partition_id], row)
            )
        for partition_id in {row["partition_id"] for row in rows} & self._positions.keys():
            if polled := records.get(self._partitions[partition_id]):
                self._positions[partition_id] = polled[-1].offset + 1
        return records

    async def _join(self) -> None:
        await self._connection.execute(JOIN_GROUP, self._group, self.id, self._topics)
        await self._notify_group()

    async def _notify_group(self) -> None:
        await self._connection.execute("SELECT pg_notify($1, $2)", CHANGED_CHANNEL, self._group)

    async def _send_heartbeats(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_INTERVAL_SECONDS)
            async with self._lock:
                with as_log_errors():
                    alive: bool | None = await self._connection.fetchval(HEARTBEAT, self._group, self.id)
            if not alive:
                raise Fenced("the session of this member timed out")

    async def _keep_balanced(self) -> None:
        purged_at = time.monotonic()
        while True:
            await pause(self._changed, HEARTBEAT_INTERVAL_SECONDS)
            self._changed.clear()
            await self._rebalance()
            if time.monotonic() - purged_at > PURGE_INTERVAL_SECONDS:
                purged_at = time.monotonic()
                async with self._lock:
                    with as_log_errors():
                        await self._connection.execute("SELECT delete_expired_records()", timeout=120)

    async def _rebalance(self) -> None:
        target = await self._target()
        if surplus := self._epochs.keys() - target.keys():
            await self._release(surplus)
        if missing := target.keys() - self._epochs.keys():
            self._partitions.update(target)
            await self._acquire(missing)

    async def _target(self) -> dict[int, Partition]:
        """Return the partitions that should be this member's, after evicting members whose session timed out."""
        async with self._lock:
            with as_log_errors():
                for row in await self._connection.fetch(
                    "SELECT evict(make_interval(secs => $1)) AS group_name", SESSION_TIMEOUT_SECONDS
                ):
                    await self._connection.execute("SELECT pg_notify($1, $2)", CHANGED_CHANNEL, row["group_name"])
                members = await self._connection.fetch(
                    "SELECT id, topics FROM members WHERE group_name = $1 ORDER BY id", self._group
                )
                partitions = await self._connection.fetch(
                    "SELECT id, topic, number FROM partitions WHERE topic = ANY($1) ORDER BY topic, number",
                    self._topics,
                )
        return {
            partition_id: Partition(topic, number_in_topic)
            for index, (partition_id, topic, number_in_topic) in enumerate(partitions)
            if self._owner(index, topic, [(row["id"], row["topics"]) for row in members]) == self.id
        }

    @staticmethod
    def _owner(index: int, topic: str, members: Sequence[tuple[UUID, Sequence[str]]]) -> UUID | None:
        subscribed = [member for member, topics in members if topic in topics]
        return subscribed[index % len(subscribed)] if subscribed else None

    async def _release(self, surplus: Collection[int]) -> None:
        for partition_id in surplus:
            self._positions.pop(partition_id, None)
        await self._on_revoked([self._partitions[partition_id] for partition_id in surplus])
        for partition_id in surplus:
            self._epochs.pop(partition_id, None)
            self._paused.discard(self._partitions[partition_id])
        async with self._lock:
            with as_log_errors():
                await self._connection.execute(RELEASE, self._group, self.id, list(surplus))
                await self._notify_group()

    async def _acquire(self, missing: Collection[int]) -> None:
        async with self._lock:
            with as_log_errors():
                await self._connection.execute(
                    "INSERT INTO progress (group_name, partition) SELECT $1, unnest($2::int[]) ON CONFLICT DO NOTHING",
                    self._group,
                    list(missing),
                )
                acquired = await self._connection.fetch(ASSIGN, self._group, self.id, list(missing))
        if not acquired:
            return
        await self._on_assigned([self._partitions[partition_id] for partition_id, _, _ in acquired])
        for partition_id, epoch, position in acquired:
            self._epochs[partition_id] = epoch
            self._positions[partition_id] = position
        self._appended.set()
