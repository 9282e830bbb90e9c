"""Queries of entitlements."""

from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, all_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.callers import may_see_all_entitlements
from services.funding.participation.entitlements.tables import Attendance, Entitlement
from services.funding.programme.rates.queries import select_rate_cards
from services.funding.programme.rates.tables import RateCard
from services.funding.programme.schemes.tables import Scheme
from shared.callers import Caller
from shared.persistence.fetch import fetch
from shared.problems import NotAllowed, NotFound

SequenceOrder = Literal["first", "later", "older"]
"""How a sequence stands to the last one that was recorded."""


class EntitlementNotFound(NotFound):
    title = "There is no such entitlement"
    detail = "It does not exist, or is not yours. Check the id, or look in /v1/entitlements for yours."


class CardAndScheme(NamedTuple):
    """The rate card of a day and the id of a scheme, or None for what does not exist yet."""

    card: RateCard | None
    scheme_id: UUID | None


async def record_sequence(session: AsyncSession, registration_id: UUID, sequence: int) -> SequenceOrder:
    """Record the sequence of a registration's attendance unless it is older than the last, and lock the row."""
    statement = insert(Attendance).values(registration_id=registration_id, last_sequence=sequence)
    statement = statement.on_conflict_do_update(
        index_elements=[col(Attendance.registration_id)],
        set_={"last_sequence": sequence, "version": col(Attendance.version) + 1, "updated_at": func.now()},
        where=col(Attendance.last_sequence) < sequence,
    )
    version = await session.scalar(statement.returning(col(Attendance.version)))
    if version is None:
        return "older"
    return "first" if version == 1 else "later"


async def add_recorder(session: AsyncSession, registration_id: UUID, person_id: UUID) -> None:
    """Remember who recorded or corrected the attendance of a registration."""
    recorders = col(Attendance.recorded_by)
    statement = update(Attendance).where(
        col(Attendance.registration_id) == registration_id, literal(person_id, Uuid) != all_(recorders)
    )
    await session.execute(statement.values(recorded_by=func.array_append(recorders, person_id)))


async def list_recorders(session: AsyncSession, registration_id: UUID) -> list[UUID]:
    """Return everyone who recorded or corrected the attendance of a registration, as far as its events said."""
    statement = select(col(Attendance.recorded_by)).where(col(Attendance.registration_id) == registration_id)
    return list(await session.scalar(statement) or ())


async def find_card_and_scheme(session: AsyncSession, held_on: date, scheme_code: str) -> CardAndScheme:
    """Return the rate card of a day, and the id of a scheme."""
    scheme_id = select(col(Scheme.id)).where(col(Scheme.code) == scheme_code).scalar_subquery()
    row = (await session.execute(select_rate_cards(held_on).add_columns(scheme_id))).one_or_none()
    return CardAndScheme(*row) if row else CardAndScheme(None, None)


async def lock_entitlement_of_registration(session: AsyncSession, registration_id: UUID) -> Entitlement | None:
    """Return the entitlement of a registration, and lock it until the transaction ends."""
    statement = select(Entitlement).where(col(Entitlement.registration_id) == registration_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def lock_entitlement(session: AsyncSession, entitlement_id: UUID) -> Entitlement:
    """Return the entitlement, and lock it until the transaction ends. Raises EntitlementNotFound."""
    return await fetch(session, Entitlement, entitlement_id, missing=EntitlementNotFound, lock=True)


async def get_visible_entitlement(session: AsyncSession, entitlement_id: UUID, caller: Caller) -> Entitlement:
    """Return the caller's own entitlement, or any for a funding officer. Raises EntitlementNotFound."""
    entitlement = await fetch(session, Entitlement, entitlement_id, missing=EntitlementNotFound)
    if entitlement.person_id != caller.id and not may_see_all_entitlements(caller):
        raise EntitlementNotFound
    return entitlement


def select_entitlements(caller: Caller, *, in_question: bool) -> SelectOfScalar[Entitlement]:
    """Select the caller's entitlements, or everyone's that are in question. Raises NotAllowed for the latter."""
    if not in_question:
        return select_model(Entitlement).where(col(Entitlement.person_id) == caller.id)
    if not may_see_all_entitlements(caller):
        raise NotAllowed
    return select_model(Entitlement).where(col(Entitlement.in_question))
