"""Sources that are harvested, their runs, what came from where, and the records that could not be taken."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, array_of, varchar
from shared.persistence.tables import PERSONAL

_words: dict[str, Any] = {"info": PERSONAL}


class Harvest(Row, table=True):
    """A source, and when it is asked next."""

    __tablename__ = "harvests"

    __table_args__ = (
        CheckConstraint("harvester_kind IN ('person', 'client')", name="harvester_kind"),
        CheckConstraint("every_hours > 0", name="every_hours"),
        Index("ix_harvests_due", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    base_url: str = Field(sa_type=String(2_000))
    metadata_prefix: str = Field(default="oai_dc", sa_type=String(20))
    set_spec: str | None = Field(default=None, sa_type=String(500))
    topics: list[UUID] = Field(sa_type=array_of(Uuid))
    publish: bool = False
    every_hours: int | None = None
    harvester_id: UUID
    harvester_kind: Literal["person", "client"] = Field(sa_type=varchar(10))
    next_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """When the next run begins: null while one is under way, and where none is planned."""
    removed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    since: str | None = Field(default=None, sa_type=String(20))
    """What the next run asks `from`: as the provider writes its times."""
    run_id: UUID | None = None
    """The run under way, or else the last one."""


class HarvestRun(Row, table=True):
    """One harvest from its first page to its last. The counts always add up, and the database says so."""

    __tablename__ = "harvest_runs"

    __audited__: ClassVar[bool] = False
    __table_args__ = (
        CheckConstraint("status IN ('running', 'done', 'failed')", name="status"),
        CheckConstraint(
            "received = created + matched + changed + deleted + quarantined",
            name="counts_add_up",
        ),
        Index("ix_harvest_runs_harvest_id_id", "harvest_id", "id"),
        Index("ix_harvest_runs_running", "try_at", postgresql_where=text("status = 'running'")),
    )

    harvest_id: UUID = Field(foreign_key="harvests.id")
    status: str = Field(default="running", sa_type=String(10))
    asked_from: str | None = Field(default=None, sa_type=String(20))
    token: str | None = Field(default=None, sa_type=Text)
    """Where the provider said that the list goes on."""
    first_answer: str | None = Field(default=None, sa_type=String(20))
    """The provider's own time of its first page: the next run asks from there."""
    list_size: int | None = None
    """How many records the provider said that there are."""
    pages: int = 0
    received: int = 0
    created: int = 0
    matched: int = 0
    changed: int = 0
    deleted: int = 0
    quarantined: int = 0
    attempts: int = 0
    """How often the present page failed."""
    try_at: datetime = Field(sa_type=TIMESTAMP)
    """Not before: after a failure, where the source asked for a pause, and while a worker has it in hand."""
    problem: str | None = Field(default=None, sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class QuarantinedRecord(Row, table=True):
    """A record that could not be taken, as it came. A later one of the same identifier takes its place."""

    __tablename__ = "quarantined_records"

    __audited__: ClassVar[bool] = False
    __table_args__ = (UniqueConstraint("harvest_id", "identifier"),)

    harvest_id: UUID = Field(foreign_key="harvests.id")
    run_id: UUID
    identifier: str = Field(sa_type=String(2_000))
    reason: str = Field(sa_type=Text)
    raw: str = Field(sa_type=Text, sa_column_kwargs=_words)


harvest_records = Table(
    "harvest_records",
    Row.metadata,
    Column("harvest_id", Uuid, ForeignKey("harvests.id"), primary_key=True),
    Column("identifier", String(2_000), primary_key=True),
    Column("item_id", Uuid, ForeignKey("items.id"), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("made", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
)
"""What the source calls each item, and whether this harvest made it. `digest` is of the words that it brought: where an
item says something else today, people of this library have worked on it."""
