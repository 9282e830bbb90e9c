"""Learning pieces, what they are tied to, and who finished them."""

from datetime import datetime
from typing import Any
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

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP
from shared.persistence.tables import PERSONAL


class LearningPiece(Row, table=True):
    """Ten minutes on one point."""

    __tablename__ = "learning_pieces"

    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_at"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("minutes BETWEEN 1 AND 10", name="minutes"),
        Index("ix_learning_pieces_published_at_id", "published_at", "id", postgresql_where=text("state = 'published'")),
        Index("ix_learning_pieces_drafts", "id", postgresql_where=text("state = 'draft'")),
    )

    state: str = Field(default="draft", sa_type=String(10))
    edition: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    title: str = Field(sa_type=Text)
    point: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    language: str = Field(default="en", sa_type=String(12))
    minutes: int
    questions: list[dict[str, Any]] = Field(sa_type=JSONB)
    owner_id: UUID = Field(index=True)
    published_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    withdrawn_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


ties = Table(
    "learning_ties",
    Row.metadata,
    Column("piece_id", Uuid, ForeignKey("learning_pieces.id"), primary_key=True),
    Column("kind", String(5), primary_key=True),
    Column("thing_id", Uuid, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("flagged_reason", String(24)),
    Column("flagged_mark", Text),
    Column("flagged_at", DateTime(timezone=True)),
    Column("kept", JSONB, nullable=False, server_default=text("'[]'")),
    CheckConstraint("kind IN ('item', 'guide')", name="kind"),
    CheckConstraint("(flagged_reason IS NULL) = (flagged_at IS NULL)", name="flagged_at"),
    CheckConstraint("(flagged_reason IS NULL) = (flagged_mark IS NULL)", name="flagged_mark"),
    Index("ix_learning_ties_kind_thing_id", "kind", "thing_id"),
    Index(
        "ix_learning_ties_flagged",
        "flagged_at",
        "piece_id",
        "kind",
        "thing_id",
        postgresql_where=text("flagged_reason IS NOT NULL"),
    ),
)
"""The items and guides that a piece teaches from, with the edition that its writer read."""


class LearningCompletion(Row, table=True):
    """Somebody finished an edition of a piece. What it was called then stays, whatever becomes of the piece."""

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


proofs = Table(
    "learning_proofs",
    Row.metadata,
    Column("code", String(24), primary_key=True),
    Column("completion_id", Uuid, ForeignKey("learning_completions.id", ondelete="CASCADE"), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Index("uq_learning_proofs_standing", "completion_id", unique=True, postgresql_where=text("revoked_at IS NULL")),
)
"""Codes by which anyone may check a completion that its holder shows. A code that was taken back is never reused."""
