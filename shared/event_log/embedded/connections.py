"""Connections to the event log's database, their errors, and records from its rows."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
import orjson

from shared.event_log.protocol import LogError, Partition, Record

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Row: TypeAlias = asyncpg.Record

APPENDED_CHANNEL = "event_log_appended"
STATEMENT_TIMEOUT_SECONDS = 20.0
"""After which a statement is abandoned: its outcome is then unknown."""


def record_of(partition: Partition, row: "Row") -> Record:
    """Return the record of a row with log_offset, key, value and headers."""
    headers = [(name, value.encode("latin-1")) for name, value in orjson.loads(row["headers"])]
    return Record(partition, row["log_offset"], row["key"], row["value"], headers)


async def connect(url: str, purpose: str) -> "Connection":
    """Open a connection, named after its purpose. Raises LogError."""
    with as_log_errors():
        return await asyncpg.connect(
            url,
            timeout=10,
            command_timeout=STATEMENT_TIMEOUT_SECONDS,
            server_settings={"application_name": f"impact event log, {purpose}"},
        )


@asynccontextmanager
async def connected(url: str, purpose: str) -> AsyncGenerator["Connection"]:
    """Open a connection and close it at the end. Raises LogError."""
    connection = await connect(url, purpose)
    try:
        with as_log_errors():
            yield connection
    finally:
        await close_connection(connection)


async def close_connection(connection: "Connection") -> None:
    """Close a connection that may be broken, within three seconds."""
    try:
        await connection.close(timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
        await asyncio.sleep(0)


@contextmanager
def as_log_errors() -> Generator[None]:
    """Raise errors of the database and the network as LogError."""
    try:
        yield
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise LogError(f"the event log failed: {type(error).__name__}: {error}") from error
