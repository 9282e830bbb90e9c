"""The engagement service under test, and the steps that its tests share."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

import httpx
from sqlalchemy import select

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.tables import Row
from shared import clock
from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import EvidencePublished, TopicCreated
from shared.events.contracts.funding import FundingReserved
from shared.persistence.tables import new_id
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY
from tests.support.world import World

FACILITATOR = person(new_id(), Role.FACILITATOR)
EVERY_GROUP_SIGNED_IN = [{"group": group, "admission": "signed_in"} for group in StakeholderGroup]
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
class EngagementWorld(World):
    service: ClassVar[str] = "engagement"

    async def everything(self) -> str:
        """Return every value of every table, the platform's included."""
        values: list[str] = []
        async with self.database.engine.connect() as connection:
            for table in Row.metadata.sorted_tables:
                values += [str(row) for row in (await connection.execute(select(table))).all()]
        return "\n".join(values)

    async def until(self, sql: str) -> None:
        """Wait until the query finds a row, at most 20 seconds."""
        for _ in range(1000):
            if await self.rows(sql):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"never happened: {sql}")

    async def topic(self, name: str = "Breaks for carers") -> str:
        topic = new_id()
        await self.handle(TopicCreated(topic_id=topic, name=name))
        return str(topic)

    async def item(self) -> str:
        item = new_id()
        await self.handle(EvidencePublished(item_id=item, way_of_knowing="lived_experience", topic_ids=()))
        return str(item)

    async def open_survey(self, questions: list[dict[str, Any]] | None = None, **more: Any) -> str:
        body = {"title": "What first?", "questions": questions or QUESTIONS, **more}
        survey = await self.json(ENGAGEMENT_OFFICER, "POST", "/v1/surveys", body)
        await self.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey['id']}/open")
        return survey["id"]

    async def invite(self, survey: str, count: int = 1, group: str = "unpaid_carers") -> list[str]:
        body = {"group": group, "count": count}
        return (await self.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body))["invitations"]

    async def invite_people(self, survey: str, *people: Caller, group: str = "unpaid_carers") -> list[str]:
        """Return an invitation for each of them."""
        body = {"group": group, "person_ids": [str(person.id) for person in people]}
        return (await self.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/invitations", body))["invitations"]

    async def answer_signed_in(self, survey: str, caller: Caller, group: str = "researchers") -> httpx.Response:
        body = {"group": group, "answers": {"one": "a"}}
        return await self.call(caller, "POST", f"/v1/surveys/{survey}/responses", body)

    async def answer(self, survey: str, invitation: str, answers: dict[str, Any] | None = None) -> httpx.Response:
        body = {"answers": answers or {"order": ["a", "b", "c"]}}
        return await self.call(NOBODY, "POST", f"/v1/surveys/{survey}/responses", body, Invitation=invitation)

    async def start_project(self, **more: Any) -> dict[str, Any]:
        body = {"title": "A break on the first visit", "model": "demonstrator", "topic_id": await self.topic()}
        items = more.pop("applies", None) or [await self.item()]
        return await self.json(FACILITATOR, "POST", "/v1/projects", body | {"applies": items} | more)

    async def plan_assembly(self, held_on: date | None = None, **more: Any) -> dict[str, Any]:
        plan = assembly_plan(await self.topic(), held_on)
        return await self.json(ENGAGEMENT_OFFICER, "POST", "/v1/assemblies", plan | more)

    async def open_assembly(self, held_on: date | None = None, **more: Any) -> str:
        planned = await self.plan_assembly(held_on, **more)
        reserved = FundingReserved(assembly_id=UUID(planned["id"]), reservation_id=new_id(), pence=100_000)
        await self.handle(reserved)
        return planned["id"]

    async def hold_assembly(self, assembly: str, held_on: date | None = None) -> None:
        """Let the assembly have been held, yesterday unless another day is given: registration is over by then."""
        async with self.database.transaction() as uow:
            connection = await uow.session.connection()
            await connection.exec_driver_sql(
                "UPDATE assemblies SET held_on = $1 WHERE id = $2", (held_on or yesterday(), assembly)
            )

    async def register(self, assembly: str, caller: Caller, needs: list[str] | None = None) -> dict[str, Any]:
        return await self.json(caller, "POST", f"/v1/assemblies/{assembly}/registrations", {"access_needs": needs})


def assembly_plan(topic_id: str, held_on: date | None = None) -> dict[str, Any]:
    """Return the body that plans an assembly about this topic, tomorrow unless another day is given."""
    return {
        "title": "Breaks that work",
        "topic_id": topic_id,
        "held_on": (held_on or tomorrow()).isoformat(),
        "starts_at": "10:30",
        "minutes": 180,
        "mode": "in_person",
        "place": "The library",
        "places": 10,
        "expected_cost": {"pence": 100_000, "currency": "GBP"},
        "scheme": "participation",
    }


def yesterday() -> date:
    return clock.today() - timedelta(days=1)


def tomorrow() -> date:
    return clock.today() + timedelta(days=1)
