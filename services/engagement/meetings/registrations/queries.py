"""What is asked of the registrations that are kept."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_row
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.meetings.registrations.tables import Entitlement, Registration
from shared.problems import NotFound

OLDEST = (col(Registration.id),)


class RegistrationNotFound(NotFound):
    title = "There is no such registration"
    detail = "Check the id, or look in the list of the assembly's registrations."


def registrations_of(assembly_id: UUID, person_id: UUID | None) -> SelectOfScalar[Registration]:
    """Of everyone, or of one person."""
    statement = select_row(Registration).where(Registration.assembly_id == assembly_id)
    return statement.where(Registration.person_id == person_id) if person_id else statement


async def registration_of_person(session: AsyncSession, assembly_id: UUID, person_id: UUID) -> Registration | None:
    return await session.scalar(registrations_of(assembly_id, person_id).with_for_update())


async def registration(
    session: AsyncSession, assembly_id: UUID, registration_id: UUID, person_id: UUID | None, *, lock: bool = False
) -> Registration:
    """A registration of this assembly and, where given, this person. Raises RegistrationNotFound."""
    statement = registrations_of(assembly_id, person_id).where(col(Registration.id) == registration_id)
    found = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise RegistrationNotFound
    return found


async def lock_registrations(
    session: AsyncSession, assembly_id: UUID, ids: Collection[UUID]
) -> dict[UUID, Registration]:
    """Those of these that belong to the assembly, locked in the order of their ids: so two lists cannot deadlock."""
    statement = select(Registration).where(col(Registration.assembly_id) == assembly_id, col(Registration.id).in_(ids))
    found = await session.scalars(statement.order_by(col(Registration.id)).with_for_update())
    return {registration.id: registration for registration in found}


async def lock_any_registration(session: AsyncSession, registration_id: UUID) -> Registration | None:
    return await session.scalar(select(Registration).where(col(Registration.id) == registration_id).with_for_update())


async def entitlement(session: AsyncSession, entitlement_id: UUID) -> Entitlement | None:
    return await session.get(Entitlement, entitlement_id)


async def is_entitled(session: AsyncSession, registration_id: UUID) -> bool:
    """Whether an entitlement of this registration stands."""
    standing = exists().where(col(Entitlement.registration_id) == registration_id, ~col(Entitlement.withdrawn))
    return bool(await session.scalar(select(standing)))
