"""The gateway's pages before a real evidence service, and what the tests do in a browser in a word."""

import html
import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
from starlette.types import Receive, Scope, Send

from gateway.identity.personas import BY_KEY
from shared.callers import person
from shared.http_server.limits import HttpLimits
from shared.http_server.protocol import http_protocol
from shared.http_server.server import HttpServer
from tests.conftest import FreshDatabase
from tests.evidence.world import EvidenceWorld
from tests.gateway.servers import StubService, answer_lifespan, open_socket, serve
from tests.gateway.world import BROWSER, Gateway, gateway_before
from tests.support.callers import EDITOR
from tests.support.databases import DatabasePool
from tests.support.world import world_on_database

FROM_HERE: Final = {"Sec-Fetch-Site": "same-origin", **BROWSER}
CARER: Final = person(BY_KEY["carer"].id)
LIVED: Final[dict[str, dict[str, Any]]] = {
    "whose-story": {"whose": "self"},
    "about-you": {"speaks_as": "unpaid_carer", "role": "daughter"},
    "what-happened": {"account": "For four years I did not sleep.\r\nThen a sitter came on Thursdays."},
    "what-helped": {"helped": "That the same person came each time."},
    "when": {"from": "2021", "to": ""},
    "where": {"setting": "at home", "country": "GB-WLS"},
    "topic": {"service": "replacement care"},
    "title": {"title": "Thursdays by the <sea>"},
    "who-may-see-it": {"to_publish": "yes"},
    "name": {"attribution": "first_name", "name": "Mair"},
}
PRACTICE: Final[dict[str, dict[str, Any]]] = {
    "your-work": {"role": "home care coordinator", "organisation_kind": "care_provider"},
    "what-you-did": {"what_was_done": "We ask about breaks on the first visit."},
    "what-came-of-it": {"what_happened": "Fewer calls at night."},
    "where": {"setting": "home care", "country": ""},
    "what-it-needs": {"what_it_needs": "Ten minutes more."},
    "when": {"from": "", "to": ""},
    "topic": {"service": ""},
    "title": {"title": "Asking about breaks"},
    "name": {"attribution": "organisation", "name": "Invented Care"},
}


class Browser(httpx.AsyncClient):
    """Somebody's browser: keeps cookies, sends forms from our own pages, and follows redirects only when told to."""

    async def send_form(self, path: str, **values: Any) -> httpx.Response:
        return await self.post(path, data=values, headers=FROM_HERE)

    async def text(self, path: str) -> str:
        """Return the text of the page, without markup."""
        page = await self.get(path, headers=FROM_HERE)
        assert page.status_code == 200, (path, page.status_code, page.headers.get("location"))
        return text_of(page)

    async def answer(self, way: str, answers: dict[str, dict[str, Any]]) -> None:
        """Answer all questions, each as the redirect of the one before leads to it."""
        response = await self.send_form("/tell", way=way)
        for slug, values in answers.items():
            assert (response.status_code, response.headers["location"]) == (303, f"/tell/{slug}")
            response = await self.send_form(f"/tell/{slug}", **values)
        assert response.headers["location"] == "/tell/preview"

    async def key(self) -> str:
        """Return the hidden key of the form that sends the answers."""
        return hidden(await self.get("/tell/check"), "key")


@dataclass(frozen=True)
class Site:
    gateway: Gateway
    evidence: EvidenceWorld
    stack: AsyncExitStack

    async def browser(self, persona: str | None = None) -> Browser:
        """Return a new browser, in which this persona has signed in."""
        browser = await self.stack.enter_async_context(Browser(base_url=self.gateway.url, timeout=20))
        if persona is not None:
            await self.sign_in(browser, persona)
        return browser

    async def sign_in(self, browser: Browser, persona: str) -> None:
        response = await browser.send_form((await self.gateway.link(persona)).removeprefix(self.gateway.url))
        assert response.status_code == 303

    async def end_sessions(self) -> None:
        """End all sessions, as time does."""
        await self.gateway.sql("UPDATE sessions SET expires_at = now()")
        self.gateway.app.credential_cache.clear()

    async def items(self) -> list[dict[str, Any]]:
        return await self.evidence.rows("SELECT * FROM items ORDER BY id")

    async def propose(self, item_id: Any, **changes: Any) -> None:
        """Propose other words, as an editor."""
        await self.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{item_id}", changes, If_Match="*")

    async def replace(self, proposal_id: str, **changes: Any) -> None:
        """Propose other words instead of those that wait, as the same editor."""
        path = f"/v1/evidence/proposals/{proposal_id}"
        etag = (await self.evidence.call(EDITOR, "GET", path)).headers["etag"]
        await self.evidence.json(EDITOR, "POST", f"{path}/replace", changes, If_Match=etag)

    async def publish(self, item_id: Any) -> None:
        await self.evidence.json(EDITOR, "POST", f"/v1/evidence/{item_id}/publish")


@asynccontextmanager
async def open_site(fresh_database: FreshDatabase, pool: DatabasePool) -> AsyncGenerator[Site]:
    evidence = world_on_database(EvidenceWorld, pool.connections(await fresh_database("evidence"), "evidence"))

    async def service(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        else:
            await evidence.app(scope, receive, send)

    async with AsyncExitStack() as stack:
        http = http_protocol(HttpServer(HttpLimits().behind_gateway(), "http://service"))
        url = await stack.enter_async_context(serve(service, open_socket(), http=http))
        database_url = await fresh_database("gateway")
        gateway = await stack.enter_async_context(
            gateway_before(url, database_url, StubService(), rate_limit_factor=100)
        )
        yield Site(gateway, evidence, stack)


def text_of(page: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])).split())


def hidden(page: httpx.Response, name: str) -> str:
    match = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    assert match is not None, page.text
    return html.unescape(match[1])
