import asyncio
from typing import Any

from sqlalchemy import text

from gateway.housekeeping import keep_house
from shared.persistence.unit_of_work import Database
from tests.conftest import FreshDatabase

OLD_LINK = """
WITH someone AS (INSERT INTO people (roles) VALUES ('{}') RETURNING id)
INSERT INTO one_time_links (digest, person_id, expires_at)
SELECT uuidv7()::text::bytea, id, now() - interval '31 days' FROM someone
"""
CHANGE = """
INSERT INTO audit_entries (actor, actor_kind, action, kind, subject)
VALUES (uuidv7(), 'person', 'tried', 'test', uuidv7())
"""
LINKS = "SELECT count(*) FROM one_time_links"
SEALS = "SELECT count(*) FROM audit_seals"


async def sql(database: Database, statement: str) -> Any:
    async with database.engine.begin() as connection:
        done = await connection.execute(text(statement))
        return done.scalar() if done.returns_rows else None


async def until_it_is(database: Database, statement: str, wanted: int) -> None:
    async with asyncio.timeout(5):
        while await sql(database, statement) != wanted:  # noqa: ASYNC110  another task brings it about, and tells no one
            await asyncio.sleep(0.01)


async def test_the_trail_is_sealed_each_turn_and_old_links_are_looked_for_now_and_then(
    fresh_database: FreshDatabase,
) -> None:
    database, stop = Database(await fresh_database("gateway"), "gateway", pool=2), asyncio.Event()
    await sql(database, OLD_LINK)
    house = asyncio.ensure_future(keep_house(database, seconds=0.01)(stop))
    await until_it_is(database, LINKS, 0)
    await sql(database, OLD_LINK)
    for number in (1, 2):
        await sql(database, CHANGE)
        await until_it_is(database, SEALS, number)
    assert await sql(database, LINKS) == 1
    stop.set()
    await house
    await database.close()


async def test_old_links_go_when_it_is_time_again(fresh_database: FreshDatabase) -> None:
    database, stop = Database(await fresh_database("gateway"), "gateway", pool=2), asyncio.Event()
    house = asyncio.ensure_future(keep_house(database, seconds=0.01, forget_seconds=0.02)(stop))
    for _ in range(2):
        await sql(database, OLD_LINK)
        await until_it_is(database, LINKS, 0)
    stop.set()
    await house
    await database.close()
