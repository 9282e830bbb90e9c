"""Evidence requests: what is asked, question by question, and what each answer cites."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
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
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP
from shared.persistence.tables import PERSONAL

_personal: dict[str, Any] = {"info": PERSONAL}
_WAITING = text("state IN ('open', 'in_hand')")


class EvidenceRequest(Row, table=True):
    """One request through all its questions. What the asker wrote is for them and the staff alone."""

    __tablename__ = "evidence_requests"

    __table_args__ = (
        CheckConstraint("state IN ('open', 'in_hand', 'answered', 'closed', 'taken_back')", name="state"),
        CheckConstraint("urgency IN ('today', 'this_week', 'this_month', 'no_hurry')", name="urgency"),
        CheckConstraint("hurry BETWEEN 0 AND 3", name="hurry"),
        CheckConstraint("(state = 'in_hand') = (in_hand_of IS NOT NULL)", name="in_hand_of"),
        CheckConstraint("used IN ('yes', 'no', 'not_yet')", name="used"),
        CheckConstraint("shown_at IS NULL OR state IN ('open', 'in_hand', 'answered', 'closed')", name="shown"),
        CheckConstraint("(shown_at IS NULL) = (shown_question IS NULL)", name="shown_question"),
        CheckConstraint("(shown_at IS NULL) = (shown_answer IS NULL)", name="shown_answer"),
        CheckConstraint("(shown_at IS NULL) = (shown_turn IS NULL)", name="shown_turn"),
        Index("ix_evidence_requests_queue", "hurry", "due_at", "id", postgresql_where=_WAITING),
        Index("ix_evidence_requests_asker_id_id", "asker_id", "id"),
        Index("ix_evidence_requests_shown_at_id", "shown_at", "id", postgresql_where=text("shown_at IS NOT NULL")),
        Index("ix_evidence_requests_asked_at", "asked_at"),
    )

    asker_id: UUID = Field(sa_column_kwargs=_personal)
    """Who asked. No answer of the API tells it."""
    state: str = Field(default="open", sa_type=String(12))
    urgency: str = Field(sa_type=String(12))
    hurry: int
    """The urgency as its place in the queue: 0 is today."""
    setting: str | None = Field(default=None, sa_type=String(120), sa_column_kwargs=_personal)
    country: str | None = Field(default=None, sa_type=String(6))
    asked_at: datetime = Field(sa_type=TIMESTAMP)
    """When the first question came; `due_at` counts from the latest one."""
    due_at: datetime = Field(sa_type=TIMESTAMP)
    in_hand_of: UUID | None = Field(default=None, sa_column_kwargs=_personal)
    """Who of the staff is looking for the answer."""
    first_answered_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    used: str | None = Field(default=None, sa_type=String(8))
    what_happened: str = Field(default="", sa_type=Text, sa_column_kwargs=_personal)
    closed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    shown_question: str | None = Field(default=None, sa_type=Text)
    """The question in the words of staff, as the public reads it."""
    shown_answer: str | None = Field(default=None, sa_type=Text)
    shown_turn: UUID | None = None
    """The turn whose citations the public sees."""
    shown_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class RequestTurn(Row, table=True):
    """One question of a request and its answer: another when the asker asks further."""

    __tablename__ = "request_turns"

    __table_args__ = (
        UniqueConstraint("request_id", "number"),
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answer"),
    )

    request_id: UUID = Field(foreign_key="evidence_requests.id")
    number: int
    """From 1."""
    question: str = Field(sa_type=Text, sa_column_kwargs=_personal)
    asked_at: datetime = Field(sa_type=TIMESTAMP)
    answer: str | None = Field(default=None, sa_type=Text, sa_column_kwargs=_personal)
    answered_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


request_topics = Table(
    "request_topics",
    Row.metadata,
    Column("request_id", Uuid, ForeignKey("evidence_requests.id"), primary_key=True),
    Column("topic_id", Uuid, ForeignKey("topics.id"), primary_key=True),
    Index("ix_request_topics_topic_id_request_id", "topic_id", "request_id"),
)

citations = Table(
    "request_citations",
    Row.metadata,
    Column("turn_id", Uuid, ForeignKey("request_turns.id"), primary_key=True),
    Column("kind", String(5), primary_key=True),
    Column("thing_id", Uuid, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    CheckConstraint("kind IN ('item', 'guide')", name="kind"),
    Index("ix_request_citations_kind_thing_id", "kind", "thing_id"),
)
"""What an answer rests on, in the edition that staff read. Whether it still stands is asked when the answer is read."""
