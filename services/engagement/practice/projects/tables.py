"""The table of support projects."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Uuid, text
from sqlmodel import Field

from services.engagement.tables import Row
from shared.events.contracts.engagement import ProjectModel
from shared.persistence.columns import array_of, varchar


class Project(Row, table=True):
    """Practical support that applies evidence. Each outcome raises its version."""

    __tablename__ = "projects"

    __table_args__ = (
        CheckConstraint("model IN ('demonstrator', 'facilitator', 'network')", name="model_is_known"),
        CheckConstraint("outcomes >= 0", name="outcomes_are_counted"),
        Index("ix_projects_created_at_id", "created_at", "id"),
    )

    title: str = Field(max_length=200)
    model: ProjectModel = Field(sa_type=varchar(20))
    topic_id: UUID = Field(foreign_key="topics.id", index=True)
    assembly_id: UUID | None = Field(default=None, foreign_key="assemblies.id", index=True)
    applies: list[UUID] = Field(sa_type=array_of(Uuid))
    """Evidence items."""
    guide_ids: list[UUID] = Field(
        default_factory=list[UUID], sa_type=array_of(Uuid), sa_column_kwargs={"server_default": text("'{}'")}
    )
    outcomes: int = 0
    """How many outcomes were recorded."""
