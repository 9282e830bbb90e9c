"""Rows of evidence requests: each request, its questions with their answers, its topics, citations and decisions."""

from datetime import datetime
from typing import Any, Literal
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
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.publications.cited_items.tables import flag_columns
from services.evidence.tables import Row
from shared.events.contracts.evidence import Urgency
from shared.persistence.columns import TIMESTAMP, varchar
from shared.persistence.tables import PERSONAL

_personal: dict[str, Any] = {"info": PERSONAL}
_WAITING_OR_DOUBTED = text("status IN ('open', 'assigned') OR doubted_at IS NOT NULL")
PUBLIC_WORDS = """
to_tsvector('english'::regconfig, (public_question || ' '::text) ||
CASE
    WHEN doubted_at IS NULL THEN public_answer
    ELSE ''::text
END)
""".strip()
"""The words by which everyone finds a published request; not those of an answer in doubt, which may be held back.

Written as PostgreSQL writes it, so that the index can be compared with this.
"""


RequestStatus = Literal["open", "assigned", "answered", "closed", "withdrawn"]
Used = Literal["yes", "no", "not_yet"]
DoubtDecision = Literal["keep", "revise"]


class EvidenceRequest(Row, table=True):
    """A request with all its questions. What the asker wrote is only for them and the staff."""

    __tablename__ = "evidence_requests"

    __table_args__ = (
        CheckConstraint("status IN ('open', 'assigned', 'answered', 'closed', 'withdrawn')", name="status"),
        CheckConstraint("urgency IN ('today', 'this_week', 'this_month', 'no_hurry')", name="urgency"),
        CheckConstraint("urgency_rank BETWEEN 0 AND 3", name="urgency_rank"),
        CheckConstraint("(status = 'assigned') = (assignee_id IS NOT NULL)", name="assignee_id"),
        CheckConstraint("doubted_at IS NULL OR status <> 'withdrawn'", name="doubted_at"),
        CheckConstraint("used IN ('yes', 'no', 'not_yet')", name="used"),
        CheckConstraint(
            "published_at IS NULL OR status IN ('open', 'assigned', 'answered', 'closed')", name="published_at"
        ),
        CheckConstraint("(published_at IS NULL) = (public_question IS NULL)", name="public_question"),
        CheckConstraint("(published_at IS NULL) = (public_answer IS NULL)", name="public_answer"),
        CheckConstraint("(published_at IS NULL) = (public_turn_id IS NULL)", name="public_turn_id"),
        Index("ix_evidence_requests_queue", "urgency_rank", "due_at", "id", postgresql_where=_WAITING_OR_DOUBTED),
        Index("ix_evidence_requests_status_id", "status", "id"),
        Index("ix_evidence_requests_asker_id_id", "asker_id", "id"),
        Index(
            "ix_evidence_requests_published_at_id",
            "published_at",
            "id",
            postgresql_where=text("published_at IS NOT NULL"),
        ),
        Index("ix_evidence_requests_asked_at", "asked_at"),
        Index(
            "ix_evidence_requests_public_words",
            text(PUBLIC_WORDS),
            postgresql_using="gin",
            postgresql_where=text("published_at IS NOT NULL"),
        ),
    )

    asker_id: UUID = Field(sa_column_kwargs=_personal)
    """Who asked. The API never returns it."""
    status: RequestStatus = Field(default="open", sa_type=varchar(12))
    urgency: Urgency = Field(sa_type=varchar(12))
    urgency_rank: int
    """The urgency as a number, for the order of the queue: 0 is today."""
    setting: str | None = Field(default=None, sa_type=varchar(120), sa_column_kwargs=_personal)
    country: str | None = Field(default=None, sa_type=varchar(6))
    asked_at: datetime = Field(sa_type=TIMESTAMP)
    """When the first question was asked; `due_at` counts from the latest one."""
    due_at: datetime = Field(sa_type=TIMESTAMP)
    assignee_id: UUID | None = Field(default=None, sa_column_kwargs=_personal)
    """The editor who is looking for the answer."""
    assigned_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """Since when; what is older than `rules.HOLD_HOURS` is no longer theirs alone."""
    doubted_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """Since when an answer stands on something in doubt, and nobody has decided."""
    first_answered_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    used: Used | None = Field(default=None, sa_type=varchar(8))
    what_happened: str = Field(default="", sa_type=Text, sa_column_kwargs=_personal)
    closed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    public_question: str | None = Field(default=None, sa_type=Text)
    """The question in the words of staff, as the public reads it."""
    public_answer: str | None = Field(default=None, sa_type=Text)
    public_turn_id: UUID | None = None
    """The turn whose citations the public sees."""
    published_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class RequestTurn(Row, table=True):
    """One question of a request and its answer. A request has another turn when it is reopened."""

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
    Column("source_id", Uuid, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    *flag_columns(),
    CheckConstraint("kind IN ('item', 'guide')", name="kind"),
    Index("ix_request_citations_kind_source_id", "kind", "source_id"),
)
"""What an answer cites, in the edition that staff read, and its flag: doubts that nobody has decided about.

Whether it is still valid is looked up when it is shown; flags are for the queue.
"""


class AnswerDecision(Row, table=True):
    """What an editor decided about an answer that stood on something in doubt."""

    __tablename__ = "answer_decisions"

    __table_args__ = (
        CheckConstraint("decision IN ('keep', 'revise')", name="decision"),
        Index("ix_answer_decisions_turn_id", "turn_id"),
    )

    turn_id: UUID = Field(foreign_key="request_turns.id")
    decision: DoubtDecision = Field(sa_type=varchar(6))
    because: str = Field(sa_type=Text, sa_column_kwargs=_personal)
    doubts: list[dict[str, Any]] = Field(sa_type=JSONB)
    """What was decided about: kind and id of each source, with its reason."""
    decided_by: UUID = Field(sa_column_kwargs=_personal)
    decided_at: datetime = Field(sa_type=TIMESTAMP)
