"""Claims: a person drafts and submits them, someone else decides on them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.funding.callers import Contributor
from services.funding.participation.claims import commands, queries, rules
from services.funding.participation.claims.duplicates import TooManyOpenClaims
from services.funding.participation.claims.tables import ClaimStatus
from services.funding.participation.claims.views import ClaimChange, ClaimSummary, ClaimView, NewClaim
from services.funding.participation.entitlements import rules as entitlements
from services.funding.participation.entitlements.queries import EntitlementNotFound
from services.funding.payees.payees.rules import PayeeMissing
from services.funding.programme.cost_limits.rules import CostOutsideLimits
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.idempotency import required_key
from shared.problems import (
    Invalid,
    NotAllowed,
    PreconditionFailed,
    PreconditionRequired,
    documented,
)

router = create_router("/v1/claims", "Claims")
ABSENT = (queries.ClaimNotFound, queries.ClaimDeleted)


@router.get("", response_model=Page[ClaimSummary], responses=documented(NotAllowed), dependencies=[Depends(NO_STORE)])
async def list_claims(
    caller: Contributor,
    session: Reading,
    paging: Paging,
    status: Annotated[ClaimStatus | None, Query()] = None,
    entitlement_id: UUID | None = None,
    needs_attention: Annotated[
        bool | None,
        Query(
            description="True: only claims about which somebody has to do something. The bank refused the payment, or "
            "it or its file is in doubt; the entitlement is in question, withdrawn or less than is claimed; or the "
            "promised date has passed."
        ),
    ] = None,
    beyond_reservation: Annotated[
        bool | None, Query(description="True: only claims that wait until a reservation is extended.")
    ] = None,
    everyone: Annotated[bool, Query(description="For staff who decide and pay: all submitted claims.")] = False,
) -> Page[ClaimSummary]:
    """List my claims, newest first; or, for staff who decide and pay, everyone's."""
    statement = queries.select_claims(
        caller,
        everyone=everyone,
        status=status,
        entitlement_id=entitlement_id,
        needs_attention=needs_attention,
        beyond_reservation=beyond_reservation,
    )
    page = await queries.list_claims(session, statement, paging)
    items = [ClaimSummary.of(claim, situation, caller) for claim, situation in page.items]
    return Page(items=items, next=page.next, total=page.total)


@router.get(
    "/{claim_id}",
    response_model=ClaimView,
    responses=documented(*ABSENT),
    dependencies=[Depends(NO_STORE)],
)
async def get_claim(claim_id: UUID, caller: Contributor, session: Reading, response: Response) -> ClaimView:
    """Return a claim with its costs and its history."""
    details = await queries.get_visible_claim(session, claim_id, caller)
    set_etag(response, details.claim)
    return ClaimView.with_details(details, caller)


@router.post(
    "",
    response_model=ClaimView,
    status_code=201,
    responses=documented(
        EntitlementNotFound,
        entitlements.EntitlementWithdrawnAlready,
        TooManyOpenClaims,
        CostOutsideLimits,
        Invalid,
    ),
)
async def create_claim(new: NewClaim, caller: Contributor, uow: Transaction, response: Response) -> ClaimView:
    """Draft a claim for one of my entitlements. Only I see it until it is submitted."""
    details = await commands.create_claim(uow, new, caller)
    await flush_and_tag(uow, response, details.claim, location=f"/v1/claims/{details.claim.id}")
    return ClaimView.with_details(details, caller)


@router.patch(
    "/{claim_id}",
    response_model=ClaimView,
    responses=documented(
        *ABSENT, rules.ClaimAlreadySubmitted, PreconditionRequired, PreconditionFailed, CostOutsideLimits, Invalid
    ),
)
async def update_claim(
    claim_id: UUID, change: ClaimChange, caller: Contributor, match: IfMatch, uow: Transaction, response: Response
) -> ClaimView:
    """Replace the costs of a draft, or of a claim that was returned."""
    details = await commands.update_claim(uow, claim_id, change.lines, caller, match)
    await flush_and_tag(uow, response, details.claim)
    return ClaimView.with_details(details, caller)


@router.delete(
    "/{claim_id}",
    status_code=204,
    responses=documented(*ABSENT, rules.ClaimAlreadySubmitted, PreconditionRequired, PreconditionFailed),
)
async def delete_claim(claim_id: UUID, caller: Contributor, match: IfMatch, uow: Transaction) -> None:
    """Delete a draft. A claim that was ever submitted cannot be deleted."""
    await commands.delete_claim(uow, claim_id, caller, match)


@router.post(
    "/{claim_id}/submit",
    response_model=ClaimView,
    dependencies=[Depends(required_key)],
    responses=documented(
        *ABSENT,
        PayeeMissing,
        rules.ClaimAlreadySubmitted,
        rules.ClaimEmpty,
        rules.CapExceeded,
        CostOutsideLimits,
        entitlements.MoreThanEntitled,
        entitlements.EntitlementWithdrawnAlready,
        entitlements.EntitlementInQuestion,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def submit_claim(
    claim_id: UUID, caller: Contributor, match: IfMatchVersion, uow: Transaction, response: Response
) -> ClaimView:
    """Hand the claim to an approver, and promise the claimant a payment date."""
    details = await commands.submit_claim(uow, claim_id, caller, match)
    await flush_and_tag(uow, response, details.claim)
    return ClaimView.with_details(details, caller)
