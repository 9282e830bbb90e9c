"""Topics, what the sector said of them, and which items are filed under them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP


class Topic(Row, table=True):
    __tablename__ = "topics"
    __table_args__ = (
        UniqueConstraint("parent_id", "name", postgresql_nulls_not_distinct=True),
        CheckConstraint("priority BETWEEN 0 AND 100", name="priority"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )

    name: str = Field(sa_type=String(120))
    parent_id: UUID | None = Field(default=None, foreign_key="topics.id", index=True)
    priority: int | None = None
    """0 to 100, of every voice in `priority_voices` and `topic_hearings`; none until someone was asked."""
    synonyms: list[str] = Field(
        default_factory=list[str],
        sa_column=Column(ARRAY(String(120)), nullable=False, server_default=text("'{}'")),
    )
    """Other words for it, as an editor wrote them. `topic_synonyms` has each once in the whole library."""


synonyms = Table(
    "topic_synonyms",
    Row.metadata,
    Column("word", String(120), primary_key=True),
    Column("topic_id", Uuid, ForeignKey("topics.id"), nullable=False, index=True),
)
"""A word in lower case leads to one topic: the database refuses it to a second."""


class PriorityVoice(Row, table=True):
    """What one survey said of one topic."""

    __tablename__ = "priority_voices"

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
    heard_at: datetime = Field(sa_type=TIMESTAMP)


hearings = Table(
    "topic_hearings",
    Row.metadata,
    Column("kind", String(10), primary_key=True),
    Column("source_id", Uuid, primary_key=True),
    Column("topic_id", Uuid, primary_key=True),
    Column("people", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind IN ('assembly', 'request')", name="kind"),
    CheckConstraint("people >= 0", name="people"),
    Index("ix_topic_hearings_kind_at", "kind", "at", postgresql_include=["topic_id", "people"]),
    Index("ix_topic_hearings_topic_id", "topic_id"),
)
"""A topic was raised: at an assembly by those who took part, in a request by whoever asked. Never who it was.

Topics are not held by a foreign key: what is said of one may arrive before it.
"""

attendances = Table(
    "topic_attendances",
    Row.metadata,
    Column("registration_id", Uuid, primary_key=True),
    Column("assembly_id", Uuid, nullable=False, index=True),
    Column("attended", Boolean, nullable=False),
)

unweighed = Table(
    "topic_unweighed",
    Row.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("topics", ARRAY(Uuid), nullable=False),
    CheckConstraint("kind IN ('assembly', 'request')", name="kind"),
)
"""Voices that no priority knows of yet: an assembly, or a request with the topics that it raises or raised.

Only added to by whoever notes one, so that nobody waits for another; whoever weighs them takes them away.
"""

_SHOWN = text("published_at IS NOT NULL")

filings = Table(
    "filings",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("topic_id", Uuid, ForeignKey("topics.id"), primary_key=True),
    Column("way_of_knowing", String(20), nullable=False),
    Column("published_at", DateTime(timezone=True)),
    # The pages of a topic's list, and its coverage, without a look at the items.
    Index(
        "ix_filings_topic_id_published_at_item_id",
        "topic_id",
        "published_at",
        "item_id",
        postgresql_include=["way_of_knowing"],
        postgresql_where=_SHOWN,
    ),
    # Whether a topic has anything in a way of knowing.
    Index("ix_filings_topic_id_way_of_knowing", "topic_id", "way_of_knowing", postgresql_where=_SHOWN),
)
"""An item under a topic. `published_at` is the item's, and null while the public may not see it."""

filing_changes = Table(
    "filing_changes",
    Row.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("sweep", Boolean, nullable=False, server_default=text("false")),
)
"""That something was filed otherwise, or the tree changed: triggers add a row, a sweep puts one in place of many."""
