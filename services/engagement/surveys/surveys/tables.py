"""The table of surveys."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.tables import Row
from shared.persistence.columns import TIMESTAMP, varchar

SurveyStatus = Literal["draft", "open", "closed"]
EVERY_GROUP_BY_INVITATION = [{"group": group.value, "admission": "invitation"} for group in StakeholderGroup]
_DEFAULT_GROUPS = str(EVERY_GROUP_BY_INVITATION).replace("'", '"')


class Survey(Row, table=True):
    """A set of questions. Once it is open they never change, so that everyone answers the same."""

    __tablename__ = "surveys"

    __table_args__ = (
        CheckConstraint("status IN ('draft', 'open', 'closed')", name="status_is_known"),
        CheckConstraint("(opened_at IS NULL) = (status = 'draft')", name="opened_unless_draft"),
        CheckConstraint("(closed_at IS NOT NULL) = (status = 'closed')", name="closed_at_when_closed"),
        Index("ix_surveys_created_at_id", "created_at", "id"),
        Index("ix_surveys_closes_on", "closes_on", postgresql_where="status = 'open'"),
    )

    title: str = Field(max_length=200)
    introduction: str | None = Field(default=None, max_length=2000)
    questions: list[dict[str, Any]] = Field(sa_type=JSONB)
    groups: list[dict[str, Any]] = Field(
        default_factory=lambda: EVERY_GROUP_BY_INVITATION,
        sa_column=Column(JSONB, nullable=False, server_default=_DEFAULT_GROUPS),
    )
    """Whom it asks, each with an admission: see `rules.SurveyGroup`."""
    status: SurveyStatus = Field(default="draft", sa_type=varchar(10))
    closes_on: date | None = None
    opened_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    closed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
