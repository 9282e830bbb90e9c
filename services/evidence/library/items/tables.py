"""Items, the identifiers by which the world knows them, their editions, and what is proposed for their words."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import NULLABLE_JSON, TIMESTAMP, array_of, varchar
from shared.persistence.tables import PERSONAL

ItemStatus = Literal["draft", "published", "withdrawn", "merged"]
Side = Literal["contributor", "editor"]
ProposalStatus = Literal["waiting", "accepted", "declined", "withdrawn", "replaced"]
_words: dict[str, Any] = {"info": PERSONAL}


class Item(Row, table=True):
    """One piece of evidence. What every way of knowing has stands in columns, what is its own in `details`."""

    __tablename__ = "items"

    __table_args__ = (
        CheckConstraint("way_of_knowing IN ('research', 'lived_experience', 'practice_knowledge')", name="way"),
        CheckConstraint("status IN ('draft', 'published', 'withdrawn', 'merged')", name="status"),
        CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged_into"),
        CheckConstraint("edition >= 1", name="edition"),
        CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name="published_at"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("withdrawn_by IN ('contributor', 'editor')", name="withdrawn_by"),
        CheckConstraint("withdrawal_reason IS NULL OR status = 'withdrawn'", name="withdrawal_reason"),
        CheckConstraint("status = 'withdrawn' OR title <> ''", name="title"),
        CheckConstraint(
            "status <> 'published' OR way_of_knowing <> 'lived_experience' OR consent_to_publish", name="consent"
        ),
        CheckConstraint(
            "(way_of_knowing = 'lived_experience') = (consent_to_publish IS NOT NULL)", name="consent_asked"
        ),
        Index("ix_items_published_at_id", "published_at", "id", postgresql_where=text("status = 'published'")),
        Index(
            "ix_items_way_of_knowing_published_at_id",
            "way_of_knowing",
            "published_at",
            "id",
            postgresql_where=text("status = 'published'"),
        ),
        Index(
            "ix_items_country_published_at_id",
            "country",
            "published_at",
            "id",
            postgresql_where=text("status = 'published' AND country IS NOT NULL"),
        ),
        Index(
            "ix_items_state_published_at_id",
            text("substr(country, 1, 2)"),
            "published_at",
            "id",
            postgresql_where=text("status = 'published' AND country IS NOT NULL"),
        ),
        Index(
            "ix_items_setting_published_at_id",
            text("lower(setting)"),
            "published_at",
            "id",
            postgresql_where=text("status = 'published' AND setting IS NOT NULL"),
        ),
        Index("ix_items_drafts", "id", postgresql_where=text("status = 'draft'")),
        Index("ix_items_held_back", "id", postgresql_where=text("held_back_at IS NOT NULL")),
        Index("ix_items_contributor_id_id", "contributor_id", "id"),
        Index(
            "uq_items_unidentified",
            "fingerprint",
            unique=True,
            postgresql_where=text("NOT identified AND status <> 'merged'"),
        ),
    )

    way_of_knowing: str = Field(sa_type=String(20))
    status: ItemStatus = Field(default="draft", sa_type=varchar(20))
    title: str = Field(sa_type=Text, sa_column_kwargs=_words)
    summary: str = Field(default="", sa_type=Text, sa_column_kwargs=_words)
    country: str | None = Field(default=None, sa_type=String(6))
    setting: str | None = Field(default=None, sa_type=String(120), sa_column_kwargs=_words)
    language: str = Field(default="en", sa_type=String(12))
    details: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=_words)
    consent_to_publish: bool | None = None
    contributor_id: UUID | None = Field(default=None, sa_column_kwargs=_words)
    """Who gave it. Only that person and staff may know; no answer of the API tells it."""
    fingerprint: str | None = Field(default=None, sa_type=String(32), index=True)
    """What makes two references the same work (`identifiers.fingerprint`); research alone has one."""
    identified: bool = False
    """Whether it has an identifier of its own in `identifiers`."""
    published_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    withdrawn_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    edition: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    """Which edition of its description stands here: one more with each change after it was published."""
    merged_into: UUID | None = Field(default=None, foreign_key="items.id", index=True)
    """The item that stands for this one too."""
    withdrawn_by: Side | None = Field(default=None, sa_type=varchar(12))
    """Whose side took it back, where somebody did this with the item itself."""
    withdrawal_reason: str | None = Field(default=None, sa_type=Text, sa_column_kwargs=_words)
    """Why, for whoever gave it and for editors."""
    withdrawn_with: UUID | None = None
    """The import with which it was withdrawn: nobody here gave it or took it back, so it may come in anew."""
    returned_as: UUID | None = None
    """The item as which it came in anew after that."""
    retraction: dict[str, Any] | None = Field(default=None, sa_type=NULLABLE_JSON)
    """What became of the work itself, as `views.Retraction` says it."""
    held_back_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """Since when it is a draft, published before or not, that repeats what somebody took back (`quotations`)."""


identifiers = Table(
    "identifiers",
    Row.metadata,
    Column("scheme", String(20), primary_key=True),
    Column("value", String(500), primary_key=True),
    Column("item_id", Uuid, ForeignKey("items.id"), nullable=False, index=True),
)
"""Of works, not of journals or books that hold them: the same one twice is the same item."""


item_editions = Table(
    "item_editions",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("superseded_at", DateTime(timezone=True), nullable=False),
    Column("title", Text, nullable=False, info=PERSONAL),
    Column("summary", Text, nullable=False, info=PERSONAL),
    Column("country", String(6)),
    Column("setting", String(120), info=PERSONAL),
    Column("language", String(12), nullable=False),
    Column("details", JSONB, nullable=False, info=PERSONAL),
    Column("withheld", Boolean, nullable=False, server_default=text("false")),
)
"""Earlier editions alone. None says how a person is named: that is as they wish today, in every edition.

`withheld`: it repeats what somebody else took back, and nobody reads it any more.
"""


edition_changes = Table(
    "edition_changes",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("changed_by", String(12), nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    CheckConstraint("changed_by IN ('contributor', 'editor')", name="changed_by"),
)
"""From which side each edition after the first came, and which fields it changed. `agreed`: the other side said yes."""

word_fingerprints = Table(
    "word_fingerprints",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("whole", LargeBinary, primary_key=True),
    Column("shingles", ARRAY(BigInteger), nullable=False),
    Column("shown_at", DateTime(timezone=True), nullable=False),
    Index("ix_word_fingerprints_whole", "whole"),
    Index("ix_word_fingerprints_shingles", "shingles", postgresql_using="gin"),
)
"""Keyed hashes of each text that a person published here (`words.rules`). They stay when its words are erased.

`shown_at`: since when the text was shown. What the library said before repeats nothing of it.
Those of texts that stand in an erased edition alone are named in its `details` (`words.queries.mark_taken_back`).
"""

quotation_scans = Table(
    "quotation_scans",
    Row.metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("edition", Integer),
    Column("requested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("requested_in", BigInteger, nullable=False, server_default=text("pg_current_xact_id()::text::bigint")),
    Column("stage", Integer, nullable=False, server_default=text("0")),
    Column("after_id", Uuid),
)
"""Items whose words were taken back (`edition`: those of this edition alone), until all that repeats them is held back.

`requested_in`: the transaction that asked for it. `stage` and `after_id` say how far the library was read.
"""


class Proposal(Row, table=True):
    """Other words for an item, which wait for the other side: an editor's for the contributor, theirs for an editor."""

    __tablename__ = "proposals"

    __table_args__ = (
        CheckConstraint("proposed_by IN ('contributor', 'editor')", name="proposed_by"),
        CheckConstraint("status IN ('waiting', 'accepted', 'declined', 'withdrawn', 'replaced')", name="status"),
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided_at"),
        Index("ix_proposals_item_id_id", "item_id", "id"),
        Index(
            "uq_proposals_waiting", "item_id", "proposed_by", unique=True, postgresql_where=text("status = 'waiting'")
        ),
    )

    item_id: UUID = Field(foreign_key="items.id")
    proposed_by: Side = Field(sa_type=varchar(12))
    proposer_id: UUID = Field(sa_column_kwargs=_words)
    status: ProposalStatus = Field(default="waiting", sa_type=varchar(10))
    fields: list[str] = Field(sa_type=array_of(Text))
    """The names of the fields that it would change."""
    before: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=_words)
    """Their values when it was made."""
    after: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=_words)
    """Their values as proposed. Both are empty once it was accepted, since editions hold them, or once erased."""
    reason: str | None = Field(default=None, sa_type=Text, sa_column_kwargs=_words)
    """Why it was declined."""
    edition: int | None = None
    """The edition that it became."""
    decided_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
