"""Rows of guides: each guide, its draft, its published editions, and the statements and citations of the current one.

`guide_statements` and `guide_citations` hold only the published edition, as rows that other queries may join. The next
edition is one document in `guide_drafts`, which becomes rows when it is published.
"""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.evidence.publications.cited_items.tables import flag_columns
from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, array_of, varchar

GuideStatus = Literal["draft", "review", "published", "withdrawn"]
DraftStatus = Literal["draft", "review"]


class Guide(Row, table=True):
    """A guide as its published edition describes it, or its draft before the first edition.

    Its version also counts the changes of its draft.
    """

    __tablename__ = "guides"

    __table_args__ = (
        CheckConstraint("status IN ('draft', 'review', 'published', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name="published_at"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("status <> 'published' OR (edition > 0 AND review_on IS NOT NULL)", name="edition"),
        Index("ix_guides_published_at_id", "published_at", "id", postgresql_where=text("status = 'published'")),
        Index("ix_guides_review_on_id", "review_on", "id", postgresql_where=text("status = 'published'")),
        Index("ix_guides_topics", "topics", postgresql_using="gin"),
    )

    status: GuideStatus = Field(default="draft", sa_type=varchar(10))
    edition: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """The number of the published edition; 0 before there is one."""
    title: str = Field(sa_type=Text)
    summary: str = Field(default="", sa_type=Text)
    language: str = Field(default="en", sa_type=varchar(12))
    topics: list[UUID] = Field(sa_type=array_of(Uuid), sa_column_kwargs={"server_default": text("'{}'")})
    review_on: date | None = None
    """The day by which it is reviewed again."""
    published_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    withdrawn_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    owner_id: UUID = Field(index=True)
    """The editor who decides when a cited item changes. The public API never returns it."""


class GuideDraft(Row, table=True):
    """The next edition of a guide while it is being written. Its id is the guide's."""

    __tablename__ = "guide_drafts"

    __audited__ = False
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'review')", name="status"),
        Index("ix_guide_drafts_status_id", "status", "id"),
    )

    id: UUID = Field(foreign_key="guides.id", primary_key=True)
    status: DraftStatus = Field(default="draft", sa_type=varchar(10))
    content: dict[str, Any] = Field(sa_type=JSONB)
    author_ids: list[UUID] = Field(sa_type=array_of(Uuid))
    """Everyone who has edited the draft: none of them may publish it."""
    returned_because: str | None = Field(default=None, sa_type=Text)


editions = Table(
    "guide_editions",
    Row.metadata,
    Column("guide_id", Uuid, ForeignKey("guides.id"), primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("repeats", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("superseded_at", DateTime(timezone=True)),
)
"""Every published edition as it was written. It does not contain names or titles of items, which are joined.

`repeats`: the statements, or with the id of the guide its title or summary, that repeat what was taken back since.
"""

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
    *flag_columns(),
    Column("decision", String(8)),
    Column("repeats", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("decision IN ('repin', 'remove')", name="decision"),
    CheckConstraint("decision IS NULL OR flagged_reason IS NOT NULL", name="decision_about_flag"),
    Index("ix_guide_citations_item_id", "item_id"),
    Index(
        "ix_guide_citations_flagged",
        "flagged_at",
        "statement_id",
        "item_id",
        postgresql_where=text("flagged_reason IS NOT NULL"),
    ),
)
"""The edition of an item that a statement relies on, and its flag.

`decision` is what the next edition will do about the flag, once an editor has decided. `repeats`: the statement repeats
words of the item that were taken back; nobody need have cited it.
"""
