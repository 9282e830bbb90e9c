"""The log in Apache Kafka. Nothing else imports aiokafka."""
# aiokafka ships no types, and names its parameters without them:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Its listener may be asynchronous, but is not declared so:
# pyright: reportIncompatibleMethodOverride=false

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.bounded import within
from shared.log import Assigned, Fenced, LogError, Member, Message, Partition, Producer, Reach, Record, Revoked, Topic
from shared.log import partition_of as partition_of_key

ANSWER_WITHIN = 15.0
"""Seconds after which an append whose outcome is unknown is given up and made again by another producer."""
REBALANCE_WITHIN = 45.0
"""Seconds after which a member without partitions is given up: the others have 30 to finish what is in hand."""
COMMIT_WITHIN = 20.0
"""Seconds after which a member that cannot commit is given up: whoever comes next repeats a little, and knows it."""
BATCH_BYTES = 512 * 1024
"""Below the broker's own limit of 1 MiB for a batch."""


class KafkaLog:
    """An Apache Kafka 4 at `servers` (`host:port`, comma separated)."""

    def __init__(self, servers: str, replication: int = 1) -> None:
        self.servers = servers
        self.replication = replication
        self._asking: AIOKafkaConsumer | None = None
        self._turn = asyncio.Lock()

    async def create_topics(self, topics: Collection[Topic]) -> None:
        await create_topics(self.servers, topics, self.replication)

    async def producer(self, name: str) -> Producer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.servers,
            client_id=name,
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=10_000,
            metadata_max_age_ms=60_000,
        )
        await _started(producer.start(), producer.stop)
        return KafkaProducer(producer)

    async def member(self, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> Member:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.servers,
            client_id=group,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_500,
            rebalance_timeout_ms=30_000,
            request_timeout_ms=20_000,
            metadata_max_age_ms=60_000,
        )
        consumer.subscribe(list(topics), listener=_Listener(assigned, revoked))
        await _started(consumer.start(), consumer.stop)
        return KafkaMember(consumer)

    async def ends(self, topics: Collection[str]) -> Mapping[Partition, int]:
        async with self._turn:
            if self._asking is None:
                asking = _outside_groups(self.servers)
                await _started(asking.start(), asking.stop)
                self._asking = asking
            found = [part for topic in topics for part in await _parts(self._asking, topic)]
            with _as_log_errors():
                return {Partition(*part): end for part, end in (await self._asking.end_offsets(found)).items()}

    async def committed(self, group: str, topics: Collection[str]) -> Mapping[Partition, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        try:
            with _as_log_errors():
                await admin.start()
                offsets: dict[TopicPartition, Any] = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        return {Partition(*part): at.offset for part, at in offsets.items() if part.topic in topics and at.offset >= 0}

    async def read(self, partition: Partition, end: int) -> AsyncIterator[Sequence[Record]]:
        part = TopicPartition(*partition)
        async with _Reader(self.servers) as consumer:
            with _as_log_errors():
                consumer.assign([part])
                await consumer.seek_to_beginning(part)
                while await consumer.position(part) < end:
                    batch: dict[TopicPartition, list[Any]] = await consumer.getmany(timeout_ms=1000, max_records=500)
                    if records := [_record(found) for found in batch.get(part, []) if found.offset < end]:
                        yield records

    async def close(self) -> None:
        if self._asking is not None:
            await _given_up(5, self._asking.stop())


class KafkaProducer:
    """`acks=all`, idempotent. A batch per partition is built here, which is twice as fast as sending one by one."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._partitions: dict[str, int] = {}

    async def append(self, messages: Sequence[Message]) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._append(messages)
        except TimeoutError as wrong:
            raise LogError(f"no acknowledgement within {ANSWER_WITHIN:.0f} s") from wrong
        except errors.KafkaError as wrong:
            raise LogError(f"Kafka did not take the messages: {wrong!r}") from wrong

    async def _append(self, messages: Sequence[Message]) -> None:
        open_batches: dict[tuple[str, int], Any] = {}
        answers: list[asyncio.Future[Any]] = []
        for topic, key, value, headers in messages:
            partitions = self._partitions.get(topic) or await self._count(topic)
            place = (topic, partition_of_key(key, partitions))
            batch = open_batches.get(place)
            if batch is None:
                batch = open_batches[place] = self._producer.create_batch()
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                answers.append(await self._send(place, batch))
                batch = open_batches[place] = self._producer.create_batch()
                batch.append(timestamp=None, key=key, value=value, headers=headers)
        for place, batch in open_batches.items():
            answers.append(await self._send(place, batch))
        for answer in await asyncio.gather(*answers, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer

    async def _send(self, place: tuple[str, int], batch: Any) -> asyncio.Future[Any]:
        batch.close()
        return await self._producer.send_batch(batch, place[0], partition=place[1])

    async def _count(self, topic: str) -> int:
        self._partitions[topic] = len(await self._producer.partitions_for(topic))
        return self._partitions[topic]

    async def close(self) -> None:
        # stop() waits for every batch, and an idempotent producer tries for ever: without a broker it would not return,
        # and later it would append what a newer producer has long appended. So the sender ends first.
        sender = self._producer._sender  # pyright: ignore[reportPrivateUsage]  there is no public way, see above
        await _given_up(3, self._producer.client.close())
        await _given_up(3, sender.close())
        # What it asked for meanwhile may have opened a connection again.
        await _given_up(3, self._producer.client.close())
        self._producer._closed = True  # pyright: ignore[reportPrivateUsage]  as above


class KafkaMember:
    """One consumer of a group. aiokafka rebalances eagerly: each time every partition is revoked and given anew."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def poll(self, seconds: float) -> Mapping[Partition, Sequence[Record]]:
        # A rebalance makes getmany wait for its end, however long that takes.
        try:
            with _as_log_errors():
                async with asyncio.timeout(seconds + REBALANCE_WITHIN):
                    found: dict[TopicPartition, list[Any]] = await self._consumer.getmany(
                        timeout_ms=int(seconds * 1000), max_records=1000
                    )
        except TimeoutError as wrong:
            raise LogError("the group does not come to rest") from wrong
        return {Partition(*part): [_record(record) for record in records] for part, records in found.items()}

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        try:
            with _as_log_errors():
                told = {TopicPartition(*part): offset for part, offset in offsets.items()}
                await within(COMMIT_WITHIN, self._consumer.commit(told))
        except TimeoutError as wrong:
            raise LogError("the group's coordinator does not answer") from wrong

    def pause(self, partition: Partition) -> None:
        with contextlib.suppress(errors.IllegalStateError, AssertionError):  # given to another member meanwhile
            self._consumer.pause(TopicPartition(*partition))

    def resume(self, partition: Partition) -> None:
        with contextlib.suppress(errors.IllegalStateError, AssertionError):
            self._consumer.resume(TopicPartition(*partition))

    async def reach(self) -> Mapping[Partition, Reach]:
        try:
            with _as_log_errors():
                return await within(ANSWER_WITHIN, self._reach())
        except TimeoutError as wrong:
            raise LogError("Kafka does not say how far its partitions reach") from wrong

    async def _reach(self) -> Mapping[Partition, Reach]:
        parts = list(self._consumer.assignment())
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(parts) if parts else {}
        return {Partition(*part): Reach(await self._consumer.position(part), end) for part, end in ends.items()}

    async def close(self) -> None:
        await _given_up(5, self._consumer.stop())
        # Where that did not come to its end, what still asks would open a connection again. There is no public way.
        consumer: Any = self._consumer
        await _given_up(1, consumer._coordinator._stop_heartbeat_task())
        await _given_up(1, consumer._coordinator._stop_commit_offsets_refresh_task())
        await _given_up(1, consumer._fetcher.close())
        await _given_up(2, consumer._client.close())


class _Listener(ConsumerRebalanceListener):
    def __init__(self, assigned: Assigned, revoked: Revoked) -> None:
        self._assigned, self._revoked = assigned, revoked

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        await self._assigned([Partition(*part) for part in assigned])

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        await self._revoked([Partition(*part) for part in revoked])


class _Reader:
    """A consumer outside any group."""

    def __init__(self, servers: str) -> None:
        self._consumer = _outside_groups(servers)

    async def __aenter__(self) -> AIOKafkaConsumer:
        await _started(self._consumer.start(), self._consumer.stop)
        return self._consumer

    async def __aexit__(self, *_: object) -> None:
        await _given_up(5, self._consumer.stop())


def _outside_groups(servers: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest", request_timeout_ms=10_000)


def _record(found: Any) -> Record:
    return Record(Partition(found.topic, found.partition), found.offset, found.key, found.value, found.headers)


async def _parts(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    with _as_log_errors():
        numbers = await consumer._client._wait_on_metadata(topic)  # pyright: ignore[reportPrivateUsage]  partitions_for_topic does not ask
    return [TopicPartition(topic, number) for number in sorted(numbers)]


@contextmanager
def _as_log_errors() -> Generator[None]:
    try:
        yield
    except (errors.CommitFailedError, errors.IllegalStateError) as wrong:
        raise Fenced("the partition was given to another member") from wrong
    except errors.KafkaError as wrong:
        raise LogError(f"Kafka did not answer as hoped: {wrong!r}") from wrong


async def _started(start: Coroutine[Any, Any, None], stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    # A start that is cut short leaves its first connection open: whoever leaves meanwhile waits for its end.
    starting = asyncio.create_task(start)
    try:
        await asyncio.wait([starting], timeout=20)
    except asyncio.CancelledError:
        await _given_up(5, _ended(starting, stop))
        raise
    if not starting.done():
        await _given_up(5, _ended(starting, stop))
        raise LogError("Kafka cannot be reached: it does not answer")
    try:
        starting.result()
    except (errors.KafkaError, asyncio.CancelledError) as wrong:
        await _given_up(5, stop())
        raise LogError(f"Kafka cannot be reached: {wrong!r}") from wrong


async def _ended(starting: asyncio.Task[None], stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await asyncio.wait([starting], timeout=3)
    starting.cancel()
    await stop()


async def _given_up(seconds: float, closing: Coroutine[Any, Any, None]) -> None:
    """Close what may be broken already: whatever it says, we are done with it."""
    with contextlib.suppress(TimeoutError, errors.KafkaError, OSError):
        await within(seconds, closing)


async def create_topics(servers: str, topics: Collection[Topic], replication: int = 1, patience: float = 30) -> None:
    """Make the topics that are missing; returns when each has its leaders. Raises LogError after `patience` seconds."""
    end = time.monotonic() + patience
    admin = await _admin(servers, end)
    try:
        missing = {topic.name: topic for topic in topics}
        for known in await admin.list_topics():
            missing.pop(known, None)
        if missing:
            await _create(admin, missing.values(), replication)
        while not await _led(admin, [topic.name for topic in topics]):
            if time.monotonic() > end:
                raise LogError("the topics were created but have no leader")
            await asyncio.sleep(0.1)
    except errors.KafkaError as wrong:
        raise LogError(f"the topics could not be created: {wrong!r}") from wrong
    finally:
        await admin.close()


async def _admin(servers: str, end: float) -> AIOKafkaAdminClient:
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=10_000)
        try:
            await admin.start()
        except errors.KafkaError as wrong:
            await admin.close()
            if time.monotonic() > end:
                raise LogError(f"no Kafka answers at {servers}") from wrong
            await asyncio.sleep(0.2)
        else:
            return admin


async def _create(admin: AIOKafkaAdminClient, topics: Collection[Topic], replication: int) -> None:
    wanted: list[Any] = []
    for topic in topics:
        kept = {
            "retention.ms": str(int(topic.retention.total_seconds() * 1000)),
            "min.insync.replicas": str(max(1, replication - 1)),
        }
        wanted.append(NewTopic(topic.name, topic.partitions, replication, topic_configs=kept))
    answer: Any = await admin.create_topics(wanted)
    for name, code, *_ in answer.topic_errors:
        error: type[errors.KafkaError] = errors.for_code(code)
        if error not in (errors.NoError, errors.TopicAlreadyExistsError):
            raise LogError(f"topic {name} could not be created: {error.__name__}")


async def _led(admin: AIOKafkaAdminClient, names: Collection[str]) -> bool:
    described = await admin.describe_topics(list(names))
    return all(
        topic["error_code"] == 0 and topic["partitions"] and all(part["leader"] >= 0 for part in topic["partitions"])
        for topic in described
    )
