"""Appraisals of items, and what each of the two appraisers judged."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP
from shared.persistence.tables import PERSONAL


def _by_criterion(**info: Any) -> Any:
    return Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"), info=info))


class Appraisal(Row, table=True):
    """One edition of an item, judged by one instrument."""

    __tablename__ = "appraisals"

    __table_args__ = (
        UniqueConstraint("item_id", "instrument", "edition"),
        CheckConstraint("state IN ('open', 'differing', 'resolved')", name="state"),
        CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved_at"),
        Index("ix_appraisals_waiting", "id", postgresql_where=text("state <> 'resolved'")),
    )

    item_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("items.id"), nullable=False))
    instrument: str = Field(sa_type=String(40))
    edition: int
    state: str = Field(default="open", sa_type=String(10))
    """`differing`: both have judged, and not alike."""
    settled: dict[str, str] = _by_criterion()
    """The answers that the appraisers came to by talking, by criterion."""
    reasons: dict[str, str] = _by_criterion(**PERSONAL)
    settled_by: UUID | None = None
    resolved_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class Judgement(Row, table=True):
    """What one of the two appraisers answered. Nobody sees it before the other's is there too."""

    __tablename__ = "judgements"

    __table_args__ = (
        UniqueConstraint("appraisal_id", "place"),
        UniqueConstraint("appraisal_id", "appraiser_id"),
        CheckConstraint("place IN (1, 2)", name="place"),
    )

    appraisal_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("appraisals.id"), nullable=False))
    place: int
    """Who came first; it means nothing else."""
    appraiser_id: UUID
    """Staff alone are told."""
    answers: dict[str, str] = _by_criterion()
    comments: dict[str, str] = _by_criterion(**PERSONAL)
