"""The funding service on a database of its own, and what tests do with it in a word."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from deploy.demo import bank
from services.funding import worker
from services.funding.main import create_app
from services.funding.settings import FundingSettings
from shared import clock
from shared.auth import Caller, Role, person
from shared.consumer import Delivered, Handling
from shared.contracts.engagement import AssemblyPlanned, AttendanceRecorded
from shared.contracts.funding import ClaimPaid
from shared.database import Database
from shared.events import Envelope, Event
from shared.log import Partition, Record
from shared.tables import new_id
from shared.testing import client, published, settings_for_tests

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "funding"
NOBODY = Caller()
CARER = person(UUID("01900000-0000-7000-8000-000000000001"))
PRACTITIONER = person(UUID("01900000-0000-7000-8000-000000000002"))
FUNDING_OFFICER = person(UUID("01900000-0000-7000-8000-000000000003"), Role.FUNDING_OFFICER)
APPROVER = person(UUID("01900000-0000-7000-8000-000000000004"), Role.APPROVER)
FINANCE = person(UUID("01900000-0000-7000-8000-000000000005"), Role.FINANCE)
ENGAGEMENT_OFFICER = person(UUID("01900000-0000-7000-8000-000000000006"), Role.ENGAGEMENT_OFFICER)
ADMINISTRATOR = person(UUID("01900000-0000-7000-8000-000000000007"), Role.ADMINISTRATOR)
BANK_DETAILS = {
    "account_name": "Zoë O\N{RIGHT SINGLE QUOTATION MARK}Carer",
    "sort_code": "04-00-04",
    "account_number": "87654321",
}
HELD_ON = date(2026, 11, 10)


def money(pence: int) -> dict[str, Any]:
    return {"pence": pence, "currency": "GBP"}


def line(kind: str, pence: int, description: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "amount": money(pence), "on": HELD_ON.isoformat(), "description": description}


@dataclass(frozen=True, slots=True)
class World:
    """One service, and whoever calls it."""

    app: FastAPI

    @property
    def database(self) -> Database:
        return self.app.state.database

    async def call(
        self, caller: Caller, method: str, path: str, body: Any = None, key: str | None = "", **headers: str
    ) -> httpx.Response:
        """With a new Idempotency-Key of its own, unless `key` says which, or None for none."""
        if key is not None and method == "POST":
            headers["Idempotency-Key"] = f'"{key or new_id()}"'
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        async with client(self.app, caller) as http:
            return await http.request(method, path, headers=headers, **content)  # pyright: ignore[reportArgumentType]  one of two

    async def done(self, caller: Caller, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The body of an answer that must be a success."""
        answer = await self.call(caller, method, path, body, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def rows(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        async with self.database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(text(sql), given)).mappings()]

    async def events(self) -> Sequence[Event]:
        return await published(self.database)

    async def hears(self, event: Event, sequence: int = 1, id: UUID | None = None) -> None:
        """What the worker does with an event: one transaction, noted in the inbox."""
        envelope = Envelope(id or new_id(), "/test", event.event_type, clock.now(), event.key, sequence)
        record = Record(Partition(event.topic, 0), 0, str(event.key).encode(), b"", ())
        handling = Handling(self.database, worker.HANDLERS)
        async with self.database.transaction() as uow:
            await handling.handle_in(uow, [Delivered(record, envelope, event)])

    async def plan(self, cost_pence: int, scheme: str = "participation") -> UUID:
        assembly = new_id()
        await self.hears(planned(assembly, cost_pence, scheme))
        return assembly

    async def attend(self, who: Caller = CARER, minutes: int = 180, assembly: UUID | None = None) -> str:
        """An attendance of this person, and the entitlement that follows."""
        heard = attended(who, minutes, assembly or await self.plan(100_000))
        await self.hears(heard)
        found = await self.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=heard.registration_id)
        return str(found[0]["id"])

    async def bank_details_of(self, who: Caller) -> None:
        if not (await self.done(who, "GET", "/v1/payees"))["items"]:
            await self.done(who, "POST", "/v1/payees", BANK_DETAILS)

    async def draft(self, who: Caller = CARER, entitlement: str | None = None, *lines: dict[str, Any]) -> str:
        chosen = list(lines) or [line("involvement_payment", 8_250), line("travel", 560, "Bus 73 to the clinic")]
        body = {"entitlement_id": entitlement or await self.attend(who), "lines": chosen}
        return (await self.done(who, "POST", "/v1/claims", body))["id"]

    async def submitted(self, who: Caller = CARER, entitlement: str | None = None, *lines: dict[str, Any]) -> str:
        await self.bank_details_of(who)
        claim = await self.draft(who, entitlement, *lines)
        await self.done(who, "POST", f"/v1/claims/{claim}/submission")
        return claim

    async def approved(self, who: Caller = CARER, by: Caller = APPROVER) -> str:
        claim = await self.submitted(who)
        await self.done(by, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
        return claim

    async def released(self, *claims: str) -> str:
        """A run of these claims, handed to the bank."""
        run = await self.done(FINANCE, "POST", "/v1/payment-runs", {"claims": list(claims)} if claims else None)
        await self.done(FINANCE, "POST", f"/v1/payment-runs/{run['id']}/release")
        return run["id"]

    async def file_of(self, run: str) -> bytes:
        return (await self.call(FINANCE, "GET", f"/v1/payment-runs/{run}/file")).content

    async def answer(self, run: str, content: bytes | None = None) -> httpx.Response:
        """Post the bank's answer: all settled, unless another is given."""
        told = content if content is not None else bank.answer(await self.file_of(run))
        xml = {"Content-Type": "application/xml"}
        return await self.call(FINANCE, "POST", f"/v1/payment-runs/{run}/results", told, **xml)

    async def end_to_end_id(self, run: str, claim: str) -> str:
        listed = await self.done(FINANCE, "GET", f"/v1/payment-runs/{run}/payments")
        return next(row["end_to_end_id"] for row in listed["items"] if row["claim_id"] == claim)

    async def paid_events(self) -> int:
        return sum(isinstance(event, ClaimPaid) for event in await self.events())

    async def claim(self, claim: str, who: Caller = CARER) -> Any:
        return await self.done(who, "GET", f"/v1/claims/{claim}")

    async def proof(self) -> Any:
        return await self.done(FINANCE, "GET", "/v1/ledger/proof")

    async def scheme(self, code: str = "participation") -> dict[str, Any]:
        return (await self.rows("SELECT * FROM schemes WHERE code = :code", code=code))[0]


def planned(assembly: UUID, cost_pence: int, scheme: str = "participation") -> AssemblyPlanned:
    return AssemblyPlanned(
        assembly_id=assembly,
        topic_id=new_id(),
        held_on=HELD_ON,
        places=20,
        expected_cost_pence=cost_pence,
        scheme=scheme,
    )


def attended(who: Caller, minutes: int, assembly: UUID, **more: Any) -> AttendanceRecorded:
    facts: dict[str, Any] = {
        "registration_id": new_id(),
        "assembly_id": assembly,
        "person_id": who.id,
        "attended": True,
        "held_on": HELD_ON,
        "minutes": minutes,
        "scheme": "participation",
    }
    return AttendanceRecorded.model_validate(facts | more)


@asynccontextmanager
async def world_on(url: str, **settings: Any) -> AsyncGenerator[World]:
    given: dict[str, Any] = {**settings_for_tests(), "funding_database_url": url, "demo": True, **settings}
    app = create_app(FundingSettings(**given))
    try:
        yield World(app)
    finally:
        await app.state.database.close()
