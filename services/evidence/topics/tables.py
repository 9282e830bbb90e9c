"""Topics, what the sector said of them, and which items are filed under them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, String, Table, UniqueConstraint, Uuid, text
from sqlmodel import Field

from services.evidence.tables import Row


class Topic(Row, table=True):
    __table_args__ = (
        UniqueConstraint("parent_id", "name", postgresql_nulls_not_distinct=True),
        CheckConstraint("priority BETWEEN 0 AND 100", name="priority"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )

    name: str = Field(sa_type=String(120))
    parent_id: UUID | None = Field(default=None, foreign_key="topics.id", index=True)
    priority: int | None = None
    """0 to 100, of every voice in `priority_voices`; none until someone was asked."""


class PriorityVoice(Row, table=True):
    """What one survey said of one topic."""

    __audited__ = False
    __table_args__ = (
        UniqueConstraint("topic_id", "survey_id"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("respondents >= 0", name="respondents"),
    )

    topic_id: UUID = Field(foreign_key="topics.id")
    survey_id: UUID
    score: int
    respondents: int
    heard_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]  an instance is accepted, the stub wants a class


filings = Table(
    "filings",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("topic_id", Uuid, ForeignKey("topics.id"), primary_key=True),
    Column("way_of_knowing", String(20), nullable=False),
    Column("published_at", DateTime(timezone=True)),
    # The pages of a topic's list, and its coverage, without a look at the items.
    Index(
        "ix_filings_topic_id_published_at_item_id",
        "topic_id",
        "published_at",
        "item_id",
        postgresql_include=["way_of_knowing"],
        postgresql_where=text("published_at IS NOT NULL"),
    ),
)
"""An item under a topic. `published_at` is the item's, and null while the public may not see it."""
