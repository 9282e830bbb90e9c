"""Reads of registrations."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.registrations.tables import Registration
from shared.persistence.columns import in_array
from shared.problems import NotFound

LONGEST_ASSEMBLY = timedelta(days=2)
"""Longer than any assembly may be."""
OLDEST = (col(Registration.id),)


class RegistrationNotFound(NotFound):
    title = "There is no such registration"
    detail = "Check the id, or look in the list of the assembly's (/v1/assemblies/{assembly_id}/registrations)."


def select_registrations(assembly_id: UUID, person_id: UUID | None) -> SelectOfScalar[Registration]:
    """Select the assembly's registrations: of this person or, without one, of everyone."""
    statement = select_rows(Registration).where(Registration.assembly_id == assembly_id)
    return statement.where(Registration.person_id == person_id) if person_id else statement


async def lock_registration_of(session: AsyncSession, assembly_id: UUID, person_id: UUID) -> Registration | None:
    """Return the person's registration, locked until the transaction ends, or None."""
    return await session.scalar(select_registrations(assembly_id, person_id).with_for_update())


async def lock_following_registrations(
    session: AsyncSession, person_id: UUID, today: date
) -> list[tuple[Registration, Assembly]]:
    """Return the person's registrations that follow their saved needs, locked, and the assemblies, none long over."""
    statement = (
        select(Registration, Assembly)
        .join(Assembly, col(Assembly.id) == col(Registration.assembly_id))
        .where(
            col(Registration.person_id) == person_id,
            col(Registration.status) == "registered",
            col(Registration.own_needs).is_(False),
            col(Assembly.held_on) >= today - LONGEST_ASSEMBLY,
        )
        .order_by(col(Registration.id))
        .with_for_update(of=Registration)
        .execution_options(populate_existing=True)
    )
    return [(registration, assembly) for registration, assembly in await session.execute(statement)]


async def get_registration(
    session: AsyncSession, assembly_id: UUID, registration_id: UUID, person_id: UUID | None, *, lock: bool = False
) -> Registration:
    """Return a registration of this assembly and, where given, this person. Raises RegistrationNotFound."""
    statement = select_registrations(assembly_id, person_id).where(col(Registration.id) == registration_id)
    locking = statement.with_for_update().execution_options(populate_existing=True)
    row = await session.scalar(locking if lock else statement)
    if row is None:
        raise RegistrationNotFound
    return row


async def lock_registrations(
    session: AsyncSession, assembly_id: UUID, ids: Collection[UUID]
) -> dict[UUID, Registration]:
    """Return those of these that belong to the assembly, locked in the order of their ids: two lists never deadlock."""
    statement = select(Registration).where(
        col(Registration.assembly_id) == assembly_id, in_array(col(Registration.id), ids)
    )
    rows = await session.scalars(statement.order_by(col(Registration.id)).with_for_update())
    return {row.id: row for row in rows}
