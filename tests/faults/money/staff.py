"""Approvers and the funding officer. Each learns what there is to do from lists alone."""

from typing import Any, Literal

from shared.callers import Caller
from tests.faults.money.stage import FUNDING_OFFICER, Stage, money

Decision = Literal["approved", "refused", "returned"]
REASON = "Please look at the costs of this claim again."


class ApproverClient:
    """Decides on claims, takes approvals back, and at times decides on an old reading."""

    def __init__(self, stage: Stage, caller: Caller) -> None:
        self.stage, self.client, self.caller = stage, stage.client, caller
        self.old_readings: list[tuple[str, str]] = []

    async def step(self) -> None:
        if self.old_readings and self.stage.happens(0.05):
            claim_id, etag = self.stage.chance.choice(self.old_readings)
            body = {"decision": "approved"}
            await self.client.post(self.caller, f"/v1/claims/{claim_id}/decisions", body, match=etag)
        take_back = self.stage.happens(0.12)
        status = self.stage.chance.choice(["approved", "in_payment"]) if take_back else "submitted"
        claims = await self.client.items(self.caller, f"/v1/claims?everyone=true&status={status}&limit=100")
        # Mostly what can be approved; at times what waits until a reservation is extended.
        claims = [claim for claim in claims if not claim["beyond_reservation"] or self.stage.happens(0.3)]
        if claims:
            decisions: tuple[Decision, ...] = ("approved", "returned", "refused")
            decision = self.stage.chance.choices(decisions, weights=(8, 2, 1))[0]
            claim_id = self.stage.chance.choice(claims)["id"]
            await self.decide(claim_id, "returned" if take_back and decision == "approved" else decision)

    async def decide(self, claim_id: str, decision: Decision) -> bool:
        """Read a claim and decide on it. Returns whether that was accepted."""
        claim = await self.client.get(self.caller, f"/v1/claims/{claim_id}")
        if not claim.accepted:
            return False
        self.old_readings = [*self.old_readings[-20:], (claim_id, claim.etag)]
        body: dict[str, Any] = {"decision": decision, "reason": None if decision == "approved" else REASON}
        if decision == "approved":
            duplicates = {duplicate["claim_id"] for duplicate in claim.body["possible_duplicates"]}
            body["duplicates_checked"] = sorted(duplicates)
        path = f"/v1/claims/{claim_id}/decisions"
        return (await self.client.post(self.caller, path, body, match=claim.etag)).accepted


class FundingOfficerClient:
    """Resolves questions, closes overpayments, extends and releases reservations, and moves the cap of the scheme."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.client, self.caller = stage, stage.client, FUNDING_OFFICER

    async def step(self) -> None:
        steps = [self._resolve_one, self._extend_one, self._close_overpayments, self._release_one, self._move_cap]
        await self.stage.chance.choices(steps, weights=(4, 4, 2, 1, 2))[0]()

    async def _resolve_one(self) -> None:
        questions = await self.client.items(self.caller, "/v1/entitlements?in_question=true&limit=100")
        if questions:
            resolution = self.stage.chance.choice(["stands", "corrected"])
            await self.resolve(self.stage.chance.choice(questions)["id"], resolution)

    async def resolve(self, entitlement_id: str, resolution: str) -> None:
        path = f"/v1/entitlements/{entitlement_id}"
        entitlement = await self.client.get(self.caller, path)
        await self.client.post(self.caller, f"{path}/resolve", {"resolution": resolution}, match=entitlement.etag)

    async def _extend_one(self) -> None:
        claims = await self.client.items(self.caller, "/v1/claims?everyone=true&beyond_reservation=true&limit=100")
        if claims:
            await self.extend_for(self.stage.chance.choice(claims)["id"])

    async def extend_for(self, claim_id: str) -> None:
        """Extend the reservation of a claim's meeting by what the claim needs."""
        claim = await self.client.get(self.caller, f"/v1/claims/{claim_id}")
        needed = claim.body.get("needed_extension")
        if needed:
            path = f"/v1/reservations/{needed['reservation_id']}"
            reservation = await self.client.get(self.caller, path)
            body = {"amount": needed["amount"], "reason": "More people came than were expected."}
            await self.client.post(self.caller, f"{path}/extend", body, match=reservation.etag)

    async def _close_overpayments(self) -> None:
        for entitlement in await self.client.items(self.caller, "/v1/entitlements?overpaid=true&limit=100"):
            await self.close_overpayment(entitlement, self.stage.chance.choice(["recovered", "written_off"]))

    async def close_overpayment(self, entitlement: Any, outcome: str) -> None:
        path = f"/v1/entitlements/{entitlement['id']}"
        current = await self.client.get(self.caller, path)
        body = {"outcome": outcome, "amount": current.body["overpaid"], "reason": "As agreed on the telephone."}
        await self.client.post(self.caller, f"{path}/recoveries", body, match=current.etag)

    async def _release_one(self) -> None:
        reservations = await self.client.items(self.caller, "/v1/reservations?status=reserved&limit=100")
        if reservations:
            path = f"/v1/reservations/{self.stage.chance.choice(reservations)['id']}"
            reservation = await self.client.get(self.caller, path)
            await self.client.post(self.caller, f"{path}/release", match=reservation.etag)

    async def _move_cap(self) -> None:
        path = f"/v1/schemes/{self.stage.scheme}"
        scheme = await self.client.get(self.caller, path)
        pence = max(0, scheme.body["cap"]["pence"] + self.stage.chance.choice([-60_000, 60_000, 120_000]))
        await self.client.change(self.caller, "PATCH", path, {"cap": money(pence)}, match=scheme.etag)
