"""Support projects as they are kept."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.tables import PERSONAL


class Project(Row, table=True):
    """Practical support that applies evidence. Each outcome counts its version up."""

    __tablename__ = "projects"

    __table_args__ = (
        CheckConstraint("model IN ('demonstrator', 'facilitator', 'network')", name="model_is_known"),
        CheckConstraint("outcomes >= 0", name="outcomes_are_counted"),
        Index("ix_projects_created_at_id", "created_at", "id"),
    )

    title: str = Field(max_length=200)
    model: str = Field(max_length=20)
    topic_id: UUID = Field(foreign_key="topics.id", index=True)
    assembly_id: UUID | None = Field(default=None, foreign_key="assemblies.id", index=True)
    applies: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    guide_ids: list[UUID] = Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default=text("'{}'"))
    )
    outcomes: int = 0


class Outcome(Row, table=True):
    """A measured change in practice. The note is for staff: it may tell of people, and goes nowhere else."""

    __tablename__ = "outcomes"

    __table_args__ = (
        CheckConstraint("direction IN ('better', 'same', 'worse')", name="direction_is_known"),
        CheckConstraint("people_affected >= 0", name="people_are_counted"),
        Index("ix_outcomes_project_id_id", "project_id", "id"),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    measure: str = Field(max_length=40)
    direction: str = Field(max_length=10)
    people_affected: int
    note: str | None = Field(default=None, max_length=2000, sa_column_kwargs={"info": PERSONAL})
