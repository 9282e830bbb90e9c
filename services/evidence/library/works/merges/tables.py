"""Merges, and what each merged item was before."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, ForeignKey, Index, String, Table, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, varchar
from shared.persistence.tables import PERSONAL

MergeStatus = Literal["standing", "undone"]


class Merge(Row, table=True):
    """One item that stands for others. `changes`: what it received, field by field (`rules.FieldChange`)."""

    __tablename__ = "merges"

    __table_args__ = (
        CheckConstraint("status IN ('standing', 'undone')", name="status"),
        CheckConstraint("(status = 'undone') = (undone_at IS NOT NULL)", name="undone_at"),
        Index("ix_merges_into_id_standing", "into_id", "id", postgresql_where=text("status = 'standing'")),
    )

    into_id: UUID = Field(foreign_key="items.id")
    status: MergeStatus = Field(default="standing", sa_type=varchar(10))
    changes: list[dict[str, Any]] = Field(default=[], sa_type=JSONB, sa_column_kwargs={"info": PERSONAL})
    undone_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    fields_not_restored: list[str] = Field(default=[], sa_type=JSONB)
    """After it was undone: fields of the surviving item that had been changed since, and stayed as they were."""


merged_items = Table(
    "merged_items",
    Row.metadata,
    Column("merge_id", Uuid, ForeignKey("merges.id"), primary_key=True),
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True, index=True),
    Column("status", String(20), nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("identifiers", JSONB, nullable=False),
    Column("redirected_ids", ARRAY(Uuid), nullable=False),
)
"""What each merged item was before: its status, since when it was published, the identifiers that went over to the
survivor, and the items merged into it earlier, which redirect to the survivor now. Its description stays in `items`."""
