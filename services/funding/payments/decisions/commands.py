"""Decide on claims. The row of a payment run is locked before the claim in it, as everywhere."""

from uuid import UUID

from services.funding.participation.claims import commands as claim_commands
from services.funding.participation.claims import payment_steps
from services.funding.participation.claims.queries import ClaimDetails, lock_submitted_claim
from services.funding.participation.claims.tables import Claim
from services.funding.participation.claims.views import NewDecision
from services.funding.payments.runs import queries as run_queries
from services.funding.payments.runs import rules as run_rules
from services.funding.payments.runs.tables import PaymentRun
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import PreconditionFailed


async def decide_claim(
    uow: UnitOfWork, claim_id: UUID, decision: NewDecision, approver: Caller, match: Match
) -> ClaimDetails:
    """Approve, refuse or return a claim. Until its run is released, an approved claim can still be refused or returned.

    Raises ClaimNotFound, PreconditionFailed, PaymentReleased, and the problems of `claims.rules.decide`.
    """
    run = None
    if decision.decision != "approved" and (payment := await run_queries.find_pending_payment(uow.session, claim_id)):
        run = await run_queries.lock_run(uow.session, payment.run_id)
    claim = await lock_submitted_claim(uow.session, claim_id)
    match.check(claim)
    if claim.status == "in_payment" and decision.decision != "approved":
        await _take_out_of_run(uow, claim, run, approver)
    return await claim_commands.decide_claim(uow, claim, decision, approver)


async def _take_out_of_run(uow: UnitOfWork, claim: Claim, run: PaymentRun | None, approver: Caller) -> None:
    """Cancel the claim's payment. Raises PaymentReleased, and PreconditionFailed where it has just come into a run."""
    payment = await run_queries.find_pending_payment(uow.session, claim.id)
    if payment is None or run is None or payment.run_id != run.id:
        raise PreconditionFailed
    run_rules.cancel_payment(run, payment)
    uow.save(payment_steps.remove_from_run(claim, approver, "approver"))
