"""The funding service under test, with shortcuts for what its tests do often."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import httpx

from deploy.demo import bank
from shared.callers import Caller
from shared.events.contracts.engagement import AssemblyPlanned, AttendanceRecorded
from shared.events.contracts.funding import ClaimPaid
from shared.persistence.tables import new_id
from tests.support.callers import APPROVER, CARER, FINANCE, SECOND_FINANCE
from tests.support.world import World

BANK_DETAILS = {
    "account_name": "Zoë O\N{RIGHT SINGLE QUOTATION MARK}Carer",
    "sort_code": "04-00-04",
    "account_number": "87654321",
}
HELD_ON = date(2026, 11, 10)
MONEY_COMMAND = re.compile(r"(/v1/[a-z-]+/[^/]+)/(?:submit|decisions|resolve|release|extend|cancel|recoveries)")


def money(pence: int) -> dict[str, Any]:
    return {"pence": pence, "currency": "GBP"}


def line(kind: str, pence: int, description: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "amount": money(pence), "on": HELD_ON.isoformat(), "description": description}


@dataclass(frozen=True, slots=True)
class FundingWorld(World):
    service: ClassVar[str] = "funding"

    async def call(
        self,
        caller: Caller,
        method: str,
        path: str,
        body: Any = None,
        key: str | None = "",
        match: str | None = "",
        **headers: str,
    ) -> httpx.Response:
        """Send a request. A POST has a new Idempotency-Key, unless `key` gives one, or is None for none.

        A command on what moves money has the ETag that its caller reads first, unless `match` or an If-Match gives
        one, or `match` is None for none.
        """
        if key is not None and method == "POST":
            headers["Idempotency-Key"] = f'"{key or new_id()}"'
        command = MONEY_COMMAND.fullmatch(path) if method == "POST" else None
        if command and match is not None and "If-Match" not in headers:
            headers["If-Match"] = match or await self.etag(caller, command[1])
        return await super(FundingWorld, self).call(caller, method, path, body, **headers)

    async def etag(self, caller: Caller, path: str) -> str:
        """Return the ETag of what the caller reads, or an empty one where they may not read it."""
        return (await self.call(caller, "GET", path)).headers.get("ETag", "")

    async def plan_assembly(self, cost_pence: int, scheme: str = "participation") -> UUID:
        assembly = new_id()
        await self.handle(assembly_planned(assembly, cost_pence, scheme))
        return assembly

    async def attend(self, who: Caller = CARER, minutes: int = 180, assembly: UUID | None = None) -> str:
        """Record an attendance of this person. Returns the id of the entitlement."""
        event = attendance_recorded(who, minutes, assembly or await self.plan_assembly(100_000))
        await self.handle(event)
        rows = await self.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=event.registration_id)
        return str(rows[0]["id"])

    async def add_bank_details(self, who: Caller) -> None:
        if not (await self.json(who, "GET", "/v1/payees"))["items"]:
            await self.json(who, "POST", "/v1/payees", BANK_DETAILS)

    async def draft_claim(self, who: Caller = CARER, entitlement: str | None = None, *lines: dict[str, Any]) -> str:
        default_lines = [line("involvement_payment", 8_250), line("travel", 560, "Bus 73 to the clinic")]
        body = {"entitlement_id": entitlement or await self.attend(who), "lines": list(lines) or default_lines}
        return (await self.json(who, "POST", "/v1/claims", body))["id"]

    async def submitted_claim(self, who: Caller = CARER, entitlement: str | None = None, *lines: dict[str, Any]) -> str:
        await self.add_bank_details(who)
        claim = await self.draft_claim(who, entitlement, *lines)
        await self.json(who, "POST", f"/v1/claims/{claim}/submit")
        return claim

    async def approved_claim(self, who: Caller = CARER, by: Caller = APPROVER) -> str:
        claim = await self.submitted_claim(who)
        await self.approve(claim, by)
        return claim

    async def approve(self, claim: str, by: Caller = APPROVER) -> Any:
        """Approve a claim, and name the other claims with a cost of this one: tests repeat costs."""
        decision = {"decision": "approved", "duplicates_checked": await self.duplicates(claim)}
        return await self.json(by, "POST", f"/v1/claims/{claim}/decisions", decision)

    async def duplicates(self, claim: str) -> list[str]:
        """Return the other claims with a cost of this one, which its approver has to name."""
        duplicates = (await self.get_claim(claim, APPROVER))["possible_duplicates"]
        return [duplicate["claim_id"] for duplicate in duplicates]

    async def released_run(self, *claims: str) -> str:
        """Make a run of these claims, or of all that can be paid, and let a colleague release it. Returns its id."""
        run = await self.json(FINANCE, "POST", "/v1/payment-runs", {"claims": list(claims)} if claims else None)
        await self.json(SECOND_FINANCE, "POST", f"/v1/payment-runs/{run['id']}/release")
        return run["id"]

    async def download_file(self, run: str) -> bytes:
        return (await self.call(FINANCE, "GET", f"/v1/payment-runs/{run}/file")).content

    async def post_bank_message(self, run: str, content: bytes | None = None) -> httpx.Response:
        """Post a message of the bank: all payments are settled, unless other content is given."""
        message = content if content is not None else bank.status_report(await self.download_file(run))
        xml = {"Content-Type": "application/xml"}
        return await self.call(FINANCE, "POST", "/v1/bank-messages", message, **xml)

    async def end_to_end_id(self, run: str, claim: str) -> str:
        payments = (await self.json(FINANCE, "GET", f"/v1/payment-runs/{run}/payments"))["items"]
        return next(payment["end_to_end_id"] for payment in payments if payment["claim_id"] == claim)

    async def paid_events(self) -> int:
        return sum(isinstance(event, ClaimPaid) for event in await self.events())

    async def get_claim(self, claim: str, who: Caller = CARER) -> Any:
        return await self.json(who, "GET", f"/v1/claims/{claim}")

    async def get_proof(self) -> Any:
        return await self.json(FINANCE, "GET", "/v1/ledger/proof")

    async def scheme(self, code: str = "participation") -> dict[str, Any]:
        return (await self.rows("SELECT * FROM schemes WHERE code = :code", code=code))[0]


def assembly_planned(assembly: UUID, cost_pence: int, scheme: str = "participation") -> AssemblyPlanned:
    return AssemblyPlanned(
        assembly_id=assembly,
        topic_id=new_id(),
        held_on=HELD_ON,
        places=20,
        expected_cost_pence=cost_pence,
        scheme=scheme,
    )


def attendance_recorded(who: Caller, minutes: int, assembly: UUID, **more: Any) -> AttendanceRecorded:
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
