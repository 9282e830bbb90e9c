"""The pages before the real evidence service, and somebody at the front line who uses them in a browser."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.conftest import FreshDatabase
from tests.evidence.world import EvidenceWorld
from tests.gateway.servers import answer_lifespan, open_socket, serve
from tests.gateway.world import BROWSER, Gateway, gateways
from tests.support.databases import DatabasePool
from tests.support.world import world_on_database

ACCEPT = {**BROWSER, "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class FrontLine:
    """A gateway before the evidence service. Requests are those of a browser, which keeps its cookies."""

    world: EvidenceWorld
    gateway: Gateway

    async def sign_in(self, persona: str = "practitioner") -> None:
        """Sign in as this persona, by a link as a person does."""
        response = await self.gateway.http.post(await self.gateway.link(persona), headers=ACCEPT)
        assert response.status_code == 303, response.text

    def sign_out(self) -> None:
        """Forget the session, as happens when its time is over."""
        self.gateway.http.cookies.delete("impact_session")

    async def get(self, path: str) -> httpx.Response:
        return await self.gateway.http.get(path, headers=ACCEPT)

    async def text(self, path: str) -> str:
        """Return the text of a page that must be there."""
        response = await self.get(path)
        assert response.status_code == 200, response.text
        return text_of(response)

    async def post(self, path: str, **values: str) -> httpx.Response:
        return await self.gateway.http.post(path, data=values, headers=ACCEPT)


def text_of(response: httpx.Response) -> str:
    """Return what can be read on a page, without its tags."""
    main = response.text[response.text.index("<main") : response.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def hidden(response: httpx.Response, name: str) -> str:
    """Return the value of a hidden field."""
    match = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', response.text)
    assert match, name
    return unescape(match[1])


def location(response: httpx.Response) -> str:
    assert response.status_code == 303, response.text
    return response.headers["location"]


def _requests_only(app: ASGIApp) -> ASGIApp:
    """Return the app of a world, whose resources are there already."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        else:
            await app(scope, receive, send)

    return answer


@asynccontextmanager
async def open_front_line(
    fresh_database: FreshDatabase, database_pool: DatabasePool, **settings: Any
) -> AsyncGenerator[FrontLine]:
    url = await fresh_database("evidence")
    world = world_on_database(EvidenceWorld, database_pool.connections(url, "evidence"))
    async with serve(_requests_only(world.app), open_socket()) as service_url, gateways(fresh_database) as start:
        yield FrontLine(world, await start(service_url=service_url, rate_limit_factor=100, **settings))
