"""Queries of reservations."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.programme.reservations.tables import Reservation, ReservationStatus
from shared.problems import NotFound


class ReservationNotFound(NotFound):
    title = "There is no such reservation"
    detail = "Check the id, or look in /v1/reservations."


async def lock_reservation_of_assembly(session: AsyncSession, assembly_id: UUID) -> Reservation | None:
    """Return the assembly's reservation, and lock it until the transaction ends. Lock the scheme's row first."""
    statement = select(Reservation).where(col(Reservation.assembly_id) == assembly_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def find_reservation_of_assembly(session: AsyncSession, assembly_id: UUID) -> Reservation | None:
    """Return the assembly's reservation."""
    return await session.scalar(select(Reservation).where(col(Reservation.assembly_id) == assembly_id))


def select_reservations(
    *, scheme_id: UUID | None, assembly_id: UUID | None, status: ReservationStatus | None
) -> SelectOfScalar[Reservation]:
    """Select the reservations of a scheme, of an assembly, or with a status."""
    statement = select_model(Reservation)
    if scheme_id:
        statement = statement.where(col(Reservation.scheme_id) == scheme_id)
    if assembly_id:
        statement = statement.where(col(Reservation.assembly_id) == assembly_id)
    if status:
        statement = statement.where(col(Reservation.status) == status)
    return statement
