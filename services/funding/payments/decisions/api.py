"""Decisions on claims, for approvers."""

from uuid import UUID

from fastapi import Depends, Response

from services.funding.callers import Approver
from services.funding.participation.claims import rules
from services.funding.participation.claims.duplicates import DuplicatesNotChecked
from services.funding.participation.claims.queries import ClaimNotFound
from services.funding.participation.claims.views import ClaimView, NewDecision
from services.funding.participation.entitlements import rules as entitlements
from services.funding.payments.decisions import commands
from services.funding.payments.runs.rules import PaymentReleased
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion
from shared.persistence.dependencies import Transaction
from shared.persistence.idempotency import required_key
from shared.problems import PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/claims", "Claims")


@router.post(
    "/{claim_id}/decisions",
    response_model=ClaimView,
    status_code=201,
    dependencies=[Depends(required_key)],
    responses=documented(
        ClaimNotFound,
        rules.OwnClaim,
        rules.OwnRecording,
        rules.ClaimNotSubmitted,
        rules.PaymentUnclear,
        rules.ReasonNeeded,
        rules.BeyondReservation,
        DuplicatesNotChecked,
        PaymentReleased,
        entitlements.EntitlementWithdrawnAlready,
        entitlements.EntitlementInQuestion,
        entitlements.ClaimsExceedEntitlement,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def decide_claim(
    claim_id: UUID, decision: NewDecision, caller: Approver, match: IfMatchVersion, uow: Transaction, response: Response
) -> ClaimView:
    """Approve, refuse or return someone else's claim, as it was when the caller read it.

    Refuse or return an approved claim to take the approval back, until its payment run is released: the claim leaves
    the run.
    """
    details = await commands.decide_claim(uow, claim_id, decision, caller, match)
    await flush_and_tag(uow, response, details.claim, location=f"/v1/claims/{claim_id}")
    return ClaimView.with_details(details, caller)
