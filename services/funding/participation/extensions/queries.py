"""Queries of extensions."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.extensions.tables import ReservationExtension


def select_extensions(reservation_id: UUID) -> SelectOfScalar[ReservationExtension]:
    """Select the extensions of a reservation."""
    return select_model(ReservationExtension).where(col(ReservationExtension.reservation_id) == reservation_id)


async def took_part(session: AsyncSession, assembly_id: UUID, person_id: UUID) -> bool:
    """Return whether the person has an entitlement for the assembly, and so may have claims on its reservation."""
    statement = select(col(Entitlement.id)).where(
        col(Entitlement.assembly_id) == assembly_id, col(Entitlement.person_id) == person_id
    )
    return await session.scalar(statement.limit(1)) is not None
