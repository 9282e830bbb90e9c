"""The example service and the event recorder, each on its own database, and both event logs."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FreshDatabase

if TYPE_CHECKING:
    from fastapi import FastAPI

    from deploy.engines.kafka import Broker
    from shared.event_log.protocol import Log
    from shared.events.event import Event
    from tests.support.databases import DatabasePool


@pytest.fixture
async def app(fresh_database: FreshDatabase, database_pool: "DatabasePool") -> AsyncIterator["FastAPI"]:
    from tests.shared.example_service import prepare, run_example_service

    database_pool.register("example", prepare)
    async with run_example_service(await fresh_database("example")) as app:
        yield app


@pytest.fixture
async def diary_url(fresh_database: FreshDatabase, database_pool: "DatabasePool") -> str:
    """Return the URL of a clean database of the event recorder."""
    from tests.shared import event_recorder

    database_pool.register("diary", event_recorder.prepare)
    return await fresh_database("diary")


@pytest.fixture(params=["kafka", "embedded"])
async def log(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> AsyncIterator["Log"]:
    """Return an event log; each test that uses it runs on Apache Kafka and on the embedded log."""
    from shared.event_log.embedded.log import EventLog
    from shared.event_log.kafka import KafkaLog

    if request.param == "kafka":
        broker: Broker = request.getfixturevalue("kafka_broker")
        log: Log = KafkaLog(broker.bootstrap)
    else:
        log = EventLog(await fresh_database("event_log"))
    yield log
    await log.close()


@pytest.fixture
async def kind(log: "Log") -> "type[Event]":
    """Create a topic with three partitions, and return an event class on it."""
    from shared.event_log.protocol import TopicConfig
    from tests.shared import event_recorder

    topic = event_recorder.new_topic()
    await log.create_topics([TopicConfig(topic, partitions=3)])
    return event_recorder.event_class_on(topic)
