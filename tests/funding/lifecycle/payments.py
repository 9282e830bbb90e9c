"""What finance and the bank do: runs, reports, and what a person resolves."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared import clock
from shared.callers import Caller
from tests.funding.lifecycle import checks
from tests.funding.lifecycle.centre import Centre
from tests.funding.lifecycle.model import ModelClaim, ModelPayment, ModelRun, apply, close, effect_of
from tests.funding.payments.bank_messages.reports import reason, refused, report, settled
from tests.support.callers import FINANCE

REPORTED = {
    "paid": settled(),
    "refused": refused(),
    "duplicate": refused("DUPL"),
    "waiting": "<TxSts>PDNG</TxSts>",
}
REPORTED_FILE = {
    "": "",
    "paid": "<GrpSts>ACSC</GrpSts>",
    "refused": "<GrpSts>RJCT</GrpSts>" + reason("FF01"),
    "duplicate": "<GrpSts>RJCT</GrpSts>" + reason("DUPL"),
    "waiting": "<GrpSts>PDNG</GrpSts>",
}


class PayingCentre(Centre):
    """The centre with its finance officers, and the bank."""

    async def make_run(self, by: Caller, claims: Sequence[ModelClaim] | None) -> ModelRun | None:
        """Make a run of these claims, or of all that this officer may pay."""
        ready = [
            claim
            for claim in (self.claims if claims is None else claims)
            if claim.status == "approved" and claim.payable and not claim.entitlement.unclear
            if by.id not in (claim.entitlement.person, claim.approved_by)
            if claims is not None or not claim.awaits_person(self.person_of(claim).details)
        ]
        accepted = bool(ready) and (claims is None or len(ready) == len(claims))
        body = None if claims is None else {"claims": [claim.id for claim in claims]}
        response = await self.send(accepted, by, "POST", "/v1/payment-runs", body)
        if not accepted:
            return None
        run = ModelRun(response.json()["id"], by.id)
        for claim in ready:
            run.everyone.append(ModelPayment(run, claim, claim.pence, claim.involvement, approved_by=claim.approved_by))
            claim.payments.append(run.everyone[-1])
            claim.status = "in_payment"
        assert response.json()["total"]["pence"] == sum(claim.pence for claim in ready)
        self.runs.append(run)
        return run

    async def cancel(self, by: Caller, run: ModelRun) -> None:
        accepted = run.status == "draft"
        await self.send(accepted, by, "POST", f"/v1/payment-runs/{run.id}/cancel")
        if accepted:
            run.status = "cancelled"
            for payment in run.payments:
                payment.status, payment.claim.status = "cancelled", "approved"

    async def release(self, by: Caller, run: ModelRun) -> None:
        claims = [payment.claim for payment in run.payments]
        accepted = run.status == "draft" and by.id != run.made_by and by.id not in run.parties
        accepted = accepted and all(claim.payable and not claim.entitlement.unclear for claim in claims)
        await self.send(accepted, by, "POST", f"/v1/payment-runs/{run.id}/release")
        if accepted:
            run.status, run.released_by = "released", by.id
            for payment in run.payments:
                payment.claim.attention, payment.claim.refused_details = False, 0
                payment.details = self.person_of(payment.claim).details

    async def report(self, by: Caller, run: ModelRun, outcomes: Mapping[ModelPayment, str], file: str) -> None:
        """Post what the bank reports of payments, and of the whole file."""
        elements = {payment.claim.id: REPORTED[outcome] for payment, outcome in outcomes.items()}
        number = f"B{len(self.messages)}"
        content = await report(self.world, run.id, elements, REPORTED_FILE[file], id=number)
        accepted = run.sent and by.id not in run.parties
        accepted = accepted and all(payment.status != "cancelled" for payment in outcomes)
        xml = {"Content-Type": "application/xml"}
        await self.send(accepted, by, "POST", "/v1/bank-messages", content, **xml)
        if not accepted:
            return
        self.messages.append((run, content))
        for payment, outcome in outcomes.items():
            if effect := effect_of(payment, outcome):
                apply(payment, effect, account_refused=True)
        close(run, file=file)

    async def repeat_report(self, run: ModelRun, content: bytes) -> None:
        """Post a message again: it changes nothing."""
        before = await checks.fingerprint(self.world)
        response = await self.world.post_bank_message(run.id, content)
        assert response.status_code in (200, 403), response.text
        after = await checks.fingerprint(self.world)
        assert [row for row in after if row not in before and "idempotency" not in str(row)] == []

    async def resolve_payments(
        self, by: Caller, run: ModelRun, payments: Sequence[ModelPayment] | None, outcome: str
    ) -> None:
        """Decide what became of these payments, or of all that are pending."""
        selected = [p for p in run.payments if p.status == "pending"] if payments is None else list(payments)
        details = await self.world.json(FINANCE, "GET", f"/v1/payment-runs/{run.id}")
        day = details["execute_on"]
        accepted = (
            run.sent
            and by.id not in {*run.parties, run.released_by, *(p.claim.approved_by for p in selected)}
            and bool(selected)
            and all(p.status == "pending" or p.doubt or run.file_in_doubt for p in selected)
            and all(p.status != "cancelled" for p in selected)
        )
        if outcome == "paid":
            accepted = accepted and date.fromisoformat(day) <= clock.today()
            accepted = accepted and all(p.status != "refused" or _may_be_paid_after_all(p) for p in selected)
        else:
            accepted = accepted and all(p.status != "paid" or _may_be_voided(p) for p in selected)
        body: dict[str, Any] = {"outcome": outcome, "reason": "Seen on the statement."}
        body |= {"on": day} if outcome == "paid" else {}
        if payments is not None:
            views = (await self.world.json(FINANCE, "GET", f"/v1/payment-runs/{run.id}/payments"))["items"]
            ids = {view["claim_id"]: view["id"] for view in views}
            body["payments"] = [ids[payment.claim.id] for payment in payments]
        await self.send(accepted, by, "POST", f"/v1/payment-runs/{run.id}/resolve", body)
        if not accepted:
            return
        for payment in selected:
            becomes = "paid" if outcome == "paid" else "refused"
            apply(payment, "confirmed" if payment.status == becomes else becomes)
            payment.resolved = True
        close(run)


def _may_be_paid_after_all(payment: ModelPayment) -> bool:
    """Whether a refused payment may turn out to be paid: its claim is owed, with the same sum."""
    return payment.claim.status == "approved" and payment.claim.pence == payment.pence


def _may_be_voided(payment: ModelPayment) -> bool:
    """Whether what was recovered of a payment that did not take place is not claimed again already."""
    of = payment.claim.entitlement
    recovered = of.recovered - of.still_recovered(payment.claim.involvement)
    return of.claimed + recovered <= of.highest
