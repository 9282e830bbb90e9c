"""`impact audit verify`: whether the trail of who did what still holds, in each service."""

import asyncio
from dataclasses import dataclass

import typer
from sqlalchemy import func, select

from deploy import processes
from deploy.engines.setup_error import SetupError
from deploy.supervision import run_state
from shared.persistence import audit
from shared.persistence.database import Database


@dataclass(frozen=True, slots=True)
class Trail:
    """What was found of one service's trail. `broken` is the first place that does not fit."""

    service: str
    sealed: int
    waiting: int
    broken: int | None


def verify() -> bool:
    """Walk every service's chain from its beginning and say what was found. Answers whether all of it holds."""
    trails = [asyncio.run(trail_of(service)) for service in processes.PACKAGES]
    for trail in trails:
        summary = f"{trail.service:12}{trail.sealed:>9,} entries sealed, {trail.waiting:,} waiting for their seal: "
        typer.echo(summary + (f"BROKEN at entry {trail.broken}" if trail.broken else "the chain holds"))
    broken = [trail.service for trail in trails if trail.broken]
    if broken:
        typer.echo(
            f"Someone changed or removed entries of {', '.join(broken)}: compare with a backup, and ask who could."
        )
    return not broken


async def trail_of(service: str) -> Trail:
    """The trail of one service's database."""
    database = Database(run_state.setting(f"{service.upper()}_DATABASE_URL"), service, pool=1)
    try:
        async with database.engine.connect() as connection:
            broken = await audit.find_broken_seal(connection)
            entries = await connection.scalar(select(func.count()).select_from(audit.entries)) or 0
            sealed = await connection.scalar(select(func.count()).select_from(audit.seals)) or 0
    except OSError as error:
        raise SetupError(f"The database of {service} does not answer: is it running?") from error
    finally:
        await database.close()
    return Trail(service, sealed, max(0, entries - sealed), broken)
