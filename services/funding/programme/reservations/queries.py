"""What can be asked of reservations."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.programme.reservations.tables import Reservation, ReservationStatus
from shared.problems import NotFound


class ReservationNotFound(NotFound):
    title = "This reservation does not exist"


async def lock_reservation_of(session: AsyncSession, assembly_id: UUID) -> Reservation | None:
    """Whoever draws on an assembly's money holds its row, after the scheme's."""
    statement = select(Reservation).where(col(Reservation.assembly_id) == assembly_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def lock_reservation(session: AsyncSession, reservation_id: UUID) -> Reservation:
    """Raises ReservationNotFound."""
    found = await session.get(Reservation, reservation_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise ReservationNotFound
    return found


async def reservation(session: AsyncSession, reservation_id: UUID) -> Reservation:
    """Raises ReservationNotFound."""
    found = await session.get(Reservation, reservation_id)
    if found is None:
        raise ReservationNotFound
    return found


def reservations(
    *, scheme_id: UUID | None, assembly_id: UUID | None, status: ReservationStatus | None
) -> SelectOfScalar[Reservation]:
    statement = select_model(Reservation)
    if scheme_id:
        statement = statement.where(col(Reservation.scheme_id) == scheme_id)
    if assembly_id:
        statement = statement.where(col(Reservation.assembly_id) == assembly_id)
    if status:
        statement = statement.where(col(Reservation.status) == status)
    return statement
