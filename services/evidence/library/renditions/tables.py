"""Renditions of items and guides."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.tables import PERSONAL

_words: dict[str, Any] = {"info": PERSONAL}


class Rendition(Row, table=True):
    """One form of one edition of an original. The original is a row of `items` or of `guides`."""

    __tablename__ = "renditions"

    __table_args__ = (
        CheckConstraint("original_kind IN ('evidence', 'guide')", name="original_kind"),
        CheckConstraint("kind IN ('easy_read', 'large_print', 'bsl', 'welsh', 'audio')", name="kind"),
        CheckConstraint("content IS NOT NULL OR url IS NOT NULL", name="something"),
        CheckConstraint("made_from_edition >= 1", name="made_from_edition"),
        UniqueConstraint("original_kind", "original_id", "kind", "language", name="uq_renditions_original"),
    )

    original_kind: str = Field(sa_type=String(10))
    original_id: UUID
    kind: str = Field(sa_type=String(20))
    language: str = Field(sa_type=String(12))
    title: str = Field(sa_type=Text, sa_column_kwargs=_words)
    content: str | None = Field(default=None, sa_type=Text, sa_column_kwargs=_words)
    url: str | None = Field(default=None, sa_type=Text, sa_column_kwargs=_words)
    made_on: date
    made_by: str = Field(sa_type=String(30))
    checked_with_readers: bool = False
    made_from_edition: int
    named: str | None = Field(default=None, sa_type=Text, sa_column_kwargs=_words)
    """Whom the original named when this was made or last looked at: their names, each on a line, may stand in it."""
