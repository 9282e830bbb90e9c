"""Bulk changes, and what each is to do, one row for each merge, group or item."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.callers import editor
from services.evidence.tables import Row
from shared.callers import Caller
from shared.persistence.columns import TIMESTAMP, varchar
from shared.persistence.tables import PERSONAL

BulkChangeKind = Literal["duplicates", "items"]
BulkChangeStatus = Literal["previewed", "queued", "done"]
StepStatus = Literal["planned", "done", "left"]


class BulkChange(Row, table=True):
    """One decision about many: what was chosen and what is to become of it, and who confirmed it."""

    __tablename__ = "bulk_changes"

    __table_args__ = (
        CheckConstraint("kind IN ('duplicates', 'items')", name="kind"),
        CheckConstraint("status IN ('previewed', 'queued', 'done')", name="status"),
        CheckConstraint("(status = 'previewed') = (editor_id IS NULL)", name="editor_id"),
        CheckConstraint("(status = 'done') = (finished_at IS NOT NULL)", name="finished_at"),
        Index("ix_bulk_changes_unfinished", "id", postgresql_where=text("status = 'queued'")),
    )

    kind: BulkChangeKind = Field(sa_type=varchar(10))
    status: BulkChangeStatus = Field(default="previewed", sa_type=varchar(10))
    request: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs={"info": PERSONAL})
    """What was sent for the preview (`views.NewBulkChange`). A setting is free text."""
    beyond_limit: int = 0
    """How many more the selection has than one bulk change holds."""
    editor_id: UUID | None = None
    """Who confirmed it. The worker acts in their name."""
    attempts: int = 0
    """How often the next step has failed without a refusal."""
    try_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """The next step is not made before this time. Set after a failure."""
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)

    @property
    def editor(self) -> Caller:
        """Who confirmed it, with the role that they had to have for it."""
        assert self.editor_id is not None  # noqa: S101  the database refuses a queued one without
        return editor(self.editor_id)


bulk_change_steps = Table(
    "bulk_change_steps",
    Row.metadata,
    Column("bulk_change_id", Uuid, ForeignKey("bulk_changes.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("status", String(10), nullable=False),
    Column("group_id", Uuid),
    Column("into_id", Uuid),
    Column("items", ARRAY(Uuid), nullable=False),
    Column("versions", ARRAY(Integer), nullable=False),
    Column("reason", Text),
    Column("merge_id", Uuid),
    CheckConstraint("status IN ('planned', 'done', 'left')", name="status"),
    CheckConstraint("cardinality(items) = cardinality(versions)", name="versions"),
    CheckConstraint("(status = 'left') = (reason IS NOT NULL)", name="reason"),
    Index("ix_bulk_change_steps_status", "bulk_change_id", "status", "number"),
)
"""`items`: one item to change, or the items of a group of duplicates; `versions`: of each, as the preview read it.

`into_id`: the item that is to stand for the others; without it, they are to be called different."""
