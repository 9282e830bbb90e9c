"""What can be asked of payees."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.payees.payees.tables import Payee
from shared.problems import NotFound


class PayeeNotFound(NotFound):
    title = "There are no bank details of yours here"
    detail = "Add them with POST /v1/payees."


def payees_of(person_id: UUID) -> SelectOfScalar[Payee]:
    return select_model(Payee).where(col(Payee.person_id) == person_id)


async def has_payee(session: AsyncSession, person_id: UUID) -> bool:
    return await session.scalar(select(col(Payee.id)).where(col(Payee.person_id) == person_id)) is not None


async def own_payee(session: AsyncSession, payee_id: UUID, person_id: UUID) -> Payee:
    """Nobody sees or changes another's. Raises PayeeNotFound."""
    found = await session.get(Payee, payee_id)
    if found is None or found.person_id != person_id:
        raise PayeeNotFound
    return found


async def payees_of_people(session: AsyncSession, people: Iterable[UUID]) -> dict[UUID, Payee]:
    """By person."""
    found = await session.scalars(select(Payee).where(col(Payee.person_id).in_(set(people))))
    return {payee.person_id: payee for payee in found}
