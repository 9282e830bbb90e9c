"""`impact doctor`: what is wrong here, and what to do."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from deploy import processes
from deploy.cli import welcome
from deploy.cli.diagnostics import status
from deploy.engines import host
from deploy.engines.setup_error import SetupError
from deploy.supervision import ports, run_state, supervisor
from shared.messaging.dead_letters import dead_letters
from shared.persistence.database import Database
from shared.persistence.migrations import schema

STATE_FILES = {"ports.json": int, run_state.SETTINGS_FILE: str, run_state.PROCESSES_FILE: int}
"""And of which type the values in each are."""
FREE_BYTES = 1024**3
CLOCK_YEAR = 2026


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and what is wrong with it: empty where nothing is."""

    subject: str
    problem: str = ""


def doctor(port: int) -> bool:
    """Look at this checkout and the platform in it, and print what is found. Returns whether nothing is wrong."""
    findings = [_checked(subject, check) for subject, check in _checks(port)]
    for finding in findings:
        welcome.say(f"{'wrong' if finding.problem else 'ok':7}{finding.subject}")
        for line in finding.problem.splitlines():
            welcome.say(f"       {line}")
    return not any(finding.problem for finding in findings)


def _checks(port: int) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "the files in .impact", _state_files
    yield "room on the disk", _disk
    yield "the clock", _clock
    if not run_state.is_running():
        yield f"the ports: {ports.describe(port)}", lambda: ports.require_free(port) or ""
        return
    env = run_state.environment()
    for process in processes.PROCESSES:
        yield process.name, lambda process=process: _process(process, env)
    for service in processes.PACKAGES:
        yield f"the database of {service}", lambda service=service: asyncio.run(_database(service, env))
    for service in processes.SERVICES:
        yield f"the events of {service}", lambda service=service: asyncio.run(_events(service, env))


def _checked(subject: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, check())
    except SetupError as error:
        return Finding(subject, str(error))
    except (OSError, SQLAlchemyError) as error:
        return Finding(subject, f"It does not answer ({type(error).__name__}): `impact logs` says more.")


def _state_files() -> str:
    for name, values in STATE_FILES.items():
        if (run_state.STATE / name).exists():
            host.read_json(run_state.STATE / name, values)
    return ""


def _disk() -> str:
    free = shutil.disk_usage(host.CHECKOUT).free
    return "" if free > FREE_BYTES else f"Only {free // 2**20} MB are free at {host.CHECKOUT}: make room."


def _clock() -> str:
    year = time.gmtime().tm_year
    return "" if year >= CLOCK_YEAR else f"It says {year}: set it, since sign-ins and payment dates depend on it."


def _process(process: processes.Process, env: Mapping[str, str]) -> str:
    name = "PUBLIC_URL" if process is processes.GATEWAY else status.address_name(process)
    address = urlsplit(run_state.require(env, name))
    ready, reasons = supervisor.readiness(address.port or 80, address.hostname or "127.0.0.1")
    return "" if ready else f"It is not ready ({reasons}): `impact logs {process.name}` says more."


async def _database(service: str, env: Mapping[str, str]) -> str:
    url = run_state.require(env, f"{service.upper()}_DATABASE_URL")
    is_current = await schema.is_current(processes.PACKAGES[service], url)
    return "" if is_current else f"Its schema is not the newest: `impact migrate {service}`."


async def _events(service: str, env: Mapping[str, str]) -> str:
    database = Database(run_state.require(env, f"{service.upper()}_DATABASE_URL"), service, pool=1)
    try:
        async with database.session() as session:
            parked = await session.scalar(select(func.count()).select_from(dead_letters)) or 0
    finally:
        await database.close()
    return f"{parked} could not be handled: `impact dead-letters list {service}` says why." if parked else ""
