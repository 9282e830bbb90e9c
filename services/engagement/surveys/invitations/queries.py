"""Statements on invitations."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import LargeBinary, Text, Uuid, bindparam, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations.tables import invitations
from shared.persistence.columns import array_of


async def insert_invitations(
    session: AsyncSession, survey_id: UUID, group: StakeholderGroup, hashes: Sequence[bytes]
) -> None:
    """Insert all of them in one statement."""
    token_hash = func.unnest(bindparam("hashes", hashes, type_=array_of(LargeBinary))).column_valued("token_hash")
    rows = select(token_hash, literal(survey_id, Uuid), literal(group.value, Text))
    await session.execute(insert(invitations).from_select(["token_hash", "survey_id", "stakeholder_group"], rows))


async def void_invitations(session: AsyncSession, survey_id: UUID) -> None:
    """Delete the survey's unused invitations.

    Waits for each response that uses one up at this moment; every later response finds its invitation gone.
    """
    await session.execute(delete(invitations).where(invitations.c.survey_id == survey_id))
