"""The toy service and the diary, each on a database of its own, and both event logs."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from deploy.engines.kafka import Broker
from deploy.engines.postgres import Cluster
from shared import event_log
from shared.database import Database
from shared.event_log import EventLog
from shared.events import Event
from shared.kafka import KafkaLog
from shared.log import Log, Topic
from shared.tables import new_id
from tests.conftest import PASSWORD
from tests.shared import diary
from tests.shared.toy import toy_service


@pytest.fixture
async def toy(postgres_cluster: Cluster) -> AsyncIterator[FastAPI]:
    name = f"toy_{new_id().hex}"
    postgres_cluster.sql(f"CREATE DATABASE {name} OWNER evidence")
    async with toy_service(postgres_cluster.url(name, "evidence", PASSWORD)) as app:
        yield app
    postgres_cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def diary_url(postgres_cluster: Cluster) -> AsyncIterator[str]:
    """An empty database of the diary."""
    name = f"diary_{new_id().hex}"
    postgres_cluster.sql(f"CREATE DATABASE {name} OWNER evidence")
    url = postgres_cluster.url(name, "evidence", PASSWORD)
    database = Database(url, "diary")
    async with database.engine.begin() as connection:
        await connection.run_sync(diary.Row.metadata.create_all)
    await database.close()
    yield url
    postgres_cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["kafka", "embedded"])
async def log(request: pytest.FixtureRequest) -> AsyncIterator[Log]:
    """Every test that takes this runs twice, unchanged: on Apache Kafka, and on the embedded log."""
    if request.param == "kafka":
        broker: Broker = request.getfixturevalue("kafka_broker")
        found: Log = KafkaLog(broker.bootstrap)
    else:
        url: str = request.getfixturevalue("event_log_url")
        await event_log.ensure_schema(url)
        found = EventLog(url)
    yield found
    await found.close()


@pytest.fixture
async def kind(log: Log) -> type[Event]:
    """An event on a topic of its own, with three partitions."""
    topic = diary.new_topic()
    await log.create_topics([Topic(topic, partitions=3)])
    return diary.said_on(topic)
