"""What the sector said about topics. Of whoever asked or attended it has the id, so that they count once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP
from shared.persistence.tables import PERSONAL


class SurveyScore(Row, table=True):
    """The score, 0 to 100, that one survey gave to one topic, in all and by stakeholder group."""

    __tablename__ = "survey_scores"

    __audited__ = False
    __table_args__ = (
        UniqueConstraint("topic_id", "survey_id"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("respondents >= 0", name="respondents"),
    )

    topic_id: UUID = Field(foreign_key="topics.id")
    survey_id: UUID
    score: int
    respondents: int
    by_group: list[dict[str, Any]] = Field(
        default_factory=list[dict[str, Any]],
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'")),
    )
    """`GroupScore` of each group; empty in results from before they said it."""
    scored_at: datetime = Field(sa_type=TIMESTAMP)


mentions = Table(
    "topic_mentions",
    Row.metadata,
    Column("kind", String(10), primary_key=True),
    Column("source_id", Uuid, primary_key=True),
    Column("topic_id", Uuid, primary_key=True),
    Column("people", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("asker_id", Uuid, info=PERSONAL),
    CheckConstraint("kind IN ('assembly', 'request')", name="kind"),
    CheckConstraint("people >= 0", name="people"),
    Index(
        "ix_topic_mentions_kind_at", "kind", "at", postgresql_include=["topic_id", "people", "asker_id", "source_id"]
    ),
    Index("ix_topic_mentions_topic_id", "topic_id"),
)
"""A topic was raised: at an assembly by those who took part, or in a request by whoever asked it.

No foreign key to the topic: the event about it may arrive later. `asker_id`: of a request, who then counts once however
often they ask; null of an assembly, and of a request that this database does not have, which counts by itself.
"""

attendances = Table(
    "topic_attendances",
    Row.metadata,
    Column("registration_id", Uuid, primary_key=True),
    Column("assembly_id", Uuid, nullable=False, index=True),
    Column("attended", Boolean, nullable=False),
    Column("person_id", Uuid, info=PERSONAL),
)
"""Who attended which assembly. `person_id`: who then counts once for a topic, however many of its assemblies they
attend; null in rows from before it was stored, each of which counts by itself.
"""

pending_mentions = Table(
    "pending_mentions",
    Row.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("topics", ARRAY(Uuid), nullable=False),
    CheckConstraint("kind IN ('assembly', 'request')", name="kind"),
)
"""Mentions that no priority includes yet: an assembly, or a request with the topics that it raises or raised.

Handlers only insert, so that none waits for another; the worker deletes the rows that it includes.
"""
