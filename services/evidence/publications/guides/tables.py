"""Guides: what is published stands in rows that others may join, and every edition whole beside it.

`guide_statements` and `guide_citations` are those of the published edition and of no other. What is being written is
one document of each guide in `guide_drafts`; it becomes rows when somebody else publishes it.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP


class Guide(Row, table=True):
    """A guide as the public sees it; before its first edition, as its draft says. A change of the draft counts too."""

    __tablename__ = "guides"

    __table_args__ = (
        CheckConstraint("state IN ('draft', 'review', 'published', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_at"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("state <> 'published' OR (edition > 0 AND review_on IS NOT NULL)", name="edition"),
        Index("ix_guides_published_at_id", "published_at", "id", postgresql_where=text("state = 'published'")),
        Index("ix_guides_review_on_id", "review_on", "id", postgresql_where=text("state = 'published'")),
        Index("ix_guides_topics", "topics", postgresql_using="gin"),
    )

    state: str = Field(default="draft", sa_type=String(10))
    edition: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """The number of the published edition; 0 before there is one."""
    title: str = Field(sa_type=Text)
    summary: str = Field(default="", sa_type=Text)
    language: str = Field(default="en", sa_type=String(12))
    topics: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False, server_default=text("'{}'")))
    review_on: date | None = None
    """The day by which somebody looks whether it still holds."""
    published_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    withdrawn_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    owner_id: UUID = Field(index=True)
    """The editor who is told when something that it cites changes. No answer of the public API tells it."""


class GuideDraft(Row, table=True):
    """The next edition of a guide while it is written. Its id is the guide's."""

    __tablename__ = "guide_drafts"

    __audited__ = False
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'review')", name="state"),
        Index("ix_guide_drafts_state_id", "state", "id"),
    )

    id: UUID = Field(foreign_key="guides.id", primary_key=True)
    state: str = Field(default="draft", sa_type=String(10))
    content: dict[str, Any] = Field(sa_type=JSONB)
    authors: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    """Whoever wrote in it: none of them may publish it."""
    returned_because: str | None = Field(default=None, sa_type=Text)


editions = Table(
    "guide_editions",
    Row.metadata,
    Column("guide_id", Uuid, ForeignKey("guides.id"), primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("superseded_at", DateTime(timezone=True)),
)
"""Every edition that was published, whole, as it was written. No name or title of an item is in it: they are joined."""

statements = Table(
    "guide_statements",
    Row.metadata,
    Column("id", Uuid, primary_key=True),
    Column("guide_id", Uuid, ForeignKey("guides.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("what_to_try", Text, nullable=False),
    Column("cost", JSONB, nullable=False),
    Column("effort", JSONB, nullable=False),
    Column("conditions", Text, nullable=False),
    Column("confidence", JSONB, nullable=False),
    Index("uq_guide_statements_guide_id_position", "guide_id", "position", unique=True),
)

citations = Table(
    "guide_citations",
    Row.metadata,
    Column("statement_id", Uuid, ForeignKey("guide_statements.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("edition", Integer, nullable=False),
    Column("flagged_reason", String(24)),
    Column("flagged_mark", Text),
    Column("flagged_at", DateTime(timezone=True)),
    Column("decided", String(8)),
    Column("kept", JSONB, nullable=False, server_default=text("'[]'")),
    CheckConstraint("(flagged_reason IS NULL) = (flagged_at IS NULL)", name="flagged_at"),
    CheckConstraint("(flagged_reason IS NULL) = (flagged_mark IS NULL)", name="flagged_mark"),
    CheckConstraint("decided IN ('repin', 'remove')", name="decided"),
    CheckConstraint("decided IS NULL OR flagged_reason IS NOT NULL", name="decided_of_a_flag"),
    Index("ix_guide_citations_item_id", "item_id"),
    Index(
        "ix_guide_citations_flagged",
        "flagged_at",
        "statement_id",
        "item_id",
        postgresql_where=text("flagged_reason IS NOT NULL"),
    ),
)
"""Which edition of which item a statement stands on, and what stands against that.

`flagged_mark` says what exactly was flagged (`changed:3`); `kept` what an editor decided to live with, and why;
`decided` what the next edition will do about it.
"""
