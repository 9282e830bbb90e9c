"""The tables of responses: a group, a day and the answers, with no way back to a person."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.engagement.surveys.invitations.tables import GROUPS
from services.engagement.tables import Row

responses = Table(
    "responses",
    Row.metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("stakeholder_group", Text, nullable=False),
    Column("answered_on", Date, nullable=False),
    Column("answers", JSONB, nullable=False),
    CheckConstraint(f"stakeholder_group IN ({GROUPS})", name="stakeholder_group_is_known"),
    CheckConstraint("jsonb_typeof(answers) = 'object'", name="answers_are_an_object"),
)

# Which known people have answered, signed in or by an invitation made for them, by a hash whose key is not in the
# database; deleted when the survey closes.
answered = Table(
    "answered",
    Row.metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("person_hash", LargeBinary, primary_key=True),
    CheckConstraint("octet_length(person_hash) = 32", name="person_hash_is_whole"),
)
