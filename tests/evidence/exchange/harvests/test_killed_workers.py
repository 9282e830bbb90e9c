"""Workers that are killed in the middle of a harvest: nothing is lost, and nothing is there twice."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web
from sqlalchemy import text

from shared.events.contracts.evidence import EvidencePublished
from tests.evidence.exchange.harvests.provider import items, new_harvest, page, pages, run_all, served, work
from tests.evidence.world import EvidenceWorld, until

CHILD = """
import asyncio, sys
from services.evidence.exchange.harvests.jobs import Harvester
from shared.persistence.database import Database

asyncio.run(Harvester(allow_private=True).run(Database(sys.argv[1], "evidence"), asyncio.Event()))
"""
WAITING = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@asynccontextmanager
async def worker(world: EvidenceWorld) -> AsyncGenerator[None]:
    """A process that harvests, and is killed at the end."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, world.database.url)
    try:
        yield
    finally:
        child.kill()
        assert await child.wait() == -9


async def let_others_begin(world: EvidenceWorld) -> None:
    """As if five minutes had gone by."""
    async with world.database.transaction() as uow:
        await uow.session.execute(text("UPDATE harvest_runs SET try_at = now()"))


async def test_workers_killed_while_they_fetch_and_while_they_take_lose_nothing_and_double_nothing(
    world: EvidenceWorld,
) -> None:
    answers = pages(page(work("a:1"), token="1"), page(work("a:2"), work("a:3"), token="2"), page(work("a:4")))
    requested_tokens: list[str | None] = []
    may_answer = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if request.query["verb"] == "ListRecords":
            requested_tokens.append(request.query.get("resumptionToken"))
        if requested_tokens[-1] == "1":
            await may_answer.wait()
        return web.Response(body=answers(request.query), content_type="text/xml")

    async def asked_for_the_second_page() -> bool:
        return requested_tokens[-1:] == ["1"]

    app = web.Application()
    app.router.add_get("/oai", answer)
    async with served(app) as url:
        await new_harvest(world, url, publish=True)
        async with worker(world):
            await until(asked_for_the_second_page)
        assert len(await items(world)) == 1
        await let_others_begin(world)
        may_answer.set()
        async with world.database.engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence works'))"))
            async with worker(world):
                await until(lambda: world.rows(WAITING))
        assert len(await items(world)) == 1
        await let_others_begin(world)
        await run_all(world)
    (run,) = await world.rows("SELECT * FROM harvest_runs")
    assert (run["status"], run["pages"], run["received"], run["created"]) == ("done", 3, 4, 4)
    assert requested_tokens == [None, "1", "1", "1", "2"]
    assert [item["title"] for item in await items(world)] == [f"What carers said in a:{n}" for n in range(1, 5)]
    assert len([event for event in await world.events() if isinstance(event, EvidencePublished)]) == 4
