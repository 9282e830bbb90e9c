"""Merges, and how each absorbed item was before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, ForeignKey, Index, String, Table, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP
from shared.persistence.tables import PERSONAL


class Merge(Row, table=True):
    """One item that stands for others. `changes`: what the survivor received, field by field (`rules.FieldChange`)."""

    __tablename__ = "merges"

    __table_args__ = (
        CheckConstraint("state IN ('standing', 'undone')", name="state"),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="undone_at"),
        Index("ix_merges_into_id_standing", "into_id", "id", postgresql_where=text("state = 'standing'")),
    )

    into_id: UUID = Field(foreign_key="items.id")
    state: str = Field(default="standing", sa_type=String(10))
    changes: list[dict[str, Any]] = Field(default=[], sa_type=JSONB, sa_column_kwargs={"info": PERSONAL})
    undone_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    kept: list[str] = Field(default=[], sa_type=JSONB)
    """After it was undone: fields of the survivor that had been changed meanwhile and stayed as they were."""


merged_items = Table(
    "merged_items",
    Row.metadata,
    Column("merge_id", Uuid, ForeignKey("merges.id"), primary_key=True),
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True, index=True),
    Column("state", String(20), nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("identifiers", JSONB, nullable=False),
    Column("led_here", ARRAY(Uuid), nullable=False),
)
"""What the absorbed item was: state, since when it was shown, the identifiers that went over, and the items that had
been merged into it before and lead to the survivor now. Its description stays untouched in `items`."""
