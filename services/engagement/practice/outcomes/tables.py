"""The table of outcomes."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.engagement.tables import Row
from shared.events.contracts.engagement import OutcomeDirection
from shared.persistence.columns import varchar
from shared.persistence.tables import PERSONAL


class Outcome(Row, table=True):
    """A measured change in practice. The note is for staff: it may tell about people, and is in no event or log."""

    __tablename__ = "outcomes"

    __table_args__ = (
        CheckConstraint("direction IN ('better', 'same', 'worse')", name="direction_is_known"),
        CheckConstraint("people_affected >= 0", name="people_are_counted"),
        Index("ix_outcomes_project_id_id", "project_id", "id"),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    measure: str = Field(max_length=40)
    direction: OutcomeDirection = Field(sa_type=varchar(10))
    people_affected: int
    note: str | None = Field(default=None, max_length=2000, sa_column_kwargs={"info": PERSONAL})
