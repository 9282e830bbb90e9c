"""A pool of databases for tests: each is created from a template once and reset when it is released."""

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from deploy.cli.migrate import seed
from deploy.engines import databases
from deploy.engines.postgres import Cluster
from deploy.processes import PACKAGES
from shared.event_log.embedded.log import ensure_schema
from shared.persistence.database import Database
from shared.persistence.migrations import schema
from tests.support.engines import PASSWORD

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

Prepare = Callable[[str], Awaitable[None]]
"""Creates the schema in the empty database at this URL."""

TRUNCATE_TABLES = """
DO $$
DECLARE
    filled text;
BEGIN
    SELECT string_agg(oid::regclass::text, ', ') INTO filled FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0;
    IF filled IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || filled || ' RESTART IDENTITY CASCADE';
    END IF;
END $$
"""

TERMINATE_BUSY_BACKENDS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND (state <> 'idle' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
"""

RESTART_SEQUENCES = """
SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE schemaname = 'public' AND last_value IS NOT NULL
"""

SESSIONS_KILLED = "SELECT sessions_killed FROM pg_stat_database WHERE datname = current_database()"

SCHEMA_FINGERPRINT = """
SELECT (SELECT sum(xmin::text::bigint) FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0)
    + (SELECT sum(xmin::text::bigint) FROM pg_type WHERE oid >= 16384)
    + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_constraint WHERE oid >= 16384)
    + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_trigger WHERE oid >= 16384)
    + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_proc WHERE oid >= 16384)
    + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_sequence)
    + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_rewrite WHERE oid >= 16384)
    + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_policy)
    + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_namespace WHERE oid >= 16384)
    + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_statistic_ext)
    + (SELECT coalesce(sum(hashtext(concat(relacl, relrowsecurity, relreplident, reloptions))), 0) FROM pg_class
       WHERE oid >= 16384)
"""
"""A number that any change of the schema changes, and that TRUNCATE does not."""


@dataclass
class PooledDatabase:
    """One database of the pool, and its initial content: rows by table (in COPY format) and values of sequences."""

    kind: str
    name: str
    url: str
    admin: "Connection"
    schema: int
    killed: int = 0
    connections: Database | None = None
    """The engine that successive tests share, so that compiled and prepared statements are reused."""
    rows: dict[str, bytes] = field(default_factory=dict[str, bytes])
    sequences: dict[str, int] = field(default_factory=dict[str, int])


class UndeclaredSchemaChange(AssertionError):
    """A test changed the schema of a pooled database without the marker `alters_schema`."""


class ConnectionLeaked(AssertionError):
    """A test did not return a connection to the SQLAlchemy pool that the next test uses."""


class DatabasePool:
    """The databases of one test process, in a PostgreSQL of its own."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._number = itertools.count(1)
        self._prepare: dict[str, Prepare] = {name: _migrate(package) for name, package in PACKAGES.items()}
        self._prepare[databases.EVENT_LOG] = ensure_schema
        self._templates: set[str] = set()
        self._free: dict[str, list[PooledDatabase]] = {}
        self._borrowed: dict[str, PooledDatabase] = {}

    def register(self, kind: str, prepare: Prepare) -> None:
        """Add a kind of database that the platform does not have, owned by the role `evidence`."""
        self._prepare[kind] = prepare

    async def acquire(self, kind: str) -> str:
        """Return the URL of a clean database of this kind: a service, `event_log`, or one that was registered."""
        free = self._free.setdefault(kind, [])
        database = free.pop() if free else await self._make(kind)
        self._borrowed[database.url] = database
        return database.url

    def connections(self, url: str, service: str) -> Database:
        """Return the engine of an acquired database, which earlier tests may have used."""
        database = self._borrowed[url]
        database.connections = database.connections or Database(url, service, secret="of the tests")
        return database.connections

    async def release(self, url: str, *, altered: bool = False) -> None:
        """Reset the database for the next test, or drop it where this test is marked as altering the schema.

        Raises:
            UndeclaredSchemaChange: the test altered the schema without the marker.
            ConnectionLeaked: the test did not return a connection to the engine's pool.
        """
        database = self._borrowed.pop(url)
        if altered:
            await self._drop(database)
            return
        if database.admin.is_closed():  # the test terminated all connections
            database.admin = await self._administer(database.name)
        leaked = 0 if database.connections is None else cast(QueuePool, database.connections.engine.pool).checkedout()
        if leaked:
            await self._disconnect(database)
        await database.admin.execute(TERMINATE_BUSY_BACKENDS)
        if (killed := await database.admin.fetchval(SESSIONS_KILLED)) != database.killed:
            database.killed = killed
            await self._disconnect(database)
        if await database.admin.fetchval(SCHEMA_FINGERPRINT) != database.schema:
            await self._drop(database)
            raise UndeclaredSchemaChange("this test alters a schema: mark it with @pytest.mark.alters_schema")
        await database.admin.execute(TRUNCATE_TABLES)
        await database.admin.execute(RESTART_SEQUENCES)
        for table, content in database.rows.items():
            await database.admin.copy_to_table(table, source=_source(content))
        for sequence, value in database.sequences.items():
            await database.admin.execute("SELECT setval($1::text::regclass, $2)", sequence, value)
        self._free[database.kind].append(database)
        if leaked:
            raise ConnectionLeaked(f"this test has not returned {leaked} of its connections")

    async def close(self) -> None:
        for database in itertools.chain(*self._free.values(), self._borrowed.values()):
            await self._drop(database)

    async def _make(self, kind: str) -> PooledDatabase:
        name = f"{kind}_{next(self._number)}"
        owner = kind if kind in (*databases.SERVICES, databases.EVENT_LOG) else "evidence"
        role = "evidence" if owner == databases.EVENT_LOG else owner
        server: Connection = await asyncpg.connect(self.cluster.url("postgres"))
        try:
            template = await self._template(server, kind, owner, role)
            await server.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}")
        finally:
            await server.close()
        return await self._opened(kind, name, role)

    async def _template(self, server: "Connection", kind: str, owner: str, role: str) -> str:
        """Return the name of the template database of this kind, creating it on first use."""
        name = f"template_{kind}"
        if kind not in self._templates:
            await server.execute(f"CREATE DATABASE {name} OWNER {owner}")
            if owner == databases.EVENT_LOG:
                await server.execute(databases.role_switch_sql(name))
            await self._prepare[kind](self.cluster.url(name, role, PASSWORD))
            self._templates.add(kind)
        return name

    async def _opened(self, kind: str, name: str, role: str) -> PooledDatabase:
        admin = await self._administer(name)
        if kind == databases.EVENT_LOG:
            await admin.execute(databases.role_switch_sql(name))
        filled = await admin.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND pg_relation_size(oid) > 0"
        )
        url = self.cluster.url(name, role, PASSWORD)
        database = PooledDatabase(kind, name, url, admin, await admin.fetchval(SCHEMA_FINGERPRINT))
        for row in filled:
            database.rows[row["relname"]] = await _content(admin, row["relname"])
        for row in await admin.fetch("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"):
            database.sequences[row["sequencename"]] = row["last_value"]
        return database

    async def _administer(self, name: str) -> "Connection":
        """Connect as superuser with triggers disabled, so that append-only tables can be truncated."""
        admin: Connection = await asyncpg.connect(self.cluster.url(name))
        await admin.execute("SET session_replication_role = replica")
        return admin

    async def _disconnect(self, database: PooledDatabase) -> None:
        if database.connections is not None:
            await database.connections.close()
            database.connections = None

    async def _drop(self, database: PooledDatabase) -> None:
        await self._disconnect(database)
        database.admin.terminate()
        server: Connection = await asyncpg.connect(self.cluster.url("postgres"))
        try:
            await server.execute(f"DROP DATABASE {database.name} WITH (FORCE)")
        finally:
            await server.close()


def database_name(url: str) -> str:
    name = make_url(url).database
    assert name is not None
    return name


def _migrate(package: str) -> Prepare:
    async def prepare(url: str) -> None:
        await schema.upgrade(package, url)
        if package == "services.funding":
            await seed({"FUNDING_DATABASE_URL": url})

    return prepare


async def _content(admin: "Connection", table: str) -> bytes:
    chunks: list[bytes] = []

    async def append(chunk: bytes) -> None:
        chunks.append(chunk)

    await admin.copy_from_table(table, output=append)
    return b"".join(chunks)


async def _source(content: bytes) -> AsyncGenerator[bytes]:
    yield content
