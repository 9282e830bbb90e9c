"""The pages before the real evidence service, on databases that are as good as new."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
from lxml import html
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.conftest import FreshDatabase
from tests.evidence.world import EvidenceWorld
from tests.gateway.servers import answer_lifespan, open_socket, serve
from tests.gateway.world import BROWSER, Gateway, gateways
from tests.support.databases import DatabasePool
from tests.support.world import world_on_database


@dataclass(frozen=True, slots=True)
class PageContent:
    """A page as it was parsed, and its text with single spaces."""

    status: int
    root: Any
    text: str

    def links(self, text: str) -> list[str]:
        """Return where the links with this text lead."""
        return [link.get("href") for link in self.root.iter("a") if text in " ".join(link.text_content().split())]

    def headings(self, level: int) -> list[str]:
        return [" ".join(heading.text_content().split()) for heading in self.root.iter(f"h{level}")]


@dataclass(frozen=True, slots=True)
class Library:
    """A library with pages."""

    world: EvidenceWorld
    gateway: Gateway

    async def open(self, path: str, **headers: str) -> PageContent:
        """Open a page as a browser does, without following redirects."""
        response = await self.gateway.http.get(path, headers={**BROWSER, **headers})
        assert response.headers["content-type"].startswith("text/html"), (path, response.text[:300])
        root: Any = html.fromstring(response.text)
        return PageContent(response.status_code, root, " ".join(root.text_content().split()))


def without_background_work(app: ASGIApp) -> ASGIApp:
    """Return the app of a world, whose state has its own database: what the process starts belongs to another."""

    async def requests_only(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        else:
            await app(scope, receive, send)

    return requests_only


@pytest.fixture
async def library(
    fresh_database: FreshDatabase, database_pool: DatabasePool, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Library]:
    monkeypatch.setenv("DEMO", "true")
    url = await fresh_database("evidence")
    world = world_on_database(EvidenceWorld, database_pool.connections(url, "evidence"))
    async with (
        serve(without_background_work(world.app), open_socket()) as service_url,
        gateways(fresh_database) as start,
    ):
        yield Library(world, await start(service_url=service_url, rate_limit_factor=100))
