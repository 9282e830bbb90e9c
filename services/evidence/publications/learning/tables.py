"""Rows of learning pieces, their sources, completions and certificates."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.publications.cited_items.tables import flag_columns
from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, varchar
from shared.persistence.tables import PERSONAL

LearningPieceStatus = Literal["draft", "published", "withdrawn"]
_EMPTY_LIST = text("'[]'")


class LearningPiece(Row, table=True):
    """Ten minutes on one point."""

    __tablename__ = "learning_pieces"

    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name="published_at"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("minutes >= 1 AND (status <> 'published' OR minutes <= 10)", name="minutes"),
        Index(
            "ix_learning_pieces_published_at_id", "published_at", "id", postgresql_where=text("status = 'published'")
        ),
        Index("ix_learning_pieces_drafts", "id", postgresql_where=text("status = 'draft'")),
    )

    status: LearningPieceStatus = Field(default="draft", sa_type=varchar(10))
    edition: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    title: str = Field(sa_type=Text)
    point: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    language: str = Field(default="en", sa_type=varchar(12))
    minutes: int
    """What it takes to read, watch and listen, as `content.minutes_to_read` counts it."""
    media: list[dict[str, Any]] = Field(
        default_factory=list[dict[str, Any]], sa_column=Column(JSONB, nullable=False, server_default=_EMPTY_LIST)
    )
    questions: list[dict[str, Any]] = Field(sa_type=JSONB)
    owner_id: UUID = Field(index=True)
    published_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    withdrawn_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


learning_sources = Table(
    "learning_sources",
    Row.metadata,
    Column("piece_id", Uuid, ForeignKey("learning_pieces.id"), primary_key=True),
    Column("kind", String(5), primary_key=True),
    Column("source_id", Uuid, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    *flag_columns(),
    CheckConstraint("kind IN ('item', 'guide')", name="kind"),
    Index("ix_learning_sources_kind_source_id", "kind", "source_id"),
    Index(
        "ix_learning_sources_flagged",
        "flagged_at",
        "piece_id",
        "kind",
        "source_id",
        postgresql_where=text("flagged_reason IS NOT NULL"),
    ),
)
"""The items and guides that a piece is based on, each with the edition that its author read, and its flag."""


class LearningCompletion(Row, table=True):
    """The record that somebody finished an edition of a piece, with the title that it had then."""

    __tablename__ = "learning_completions"

    __table_args__ = (
        UniqueConstraint("person_id", "piece_id", "edition"),
        CheckConstraint("minutes BETWEEN 1 AND 10", name="minutes"),
        Index("ix_learning_completions_person_id_id", "person_id", "id"),
        Index("ix_learning_completions_piece_id", "piece_id"),
    )

    piece_id: UUID = Field(foreign_key="learning_pieces.id")
    person_id: UUID = Field(sa_column_kwargs={"info": PERSONAL})
    edition: int
    title: str = Field(sa_type=Text)
    minutes: int
    completed_at: datetime = Field(sa_type=TIMESTAMP)


certificates = Table(
    "learning_certificates",
    Row.metadata,
    Column("code", String(24), primary_key=True),
    Column("completion_id", Uuid, ForeignKey("learning_completions.id", ondelete="CASCADE"), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Index("uq_learning_certificates_valid", "completion_id", unique=True, postgresql_where=text("revoked_at IS NULL")),
)
"""Codes by which anyone may check a completion that its holder shows. A revoked code is never reused."""
