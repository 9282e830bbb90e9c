"""Appraisals of items, and what each of the two appraisers judged."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, varchar
from shared.persistence.tables import PERSONAL

AppraisalStatus = Literal["open", "differing", "proposed", "resolved"]
Answer = Literal["yes", "no", "cannot_tell", "not_applicable"]


def _by_criterion(**info: object) -> dict[str, Any]:
    return Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"), info=info))


class Appraisal(Row, table=True):
    """One edition of an item, judged by one instrument."""

    __tablename__ = "appraisals"

    __table_args__ = (
        UniqueConstraint("item_id", "instrument", "edition"),
        CheckConstraint("status IN ('open', 'differing', 'proposed', 'resolved')", name="status"),
        CheckConstraint("(status = 'resolved') = (resolved_at IS NOT NULL)", name="resolved_at"),
        CheckConstraint("status <> 'proposed' OR proposed_by IS NOT NULL", name="proposed_by"),
        Index("ix_appraisals_waiting", "id", postgresql_where=text("status <> 'resolved'")),
    )

    item_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("items.id"), nullable=False))
    instrument: str = Field(sa_type=String(40))
    edition: int
    status: AppraisalStatus = Field(default="open", sa_type=varchar(10))
    """`differing`: both have judged, and their answers differ. `proposed`: one of them proposed how to settle it."""
    proposed_answers: dict[str, Answer] = _by_criterion()
    """What one of the two appraisers proposed last, by criterion: no answer of the appraisal before it is accepted."""
    proposed_reasons: dict[str, str] = _by_criterion(**PERSONAL)
    proposed_by: UUID | None = None
    declined_by: UUID | None = None
    """Who declined that proposal, if anybody did."""
    declined_because: str | None = Field(default=None, sa_type=Text, sa_column_kwargs={"info": PERSONAL})
    settled_answers: dict[str, Answer] = _by_criterion()
    """The answers where the two differed, as both settled on them or a third person decided, by criterion."""
    reasons: dict[str, str] = _by_criterion(**PERSONAL)
    """Why, by criterion: for staff, and for the person whose account or practice it judges."""
    settled_by: UUID | None = None
    """Who accepted the proposal of the other, or the third person who decided."""
    resolved_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class Judgement(Row, table=True):
    """What one of the two appraisers answered. Nobody else sees it before both have judged."""

    __tablename__ = "judgements"

    __table_args__ = (
        UniqueConstraint("appraisal_id", "position"),
        UniqueConstraint("appraisal_id", "appraiser_id"),
        CheckConstraint("position IN (1, 2)", name="position"),
    )

    appraisal_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("appraisals.id"), nullable=False))
    position: int
    """Who judged first; it means nothing else."""
    appraiser_id: UUID
    """Shown to staff alone."""
    answers: dict[str, Answer] = _by_criterion()
    comments: dict[str, str] = _by_criterion(**PERSONAL)
