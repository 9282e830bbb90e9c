"""What can be asked of claims."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.participation.claims.tables import BankHoliday, Claim, ClaimLine, ClaimStatus, ClaimStep
from services.funding.participation.entitlements.tables import Entitlement
from shared.callers import Caller, Role
from shared.persistence import audit
from shared.problems import Gone, NotFound, Problem

_IN_DOUBT = or_(col(Entitlement.in_question), col(Entitlement.status) != "granted")
SEES_ALL_CLAIMS = (Role.APPROVER, Role.FUNDING_OFFICER, Role.FINANCE)


class ClaimNotFound(NotFound):
    title = "This claim does not exist, or you may not see it"
    detail = "Look at /v1/claims for yours."


class ClaimThrownAway(Gone):
    title = "You threw this draft away"
    detail = "Nothing of it was kept. Begin a new claim for the same entitlement if you want the money after all."


async def _absent(session: AsyncSession, claim_id: UUID, caller: Caller) -> Problem:
    """Why there is no such claim, for its writer; nobody else learns that there was one."""
    removed = await audit.removal(session, "Claim", claim_id)
    if removed is None or removed.actor != caller.id:
        return ClaimNotFound()
    return ClaimThrownAway(tombstone={"id": claim_id, "removed_at": removed.at})


async def lock_claim(session: AsyncSession, claim_id: UUID) -> Claim:
    """Whoever changes a claim holds its row. Raises ClaimNotFound."""
    found = await session.get(Claim, claim_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise ClaimNotFound
    return found


async def lock_own_claim(session: AsyncSession, claim_id: UUID, caller: Caller) -> Claim:
    """Raises ClaimNotFound for another's, ClaimThrownAway."""
    try:
        claim = await lock_claim(session, claim_id)
    except ClaimNotFound:
        raise await _absent(session, claim_id, caller) from None
    if claim.person_id != caller.id:
        raise ClaimNotFound
    return claim


async def claim_for(session: AsyncSession, claim_id: UUID, caller: Caller) -> Claim:
    """One's own, or any for those who decide and pay. Submitted ones only: a draft is its writer's alone.

    Raises ClaimNotFound, ClaimThrownAway.
    """
    found = await session.get(Claim, claim_id)
    if found is None:
        raise await _absent(session, claim_id, caller)
    if found.person_id != caller.id and (not caller.has(*SEES_ALL_CLAIMS) or found.status == "draft"):
        raise ClaimNotFound
    return found


def claims_of(person_id: UUID) -> SelectOfScalar[Claim]:
    return select_model(Claim).where(col(Claim.person_id) == person_id)


def everyones_claims() -> SelectOfScalar[Claim]:
    """All that were ever submitted."""
    return select_model(Claim).where(col(Claim.status) != "draft")


def filtered(
    wanted: SelectOfScalar[Claim],
    *,
    status: ClaimStatus | None,
    entitlement_id: UUID | None,
    needs_attention: bool | None,
) -> SelectOfScalar[Claim]:
    if status:
        wanted = wanted.where(col(Claim.status) == status)
    if entitlement_id:
        wanted = wanted.where(col(Claim.entitlement_id) == entitlement_id)
    if needs_attention is not None:
        wanted = wanted.where(col(Claim.needs_attention).is_(needs_attention))
    return wanted


async def lines_of(session: AsyncSession, claim_id: UUID) -> Sequence[ClaimLine]:
    statement = select(ClaimLine).where(col(ClaimLine.claim_id) == claim_id).order_by(col(ClaimLine.position))
    return (await session.scalars(statement)).all()


async def steps_of(session: AsyncSession, claim_id: UUID) -> Sequence[ClaimStep]:
    statement = select(ClaimStep).where(col(ClaimStep.claim_id) == claim_id).order_by(col(ClaimStep.id))
    return (await session.scalars(statement)).all()


async def lock_claims(session: AsyncSession, claim_ids: Collection[UUID]) -> list[Claim]:
    """Several at once, always in the same order, so that no two commands wait for each other."""
    statement = select(Claim).where(col(Claim.id).in_(claim_ids)).order_by(col(Claim.id)).with_for_update()
    return list(await session.scalars(statement.execution_options(populate_existing=True)))


async def lock_claims_to_pay(session: AsyncSession, most: int) -> list[Claim]:
    """Approved claims, oldest first, without those for a person to look at: refused by the bank, or in doubt."""
    ready = (col(Claim.status) == "approved", col(Claim.needs_attention).is_(False), ~_IN_DOUBT)
    statement = select(Claim).join(Entitlement, col(Entitlement.id) == col(Claim.entitlement_id)).where(*ready)
    locked = statement.order_by(col(Claim.id)).limit(most).with_for_update(of=Claim)
    return list(await session.scalars(locked.execution_options(populate_existing=True)))


async def claims_in_doubt(session: AsyncSession, claim_ids: Collection[UUID]) -> set[UUID]:
    """Those whose entitlement was withdrawn or put in question since they were approved."""
    statement = select(col(Claim.id)).join(Entitlement, col(Entitlement.id) == col(Claim.entitlement_id))
    return set(await session.scalars(statement.where(col(Claim.id).in_(claim_ids), _IN_DOUBT)))


async def bank_holidays_after(session: AsyncSession, day: date) -> set[date]:
    """English bank holidays from this day on."""
    return set(await session.scalars(select(col(BankHoliday.on)).where(col(BankHoliday.on) >= day)))
