"""Engagement's copy of the topics, and of the evidence requests on them."""

from uuid import UUID

from sqlalchemy import Index, Uuid, text
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.columns import array_of
from shared.persistence.tables import NEVER_UPDATED


class Topic(Row, table=True):
    """A topic's name and priority. A replica: `last_sequence` is that of the last event applied."""

    __tablename__ = "topics"

    __audited__ = False

    name: str = Field(max_length=200)
    priority: int | None = None
    last_sequence: int = NEVER_UPDATED
    open_questions: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many open rows of `evidence_requests` name it."""


class EvidenceRequest(Row, table=True):
    """The topics of a question from the front line, and whether it is open; never its text. A replica."""

    __tablename__ = "evidence_requests"

    __audited__ = False
    __table_args__ = (
        Index("ix_evidence_requests_topic_ids", "topic_ids", postgresql_using="gin", postgresql_where=text("open")),
    )

    topic_ids: list[UUID] = Field(default_factory=list[UUID], sa_type=array_of(Uuid))
    open: bool = False
    last_sequence: int = NEVER_UPDATED
