"""What is asked of the invitations that are kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import LargeBinary, Text, Uuid, bindparam, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations.tables import invitations


async def keep_invitations(
    session: AsyncSession, survey_id: UUID, group: StakeholderGroup, hashes: Sequence[bytes]
) -> None:
    """All of them in one statement."""
    given = func.unnest(bindparam("hashes", hashes, type_=ARRAY(LargeBinary))).column_valued("token_hash")
    rows = select(given, literal(survey_id, Uuid), literal(group.value, Text))
    await session.execute(insert(invitations).from_select(["token_hash", "survey_id", "stakeholder_group"], rows))


async def void_invitations(session: AsyncSession, survey_id: UUID) -> None:
    """Remove what is left of a survey's invitations.

    Waits for each answer that is using one up at this moment, and every later answer finds its own gone.
    """
    await session.execute(delete(invitations).where(invitations.c.survey_id == survey_id))
