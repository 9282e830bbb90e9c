"""What is still to be compared, the keys by which works meet, what was found, and what people decided."""

from datetime import datetime
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
from shared.persistence.columns import TIMESTAMP, array_of


class DuplicateGroup(Row, table=True):
    """Items that may be one work. Open until nothing between its members is undecided."""

    __tablename__ = "duplicate_groups"

    __table_args__ = (
        CheckConstraint("state IN ('open', 'decided')", name="state"),
        CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", name="decided_at"),
        Index("ix_duplicate_groups_state_id", "state", "id"),
        Index("ix_duplicate_groups_members", "members", postgresql_using="gin"),
    )

    state: str = Field(default="open", sa_type=String(10))
    members: list[UUID] = Field(sa_type=array_of(Uuid))
    """Of an open group, those still to be decided; of a decided one, those that it had."""
    decided_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


duplicate_pairs = Table(
    "duplicate_pairs",
    Row.metadata,
    Column("low_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("high_id", Uuid, ForeignKey("items.id"), primary_key=True, index=True),
    Column("judgement", String(10), nullable=False),
    Column("likeness", Integer, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("decided", String(10)),
    Column("merge_id", Uuid, ForeignKey("merges.id"), index=True),
    CheckConstraint("low_id < high_id", name="in_order"),
    CheckConstraint("judgement IN ('duplicate', 'maybe')", name="judgement"),
    CheckConstraint("decided IN ('same', 'different')", name="decided"),
)
"""Two items that are alike. What a person decided of them stands for good: a pair called different is not shown again.

`merge_id`: the decision came with that merge, and goes with it when it is undone."""

duplicate_keys = Table(
    "duplicate_keys",
    Row.metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("item_id", Uuid, primary_key=True, index=True),
)
"""By `blocks.keys_of`. Without a foreign key: eight rows an item, written in bulk, of items that are never deleted."""

pending_comparisons = Table(
    "pending_comparisons",
    Row.metadata,
    Column("noted", BigInteger, Identity(), primary_key=True),
    Column("item_id", Uuid, nullable=False),
)
"""Written by a trigger with each change of a work, in its transaction; removed when it was compared.

Every change has a row of its own, so neither side ever waits for the other and none is lost."""
