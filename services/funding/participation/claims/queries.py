"""Queries of claims."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, not_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.callers import may_see_all_claims
from services.funding.participation.claims.duplicates import PossibleDuplicate
from services.funding.participation.claims.situations import ClaimSituation
from services.funding.participation.claims.statements import (
    INVALID_ENTITLEMENT,
    PAYMENT_UNCLEAR,
    READY_TO_PAY,
    select_situations,
)
from services.funding.participation.claims.statements import needs_attention as claim_needs_attention
from services.funding.participation.claims.tables import Claim, ClaimLine, ClaimStatus, ClaimStep
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.payees.payees.tables import Payee
from services.funding.programme.cost_limits.rules import KindAndDay
from services.funding.programme.reservations.queries import find_reservation_of_assembly
from services.funding.programme.reservations.tables import Reservation
from shared import clock
from shared.callers import Caller
from shared.http.pagination import Page, PageRequest, paginate
from shared.persistence import audit
from shared.persistence.columns import select_columns
from shared.persistence.fetch import fetch
from shared.problems import Gone, NotAllowed, NotFound, Problem


class ClaimNotFound(NotFound):
    title = "There is no such claim"
    detail = "It does not exist, or you may not see it. Check the id, or look in /v1/claims for yours."


class ClaimDeleted(Gone):
    title = "You deleted this draft"
    detail = "Nothing of it was kept. To claim after all, begin a new claim for the same entitlement."


class ListedClaim(NamedTuple):
    """A claim, and what bears on it beside its own row."""

    claim: Claim
    situation: ClaimSituation


@dataclass(frozen=True, slots=True)
class ClaimDetails:
    """A claim with its cost lines and its history, both in order, and what whoever decides on it has to know.

    `reservation` is that of its assembly where the claim is beyond it, otherwise None.
    """

    claim: Claim
    situation: ClaimSituation
    lines: Sequence[ClaimLine]
    steps: Sequence[ClaimStep]
    duplicates: Sequence[PossibleDuplicate]
    reservation: Reservation | None


async def lock_claim(session: AsyncSession, claim_id: UUID) -> Claim:
    """Return the claim, and lock it until the transaction ends. Raises ClaimNotFound."""
    return await fetch(session, Claim, claim_id, missing=ClaimNotFound, lock=True)


async def lock_own_claim(session: AsyncSession, claim_id: UUID, caller: Caller) -> Claim:
    """Return and lock the caller's own claim. Raises ClaimNotFound, also for another person's; ClaimDeleted."""
    try:
        claim = await lock_claim(session, claim_id)
    except ClaimNotFound:
        raise await _absent(session, claim_id, caller) from None
    if claim.person_id != caller.id:
        raise ClaimNotFound
    return claim


async def lock_submitted_claim(session: AsyncSession, claim_id: UUID) -> Claim:
    """Return and lock a claim that was submitted at least once. Raises ClaimNotFound, also for a draft."""
    claim = await lock_claim(session, claim_id)
    if claim.status == "draft":
        raise ClaimNotFound
    return claim


async def lock_claims(session: AsyncSession, claim_ids: Collection[UUID]) -> list[Claim]:
    """Return and lock several claims, always in the same order, so that commands do not deadlock."""
    statement = select(Claim).where(col(Claim.id).in_(claim_ids)).order_by(col(Claim.id)).with_for_update()
    return list(await session.scalars(statement.execution_options(populate_existing=True)))


async def lock_payable_claims(session: AsyncSession, officer_id: UUID, limit: int) -> list[Claim]:
    """Return and lock the approved claims that this officer may pay, oldest first.

    Leaves out the officer's own and those that they approved, those whose person has no bank details, and those that
    need a person's attention: the bank refused them, and the bank details are the same as then or not the reason; or
    their entitlement is withdrawn, in question or less than claims ask for.
    """
    payable = (
        col(Claim.status) == "approved",
        col(Claim.person_id) != officer_id,
        col(Claim.approved_by) != officer_id,
        READY_TO_PAY,
        ~PAYMENT_UNCLEAR,
        ~INVALID_ENTITLEMENT,
        col(Claim.person_id).in_(select(col(Payee.person_id))),
    )
    statement = select(Claim).join(Entitlement, col(Entitlement.id) == col(Claim.entitlement_id)).where(*payable)
    locking = statement.order_by(col(Claim.id)).limit(limit).with_for_update(of=Claim)
    return list(await session.scalars(locking.execution_options(populate_existing=True)))


async def list_claims_with_invalid_entitlement(session: AsyncSession, claim_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these claims have an entitlement that is withdrawn, in question or less than is claimed."""
    statement = select(col(Claim.id)).join(Entitlement, col(Entitlement.id) == col(Claim.entitlement_id))
    return set(await session.scalars(statement.where(col(Claim.id).in_(claim_ids), INVALID_ENTITLEMENT)))


async def list_claims_with_unclear_payment(session: AsyncSession, claim_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these claims may have been paid, themselves or by another claim for their entitlement."""
    return set(await session.scalars(select(col(Claim.id)).where(col(Claim.id).in_(claim_ids), PAYMENT_UNCLEAR)))


async def is_payment_of_other_claim_unclear(session: AsyncSession, claim: Claim) -> bool:
    """Return whether another claim for the same entitlement may have been paid, and this one is not in doubt itself."""
    return not claim.payment_unclear and bool(await list_claims_with_unclear_payment(session, [claim.id]))


async def get_visible_claim(session: AsyncSession, claim_id: UUID, caller: Caller) -> ClaimDetails:
    """Return the caller's own claim, or any submitted one for staff who decide and pay.

    Raises ClaimNotFound; ClaimDeleted for whoever deleted it.
    """
    try:
        claim = await fetch(session, Claim, claim_id, missing=ClaimNotFound)
    except ClaimNotFound:
        raise await _absent(session, claim_id, caller) from None
    if claim.person_id != caller.id and (not may_see_all_claims(caller) or claim.status == "draft"):
        raise ClaimNotFound
    return await get_claim_details(session, claim)


async def get_claim_details(session: AsyncSession, claim: Claim) -> ClaimDetails:
    """Return the claim with its cost lines, its history and what whoever decides on it has to know."""
    steps = select(ClaimStep).where(col(ClaimStep.claim_id) == claim.id).order_by(col(ClaimStep.id))
    beyond = claim.beyond_reservation
    return ClaimDetails(
        claim,
        situation=(await list_situations(session, [claim.id]))[claim.id],
        lines=await list_claim_lines(session, claim.id),
        steps=(await session.scalars(steps)).all(),
        duplicates=await list_possible_duplicates(session, claim),
        reservation=await find_reservation_of_assembly(session, claim.assembly_id) if beyond else None,
    )


async def list_situations(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, ClaimSituation]:
    """Return what bears on each of these claims beside its own row."""
    rows = await session.execute(select_situations(claim_ids, clock.today()))
    return {id: ClaimSituation(*facts) for id, *facts in rows}


async def list_claims(
    session: AsyncSession, statement: SelectOfScalar[Claim], paging: PageRequest
) -> Page[ListedClaim]:
    """Return a page of these claims, newest first, each with its situation."""
    page: Page[Claim] = await paginate(session, statement, paging, key=(col(Claim.id),), view=_as_is, descending=True)
    situations = await list_situations(session, [claim.id for claim in page.items])
    items = [ListedClaim(claim, situations[claim.id]) for claim in page.items]
    return Page(items=items, next=page.next, total=page.total)


def _as_is(claim: Claim) -> Claim:
    return claim


def possible_duplicates_statement(claim: Claim) -> Select[Any]:
    """Return the SELECT of `list_possible_duplicates`. Involvement payments are capped by their entitlement.

    Of equal costs within the other claim it names the first: fifty beside fifty are fifty pairs, not 2,500.
    """
    line, other_line, other_claim = ClaimLine, aliased(ClaimLine), aliased(Claim)
    same_cost = and_(
        col(other_line.spent_on) == col(line.spent_on),
        col(other_line.kind) == col(line.kind),
        col(other_line.pence) == col(line.pence),
        col(other_line.claim_id) != col(line.claim_id),
    )
    statement = select_columns(
        col(line.position), col(other_claim.id), col(other_claim.status), col(other_line.position)
    )
    return (
        statement.join_from(line, other_line, same_cost)
        .join(other_claim, col(other_claim.id) == col(other_line.claim_id))
        .where(
            col(line.claim_id) == claim.id,
            col(line.kind) != "involvement_payment",
            col(other_claim.person_id) == claim.person_id,
            or_(col(other_claim.status) != "refused", col(other_claim.payment_unclear)),
        )
        .ext(distinct_on(col(line.position), col(other_claim.id)))
        .order_by(col(line.position), col(other_claim.id), col(other_line.position))
    )


async def list_possible_duplicates(session: AsyncSession, claim: Claim) -> list[PossibleDuplicate]:
    """Return the costs of the person's other claims with the kind, day and sum of one of these.

    Refused claims are left aside, unless they may have been paid.
    """
    rows = await session.execute(possible_duplicates_statement(claim))
    return [PossibleDuplicate(*row) for row in rows]


async def count_open_claims(session: AsyncSession, entitlement_id: UUID) -> int:
    """Return how many claims for an entitlement are neither decided nor paid."""
    statement = select(func.count()).select_from(Claim)
    open_claims = col(Claim.status).in_(("draft", "returned", "submitted"))
    return await session.scalar(statement.where(col(Claim.entitlement_id) == entitlement_id, open_claims)) or 0


async def list_claim_lines(session: AsyncSession, claim_id: UUID) -> Sequence[ClaimLine]:
    """Return the cost lines of a claim in order."""
    statement = select(ClaimLine).where(col(ClaimLine.claim_id) == claim_id).order_by(col(ClaimLine.position))
    return (await session.scalars(statement)).all()


async def sum_costs_of_other_claims(session: AsyncSession, claim: Claim) -> dict[KindAndDay, int]:
    """Return what the other submitted claims for the same meeting ask for, by kind and day, but for involvement.

    What was refused, or returned to be changed, is not asked for, unless it may have been paid.
    """
    key = col(ClaimLine.kind), col(ClaimLine.spent_on)
    statement = (
        select(*key, func.sum(col(ClaimLine.pence)))
        .join(Claim, col(Claim.id) == col(ClaimLine.claim_id))
        .where(
            col(Claim.entitlement_id) == claim.entitlement_id,
            col(Claim.id) != claim.id,
            or_(col(Claim.status).in_(("submitted", "approved", "in_payment", "paid")), col(Claim.payment_unclear)),
            col(ClaimLine.kind) != "involvement_payment",
        )
        .group_by(*key)
    )
    return {(kind, day): int(pence) for kind, day, pence in await session.execute(statement)}


def select_claims(
    caller: Caller,
    *,
    everyone: bool,
    status: ClaimStatus | None,
    entitlement_id: UUID | None,
    needs_attention: bool | None,
    beyond_reservation: bool | None,
) -> SelectOfScalar[Claim]:
    """Select the caller's claims, or everyone's that were ever submitted. Raises NotAllowed for the latter."""
    if not everyone:
        statement = select_model(Claim).where(col(Claim.person_id) == caller.id)
    elif may_see_all_claims(caller):
        statement = select_model(Claim).where(col(Claim.status) != "draft")
    else:
        raise NotAllowed
    if status:
        statement = statement.where(col(Claim.status) == status)
    if entitlement_id:
        statement = statement.where(col(Claim.entitlement_id) == entitlement_id)
    if needs_attention is not None:
        attention = claim_needs_attention(clock.today())
        statement = statement.join(Entitlement, col(Entitlement.id) == col(Claim.entitlement_id))
        statement = statement.where(attention if needs_attention else not_(attention))
    if beyond_reservation is not None:
        statement = statement.where(col(Claim.beyond_reservation).is_(beyond_reservation))
    return statement


async def _absent(session: AsyncSession, claim_id: UUID, caller: Caller) -> Problem:
    """Return why the claim is absent. Only whoever deleted it learns that it existed."""
    removal = await audit.find_removal(session, "Claim", claim_id)
    if removal is None or removal.actor != caller.id:
        return ClaimNotFound()
    return ClaimDeleted(tombstone={"id": claim_id, "removed_at": removal.at})
