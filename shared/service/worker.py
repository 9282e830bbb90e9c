"""The worker process of a service: relays its events, handles those it listens to, and runs its jobs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from fastapi import FastAPI

from shared.event_log.embedded.log import EventLog
from shared.event_log.kafka import KafkaLog
from shared.event_log.protocol import Log, LogError
from shared.messaging.dispatcher import EventDispatcher, EventHandlers
from shared.messaging.group_consumer import GroupConsumer
from shared.messaging.redriver import Redriver
from shared.messaging.relay import Relay
from shared.persistence.database import Database
from shared.service.app import create_app
from shared.service.background import Background
from shared.service.health import Check, database_check
from shared.service.maintenance import run_maintenance
from shared.settings import ServiceSettings, Settings

CHECK_TIMEOUT_SECONDS = 5

WorkerJob = Callable[[Database, asyncio.Event], Awaitable[None]]
"""Runs until the event is set, and commits by `database.transaction()`."""


def create_worker(
    settings: ServiceSettings, handlers: Sequence[EventHandlers], *, jobs: Mapping[str, WorkerJob] | None = None
) -> FastAPI:
    """Return the worker process of a service, which serves its health checks and metrics by HTTP.

    Raises ValueError when the settings name no event log.
    """
    database = Database.of(settings)
    log = create_log(settings)
    relay = Relay(database.dsn, settings.service, log)
    dispatcher = EventDispatcher(database, handlers)
    consumer = GroupConsumer(log, dispatcher)
    worker_jobs: dict[str, WorkerJob] = {"maintenance": run_maintenance, **(jobs or {})}
    background = Background(
        {"relay": relay.run, "consumer": consumer.run, "redriver": Redriver(dispatcher).run}
        | {name: partial(job, database) for name, job in worker_jobs.items()}
    )
    checks = {
        "database": database_check(database),
        "event log": log_check(log, dispatcher.topics),
        "relay": relay.check,
        "consumer": consumer.check,
        "jobs": background.check,
    }
    return create_app(settings, database, background, checks, close=log.close)


def create_log(settings: Settings) -> Log:
    """Return the event log: Kafka where it is set, otherwise the embedded one. Raises ValueError without either."""
    if settings.kafka_bootstrap_servers:
        return KafkaLog(settings.kafka_bootstrap_servers)
    if settings.event_log_url is None:
        raise ValueError(
            "set KAFKA_BOOTSTRAP_SERVERS or EVENT_LOG_URL: a worker cannot send or receive events without one"
        )
    return EventLog(settings.event_log_url.get_secret_value())


def log_check(log: Log, topics: Sequence[str]) -> Check:
    """Return the check that the event log responds within five seconds."""

    async def check() -> str | None:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                await log.ends(topics[:1])
        except (LogError, TimeoutError) as error:
            return f"the event log does not respond ({type(error).__name__})"
        return None

    return check
