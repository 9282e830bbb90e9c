"""Queries of payees."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.payees.payees.tables import Payee
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class PayeeNotFound(NotFound):
    title = "There are no such bank details"
    detail = "You have none with this id. Look in /v1/payees, or add them with POST /v1/payees."


def select_payees(person_id: UUID) -> SelectOfScalar[Payee]:
    """Select a person's bank details."""
    return select_model(Payee).where(col(Payee.person_id) == person_id)


async def has_payee(session: AsyncSession, person_id: UUID) -> bool:
    """Return whether a person has added bank details."""
    return await session.scalar(select(col(Payee.id)).where(col(Payee.person_id) == person_id)) is not None


async def get_own_payee(session: AsyncSession, payee_id: UUID, person_id: UUID) -> Payee:
    """Return a person's own bank details. Raises PayeeNotFound, also for another person's."""
    payee = await fetch(session, Payee, payee_id, missing=PayeeNotFound)
    if payee.person_id != person_id:
        raise PayeeNotFound
    return payee


async def list_payees_by_person(session: AsyncSession, person_ids: Iterable[UUID]) -> dict[UUID, Payee]:
    """Return the bank details of several people by person id, without people who have none."""
    payees = await session.scalars(select(Payee).where(col(Payee.person_id).in_(set(person_ids))))
    return {payee.person_id: payee for payee in payees}
