"""Conflicts between records of imports and the items that they matched."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, varchar
from shared.persistence.tables import PERSONAL

ConflictStatus = Literal["open", "accepted", "kept"]


class ImportConflict(Row, table=True):
    """What a record states in one field of an item that states something else, or must not be filled by a file.

    The same value of the same field is put before an editor once, however often it is imported.
    """

    __tablename__ = "import_conflicts"

    __audited__: ClassVar[bool] = True
    __table_args__ = (
        CheckConstraint("status IN ('open', 'accepted', 'kept')", name="status"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_at"),
        UniqueConstraint("item_id", "field", "digest"),
        Index("ix_import_conflicts_open", "id", postgresql_where=text("status = 'open'")),
        Index("ix_import_conflicts_job_id_number", "job_id", "number"),
    )

    job_id: UUID
    """The import or harvest of the first record that states it, among those that were not withdrawn."""
    number: int
    """Of that record."""
    item_id: UUID = Field(foreign_key="items.id")
    field: str = Field(sa_type=String(20))
    value: Any = Field(sa_type=JSONB, nullable=False, sa_column_kwargs={"info": PERSONAL})
    digest: str = Field(sa_type=String(32))
    """Of the value."""
    status: ConflictStatus = Field(default="open", sa_type=varchar(10))
    decided_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


import_conflict_repeats = Table(
    "import_conflict_repeats",
    Row.metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("conflict_id", Uuid, ForeignKey("import_conflicts.id"), primary_key=True, index=True),
)
"""Records of other imports and harvests that state what an open conflict is about: it stays while one of them does."""
