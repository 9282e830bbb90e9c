"""Migrate databases, create topics, and add the first figures of funding."""

import functools
from collections.abc import Mapping
from pathlib import Path

from deploy import event_topics, processes
from deploy.supervision import fork, run_state
from shared.event_log import kafka
from shared.event_log.embedded import log
from shared.persistence.database import Database
from shared.persistence.migrations import schema


async def database(service: str, env: Mapping[str, str]) -> None:
    """Migrate the database of one service to the newest schema."""
    url = run_state.require(env, f"{service.upper()}_DATABASE_URL")
    await schema.upgrade(processes.PACKAGES[service], url)


async def create_event_topics(env: Mapping[str, str]) -> None:
    """Create the topics of deploy/event_topics.yaml, in Kafka if there is one, else in the embedded event log."""
    required_topics = event_topics.read()
    url = run_state.require(env, "KAFKA_BOOTSTRAP_SERVERS", "EVENT_LOG_URL")
    if servers := env.get("KAFKA_BOOTSTRAP_SERVERS"):
        await kafka.create_topics(servers, required_topics, replication=int(env.get("KAFKA_REPLICATION") or 1))
    else:
        await log.ensure_schema(url)
        await log.EventLog(url).create_topics(required_topics)


async def seed(env: Mapping[str, str]) -> bool:
    """Add programme, budget, schemes, rates and bank holidays. Returns False where there is a programme already."""
    # Imported here, since the images of the other services are without it.
    from services.funding.programme.first_figures.commands import seed_first_figures  # noqa: PLC0415  see above

    database = Database(run_state.require(env, "FUNDING_DATABASE_URL"), "funding", pool=1)
    try:
        async with database.transaction() as uow:
            return await seed_first_figures(uow)
    finally:
        await database.close()


async def prepare_database(service: str, env: Mapping[str, str]) -> None:
    """Migrate the database of one service, and in a demo add the first figures."""
    await database(service, env)
    if service == "funding" and env.get("DEMO", "").lower() == "true":
        await seed(env)


def all_databases(environments: Mapping[str, Mapping[str, str]], logs: Path) -> None:
    """Prepare the databases of all services and the event log in parallel, each in a child process."""
    tasks = [
        fork.ChildTask(
            f"The migration of {service}",
            functools.partial(prepare_database, service, environments[service]),
            env=environments[service],
            log=logs / f"migrate-{service}.log",
        )
        for service in processes.PACKAGES
    ]
    env = environments["gateway"]
    create_topics = functools.partial(create_event_topics, env)
    tasks.append(fork.ChildTask("Creating the event topics", create_topics, env=env, log=logs / "event-topics.log"))
    for task in tasks:
        task.result()
