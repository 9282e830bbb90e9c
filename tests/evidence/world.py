"""The evidence service on a database of its own, and what tests do with it in a word."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from services.evidence import worker
from services.evidence.exchange.jobs import read_next_part
from services.evidence.main import create_app
from services.evidence.search.following import Follower
from services.evidence.settings import EvidenceSettings
from shared import clock
from shared.auth import Caller, Role, person
from shared.consumer import Delivered, Handling
from shared.database import Database
from shared.events import Envelope, Event
from shared.log import Partition, Record
from shared.tables import new_id
from shared.testing import client, published, settings_for_tests

EDITOR = person(UUID("01900000-0000-7000-8000-00000000000e"), Role.EVIDENCE_EDITOR)
CARER = person(UUID("01900000-0000-7000-8000-0000000000ca"))
NOBODY = Caller()
DATA = Path(__file__).parents[2].parent / "shared" / "data" / "evidence"

RESEARCH: dict[str, Any] = {
    "way_of_knowing": "research",
    "title": "Replacement care and the health of carers",
    "summary": "A trial of regular breaks.",
    "kind": "journal_article",
    "design": "quantitative",
    "authors": ["Okoro, A.", "Lind, B."],
    "published_in": "Journal of Invented Studies",
    "published_on": "2021-05",
    "identifiers": [{"scheme": "doi", "value": "https://doi.org/10.5555/ABC.1"}],
}
ACCOUNT: dict[str, Any] = {
    "way_of_knowing": "lived_experience",
    "title": "My first week away",
    "account": "Replacement care let me sleep for the first time in a year.",
    "speaks_as": "unpaid_carer",
    "consent": {"to_publish": True, "attribution": "first_name", "name": "Mary"},
}
PRACTICE: dict[str, Any] = {
    "way_of_knowing": "practice_knowledge",
    "title": "Booking replacement care in one call",
    "role": "social worker",
    "setting": "council team",
    "what_was_done": "One number for every provider of replacement care.",
    "what_happened": "Families got an answer the same day.",
}


def data(*parts: str) -> Path:
    """A file of the real data beside the checkout; the test is skipped where that is absent."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the shared data is not beside this checkout: {'/'.join(parts)}")
    return path


@dataclass(frozen=True, slots=True)
class World:
    """One service, and whoever calls it."""

    app: FastAPI

    @property
    def database(self) -> Database:
        return self.app.state.database

    def by(self, caller: Caller) -> httpx.AsyncClient:
        return client(self.app, caller)

    async def call(self, caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.by(caller) as http:
            return await http.request(method, path, json=body, headers=told)

    async def done(self, caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The body of an answer that must be a success."""
        answer = await self.call(caller, method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The problem of an answer that must be a refusal."""
        answer = await self.call(caller, method, path, body, **headers)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer.json()

    async def rows(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        async with self.database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(text(sql), given)).mappings()]

    async def events(self) -> Sequence[Event]:
        return await published(self.database)

    async def hears(self, event: Event, sequence: int = 1, id: UUID | None = None, at: datetime | None = None) -> None:
        """What the worker does with an event: one transaction, noted in the inbox."""
        await self.hears_all([(event, id or new_id())], sequence, at)

    async def hears_all(
        self, events: Sequence[tuple[Event, UUID]], sequence: int = 1, at: datetime | None = None
    ) -> None:
        """A batch of events with their ids, in one transaction."""
        handling = Handling(self.database, worker.HANDLERS)
        delivered = [
            Delivered(
                Record(Partition(event.topic, 0), 0, str(event.key).encode(), b"", ()),
                Envelope(id, "/test", event.event_type, at or clock.now(), event.key, sequence),
                event,
            )
            for event, id in events
        ]
        async with self.database.transaction() as uow:
            await handling.handle_in(uow, delivered)

    async def topic(self, name: str = "Breaks for carers", parent: str | None = None) -> str:
        return (await self.done(EDITOR, "POST", "/v1/topics", {"name": name, "parent_id": parent}))["id"]

    async def draft(self, item: dict[str, Any], caller: Caller = CARER, **more: Any) -> str:
        return (await self.done(caller, "POST", "/v1/evidence", item | more))["id"]

    async def publish(self, item: dict[str, Any], caller: Caller = CARER, **more: Any) -> str:
        item_id = await self.draft(item, caller, **more)
        await self.done(EDITOR, "POST", f"/v1/evidence/{item_id}/publish")
        return item_id

    async def send(self, content: bytes, caller: Caller = EDITOR, **form: str) -> httpx.Response:
        async with self.by(caller) as http:
            return await http.post("/v1/imports", files={"file": ("references.ris", content)}, data=form)

    async def read_all(self) -> None:
        """What the worker does with imports until none is left."""
        while await read_next_part(self.database):
            pass

    async def import_file(self, content: bytes, **form: str) -> dict[str, Any]:
        """The import of this file when it has been read."""
        sent = await self.send(content, EDITOR, **form)
        assert sent.status_code == 202, sent.text
        await self.read_all()
        return await self.done(EDITOR, "GET", sent.headers["location"])

    async def indexed(self) -> None:
        """Let this process's search index catch up."""
        await Follower(self.database, self.app.state.search_index).catch_up()

    async def search(self, q: str, **filters: Any) -> Any:
        async with self.by(NOBODY) as http:
            answer = await http.get("/v1/search", params={"q": q, **filters})
        assert answer.is_success, answer.text
        return answer.json()


async def until(holds: Callable[[], Awaitable[Any]]) -> None:
    """Ask again and again, for ten seconds at most."""
    for _ in range(500):
        if await holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("this did not come about within ten seconds")


def counts(job: dict[str, Any]) -> tuple[int, int, int, int]:
    return job["read"], job["created"], job["matched"], job["rejected"]


@asynccontextmanager
async def world_on(url: str) -> AsyncGenerator[World]:
    app = create_app(EvidenceSettings(**settings_for_tests(), evidence_database_url=url))  # pyright: ignore[reportArgumentType]  a string becomes a secret
    try:
        yield World(app)
    finally:
        await app.state.database.close()
