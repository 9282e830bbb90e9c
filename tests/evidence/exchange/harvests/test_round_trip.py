"""This library harvested by another like it, over HTTP: what goes out comes in."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from sqlalchemy import text

from services.evidence.exchange.oai import queries as oai
from services.evidence.exchange.oai.commands import stamp_all
from shared.callers import CALLER_HEADER, Caller, sign
from tests.conftest import FreshDatabase
from tests.evidence.exchange.harvests.provider import again, counts, harvested, quarantine
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.gateway.servers import QuietServer
from tests.support.callers import CARER, EDITOR
from tests.support.settings import caller_keys
from tests.support.world import open_world

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


def as_the_gateway_sends_it(app: Asgi) -> Asgi:
    signed = sign(Caller(), caller_keys()[0]).encode()

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["headers"] = [*scope["headers"], (CALLER_HEADER.encode(), signed)]
        await app(scope, receive, send)

    return answered


@asynccontextmanager
async def listening(world: EvidenceWorld) -> AsyncGenerator[str]:
    """The address at which this world answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen(100)
        config = uvicorn.Config(as_the_gateway_sends_it(world.app), lifespan="off", log_config=None)
        server = QuietServer(config)
        async with _serving(server, free):
            yield f"http://127.0.0.1:{free.getsockname()[1]}/oai"


@asynccontextmanager
async def _serving(server: uvicorn.Server, on: socket.socket) -> AsyncGenerator[None]:

    running = asyncio.create_task(server.serve(sockets=[on]))
    try:
        yield
    finally:
        server.should_exit = True
        await running


@pytest.mark.parametrize("prefix", ["oai_dc", "oai_datacite"])
async def test_everything_arrives_once_and_a_withdrawal_disappears(
    world: EvidenceWorld, fresh_database: FreshDatabase, prefix: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(oai, "RECORDS_PER_PAGE", 3)
    works = [
        RESEARCH | {"title": f"What carers of group {n} said of it", "identifiers": [], "keywords": ["respite"]}
        for n in range(6)
    ]
    works[0]["published_on"] = None
    whole = RESEARCH | {"volume": "12", "issue": "3", "pages": "201-219", "country": "GB", "setting": "at home"}
    published = [await world.publish(item) for item in (*works, whole, ACCOUNT)]
    published.append(await world.publish(PRACTICE, EDITOR))
    await stamp_all(world.database)
    async with listening(world) as url, open_world(EvidenceWorld, await fresh_database("evidence")) as other:
        harvest = await harvested(other, url, publish=True, metadata_prefix=prefix)
        assert harvest["last_run"]["status"] == "done", harvest
        assert counts(harvest["last_run"]) == (9, 9, 0, 0, 0, 0)
        assert harvest["last_run"]["total"] == 9
        assert await quarantine(other, harvest) == []
        arrived = {row["title"]: row for row in await other.rows("SELECT * FROM items")}
        originals = {row["title"]: row for row in await world.rows("SELECT * FROM items")}
        for title, row in originals.items():
            assert arrived[title]["way_of_knowing"] == row["way_of_knowing"]
            assert arrived[title]["language"] == row["language"]
            if row["way_of_knowing"] == "research":
                assert arrived[title]["fingerprint"] == row["fingerprint"]
                details = {k: v for k, v in arrived[title]["details"].items() if k not in ("design", "url")}
                assert details == {k: row["details"][k] for k in details}
                assert (arrived[title]["summary"], arrived[title]["country"]) == (row["summary"], row["country"])
        assert arrived[ACCOUNT["title"]]["status"] == "draft"
        async with other.database.transaction() as uow:
            await uow.session.execute(text("UPDATE harvests SET since = NULL"))
        assert counts(await again(other, harvest)) == (9, 0, 9, 0, 0, 0)
        await world.json(CARER, "POST", f"/v1/evidence/{published[0]}/withdraw")
        await world.json(CARER, "POST", f"/v1/evidence/{published[7]}/withdraw")
        await stamp_all(world.database)
        run = await again(other, harvest)
        assert (run["deleted"], run["created"], run["changed"]) == (2, 0, 0)
        gone = {row["title"] for row in await other.rows("SELECT title FROM items WHERE status = 'withdrawn'")}
        assert gone == {"What carers of group 0 said of it", ""}
