import asyncio
from typing import Any

from sqlalchemy import text

from gateway.identity.jobs import delete_expired_credentials
from shared.persistence.database import Database
from tests.conftest import FreshDatabase

EXPIRED_LINK = """
WITH person AS (INSERT INTO people (roles) VALUES ('{}') RETURNING id)
INSERT INTO one_time_links (digest, person_id, expires_at)
SELECT uuidv7()::text::bytea, id, now() - interval '31 days' FROM person
"""
EXPIRED_SESSION = EXPIRED_LINK.replace("one_time_links", "sessions")
RECENT_LINK = EXPIRED_LINK.replace("31 days", "29 days")
COUNT = "SELECT (SELECT count(*) FROM one_time_links) + (SELECT count(*) FROM sessions)"


async def sql(database: Database, statement: str) -> Any:
    async with database.engine.begin() as connection:
        result = await connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None


async def wait_for_count(database: Database, expected: int) -> None:
    async with asyncio.timeout(5):
        while await sql(database, COUNT) != expected:  # noqa: ASYNC110  the job under test signals nothing
            await asyncio.sleep(0.01)


async def test_links_and_sessions_are_deleted_thirty_days_after_they_expired(fresh_database: FreshDatabase) -> None:
    database, stop = Database(await fresh_database("gateway"), "gateway", pool=2), asyncio.Event()
    for statement in (EXPIRED_LINK, EXPIRED_SESSION, RECENT_LINK):
        await sql(database, statement)
    job = asyncio.ensure_future(delete_expired_credentials(database, interval=60)(stop))
    await wait_for_count(database, 1)
    await sql(database, EXPIRED_LINK)
    await asyncio.sleep(0.1)
    assert await sql(database, COUNT) == 2
    stop.set()
    await job
    await database.close()


async def test_they_are_deleted_again_after_each_interval(fresh_database: FreshDatabase) -> None:
    database, stop = Database(await fresh_database("gateway"), "gateway", pool=2), asyncio.Event()
    job = asyncio.ensure_future(delete_expired_credentials(database, interval=0.02)(stop))
    for _ in range(2):
        await sql(database, EXPIRED_LINK)
        await wait_for_count(database, 0)
    stop.set()
    await job
    await database.close()
