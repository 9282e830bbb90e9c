"""A service's member of its consumer group: polls its partitions, processes each, commits their offsets."""

import asyncio
import logging
import time
from collections.abc import Collection

from prometheus_client import Gauge

from shared.event_log.protocol import Fenced, Log, LogError, Member, Partition
from shared.messaging.dispatcher import EventDispatcher
from shared.messaging.partition_processor import PartitionProcessor, RetryPolicy
from shared.waiting import Backoff, pause

logger = logging.getLogger(__name__)

POLL_TIMEOUT_SECONDS = 0.5
POLL_STALL_TIMEOUT_SECONDS = 15.0
"""Seconds without a completed poll, after which the consumer is not ready."""
COMMIT_INTERVAL_SECONDS = 0.1
LAG_INTERVAL_SECONDS = 2.0
STALL_TIMEOUT_SECONDS = 60.0
"""Seconds without progress in a partition that has more to read, after which the consumer is not ready."""
REVOKE_COMMIT_TIMEOUT_SECONDS = 5.0
"""Seconds for the last commit of partitions that are revoked."""
FETCH_STALL_TIMEOUT_SECONDS = 15.0
"""Seconds without a record of a partition that has some, after which the member is replaced."""
MAX_CONCURRENT_BATCHES = 4
"""Batches handled at the same time: each takes a connection to the database."""

lag_gauge = Gauge(
    "impact_consumer_lag", "Events in the log that this service has not handled yet", ["service", "topic", "partition"]
)


class GroupConsumer:
    """Consumes the topics that a service's handlers listen to, until stopped."""

    def __init__(
        self,
        log: Log,
        dispatcher: EventDispatcher,
        *,
        group: str | None = None,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        self.log = log
        self.dispatcher = dispatcher
        self.group = group or dispatcher.service
        self.processors: dict[Partition, PartitionProcessor] = {}
        self.lag: dict[Partition, int] = {}
        """Events not handled yet, by partition, as last measured."""
        self._retry_policy = retry_policy or RetryPolicy()
        self._slots = asyncio.Semaphore(MAX_CONCURRENT_BATCHES)
        self._member: Member | None = None
        self._progress = asyncio.Event()
        self._paused: set[Partition] = set()
        self._committed: dict[Partition, int] = {}
        self._polled_at = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Handle events until `stop` is set; then finish the batches being handled, commit, and leave the group."""
        if not self.dispatcher.topics:
            await stop.wait()
            return
        backoff = Backoff(first=0.2, maximum=2.0)
        while not stop.is_set():
            try:
                await self._join_and_consume(stop)
                backoff.reset()
            except (LogError, asyncio.CancelledError) as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                # A cancellation that nobody asked of this task comes out of the log's client, and has ended it.
                logger.warning("the event log does not respond, joining again: %s", error)
                await pause(stop, backoff.next_delay())

    async def check(self) -> str | None:
        """Return what is wrong with the consumer, for /health/ready, or None."""
        now = time.monotonic()
        if self.dispatcher.topics and now - self._polled_at > POLL_STALL_TIMEOUT_SECONDS:
            return f"the event log has not responded for {now - self._polled_at:.0f} s"
        for partition, processor in self.processors.items():
            if self.lag.get(partition, 0) and now - processor.progressed_at > STALL_TIMEOUT_SECONDS:
                return f"{partition} makes no progress"
        return None

    async def _join_and_consume(self, stop: asyncio.Event) -> None:
        member = await self.log.member(self.group, self.dispatcher.topics, self._assigned, self._revoked)
        self._member = member
        # Not a TaskGroup: it ignores a task that was cancelled, as the log's client may do to these.
        background_tasks = [
            asyncio.create_task(self._commit_offsets(member)),
            asyncio.create_task(self._monitor_lag(member)),
        ]
        try:
            while not stop.is_set():
                # Awaited directly, not as a task: no rebalance comes between a poll and what is done with its records.
                for partition, records in (await member.poll(POLL_TIMEOUT_SECONDS)).items():
                    processor = self._processor(partition)
                    processor.add(records)
                    if processor.full:
                        member.pause(partition)
                        self._paused.add(partition)
                self._polled_at = time.monotonic()
                for task in background_tasks:
                    if task.done():
                        task.result()
                for processor in self.processors.values():
                    processor.raise_failure()
        finally:
            for task in background_tasks:
                task.cancel()
            await asyncio.gather(*background_tasks, return_exceptions=True)
            if not stop.is_set():
                self._member = None  # it has failed: do not commit through it
            try:
                await self._revoked(list(self.processors))
            finally:
                self._member = None
                await member.close()

    def _processor(self, partition: Partition) -> PartitionProcessor:
        processor = self.processors.get(partition)
        if processor is None:
            processor = PartitionProcessor(
                partition, self.dispatcher, self._slots, self._retry_policy, self._on_progress
            )
            self.processors[partition] = processor
        return processor

    def _on_progress(self, processor: PartitionProcessor) -> None:
        self._progress.set()
        if processor.partition in self._paused and not processor.full and self._member is not None:
            self._paused.discard(processor.partition)
            self._member.resume(processor.partition)

    async def _assigned(self, partitions: Collection[Partition]) -> None:
        for partition in partitions:
            self._processor(partition)

    async def _revoked(self, partitions: Collection[Partition]) -> None:
        revoked = {
            partition: processor for partition in partitions if (processor := self.processors.pop(partition, None))
        }
        await asyncio.gather(*(processor.close() for processor in revoked.values()))
        for partition in revoked:
            self._paused.discard(partition)
            if self.lag.pop(partition, None) is not None:
                lag_gauge.remove(self.dispatcher.service, partition.topic, str(partition.number))
        offsets = self._offsets_to_commit(revoked)
        for partition in revoked:
            self._committed.pop(partition, None)
        if offsets and self._member is not None:
            try:
                async with asyncio.timeout(REVOKE_COMMIT_TIMEOUT_SECONDS):
                    await self._member.commit(offsets)
            except (LogError, TimeoutError) as error:
                # The next owner starts a little earlier, and the inbox recognises what was handled.
                logger.info("offsets not committed when partitions were revoked: %s", error)

    def _offsets_to_commit(self, processors: dict[Partition, PartitionProcessor]) -> dict[Partition, int]:
        return {
            partition: processor.committable_offset
            for partition, processor in processors.items()
            if processor.committable_offset is not None
            and processor.committable_offset != self._committed.get(partition)
        }

    async def _commit_offsets(self, member: Member) -> None:
        """Commit what was processed: after the database's commits, never past the lowest unfinished offset."""
        while True:
            await self._progress.wait()
            self._progress.clear()
            if offsets := self._offsets_to_commit(self.processors):
                try:
                    await member.commit(offsets)
                    self._committed.update(offsets)
                except Fenced as error:
                    logger.info("offsets not committed during a rebalance: %s", error)
            await asyncio.sleep(COMMIT_INTERVAL_SECONDS)

    async def _monitor_lag(self, member: Member) -> None:
        """Measure the lag of each partition. Raises LogError when one has more to read and delivers nothing."""
        positions: dict[Partition, tuple[int, float]] = {}
        while True:
            offsets = await member.partition_offsets()
            now = time.monotonic()
            positions = {partition: positions.get(partition, (-1, now)) for partition in offsets}
            for partition, partition_offsets in offsets.items():
                processor = self.processors.get(partition)
                consumed = processor.committable_offset if processor is not None else None
                if consumed is None:
                    consumed = partition_offsets.position
                self.lag[partition] = max(0, partition_offsets.end - consumed)
                lag_gauge.labels(self.dispatcher.service, partition.topic, partition.number).set(self.lag[partition])
                idle = partition_offsets.position >= partition_offsets.end or partition in self._paused
                if idle or positions[partition][0] != partition_offsets.position:
                    positions[partition] = (partition_offsets.position, now)
                elif now - positions[partition][1] > FETCH_STALL_TIMEOUT_SECONDS:
                    raise LogError(f"{partition} has more to read and delivers nothing")
            await asyncio.sleep(LAG_INTERVAL_SECONDS)
