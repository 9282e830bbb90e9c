"""The engagement service on a database of its own, and what tests do with it in a word."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select, text

from services.engagement import worker
from services.engagement.main import create_app
from services.engagement.settings import EngagementSettings
from services.engagement.tables import Row
from shared import clock
from shared.auth import Caller, Role, person
from shared.consumer import Delivered, Handling
from shared.contracts.evidence import EvidencePublished, TopicCreated
from shared.contracts.funding import FundingReserved
from shared.database import Database
from shared.events import Envelope, Event
from shared.log import Partition, Record
from shared.tables import new_id
from shared.testing import client, published, settings_for_tests

OFFICER = person(UUID("01900000-0000-7000-8000-00000000000a"), Role.ENGAGEMENT_OFFICER)
NOBODY = Caller()
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "order",
        "kind": "rank",
        "text": "What comes first?",
        "options": [{"id": "a", "text": "Breaks"}, {"id": "b", "text": "Pay"}, {"id": "c", "text": "Transport"}],
    },
    {"id": "need", "kind": "score", "text": "How urgent?", "options": [{"id": "a", "text": "Breaks"}]},
    {"id": "ease", "kind": "score", "text": "How easy was this?", "lowest": 0, "highest": 10},
    {
        "id": "one",
        "kind": "single_choice",
        "text": "Only one?",
        "options": [{"id": "a", "text": "Breaks"}, {"id": "b", "text": "Pay"}],
    },
    {"id": "more", "kind": "free_text", "text": "What else?"},
]


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
        async with self.by(caller) as http:
            return await http.request(method, path, json=body, headers=headers)

    async def done(self, caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The body of an answer that must be a success."""
        answer = await self.call(caller, method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def rows(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        async with self.database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(text(sql), given)).mappings()]

    async def everything(self) -> str:
        """Every value of every table, the platform's included."""
        told: list[str] = []
        async with self.database.engine.connect() as connection:
            for table in Row.metadata.sorted_tables:
                told += [str(row) for row in (await connection.execute(select(table))).all()]
        return "\n".join(told)

    async def until(self, sql: str) -> None:
        """Until the query finds a row, at most 20 seconds."""
        for _ in range(1000):
            if await self.rows(sql):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"never happened: {sql}")

    async def events(self) -> Sequence[Event]:
        return await published(self.database)

    async def hears(self, event: Event, sequence: int = 1, id: UUID | None = None) -> None:
        """What the worker does with an event: one transaction, noted in the inbox."""
        envelope = Envelope(id or new_id(), "/test", event.event_type, clock.now(), event.key, sequence)
        record = Record(Partition(event.topic, 0), 0, str(event.key).encode(), b"", ())
        handling = Handling(self.database, worker.HANDLERS)
        async with self.database.transaction() as uow:
            await handling.handle_in(uow, [Delivered(record, envelope, event)])

    async def topic(self, name: str = "Breaks for carers") -> str:
        topic = new_id()
        await self.hears(TopicCreated(topic_id=topic, name=name))
        return str(topic)

    async def item(self) -> str:
        item = new_id()
        await self.hears(EvidencePublished(item_id=item, way_of_knowing="lived_experience", topic_ids=()))
        return str(item)

    async def open_survey(self, questions: list[dict[str, Any]] | None = None, **more: Any) -> str:
        asked = {"title": "What first?", "questions": questions or QUESTIONS, **more}
        survey = await self.done(OFFICER, "POST", "/v1/surveys", asked)
        await self.done(OFFICER, "POST", f"/v1/surveys/{survey['id']}/open")
        return survey["id"]

    async def invite(self, survey: str, count: int = 1, group: str = "unpaid_carers") -> list[str]:
        asked = {"group": group, "count": count}
        return (await self.done(OFFICER, "POST", f"/v1/surveys/{survey}/invitations", asked))["invitations"]

    async def answer(self, survey: str, invitation: str, answers: dict[str, Any] | None = None) -> httpx.Response:
        body = {"answers": answers or {"order": ["a", "b", "c"]}}
        return await self.call(NOBODY, "POST", f"/v1/surveys/{survey}/responses", body, Invitation=invitation)

    async def plan_assembly(self, held_on: date | None = None, **more: Any) -> dict[str, Any]:
        plan = {
            "title": "Breaks that work",
            "topic_id": await self.topic(),
            "held_on": (held_on or clock.today()).isoformat(),
            "starts_at": "10:30",
            "minutes": 180,
            "mode": "in_person",
            "place": "The library",
            "places": 10,
            "expected_cost": {"pence": 100_000, "currency": "GBP"},
            "scheme": "participation",
        }
        return await self.done(OFFICER, "POST", "/v1/assemblies", plan | more)

    async def open_assembly(self, held_on: date | None = None, **more: Any) -> str:
        planned = await self.plan_assembly(held_on, **more)
        reserved = FundingReserved(assembly_id=UUID(planned["id"]), reservation_id=new_id(), pence=100_000)
        await self.hears(reserved)
        return planned["id"]

    async def register(self, assembly: str, caller: Caller, needs: list[str] | None = None) -> dict[str, Any]:
        return await self.done(caller, "POST", f"/v1/assemblies/{assembly}/registrations", {"access_needs": needs})


def somebody() -> Caller:
    """A signed-in person without any other role."""
    return person(new_id())


def tomorrow() -> date:
    return clock.today() + timedelta(days=1)


@asynccontextmanager
async def world_on(url: str, **settings: Any) -> AsyncGenerator[World]:
    app = create_app(EngagementSettings(**settings_for_tests(), engagement_database_url=url, **settings))  # pyright: ignore[reportArgumentType]  a string becomes a secret
    try:
        yield World(app)
    finally:
        await app.state.database.close()
