"""What can be asked of entitlements."""

from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.participation.entitlements.tables import Attendance, Entitlement
from services.funding.programme.programme.tables import Scheme
from services.funding.programme.rates.queries import rate_cards
from services.funding.programme.rates.tables import RateCard
from shared.callers import Caller, Role
from shared.problems import NotFound

Heard = Literal["first", "later", "older"]


class EntitlementNotFound(NotFound):
    title = "This entitlement does not exist, or is not yours"
    detail = "Look at /v1/entitlements for yours."


async def note_attendance(session: AsyncSession, registration_id: UUID, sequence: int) -> Heard:
    """Note that this was heard of a registration, and hold its row: nothing is noted of what is older than the last."""
    noted = insert(Attendance).values(registration_id=registration_id, heard_sequence=sequence)
    later = noted.on_conflict_do_update(
        index_elements=[col(Attendance.registration_id)],
        set_={"heard_sequence": sequence, "version": col(Attendance.version) + 1, "updated_at": func.now()},
        where=col(Attendance.heard_sequence) < sequence,
    )
    version = await session.scalar(later.returning(col(Attendance.version)))
    return "older" if version is None else "first" if version == 1 else "later"


async def terms_of(session: AsyncSession, held_on: date, scheme: str) -> tuple[RateCard | None, UUID | None]:
    """The rate card of a day, and the id of a scheme."""
    scheme_id = select(col(Scheme.id)).where(col(Scheme.code) == scheme).scalar_subquery()
    found = (await session.execute(rate_cards(held_on).add_columns(scheme_id))).one_or_none()
    return (found[0], found[1]) if found else (None, None)


async def lock_entitlement_of(session: AsyncSession, registration_id: UUID) -> Entitlement | None:
    statement = select(Entitlement).where(col(Entitlement.registration_id) == registration_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def lock_entitlement(session: AsyncSession, entitlement_id: UUID) -> Entitlement:
    """Raises EntitlementNotFound."""
    found = await session.get(Entitlement, entitlement_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise EntitlementNotFound
    return found


async def entitlement_for(session: AsyncSession, entitlement_id: UUID, caller: Caller) -> Entitlement:
    """One's own; a funding officer sees each. Raises EntitlementNotFound."""
    found = await session.get(Entitlement, entitlement_id)
    if found is None or not (found.person_id == caller.id or caller.has(Role.FUNDING_OFFICER)):
        raise EntitlementNotFound
    return found


def entitlements_of(person_id: UUID) -> SelectOfScalar[Entitlement]:
    return select_model(Entitlement).where(col(Entitlement.person_id) == person_id)


def entitlements_in_question() -> SelectOfScalar[Entitlement]:
    return select_model(Entitlement).where(col(Entitlement.in_question))
