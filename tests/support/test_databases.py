"""An acquired database is clean, whatever the previous test did to it."""

import asyncpg
import pytest
from sqlalchemy import text

from tests.support.databases import ConnectionLeaked, DatabasePool, UndeclaredSchemaChange


async def fetched(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Execute the statements and return the rows of the last."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in [await connection.fetch(statement) for statement in statements][-1]]
    finally:
        await connection.close()


async def test_rows_of_a_test_are_removed_and_seeded_rows_restored(
    database_pool: DatabasePool,
) -> None:
    url = await database_pool.acquire("funding")
    seeded_schemes = await fetched(url, "SELECT id, code FROM schemes ORDER BY id")
    initial_entries = await fetched(url, "SELECT count(*) FROM audit_entries")
    await fetched(
        url,
        "INSERT INTO audit_entries (actor, actor_kind, action, kind, subject)"
        " VALUES (uuidv7(), 'person', 'created', 'Test', uuidv7())",
        "UPDATE schemes SET code = code || 'x'",
    )
    await database_pool.release(url)
    assert await database_pool.acquire("funding") == url
    assert await fetched(url, "SELECT id, code FROM schemes ORDER BY id") == seeded_schemes
    assert len(seeded_schemes) > 0
    assert await fetched(url, "SELECT count(*) FROM audit_entries") == initial_entries
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await fetched(url, "TRUNCATE audit_entries")
    await database_pool.release(url)


async def test_sequences_restart(database_pool: DatabasePool) -> None:
    entry = (
        "INSERT INTO outbox (event_id, topic, key, type, sequence, source, data)"
        " VALUES (uuidv7(), 'a.b', uuidv7(), 'a.b.v1', 1, '/a', '{}') RETURNING id"
    )
    url = await database_pool.acquire("engagement")
    first = await fetched(url, entry)
    assert await fetched(url, entry) != first
    await database_pool.release(url)
    assert await database_pool.acquire("engagement") == url
    assert await fetched(url, entry) == first
    await database_pool.release(url)
    assert await database_pool.acquire("engagement") == url
    await fetched(url, "SELECT nextval('outbox_id_seq')")
    await database_pool.release(url)
    assert await database_pool.acquire("engagement") == url
    assert await fetched(url, entry) == first
    await database_pool.release(url)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE topics ADD COLUMN colour text",
        "ALTER TABLE topics RENAME TO subjects",
        "ALTER TABLE topics ADD CONSTRAINT short CHECK (length(name) < 9)",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE audit_entries DISABLE TRIGGER USER",
        "CREATE INDEX topics_colour ON topics (name)",
        "CREATE TABLE colours (name text)",
        "REVOKE INSERT ON topics FROM evidence",
        "ALTER TABLE topics ENABLE ROW LEVEL SECURITY",
        "CREATE STATISTICS named ON name, version FROM topics",
        "CREATE SCHEMA other",
        "ALTER SEQUENCE outbox_id_seq INCREMENT 2",
    ],
)
async def test_an_undeclared_schema_change_fails(database_pool: DatabasePool, change: str) -> None:
    url = await database_pool.acquire("evidence")
    await fetched(url, change)
    with pytest.raises(UndeclaredSchemaChange, match="alters_schema"):
        await database_pool.release(url)
    other = await database_pool.acquire("evidence")
    assert other != url
    await database_pool.release(other)


async def test_a_database_whose_test_declared_a_schema_change_is_dropped(database_pool: DatabasePool) -> None:
    url = await database_pool.acquire("evidence")
    await fetched(url, "DROP TABLE topics CASCADE")
    await database_pool.release(url, altered=True)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await fetched(url, "SELECT 1")


async def test_a_terminated_connection_or_one_in_a_transaction_is_not_reused(
    database_pool: DatabasePool,
) -> None:
    url = await database_pool.acquire("engagement")
    idle_in_transaction: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
    await idle_in_transaction.execute("BEGIN; LOCK TABLE outbox")
    connections = database_pool.connections(url, "engagement")
    async with connections.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    own_connections = "datname = current_database() AND application_name LIKE 'impact %'"
    await fetched(url, f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {own_connections}")  # noqa: S608 - ours
    await database_pool.release(url)
    assert await database_pool.acquire("engagement") == url
    async with database_pool.connections(url, "engagement").engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await idle_in_transaction.close()
    await database_pool.release(url)


async def test_a_test_that_leaks_a_connection_fails_and_the_next_has_a_full_pool(
    database_pool: DatabasePool,
) -> None:
    url = await database_pool.acquire("engagement")
    leaked = await database_pool.connections(url, "engagement").engine.connect()
    with pytest.raises(ConnectionLeaked, match="1 of its connections"):
        await database_pool.release(url)
    await leaked.invalidate()
    await leaked.close()
    assert await database_pool.acquire("engagement") == url
    await database_pool.release(url)
