"""A service's place in its consumer group: reads its partitions, hands them to lanes, commits how far each came."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection

from prometheus_client import Gauge

from shared.event_log.protocol import Fenced, Log, LogError, Member, Partition
from shared.messaging.dispatcher import EventDispatcher
from shared.messaging.partition_processor import PartitionProcessor, RetryPolicy

logger = logging.getLogger(__name__)

POLL = 0.5
COMMIT_EVERY = 0.1
LOOK_EVERY = 2.0
STALLED = 60.0
"""Seconds without progress in a partition that has more to read, after which the consumer is not well."""
LEAVE_WITHIN = 5.0
"""Seconds for a last commit while partitions are given back."""
DEAF = 15.0
"""Seconds after which a member that hears nothing, though there is something, is given up for a new one."""
AT_ONCE = 4
"""Batches handled at the same time: each takes a connection to the database."""

lag = Gauge("impact_consumer_lag", "Events that this service has yet to handle", ["service", "topic", "partition"])


class GroupConsumer:
    """Follows the topics that a service's handlers listen to, until stopped."""

    def __init__(
        self, log: Log, handling: EventDispatcher, *, group: str | None = None, patience: RetryPolicy | None = None
    ) -> None:
        self.log = log
        self.handling = handling
        self.group = group or handling.service
        self.lanes: dict[Partition, PartitionProcessor] = {}
        self.behind: dict[Partition, int] = {}
        """Events yet to handle, by partition, when last looked at."""
        self._patience = patience or RetryPolicy()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._member: Member | None = None
        self._moved = asyncio.Event()
        self._paused: set[Partition] = set()
        self._committed: dict[Partition, int] = {}
        self._well_at = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Handle events until `stop` is set; then finish what is in hand, commit, and leave the group."""
        if not self.handling.topics:
            await stop.wait()
            return
        patience = 0.2
        while not stop.is_set():
            try:
                await self._join_and_follow(stop)
                patience = 0.2
            except (LogError, asyncio.CancelledError) as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                # A cancellation that is not ours comes out of the log's client, which has ended by it.
                logger.warning("the event log does not answer, joining again: %s", error)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(patience):
                        await stop.wait()
                patience = min(patience * 2, 2.0)

    async def check(self) -> str | None:
        """What is wrong with the consumer, for /health/ready."""
        now = time.monotonic()
        if self.handling.topics and now - self._well_at > 15:
            return f"the event log has not answered for {now - self._well_at:.0f} s"
        for partition, lane in self.lanes.items():
            if self.behind.get(partition, 0) and now - lane.moved_at > STALLED:
                return f"{partition} makes no progress"
        return None

    async def _join_and_follow(self, stop: asyncio.Event) -> None:
        member = await self.log.member(self.group, self.handling.topics, self._assigned, self._revoked)
        self._member = member
        beside = [asyncio.create_task(self._commits(member)), asyncio.create_task(self._looks(member))]
        try:
            while not stop.is_set():
                # Awaited directly, not as a task: no rebalance comes between a poll and what is done with its records.
                for partition, records in (await member.poll(POLL)).items():
                    lane = self._lane(partition)
                    lane.add(records)
                    if lane.full:
                        member.pause(partition)
                        self._paused.add(partition)
                self._well_at = time.monotonic()
                for job in beside:
                    if job.done():
                        job.result()
                for lane in self.lanes.values():
                    lane.raise_failure()
        finally:
            for job in beside:
                job.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            if not stop.is_set():
                self._member = None  # it is of no more use: nothing is committed by it
            try:
                await self._revoked(list(self.lanes))
            finally:
                self._member = None
                await member.close()

    def _lane(self, partition: Partition) -> PartitionProcessor:
        lane = self.lanes.get(partition)
        if lane is None:
            lane = PartitionProcessor(partition, self.handling, self._slots, self._patience, self._on_moved)
            self.lanes[partition] = lane
        return lane

    def _on_moved(self, lane: PartitionProcessor) -> None:
        self._moved.set()
        if lane.partition in self._paused and not lane.full and self._member is not None:
            self._paused.discard(lane.partition)
            self._member.resume(lane.partition)

    async def _assigned(self, partitions: Collection[Partition]) -> None:
        for partition in partitions:
            self._lane(partition)

    async def _revoked(self, partitions: Collection[Partition]) -> None:
        leaving = {partition: lane for partition in partitions if (lane := self.lanes.pop(partition, None))}
        await asyncio.gather(*(lane.close() for lane in leaving.values()))
        for partition in leaving:
            self._paused.discard(partition)
            if self.behind.pop(partition, None) is not None:
                lag.remove(self.handling.service, partition.topic, str(partition.number))
        reached = self._to_commit(leaving)
        for partition in leaving:
            self._committed.pop(partition, None)
        if reached and self._member is not None:
            try:
                async with asyncio.timeout(LEAVE_WITHIN):
                    await self._member.commit(reached)
            except (LogError, TimeoutError) as error:
                # Whoever comes next begins a little earlier; the inbox knows what was handled.
                logger.info("offsets not committed while giving partitions back: %s", error)

    def _to_commit(self, lanes: dict[Partition, PartitionProcessor]) -> dict[Partition, int]:
        return {
            partition: lane.reached
            for partition, lane in lanes.items()
            if lane.reached is not None and lane.reached != self._committed.get(partition)
        }

    async def _commits(self, member: Member) -> None:
        """After the database's commits, never past the lowest unfinished offset."""
        while True:
            await self._moved.wait()
            self._moved.clear()
            if reached := self._to_commit(self.lanes):
                try:
                    await member.commit(reached)
                    self._committed.update(reached)
                except Fenced as error:
                    logger.info("offsets not committed during a rebalance: %s", error)
            await asyncio.sleep(COMMIT_EVERY)

    async def _looks(self, member: Member) -> None:
        """How far each partition has come; and whether records come at all."""
        heard: dict[Partition, tuple[int, float]] = {}
        while True:
            reached = await member.reach()
            now = time.monotonic()
            heard = {partition: heard.get(partition, (-1, now)) for partition in reached}
            for partition, reach in reached.items():
                lane = self.lanes.get(partition)
                at = lane.reached if lane is not None and lane.reached is not None else reach.position
                self.behind[partition] = max(0, reach.end - at)
                lag.labels(self.handling.service, partition.topic, partition.number).set(self.behind[partition])
                idle = reach.position >= reach.end or partition in self._paused
                if idle or heard[partition][0] != reach.position:
                    heard[partition] = (reach.position, now)
                elif now - heard[partition][1] > DEAF:
                    raise LogError(f"{partition} has more to read, and nothing comes")
            await asyncio.sleep(LOOK_EVERY)
