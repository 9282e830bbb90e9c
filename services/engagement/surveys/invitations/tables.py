"""Invitations as they are kept: hashed, and gone once they are used."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text, Uuid

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.tables import Row

GROUPS = ", ".join(f"'{group}'" for group in StakeholderGroup)

# No id and no time of their own, and removed with the answer: nothing stays by which an answer could be traced back.
invitations = Table(
    "invitations",
    Row.metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id"), nullable=False, index=True),
    Column("stakeholder_group", Text, nullable=False),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash_is_whole"),
    CheckConstraint(f"stakeholder_group IN ({GROUPS})", name="stakeholder_group_is_known"),
)
