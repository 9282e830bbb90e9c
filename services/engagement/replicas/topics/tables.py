"""Engagement's copy of the topics, and of what the front line asks about them."""

from uuid import UUID

from sqlalchemy import Column, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.engagement.tables import Row


class Topic(Row, table=True):
    """A topic as the evidence service last told it; `heard` is the sequence of that event."""

    __tablename__ = "topics"

    __audited__ = False

    name: str = Field(max_length=200)
    priority: int | None = None
    heard: int
    open_questions: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many rows of `evidence_requests` that are open name it."""


class EvidenceRequest(Row, table=True):
    """A question from the front line: which topics it is about, and whether it waits for an answer. Never its words."""

    __tablename__ = "evidence_requests"

    __audited__ = False
    __table_args__ = (
        Index("ix_evidence_requests_topic_ids", "topic_ids", postgresql_using="gin", postgresql_where=text("open")),
    )

    topic_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    open: bool
    heard: int
