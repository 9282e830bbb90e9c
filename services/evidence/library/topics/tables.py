"""Topics, their synonyms, and which items are filed under them."""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field

from services.evidence.tables import Row


class Topic(Row, table=True):
    """A subject area and its place in the tree."""

    __tablename__ = "topics"
    __table_args__ = (
        UniqueConstraint("parent_id", "name", postgresql_nulls_not_distinct=True),
        CheckConstraint("priority BETWEEN 0 AND 100", name="priority"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )

    name: str = Field(sa_type=String(120))
    parent_id: UUID | None = Field(default=None, foreign_key="topics.id", index=True)
    priority: int | None = None
    """0 to 100, from `survey_scores` and `topic_mentions`; None until somebody was asked."""
    synonyms: list[str] = Field(
        default_factory=list[str],
        sa_column=Column(ARRAY(String(120)), nullable=False, server_default=text("'{}'")),
    )
    """Other names, as an editor wrote them. `topic_synonyms` has each once in the whole library."""


synonyms = Table(
    "topic_synonyms",
    Row.metadata,
    Column("word", String(120), primary_key=True),
    Column("topic_id", Uuid, ForeignKey("topics.id"), nullable=False, index=True),
)
"""A name in lower case belongs to one topic: the database refuses it for a second."""


_PUBLISHED = text("published_at IS NOT NULL")

filings = Table(
    "filings",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("topic_id", Uuid, ForeignKey("topics.id"), primary_key=True),
    Column("way_of_knowing", String(20), nullable=False),
    Column("published_at", DateTime(timezone=True)),
    # The pages of a topic's list, and its coverage, by an index-only scan.
    Index(
        "ix_filings_topic_id_published_at_item_id",
        "topic_id",
        "published_at",
        "item_id",
        postgresql_include=["way_of_knowing"],
        postgresql_where=_PUBLISHED,
    ),
    # Whether a topic has anything in a way of knowing.
    Index("ix_filings_topic_id_way_of_knowing", "topic_id", "way_of_knowing", postgresql_where=_PUBLISHED),
)
"""An item under a topic. `published_at` is the item's, and null while it is not published."""

filing_changes = Table(
    "filing_changes",
    Row.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("sweep", Boolean, nullable=False, server_default=text("false")),
)
"""A row for each change of a filing or of the tree, added by triggers; a sweep replaces many rows with one."""
