"""`impact audit verify`: check the seals of each service's audit trail."""

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
class AuditTrailCheck:
    """The state of one service's audit trail. `broken_at` is the first entry that does not match its seal."""

    service: str
    sealed: int
    waiting: int
    broken_at: int | None


def verify() -> bool:
    """Verify every service's chain of seals and print the result. Returns whether all are intact."""
    checks = [asyncio.run(check_trail(service)) for service in processes.PACKAGES]
    for check in checks:
        summary = f"{check.service:12}{check.sealed:>9,} entries sealed, {check.waiting:,} waiting for their seal: "
        typer.echo(summary + (f"BROKEN at entry {check.broken_at}" if check.broken_at else "the chain is intact"))
    broken = [check.service for check in checks if check.broken_at]
    if broken:
        typer.echo(
            f"Someone changed or removed entries of {', '.join(broken)}: "
            "compare them with a backup, and find out who had access."
        )
    return not broken


async def check_trail(service: str) -> AuditTrailCheck:
    """Verify the audit trail in one service's database."""
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
    return AuditTrailCheck(service, sealed, max(0, entries - sealed), broken)
