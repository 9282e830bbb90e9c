"""The table of invitations that are not used yet, as hashes."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text, Uuid

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.tables import Row

GROUPS = ", ".join(f"'{group}'" for group in StakeholderGroup)

# Without an id and a time, and deleted with the response: nothing stays by which a response could be traced back.
# `person_hash`: of whom it was made for, as in `answered`; null where it was made for nobody known.
invitations = Table(
    "invitations",
    Row.metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id"), nullable=False, index=True),
    Column("stakeholder_group", Text, nullable=False),
    Column("person_hash", LargeBinary),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash_is_whole"),
    CheckConstraint("octet_length(person_hash) = 32", name="person_hash_is_whole"),
    CheckConstraint(f"stakeholder_group IN ({GROUPS})", name="stakeholder_group_is_known"),
)
