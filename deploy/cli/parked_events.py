"""What `impact dead-letters` and `impact replay` do. Apart from the commands, which start without these imports."""

import asyncio
import importlib
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select

from deploy import processes
from deploy.engines.setup_error import SetupError
from deploy.supervision import run_state
from shared.event_log.embedded.log import EventLog
from shared.event_log.kafka import KafkaLog
from shared.event_log.protocol import Log, LogError
from shared.messaging.dead_letters import dead_letters
from shared.messaging.dispatcher import EventDispatcher
from shared.messaging.redriver import ReplayCounts, ask_to_redrive
from shared.messaging.redriver import replay as replay_all
from shared.persistence.database import Database

REDRIVE_TIMEOUT_SECONDS = 30.0


class RedriveCounts(NamedTuple):
    """How many events were requested, how many of them are still parked, and how many of those wait for the worker."""

    requested: int
    parked: int
    waiting: int


@asynccontextmanager
async def _database(service: str) -> AsyncGenerator[Database]:
    if service not in processes.SERVICES:
        raise SetupError(f"There is no service {service}: choose one of {', '.join(processes.SERVICES)}.")
    database = Database(run_state.setting(f"{service.upper()}_DATABASE_URL"), service, pool=2)
    try:
        yield database
    except OSError as error:
        raise SetupError(f"The database of {service} does not answer: is it running?") from error
    finally:
        await database.close()


async def rows(service: str) -> Sequence[tuple[str, Any]]:
    """Return the dead letters of a service, oldest first, each with the service's name."""
    async with _database(service) as database, database.session() as session:
        rows = (await session.execute(select(dead_letters).order_by(dead_letters.c.id))).all()
    return [(service, row) for row in rows]


async def redrive(service: str, number: int | None, key: str | None) -> RedriveCounts | None:
    """Ask the worker to redrive parked events, and wait for it. Returns None where none matches."""
    async with _database(service) as database:
        async with database.transaction() as uow:
            numbers = set(await ask_to_redrive(uow.session, key=key, number=number))
        if not numbers:
            return None
        deadline = time.monotonic() + REDRIVE_TIMEOUT_SECONDS
        while True:
            async with database.session() as session:
                rows = (await session.execute(select(dead_letters).where(dead_letters.c.id.in_(numbers)))).all()
            waiting = sum(row.redrive_at is not None and row.reason != "not yet" for row in rows)
            if not waiting or time.monotonic() > deadline:
                return RedriveCounts(len(numbers), len(rows), waiting)
            await asyncio.sleep(0.2)


async def replay(service: str) -> ReplayCounts:
    """Read the event log from its beginning into the handlers of a service."""
    env = run_state.environment()
    url = run_state.require(env, "KAFKA_BOOTSTRAP_SERVERS", "EVENT_LOG_URL")
    log: Log = KafkaLog(url) if env.get("KAFKA_BOOTSTRAP_SERVERS") else EventLog(url)
    async with _database(service) as database:
        handlers = importlib.import_module(f"services.{service}.worker").HANDLERS
        try:
            return await replay_all(log, EventDispatcher(database, handlers))
        except LogError as error:
            raise SetupError(f"The event log does not answer ({error}): is it running?") from error
        finally:
            await log.close()


def format_json(value: bytes | None) -> str:
    try:
        return orjson.dumps(orjson.loads(value or b"null"), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return repr(value)
