"""Bring databases and topics to where the code wants them."""

import functools
from collections.abc import Mapping
from pathlib import Path

from deploy import processes, topics
from deploy.cli import fork
from deploy.engines.setup_error import Trouble
from shared.event_log import kafka
from shared.event_log.embedded import log
from shared.persistence.migrations import schema


async def database(service: str, env: Mapping[str, str]) -> None:
    """The newest schema in the database of one service."""
    name = f"{service.upper()}_DATABASE_URL"
    url = env.get(name)
    if not url:
        raise Trouble(f"{name} is not set: say where the database of {service} is.")
    await schema.upgrade(processes.PACKAGES[service], url)


async def event_topics(env: Mapping[str, str]) -> None:
    """The topics of deploy/topics.yaml, in Kafka if there is one, else in the embedded event log."""
    wanted = topics.read()
    servers, url = env.get("KAFKA_BOOTSTRAP_SERVERS"), env.get("EVENT_LOG_URL")
    if servers:
        await kafka.create_topics(servers, wanted, replication=int(env.get("KAFKA_REPLICATION") or 1))
    elif url:
        await log.ensure_schema(url)
        await log.EventLog(url).create_topics(wanted)
    else:
        raise Trouble("Neither KAFKA_BOOTSTRAP_SERVERS nor EVENT_LOG_URL is set: say where the event log is.")


async def database_of_demo(service: str, env: Mapping[str, str]) -> None:
    """The newest schema, and in a demo the first figures."""
    await database(service, env)
    if service == "funding" and env.get("DEMO", "").lower() == "true":
        from deploy.cli.seed import seed  # an image holds one service, and migrates that alone

        await seed(env)


def all_databases(environments: Mapping[str, Mapping[str, str]], logs: Path) -> None:
    """Every service and the event log at once, each in a child."""
    errands = [
        fork.Errand(
            f"The migration of {service}",
            functools.partial(database_of_demo, service, environments[service]),
            env=environments[service],
            log=logs / f"migrate-{service}.log",
        )
        for service in processes.PACKAGES
    ]
    env = environments["gateway"]
    errands.append(
        fork.Errand("Making the topics", functools.partial(event_topics, env), env=env, log=logs / "topics.log")
    )
    for errand in errands:
        errand.result()
