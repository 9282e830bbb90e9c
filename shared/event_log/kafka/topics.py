"""The topics of the event log in Kafka: created where they are missing."""
# aiokafka ships no types, and names its parameters without them:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import time
from collections.abc import Collection
from typing import Any

from aiokafka import errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.event_log.protocol import LogError, TopicConfig


async def create_topics(
    servers: str, topics: Collection[TopicConfig], replication: int = 1, timeout_seconds: float = 30
) -> None:
    """Create the topics that do not exist, and return when every partition has a leader.

    Raises LogError after `timeout_seconds`.
    """
    deadline = time.monotonic() + timeout_seconds
    admin = await _start_admin(servers, deadline)
    try:
        missing = {topic.name: topic for topic in topics}
        for name in await admin.list_topics():
            missing.pop(name, None)
        if missing:
            await _create(admin, missing.values(), replication)
        while not await _all_have_leaders(admin, [topic.name for topic in topics]):
            if time.monotonic() > deadline:
                raise LogError("the topics were created but have no leader")
            await asyncio.sleep(0.1)
    except errors.KafkaError as error:
        raise LogError(f"the topics could not be created: {error!r}") from error
    finally:
        await admin.close()


async def _start_admin(servers: str, deadline: float) -> AIOKafkaAdminClient:
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=10_000)
        try:
            await admin.start()
        except errors.KafkaError as error:
            await admin.close()
            if time.monotonic() > deadline:
                raise LogError(f"no Kafka responds at {servers}") from error
            await asyncio.sleep(0.2)
        else:
            return admin


async def _create(admin: AIOKafkaAdminClient, topics: Collection[TopicConfig], replication: int) -> None:
    new_topics: list[NewTopic] = []
    for topic in topics:
        config = {
            "retention.ms": str(int(topic.retention.total_seconds() * 1000)),
            "min.insync.replicas": str(max(1, replication - 1)),
        }
        new_topics.append(NewTopic(topic.name, topic.partitions, replication, topic_configs=config))
    response: Any = await admin.create_topics(new_topics)
    for name, code, *_ in response.topic_errors:
        error: type[errors.KafkaError] = errors.for_code(code)
        if error not in (errors.NoError, errors.TopicAlreadyExistsError):
            raise LogError(f"topic {name} could not be created: {error.__name__}")


async def _all_have_leaders(admin: AIOKafkaAdminClient, names: Collection[str]) -> bool:
    described = await admin.describe_topics(list(names))
    return all(
        topic["error_code"] == 0
        and topic["partitions"]
        and all(partition["leader"] >= 0 for partition in topic["partitions"])
        for topic in described
    )
