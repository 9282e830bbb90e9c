"""Sources that are harvested, their runs, which item came from where, and the records in quarantine."""

from datetime import datetime
from typing import ClassVar, Literal
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
from shared.callers import Caller
from shared.persistence.columns import TIMESTAMP, array_of, varchar
from shared.persistence.tables import PERSONAL


class Harvest(Row, table=True):
    """A source, and when it is harvested next."""

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
    """When the next run begins: null while there is one, and where none is planned."""
    removed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    since: str | None = Field(default=None, sa_type=String(20))
    """The datestamp from which the next run requests changes, as the source writes its datestamps."""
    run_id: UUID | None = None
    """The run that is not finished, or else the last one."""

    @property
    def harvester(self) -> Caller:
        """Who added the source. The worker acts in their name."""
        return Caller(self.harvester_id, self.harvester_kind)


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
    status: Literal["running", "done", "failed"] = Field(default="running", sa_type=varchar(10))
    since: str | None = Field(default=None, sa_type=String(20))
    """The datestamp from which it requests changes."""
    resumption_token: str | None = Field(default=None, sa_type=Text)
    """The source's token for the next page."""
    first_response_date: str | None = Field(default=None, sa_type=String(20))
    """When the source sent the first page, by its own clock: from there the next run requests changes."""
    complete_list_size: int | None = None
    """How many records the source says there are."""
    pages: int = 0
    received: int = 0
    created: int = 0
    matched: int = 0
    changed: int = 0
    deleted: int = 0
    quarantined: int = 0
    enriched: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many records added something that the library lacked."""
    conflicts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """In how many fields records differed from the items that they matched."""
    attempts: int = 0
    """How often the current page has failed."""
    try_at: datetime = Field(sa_type=TIMESTAMP)
    """The next page is not requested before this time: after a failure, when the source asked us to wait, and while a
    worker has leased it."""
    problem: str | None = Field(default=None, sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


class QuarantinedRecord(Row, table=True):
    """A record that could not be stored, as it came. A later one of the same identifier replaces it."""

    __tablename__ = "quarantined_records"

    __audited__: ClassVar[bool] = False
    __table_args__ = (UniqueConstraint("harvest_id", "identifier"),)

    harvest_id: UUID = Field(foreign_key="harvests.id")
    run_id: UUID
    identifier: str = Field(sa_type=String(2_000))
    reason: str = Field(sa_type=Text)
    raw: str = Field(sa_type=Text, sa_column_kwargs={"info": PERSONAL})


harvest_records = Table(
    "harvest_records",
    Row.metadata,
    Column("harvest_id", Uuid, ForeignKey("harvests.id"), primary_key=True),
    Column("identifier", String(2_000), primary_key=True),
    Column("item_id", Uuid, ForeignKey("items.id"), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("created", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
)
"""The item of each identifier of a source, and whether this harvest created it. `digest` is of the description that
came: if the item has another now, people of this library have worked on it."""
