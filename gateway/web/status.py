"""How every part is doing, asked of each part and composed: a part that is silent is shown as such."""

import asyncio
import time
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import aiohttp
import orjson
from starlette.responses import HTMLResponse, JSONResponse

from gateway.settings import SERVICES, GatewaySettings
from gateway.web.page import page

ASKED_AGAIN_SECONDS: Final = 2.0
WORDS: Final = {"ready": "works", "not ready": "has trouble", "unreachable": "does not answer"}


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    status: str
    checks: dict[str, str]


@dataclass(frozen=True, slots=True)
class Board:
    parts: tuple[Part, ...]

    @property
    def well(self) -> bool:
        return all(part.status == "ready" for part in self.parts)

    def as_json(self) -> JSONResponse:
        parts = {part.name: {"status": part.status, "checks": part.checks} for part in self.parts}
        body = {"status": "ready" if self.well else "degraded", "parts": parts}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    def as_page(self) -> HTMLResponse:
        shown = "".join(
            f"<dt>{escape(part.name.capitalize())}</dt>"
            f"<dd>{WORDS.get(part.status, escape(part.status))}{_trouble(part)}</dd>"
            for part in self.parts
        )
        headline = "Everything works." if self.well else "Some parts have trouble. What was sent to them is not lost."
        return page("Status", f"<p><strong>{headline}</strong></p><dl>{shown}</dl>")


def _trouble(part: Part) -> str:
    told = [f"{escape(name)}: {escape(word)}" for name, word in part.checks.items() if word != "ok"]
    return f": {'; '.join(told)}" if told else ""


class StatusBoard:
    """Looks at most every two seconds, however many ask."""

    def __init__(self, settings: GatewaySettings) -> None:
        addresses = {service: settings.url_of(service) for service in SERVICES}
        workers = {f"{service} worker": url for service, url in settings.workers().items()}
        self._addresses: dict[str, str] = {**addresses, **workers}
        self._seen: Board | None = None
        self._seen_at = 0.0
        self._looking = asyncio.Lock()

    async def look(self) -> Board:
        async with self._looking:
            if self._seen is None or time.monotonic() - self._seen_at > ASKED_AGAIN_SECONDS:
                async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
                    parts = await asyncio.gather(*(_part(http, *item) for item in sorted(self._addresses.items())))
                self._seen, self._seen_at = Board(tuple(parts)), time.monotonic()
            return self._seen

    async def check(self) -> str | None:
        """For the gateway's own readiness: one silent service is no reason to close the door to the others."""
        parts = [part for part in (await self.look()).parts if part.name in SERVICES]
        silent = all(part.status == "unreachable" for part in parts)
        return "no service can be reached" if silent else None


async def _part(http: aiohttp.ClientSession, name: str, url: str) -> Part:
    try:
        async with http.get(f"{url}/health/ready") as answer:
            said: dict[str, Any] = orjson.loads(await answer.read())
        return Part(
            name, str(said.get("status", "not ready")), {str(k): str(v) for k, v in said.get("checks", {}).items()}
        )
    except (aiohttp.ClientError, OSError, TimeoutError, orjson.JSONDecodeError):
        return Part(name, "unreachable", {})
