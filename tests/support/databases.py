"""Databases that tests borrow: made once from a template, emptied when they come back."""

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
from shared.persistence.migrations import schema
from shared.persistence.unit_of_work import Database
from tests.support.engines import PASSWORD

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]

Prepare = Callable[[str], Awaitable[None]]
"""Makes the schema in the empty database at this URL."""

EMPTY = """
DO $$
DECLARE
    written text;
BEGIN
    SELECT string_agg(oid::regclass::text, ', ') INTO written FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0;
    IF written IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || written || ' RESTART IDENTITY CASCADE';
    END IF;
END $$
"""

END_TRANSACTIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND (state <> 'idle' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
"""

BEGIN_SEQUENCES_ANEW = """
SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE schemaname = 'public' AND last_value IS NOT NULL
"""

KILLED = "SELECT sessions_killed FROM pg_stat_database WHERE datname = current_database()"

SCHEMA = """
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
"""Another number after any change of the schema, whereas TRUNCATE changes none of these."""


@dataclass
class Borrowed:
    """One database of the pool, and what it contains when it is as good as new: rows by table (COPY), sequences."""

    kind: str
    name: str
    url: str
    admin: "Connection"
    schema: int
    killed: int = 0
    connections: Database | None = None
    """Those that tests share, one after the other: what SQLAlchemy has compiled and prepared for them stays."""
    rows: dict[str, bytes] = field(default_factory=dict[str, bytes])
    sequences: dict[str, int] = field(default_factory=dict[str, int])


class SchemaAltered(AssertionError):
    """A test altered the schema of a database that the next one would get."""


class ConnectionLeaked(AssertionError):
    """A test left a connection out of the pool that the next one would use."""


class DatabasePool:
    """The databases of one test process, in a PostgreSQL of its own."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._number = itertools.count(1)
        self._prepare: dict[str, Prepare] = {name: _migrate(package) for name, package in PACKAGES.items()}
        self._prepare[databases.EVENT_LOG] = ensure_schema
        self._templates: set[str] = set()
        self._free: dict[str, list[Borrowed]] = {}
        self._borrowed: dict[str, Borrowed] = {}

    def register(self, kind: str, prepare: Prepare) -> None:
        """Another kind of database than those of the platform, owned by the role `evidence`."""
        self._prepare[kind] = prepare

    async def acquire(self, kind: str) -> str:
        """The URL of a database of this kind (a service, `event_log`, or one registered) that is as good as new."""
        free = self._free.setdefault(kind, [])
        database = free.pop() if free else await self._make(kind)
        self._borrowed[database.url] = database
        return database.url

    def connections(self, url: str, service: str) -> Database:
        """The connections to a borrowed database that the tests before this one left open."""
        database = self._borrowed[url]
        database.connections = database.connections or Database(url, service)
        return database.connections

    async def release(self, url: str, *, altered: bool = False) -> None:
        """Empty the database for the next test, or drop it where this one said that it alters it.

        Raises:
            SchemaAltered: the test altered the schema without saying so.
            ConnectionKept: the test has not returned a connection of the pool.
        """
        database = self._borrowed.pop(url)
        if altered:
            await self._drop(database)
            return
        if database.admin.is_closed():  # a test has cut all connections
            database.admin = await self._administer(database.name)
        kept = 0 if database.connections is None else cast(QueuePool, database.connections.engine.pool).checkedout()
        if kept:
            await self._disconnect(database)
        await database.admin.execute(END_TRANSACTIONS)
        if (killed := await database.admin.fetchval(KILLED)) != database.killed:
            database.killed = killed
            await self._disconnect(database)
        if await database.admin.fetchval(SCHEMA) != database.schema:
            await self._drop(database)
            raise SchemaAltered("this test alters a schema: mark it with @pytest.mark.alters_schema")
        await database.admin.execute(EMPTY)
        await database.admin.execute(BEGIN_SEQUENCES_ANEW)
        for table, content in database.rows.items():
            await database.admin.copy_to_table(table, source=_source(content))
        for sequence, value in database.sequences.items():
            await database.admin.execute("SELECT setval($1::text::regclass, $2)", sequence, value)
        self._free[database.kind].append(database)
        if kept:
            raise ConnectionLeaked(f"this test has not returned {kept} of its connections")

    async def close(self) -> None:
        for database in itertools.chain(*self._free.values(), self._borrowed.values()):
            await self._drop(database)

    async def _make(self, kind: str) -> Borrowed:
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
        """The database that those of this kind are copied from."""
        name = f"template_{kind}"
        if kind not in self._templates:
            await server.execute(f"CREATE DATABASE {name} OWNER {owner}")
            if owner == databases.EVENT_LOG:
                await server.execute(databases.shared_by_all(name))
            await self._prepare[kind](self.cluster.url(name, role, PASSWORD))
            self._templates.add(kind)
        return name

    async def _opened(self, kind: str, name: str, role: str) -> Borrowed:
        admin = await self._administer(name)
        if kind == databases.EVENT_LOG:
            await admin.execute(databases.shared_by_all(name))
        written = await admin.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND pg_relation_size(oid) > 0"
        )
        url = self.cluster.url(name, role, PASSWORD)
        database = Borrowed(kind, name, url, admin, await admin.fetchval(SCHEMA))
        for row in written:
            database.rows[row["relname"]] = await _content(admin, row["relname"])
        for row in await admin.fetch("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"):
            database.sequences[row["sequencename"]] = row["last_value"]
        return database

    async def _administer(self, name: str) -> "Connection":
        """A superuser's connection, which no trigger and no guard keeps from emptying tables."""
        admin: Connection = await asyncpg.connect(self.cluster.url(name))
        await admin.execute("SET session_replication_role = replica")
        return admin

    async def _disconnect(self, database: Borrowed) -> None:
        if database.connections is not None:
            await database.connections.close()
            database.connections = None

    async def _drop(self, database: Borrowed) -> None:
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
    parts: list[bytes] = []

    async def take(part: bytes) -> None:
        parts.append(part)

    await admin.copy_from_table(table, output=take)
    return b"".join(parts)


async def _source(content: bytes) -> AsyncGenerator[bytes]:
    yield content
