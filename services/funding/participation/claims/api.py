"""Claims: drafted and submitted by a person, decided by someone else."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding import caching
from services.funding.callers import Approver, Contributor
from services.funding.ledger.ledger import posting
from services.funding.participation.claims import queries, rules
from services.funding.participation.claims.tables import Claim, ClaimStatus
from services.funding.participation.claims.views import (
    ClaimChange,
    ClaimSummary,
    ClaimView,
    NewClaim,
    NewDecision,
    NewLine,
)
from services.funding.participation.entitlements import rules as entitlement_rules
from services.funding.participation.entitlements.queries import EntitlementNotFound, entitlement_for, lock_entitlement
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.payees.payees.queries import has_payee
from services.funding.payees.payees.rules import PayeeMissing
from services.funding.programme.programme.queries import lock_scheme
from services.funding.programme.programme.tables import Scheme
from services.funding.programme.reservations.queries import lock_reservation_of
from services.funding.programme.reservations.rules import without_plan
from services.funding.programme.reservations.tables import Reservation
from shared import clock
from shared.callers import Caller, Role
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.idempotency import required_key
from shared.persistence.unit_of_work import Reading, Transaction, UnitOfWork
from shared.problems import Invalid, KeyRequired, NotAllowed, PreconditionFailed, PreconditionRequired, documented

claim_router = create_router("/v1/claims", "Claims")
MISSING = (queries.ClaimNotFound, queries.ClaimThrownAway)


@claim_router.get(
    "", response_model=Page[ClaimSummary], responses=documented(NotAllowed), dependencies=[Depends(caching.private)]
)
async def list_claims(
    caller: Contributor,
    session: Reading,
    paging: Paging,
    status: Annotated[ClaimStatus | None, Query()] = None,
    entitlement_id: UUID | None = None,
    needs_attention: Annotated[bool | None, Query(description="True: those that the bank refused to pay.")] = None,
    everyone: Annotated[bool, Query(description="For those who decide and pay: all submitted claims.")] = False,
) -> Page[ClaimSummary]:
    """My claims, newest first; or everyone's, for staff who decide and pay."""
    if everyone and not caller.has(*queries.SEES_ALL_CLAIMS):
        raise NotAllowed
    wanted = queries.filtered(
        queries.everyones_claims() if everyone else queries.claims_of(caller.id),
        status=status,
        entitlement_id=entitlement_id,
        needs_attention=needs_attention,
    )
    return await paginate(session, wanted, paging, key=(col(Claim.id),), view=ClaimSummary.of, descending=True)


@claim_router.get(
    "/{claim_id}",
    response_model=ClaimView,
    responses=documented(*MISSING),
    dependencies=[Depends(caching.private)],
)
async def show_claim(claim_id: UUID, caller: Contributor, session: Reading, response: Response) -> ClaimView:
    """A claim, its costs and its history."""
    claim = await queries.claim_for(session, claim_id, caller)
    set_etag(response, claim)
    return await _shown(session, claim, caller)


@claim_router.post(
    "",
    response_model=ClaimView,
    status_code=status.HTTP_201_CREATED,
    responses=documented(EntitlementNotFound, entitlement_rules.EntitlementWithdrawnAlready, Invalid),
)
async def draft_claim(new: NewClaim, caller: Contributor, uow: Transaction, response: Response) -> ClaimView:
    """Begin a claim for one of my entitlements. Nobody sees it until it is submitted."""
    entitlement = await entitlement_for(uow.session, new.entitlement_id, caller)
    if entitlement.person_id != caller.id:
        raise EntitlementNotFound
    if entitlement.status == "withdrawn":
        raise entitlement_rules.EntitlementWithdrawnAlready
    claim = Claim(
        person_id=caller.id,
        entitlement_id=entitlement.id,
        assembly_id=entitlement.assembly_id,
        scheme_id=entitlement.scheme_id,
    )
    uow.save(claim)
    await uow.session.flush()
    await _write_lines(uow, claim, new.lines)
    response.headers["Location"] = f"/v1/claims/{claim.id}"
    return await _answered(uow, claim, caller, response)


@claim_router.patch(
    "/{claim_id}",
    response_model=ClaimView,
    responses=documented(*MISSING, rules.ClaimAlreadySubmitted, PreconditionRequired, PreconditionFailed, Invalid),
)
async def edit_claim(
    claim_id: UUID, change: ClaimChange, caller: Contributor, match: IfMatch, uow: Transaction, response: Response
) -> ClaimView:
    """Change the costs of a draft, or of a claim that was returned."""
    claim = await queries.lock_own_claim(uow.session, claim_id, caller)
    match.check(claim)
    rules.require_editable(claim)
    for line in await queries.lines_of(uow.session, claim.id):
        await uow.remove(line)
    await _write_lines(uow, claim, change.lines)
    return await _answered(uow, claim, caller, response)


@claim_router.delete(
    "/{claim_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=documented(*MISSING, rules.ClaimAlreadySubmitted, PreconditionRequired, PreconditionFailed),
)
async def discard_claim(claim_id: UUID, caller: Contributor, match: IfMatch, uow: Transaction) -> None:
    """Throw a draft away. What was ever submitted stays."""
    claim = await queries.lock_own_claim(uow.session, claim_id, caller)
    match.check(claim)
    if claim.status != "draft":
        raise rules.ClaimAlreadySubmitted
    for line in await queries.lines_of(uow.session, claim.id):
        await uow.remove(line)
    await uow.session.flush()
    await uow.remove(claim)


@claim_router.post(
    "/{claim_id}/submission",
    response_model=ClaimView,
    dependencies=[Depends(required_key)],
    responses=documented(
        *MISSING,
        PayeeMissing,
        rules.ClaimAlreadySubmitted,
        rules.ClaimEmpty,
        rules.CapExceeded,
        entitlement_rules.MoreThanEntitled,
        entitlement_rules.EntitlementWithdrawnAlready,
        entitlement_rules.EntitlementInQuestion,
        KeyRequired,
    ),
)
async def submit_claim(claim_id: UUID, caller: Contributor, uow: Transaction, response: Response) -> ClaimView:
    """Hand the claim to an approver and promise the person a date."""
    claim = await queries.lock_own_claim(uow.session, claim_id, caller)
    if not await has_payee(uow.session, caller.id):
        raise PayeeMissing
    entitlement, scheme, reservation = await _lock_money_of(uow, claim)
    today = clock.today()
    holidays = await queries.bank_holidays_after(uow.session, today)
    submitted, step, postings = rules.submit(
        claim, entitlement, reservation, scheme, today=today, bank_holidays=holidays
    )
    uow.save(step)
    await posting.post(uow, *postings)
    uow.publish(submitted, of=claim)
    return await _answered(uow, claim, caller, response)


@claim_router.post(
    "/{claim_id}/decisions",
    response_model=ClaimView,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(required_key)],
    responses=documented(
        queries.ClaimNotFound,
        PreconditionFailed,
        rules.OwnClaim,
        rules.ClaimNotSubmitted,
        rules.ReasonNeeded,
        entitlement_rules.EntitlementWithdrawnAlready,
        entitlement_rules.EntitlementInQuestion,
        KeyRequired,
    ),
)
async def decide_claim(
    claim_id: UUID, decided: NewDecision, caller: Approver, match: IfMatch, uow: Transaction, response: Response
) -> ClaimView:
    """Approve, refuse or return a claim of someone else.

    With `If-Match`, the ETag of the claim as it was read, nothing is decided of a claim that has changed since.
    """
    claim = await queries.lock_claim(uow.session, claim_id)
    if claim.status == "draft":
        raise queries.ClaimNotFound
    if match.header is not None:
        match.check(claim)
    entitlement, scheme, reservation = await _lock_money_of(uow, claim)
    step, postings = rules.decide(
        claim,
        entitlement,
        reservation,
        scheme,
        decision=decided.decision,
        reason=decided.reason,
        approver=caller,
    )
    uow.save(step)
    await posting.post(uow, *postings)
    response.headers["Location"] = f"/v1/claims/{claim.id}"
    return await _answered(uow, claim, caller, response)


async def _lock_money_of(uow: UnitOfWork, claim: Claim) -> tuple[Entitlement, Scheme, Reservation]:
    """In this order everywhere, so that no two commands wait for each other."""
    entitlement = await lock_entitlement(uow.session, claim.entitlement_id)
    scheme = await lock_scheme(uow.session, claim.scheme_id)
    reservation = await lock_reservation_of(uow.session, claim.assembly_id)
    if reservation is None:
        reservation = without_plan(claim.assembly_id, scheme)
        uow.save(reservation)
    return entitlement, scheme, reservation


async def _write_lines(uow: UnitOfWork, claim: Claim, lines: list[NewLine]) -> None:
    rows = [line.row(claim.id, position) for position, line in enumerate(lines, start=1)]
    for row in rows:
        uow.save(row)
    rules.recount(claim, rows)
    await uow.session.flush()


async def _answered(uow: UnitOfWork, claim: Claim, caller: Caller, response: Response) -> ClaimView:
    await uow.session.flush()
    set_etag(response, claim)
    return await _shown(uow.session, claim, caller)


async def _shown(session: AsyncSession, claim: Claim, caller: Caller) -> ClaimView:
    described = caller.id == claim.person_id or caller.has(Role.APPROVER, Role.FUNDING_OFFICER)
    lines = await queries.lines_of(session, claim.id)
    steps = await queries.steps_of(session, claim.id)
    return ClaimView.whole(claim, lines, steps, described=described)
