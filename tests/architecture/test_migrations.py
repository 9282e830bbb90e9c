"""Migrations create the schema that the tables declare, and do not wait long for locks."""

import asyncio

import asyncpg
import pytest

from deploy.processes import PACKAGES
from shared.persistence.migrations import schema
from tests.conftest import FreshDatabase


@pytest.mark.parametrize("service", PACKAGES)
async def test_migrated_from_empty_a_database_is_what_the_tables_say(
    fresh_database: FreshDatabase, service: str
) -> None:
    assert await schema.difference(PACKAGES[service], await fresh_database(service)) is None


@pytest.mark.parametrize("service", PACKAGES)
async def test_the_audit_trail_of_every_service_is_append_only(fresh_database: FreshDatabase, service: str) -> None:
    connection = await asyncpg.connect(await fresh_database(service))
    try:
        await connection.execute(
            "INSERT INTO audit_entries (actor, actor_kind, action, kind, subject)"
            " VALUES (uuidv7(), 'person', 'created', 'Test', uuidv7())"
        )
        for forbidden in (
            "UPDATE audit_entries SET action = 'x'",
            "DELETE FROM audit_entries",
            "TRUNCATE audit_entries",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await connection.execute(forbidden)
    finally:
        await connection.close()


async def test_a_migration_gives_up_on_a_lock_and_comes_again(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("engagement")
    holder = await asyncpg.connect(url)
    await holder.execute("BEGIN")
    await holder.execute("SELECT pg_advisory_xact_lock(hashtext('impact migrations'))")
    waiting = asyncio.create_task(schema.upgrade(PACKAGES["engagement"], url))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    await holder.execute("ROLLBACK")
    await asyncio.wait_for(waiting, 20)
    await holder.close()
