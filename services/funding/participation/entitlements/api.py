"""What I may be paid for; and for funding officers, what a correction put in question."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import col

from services.funding import caching
from services.funding.callers import Contributor, FundingOfficer
from services.funding.participation.entitlements import queries, rules
from services.funding.participation.entitlements.tables import Entitlement, EntitlementStatus
from shared.callers import Role
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.idempotency import required_key
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import KeyRequired, NotAllowed, documented
from shared.views import Body, Money, View

entitlement_router = create_router("/v1/entitlements", "Entitlements")


class EntitlementView(View):
    """What may be received for taking part once: the involvement payment, and what of it no claim asks for yet."""

    id: UUID
    assembly_id: UUID
    registration_id: UUID
    held_on: date
    minutes: int
    amount: Money
    left: Money
    status: EntitlementStatus
    in_question: bool
    rate_card_id: UUID
    created_at: datetime

    @classmethod
    def of(cls, entitlement: Entitlement) -> "EntitlementView":
        return cls(
            id=entitlement.id,
            assembly_id=entitlement.assembly_id,
            registration_id=entitlement.registration_id,
            held_on=entitlement.held_on,
            minutes=entitlement.minutes,
            amount=Money(pence=entitlement.pence),
            left=Money(pence=entitlement.pence - entitlement.claimed_pence),
            status=entitlement.status,
            in_question=entitlement.in_question,
            rate_card_id=entitlement.rate_card_id,
            created_at=entitlement.created_at,
        )


class NewResolution(Body):
    """Whether an entitlement stands although its attendance was corrected."""

    resolution: rules.Resolution


@entitlement_router.get(
    "", response_model=Page[EntitlementView], responses=documented(NotAllowed), dependencies=[Depends(caching.private)]
)
async def list_entitlements(
    caller: Contributor,
    session: Reading,
    paging: Paging,
    in_question: Annotated[
        bool, Query(description="For funding officers: everyone's that wait for a decision.")
    ] = False,
) -> Page[EntitlementView]:
    """What I may be paid for, newest first."""
    if in_question and not caller.has(Role.FUNDING_OFFICER):
        raise NotAllowed
    wanted = queries.entitlements_in_question() if in_question else queries.entitlements_of(caller.id)
    return await paginate(session, wanted, paging, key=(col(Entitlement.id),), view=EntitlementView.of, descending=True)


@entitlement_router.get(
    "/{entitlement_id}",
    response_model=EntitlementView,
    responses=documented(queries.EntitlementNotFound),
    dependencies=[Depends(caching.private)],
)
async def show_entitlement(
    entitlement_id: UUID, caller: Contributor, session: Reading, response: Response
) -> EntitlementView:
    """One entitlement."""
    entitlement = await queries.entitlement_for(session, entitlement_id, caller)
    set_etag(response, entitlement)
    return EntitlementView.of(entitlement)


@entitlement_router.post(
    "/{entitlement_id}/resolution",
    response_model=EntitlementView,
    dependencies=[Depends(required_key)],
    responses=documented(queries.EntitlementNotFound, rules.NotInQuestion, rules.OwnEntitlement, KeyRequired),
)
async def resolve_entitlement(
    entitlement_id: UUID, decided: NewResolution, caller: FundingOfficer, uow: Transaction, response: Response
) -> EntitlementView:
    """Decide what becomes of an entitlement whose attendance was corrected after a claim."""
    entitlement = await queries.lock_entitlement(uow.session, entitlement_id)
    if withdrawn := rules.resolve(entitlement, decided.resolution, caller):
        uow.publish(withdrawn, of=entitlement)
    await uow.session.flush()
    set_etag(response, entitlement)
    return EntitlementView.of(entitlement)
