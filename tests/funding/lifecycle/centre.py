"""What people do with attendances, claims and reservations: the model says whether the service accepts it."""

from datetime import time
from typing import Any
from uuid import UUID

import httpx

from shared.callers import Caller
from shared.persistence.tables import new_id
from tests.funding.lifecycle import checks
from tests.funding.lifecycle.cast import PEOPLE
from tests.funding.lifecycle.model import ModelAssembly, ModelClaim, ModelEntitlement, ModelRun
from tests.funding.lifecycle.person import ModelPerson
from tests.funding.world import BANK_DETAILS, FundingWorld, assembly_planned, attendance_recorded, line, money
from tests.support.callers import FUNDING_OFFICER

CAP_PENCE = 700_00
EVIDENCE_ABOVE = 100_00
"""Of travel on one day for one meeting."""
PLANS = ((9, 300_00), (10, 100_00), (12, 400_00))
"""Hour of the beginning and expected cost. The cap has too little for the third, which may touch the first."""


class Centre:
    """The service on an empty database, and the model of it."""

    def __init__(self, world: FundingWorld) -> None:
        self.world = world
        self.people = {caller: ModelPerson(caller.id) for caller in PEOPLE}
        self.assemblies: list[ModelAssembly] = []
        self.runs: list[ModelRun] = []
        self.messages: list[tuple[ModelRun, bytes]] = []
        self.has_changed = True
        self.read: dict[Caller, list[Any]] = {}
        self.rank = 0
        self.sequence = 0

    @property
    def entitlements(self) -> list[ModelEntitlement]:
        return [of for person in self.people.values() for of in person.entitlements if of.id]

    @property
    def claims(self) -> list[ModelClaim]:
        return [claim for of in self.entitlements for claim in of.claims]

    def person_of(self, claim: ModelClaim) -> ModelPerson:
        return self.people[caller_of(claim.entitlement.person)]

    @property
    def waits_for_details(self) -> bool:
        """Whether somebody has given no bank details yet, or the bank has refused those that they gave."""
        without = any(person.details == 0 for person in self.people.values())
        return without or any(claim.refused_details for claim in self.claims)

    @property
    def available(self) -> int:
        return CAP_PENCE - sum(assembly.set_aside for assembly in self.assemblies)

    async def open(self) -> None:
        scheme = await self.world.scheme()
        path = f"/v1/schemes/{scheme['id']}"
        tag = await self.world.etag(FUNDING_OFFICER, path)
        await self.world.json(FUNDING_OFFICER, "PATCH", path, {"cap": money(CAP_PENCE)}, **{"If-Match": tag})
        for hour, cost in PLANS:
            assembly = ModelAssembly(new_id(), hour * 60)
            if cost <= self.available:
                assembly.set_aside, assembly.has_scheme = cost, True
            self.assemblies.append(assembly)
            await self.world.handle(assembly_planned(assembly.id, cost))
            rows = await self.world.rows("SELECT id FROM reservations WHERE assembly_id = :id", id=assembly.id)
            assembly.reservation = str(rows[0]["id"])

    async def send(self, accepted: bool, caller: Caller, *request: Any, **more: Any) -> httpx.Response:
        """Send a request, which is accepted or refused as the model says. A refused one changes nothing."""
        before = [] if accepted else await checks.fingerprint(self.world)
        response = await self.world.call(caller, *request, **more)
        assert response.status_code < 500, response.text
        assert "This conflicts with the current state" not in response.text, "refused by the database alone"
        assert response.is_success == accepted, f"{request}: {response.status_code} {response.text}"
        self.has_changed |= accepted
        if not accepted:
            assert await checks.fingerprint(self.world) == before, f"{request} was refused, and changed something"
        return response

    async def attend(self, who: Caller, assembly: ModelAssembly, minutes: int | None, recorder: UUID) -> None:
        """Record an attendance, or correct it: to another time, to none, or back."""
        person = self.people[who]
        of = next((of for of in person.entitlements if of.assembly is assembly), None)
        of = of or ModelEntitlement(person.id, assembly, new_id(), self._next_rank())
        self.sequence += 1
        event = attendance_recorded(
            who,
            minutes or 0,
            assembly.id,
            registration_id=of.registration,
            attended=minutes is not None,
            starts_at=time(assembly.start // 60),
            recorded_by=recorder,
        )
        await self.world.handle(event, sequence=self.sequence)
        self.has_changed = True
        of.recorders.add(recorder)
        if not of.id and minutes is None:
            return
        person.record(of, minutes, self._next_rank())
        if not of.id:
            rows = await self.world.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=of.registration)
            of.id = str(rows[0]["id"])
            assembly.entitlements.append(of)

    def _next_rank(self) -> int:
        self.rank += 1
        return self.rank

    async def change_details(self, who: Caller, number: int) -> None:
        person = self.people[who]
        details = BANK_DETAILS | {"account_number": f"{11111111 + number}"}
        if not person.details:
            await self.send(True, who, "POST", "/v1/payees", details)
        else:
            (payee,) = (await self.world.json(who, "GET", "/v1/payees"))["items"]
            path = f"/v1/payees/{payee['id']}"
            await self.send(True, who, "PUT", path, details, **{"If-Match": await self.world.etag(who, path)})
        person.details += number != person.account
        person.account = number

    async def draft(self, who: Caller, of: ModelEntitlement, involvement: int, travel: int) -> ModelClaim | None:
        accepted = of.person == who.id and of.granted is not None
        accepted = accepted and travel + of.travel_beside(None) <= EVIDENCE_ABOVE
        body = {"entitlement_id": of.id, "lines": _lines(involvement, travel)}
        response = await self.send(accepted, who, "POST", "/v1/claims", body)
        if not accepted:
            return None
        of.claims.append(ModelClaim(of, response.json()["id"], involvement, travel))
        return of.claims[-1]

    async def edit(self, who: Caller, claim: ModelClaim, involvement: int, travel: int) -> None:
        of = claim.entitlement
        accepted = of.person == who.id and claim.status in ("draft", "returned")
        accepted = accepted and travel + of.travel_beside(claim) <= EVIDENCE_ABOVE
        path = f"/v1/claims/{claim.id}"
        tag = await self.world.etag(who, path) or '"1"'
        body = {"lines": _lines(involvement, travel)}
        await self.send(accepted, who, "PATCH", path, body, **{"If-Match": tag})
        if accepted:
            claim.involvement, claim.travel = involvement, travel

    async def submit(self, who: Caller, claim: ModelClaim) -> None:
        of = claim.entitlement
        missing = max(0, claim.pence - of.assembly.free)
        accepted = (
            of.person == who.id
            and claim.status in ("draft", "returned")
            and self.people[who].details > 0
            and claim.pence > 0
            and of.granted is not None
            and not of.in_question
            and claim.travel + of.travel_beside(claim) <= EVIDENCE_ABOVE
            and claim.involvement <= of.remaining
            and missing <= self.available
        )
        await self.send(accepted, who, "POST", f"/v1/claims/{claim.id}/submit")
        if accepted:
            claim.status, claim.beyond, of.assembly.has_scheme = "submitted", missing > 0, True

    def duplicates(self, claim: ModelClaim) -> list[str]:
        """Return the person's other claims with the same bus."""
        others = [other for of in self.entitlements if of.person == claim.entitlement.person for other in of.claims]
        return [
            other.id
            for other in others
            if other is not claim
            and (other.status not in ("draft", "refused") or other.unclear)
            and claim.travel
            and other.travel == claim.travel
        ]

    async def decide(
        self, by: Caller, claim: ModelClaim, decision: str, *, checked: bool = True, match: str = ""
    ) -> bool:
        """Approve, refuse or return a claim, or take an approval back. Returns whether that was accepted."""
        of, before = claim.entitlement, claim.status
        duplicates = self.duplicates(claim)
        pending = [payment for payment in claim.payments if payment.status == "pending"]
        accepted = not match and by.id not in {of.person, *of.recorders}
        if decision == "approved":
            missing = claim.pence - of.assembly.free if claim.beyond else 0
            accepted = accepted and before == "submitted" and claim.payable and missing <= 0
            accepted = accepted and not any(other.unclear for other in of.claims if other is not claim)
            accepted = accepted and (checked or not duplicates)
        else:
            reopens = (before, claim.unclear, decision) == ("refused", True, "returned")
            taken_back = before in ("approved", "in_payment") and not claim.unclear
            accepted = accepted and (before == "submitted" or taken_back or reopens)
            accepted = accepted and all(payment.run.status == "draft" for payment in pending)
        body = {"decision": decision, "duplicates_checked": duplicates if checked else [], "reason": "As we said."}
        await self.send(accepted, by, "POST", f"/v1/claims/{claim.id}/decisions", body, match=match)
        if not accepted:
            return False
        for payment in pending:
            payment.status = "cancelled"
            if not payment.run.payments:
                payment.run.status = "cancelled"
        claim.status, claim.attention, claim.beyond = decision, claim.unclear, False
        claim.refused_details = 0 if decision != "approved" else claim.refused_details
        claim.approved_by = by.id if decision == "approved" else None if before != "refused" else claim.approved_by
        self.people[caller_of(of.person)].follow(of)
        return True

    async def resolve_entitlement(self, by: Caller, of: ModelEntitlement, *, corrected: bool) -> None:
        accepted = of.in_question and by.id != of.person
        body = {"resolution": "corrected" if corrected else "stands"}
        await self.send(accepted, by, "POST", f"/v1/entitlements/{of.id}/resolve", body)
        if accepted:
            self.people[caller_of(of.person)].resolve(of, self._next_rank(), corrected=corrected)

    async def recover(self, by: Caller, of: ModelEntitlement, outcome: str, pence: int) -> None:
        accepted = by.id != of.person and 0 < pence <= of.overpaid
        path = f"/v1/entitlements/{of.id}"
        tag = await self.world.etag(by, path)
        body = {"outcome": outcome, "amount": money(pence), "reason": "Agreed by letter."}
        await self.send(accepted, by, "POST", f"{path}/recoveries", body, **{"If-Match": tag})
        if accepted and outcome == "recovered":
            of.recovered += pence
        elif accepted:
            of.written_off += pence

    async def extend(self, by: Caller, assembly: ModelAssembly, pence: int) -> None:
        took_part = any(of.person == by.id for of in assembly.entitlements)
        accepted = assembly.has_scheme and not took_part and pence <= self.available
        path = f"/v1/reservations/{assembly.reservation}/extend"
        await self.send(accepted, by, "POST", path, {"amount": money(pence), "reason": "More came."})
        if accepted:
            assembly.set_aside += pence

    async def release_reservation(self, by: Caller, assembly: ModelAssembly) -> None:
        accepted = assembly.free > 0
        await self.send(accepted, by, "POST", f"/v1/reservations/{assembly.reservation}/release")
        if accepted:
            assembly.set_aside -= assembly.free

    async def check(self) -> None:
        """Check all that must hold in this state. What people read is made of rows, so again once those change."""
        if not self.has_changed:
            return
        self.has_changed = False
        for of in self.entitlements:
            of.recount()
        await checks.books_agree(self.world, self.assemblies, self.runs, CAP_PENCE)
        versions = await self.world.rows(checks.VERSIONS)
        for caller, person in self.people.items():
            own = [row for row in versions if row["person_id"] == caller.id]
            if self.read.get(caller) != own:
                self.read[caller] = own
                await checks.person_reads_the_truth(self.world, caller, person)


def _lines(involvement: int, travel: int) -> list[dict[str, Any]]:
    lines = [line("involvement_payment", involvement)] if involvement else []
    return [*lines, line("travel", travel, "Bus 73")] if travel else lines


def caller_of(person_id: UUID) -> Caller:
    return next(caller for caller in PEOPLE if caller.id == person_id)
