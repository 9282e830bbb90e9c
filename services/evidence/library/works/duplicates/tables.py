"""Pending comparisons, blocking keys, pairs of likely duplicates, and the groups that are put before an editor."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
)
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, array_of, varchar
from shared.persistence.tables import PERSONAL

GroupStatus = Literal["open", "decided"]
Decision = Literal["same", "different"]


class DuplicateGroup(Row, table=True):
    """Items that may be one work. Open until every pair of its members is decided."""

    __tablename__ = "duplicate_groups"

    __table_args__ = (
        CheckConstraint("status IN ('open', 'decided')", name="status"),
        CheckConstraint("(status = 'decided') = (decided_at IS NOT NULL)", name="decided_at"),
        Index("ix_duplicate_groups_status_id", "status", "id"),
        Index("ix_duplicate_groups_members", "members", postgresql_using="gin"),
    )

    status: GroupStatus = Field(default="open", sa_type=varchar(10))
    members: list[UUID] = Field(sa_type=array_of(Uuid))
    """Of an open group, those still to be decided; of a decided one, those that it had."""
    decided_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


duplicate_pairs = Table(
    "duplicate_pairs",
    Row.metadata,
    Column("low_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("high_id", Uuid, ForeignKey("items.id"), primary_key=True, index=True),
    Column("judgement", String(10), nullable=False),
    Column("title_similarity", Integer, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("decision", String(10)),
    Column("merge_id", Uuid, ForeignKey("merges.id"), index=True),
    CheckConstraint("low_id < high_id", name="in_order"),
    CheckConstraint("judgement IN ('duplicate', 'maybe')", name="judgement"),
    CheckConstraint("decision IN ('same', 'different')", name="decision"),
)
"""Two items that are alike. What a person decided stands for good: a pair called different is not shown again.

`merge_id`: the decision came with that merge, and goes with it when it is undone."""

duplicate_keys = Table(
    "duplicate_keys",
    Row.metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("item_id", Uuid, primary_key=True, index=True),
)
"""By `blocking_keys.keys_of`. Without a foreign key: eight rows an item, written in bulk, of items never deleted."""

duplicate_titles = Table(
    "duplicate_titles",
    Row.metadata,
    Column("item_id", Uuid, primary_key=True),
    Column("title", Text, nullable=False, info=PERSONAL),
    Column("identifiers", Text, nullable=False),
)
"""`works.ComparedTitle` of each work that was compared: most pairs that share a key are told apart by it.

Without a foreign key, as the keys."""

pending_comparisons = Table(
    "pending_comparisons",
    Row.metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("item_id", Uuid, nullable=False),
)
"""Written by a trigger with each change of a work, in its transaction; deleted when the work has been compared.

Every change has a row of its own, so neither side ever waits for the other and none is lost."""
