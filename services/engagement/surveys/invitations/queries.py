"""Statements on invitations."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import LargeBinary, Text, Uuid, bindparam, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations.tables import invitations
from shared.persistence.columns import array_of


async def insert_invitations(
    session: AsyncSession,
    survey_id: UUID,
    group: StakeholderGroup,
    hashes: Sequence[bytes],
    person_hashes: Sequence[bytes | None],
) -> None:
    """Insert all of them in one statement, each with the hash of whom it is for, or None for nobody known."""
    arrays = [bindparam(None, values, type_=array_of(LargeBinary)) for values in (hashes, person_hashes)]
    pairs = func.unnest(*arrays).table_valued("token_hash", "person_hash").render_derived()
    rows = select(pairs.c.token_hash, pairs.c.person_hash, literal(survey_id, Uuid), literal(group.value, Text))
    columns = ["token_hash", "person_hash", "survey_id", "stakeholder_group"]
    await session.execute(insert(invitations).from_select(columns, rows))


async def void_invitations(session: AsyncSession, survey_id: UUID) -> None:
    """Delete the survey's unused invitations.

    Waits for each response that uses one up at this moment; every later response finds its invitation gone.
    """
    await session.execute(delete(invitations).where(invitations.c.survey_id == survey_id))
