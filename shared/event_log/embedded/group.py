"""Groups of the embedded log: who reads which partition, and how far the group has come.

Each member works out the same assignment from the list of members, gives back what it should no longer have, and takes
what is free. Taking raises the partition's epoch, and a commit with an older epoch is refused. A member that stops
beating loses its partitions after some seconds.
"""

import asyncio
import contextlib
import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from shared.event_log.embedded.log import APPENDED, as_log_errors, connect, let_go, record_of
from shared.event_log.protocol import Assigned, Fenced, LogError, Partition, PartitionOffsets, Record, Revoked

if TYPE_CHECKING:
    from shared.event_log.embedded.log import Connection

CHANGED = "event_log_group"
BEAT = 1.0
"""Seconds between two signs of life."""
SILENCE = 5.0
"""Seconds of silence after which a member's partitions are free for the others."""
LOOK = 1.0
"""Seconds after which a waiting member looks by itself, should a notification have been lost."""
PURGE = 600.0
"""Seconds between two removals of records older than their topic's retention."""
MOST = 1000

ENTER = """
    INSERT INTO members VALUES ($1, $2, $3)
    ON CONFLICT (group_name, id) DO UPDATE SET beat_at = clock_timestamp()
"""
BEAT_NOW = "UPDATE members SET beat_at = clock_timestamp() WHERE group_name = $1 AND id = $2 RETURNING true"
LEAVE = """
    WITH gone AS (DELETE FROM members WHERE group_name = $1 AND id = $2)
    UPDATE progress SET owner = NULL WHERE group_name = $1 AND owner = $2
"""
READ = """
    SELECT part, log_offset, key, value, headers
    FROM unnest($1::int[], $2::bigint[]) AS at (part, start)
    JOIN partitions ON id = part AND next_offset > start
    CROSS JOIN LATERAL (
        SELECT log_offset, key, value, headers FROM records
        WHERE partition = part AND log_offset >= start ORDER BY log_offset LIMIT $3
    ) found
"""
TAKE = """
    UPDATE progress SET owner = $2, epoch = epoch + 1
    WHERE group_name = $1 AND partition = ANY($3) AND owner IS NULL
    RETURNING partition, epoch, coalesce(committed, 0)
"""
GIVE_BACK = "UPDATE progress SET owner = NULL WHERE group_name = $1 AND owner = $2 AND partition = ANY($3)"
COMMIT = """
    UPDATE progress SET committed = reached
    FROM unnest($3::int[], $4::bigint[], $5::bigint[]) AS wanted (part, reached, held)
    WHERE group_name = $1 AND owner = $2 AND partition = part AND epoch = held
    RETURNING partition
"""


async def join(url: str, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> "EmbeddedMember":
    """A member that has its first partitions."""
    member = EmbeddedMember(await connect(url, f"member of {group}"), group, topics, assigned, revoked)
    await member.start()
    return member


class EmbeddedMember:
    """One reader of a group: one connection, a task that beats and one that keeps the assignment."""

    def __init__(
        self, connection: "Connection", group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked
    ) -> None:
        self.id = uuid4()
        self._connection = connection
        self._group = group
        self._topics = sorted(topics)
        self._assigned, self._revoked = assigned, revoked
        self._turn = asyncio.Lock()
        self._epochs: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        self._names: dict[int, Partition] = {}
        self._paused: set[Partition] = set()
        self._news = asyncio.Event()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        try:
            with as_log_errors():
                await self._connection.add_listener(APPENDED, self._on_appended)
                await self._connection.add_listener(CHANGED, self._on_changed)
                await self._enter()
            await self._balance()
        except BaseException:
            await let_go(self._connection)
            raise
        self._tasks = [asyncio.create_task(self._beats()), asyncio.create_task(self._balances())]

    async def poll(self, seconds: float) -> Mapping[Partition, Sequence[Record]]:
        end = time.monotonic() + seconds
        while True:
            self._raise_failure()
            self._news.clear()
            if found := await self._read():
                return found
            left = end - time.monotonic()
            if left <= 0:
                return {}
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK)):
                    await self._news.wait()

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        numbers = {name: number for number, name in self._names.items()}
        async with self._turn:
            wanted = [(numbers[part], offset) for part, offset in offsets.items() if numbers.get(part) in self._epochs]
            ids = [number for number, _ in wanted]
            with as_log_errors():
                done: list[Any] = await self._connection.fetch(
                    COMMIT,
                    *(self._group, self.id, ids, [offset for _, offset in wanted], [self._epochs[n] for n in ids]),
                )
        if len(done) < len(offsets):
            raise Fenced("a partition was given to another member")

    def pause(self, partition: Partition) -> None:
        self._paused.add(partition)

    def resume(self, partition: Partition) -> None:
        self._paused.discard(partition)
        self._news.set()

    async def partition_offsets(self) -> Mapping[Partition, PartitionOffsets]:
        positions = dict(self._positions)
        async with self._turn:
            with as_log_errors():
                rows: list[Any] = await self._connection.fetch(
                    "SELECT id, next_offset FROM partitions WHERE id = ANY($1)", list(positions)
                )
        return {self._names[number]: PartitionOffsets(positions[number], end) for number, end in rows}

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            async with self._turn:
                with as_log_errors():
                    await self._connection.execute(
                        LEAVE,
                        *(self._group, self.id),
                    )
                    await self._tell_group()
        except LogError:
            # The others will notice the silence.
            pass
        await let_go(self._connection)

    def _on_appended(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if not set(self._topics).isdisjoint(str(payload).split(",")):
            self._news.set()

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
        wanted = {number: at for number, at in self._positions.items() if self._names[number] not in self._paused}
        if not wanted:
            return {}
        async with self._turn:
            with as_log_errors():
                rows: list[Any] = await self._connection.fetch(
                    READ,
                    *(list(wanted), list(wanted.values()), MOST),
                )
        found: dict[Partition, list[Record]] = {}
        for row in rows:
            number = row["part"]
            # Meanwhile it may have been given back or paused: then it is read again later.
            if self._positions.get(number) is None or self._names[number] in self._paused:
                continue
            found.setdefault(self._names[number], []).append(record_of(self._names[number], row))
        for number in {row["part"] for row in rows} & self._positions.keys():
            if records := found.get(self._names[number]):
                self._positions[number] = records[-1].offset + 1
        return found

    async def _enter(self) -> None:
        await self._connection.execute(
            ENTER,
            *(self._group, self.id, self._topics),
        )
        await self._tell_group()

    async def _tell_group(self) -> None:
        await self._connection.execute("SELECT pg_notify($1, $2)", CHANGED, self._group)

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            async with self._turn:
                with as_log_errors():
                    alive: bool | None = await self._connection.fetchval(
                        BEAT_NOW,
                        *(self._group, self.id),
                    )
            if not alive:
                raise Fenced("this member was silent for too long")

    async def _balances(self) -> None:
        purged = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._changed.wait()
            self._changed.clear()
            await self._balance()
            if time.monotonic() - purged > PURGE:
                purged = time.monotonic()
                async with self._turn:
                    with as_log_errors():
                        await self._connection.execute("SELECT forget_old_records()", timeout=120)

    async def _balance(self) -> None:
        target = await self._target()
        if surplus := self._epochs.keys() - target.keys():
            await self._give_back(surplus)
        if missing := target.keys() - self._epochs.keys():
            self._names.update(target)
            await self._take(missing)

    async def _target(self) -> dict[int, Partition]:
        """The partitions that should be this member's."""
        async with self._turn:
            with as_log_errors():
                for group in await self._connection.fetch("SELECT expel(make_interval(secs => $1))", SILENCE):
                    await self._connection.execute("SELECT pg_notify($1, $2)", CHANGED, group[0])
                members: list[Any] = await self._connection.fetch(
                    "SELECT id, topics FROM members WHERE group_name = $1 ORDER BY id", self._group
                )
                partitions: list[Any] = await self._connection.fetch(
                    "SELECT id, topic, number FROM partitions WHERE topic = ANY($1) ORDER BY topic, number",
                    self._topics,
                )
        return {
            number: Partition(topic, nth)
            for place, (number, topic, nth) in enumerate(partitions)
            if self._whose(place, topic, [(row["id"], row["topics"]) for row in members]) == self.id
        }

    @staticmethod
    def _whose(place: int, topic: str, members: Sequence[tuple[UUID, Sequence[str]]]) -> UUID | None:
        willing = [member for member, topics in members if topic in topics]
        return willing[place % len(willing)] if willing else None

    async def _give_back(self, surplus: Collection[int]) -> None:
        for number in surplus:
            self._positions.pop(number, None)
        await self._revoked([self._names[number] for number in surplus])
        for number in surplus:
            self._epochs.pop(number, None)
            self._paused.discard(self._names[number])
        async with self._turn:
            with as_log_errors():
                await self._connection.execute(
                    GIVE_BACK,
                    *(self._group, self.id, list(surplus)),
                )
                await self._tell_group()

    async def _take(self, missing: Collection[int]) -> None:
        async with self._turn:
            with as_log_errors():
                await self._connection.execute(
                    "INSERT INTO progress (group_name, partition) SELECT $1, unnest($2::int[]) ON CONFLICT DO NOTHING",
                    *(self._group, list(missing)),
                )
                taken: list[Any] = await self._connection.fetch(
                    TAKE,
                    *(self._group, self.id, list(missing)),
                )
        if not taken:
            return
        await self._assigned([self._names[number] for number, _, _ in taken])
        for number, epoch, position in taken:
            self._epochs[number] = epoch
            self._positions[number] = position
        self._news.set()
