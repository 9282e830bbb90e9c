"""Imports, the files that they still have to read, and the records that they had to refuse."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlmodel import Field

from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, array_of, varchar


class Import(Row, table=True):
    """`done` of `total` bytes are read; the counts always add up, and the database says so."""

    __tablename__ = "imports"

    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="status"),
        CheckConstraint("importer_kind IN ('person', 'client')", name="importer_kind"),
        CheckConstraint("read = created + matched + rejected", name="counts_add_up"),
        CheckConstraint("published BETWEEN 0 AND matched", name="published"),
        CheckConstraint("done BETWEEN 0 AND total", name="done"),
        Index("ix_imports_unfinished", "id", postgresql_where=text("status IN ('queued', 'running')")),
    )

    status: str = Field(default="queued", sa_type=String(10))
    format: str = Field(default="ris", sa_type=String(20))
    file_name: str = Field(default="", sa_type=String(200))
    importer_id: UUID
    importer_kind: Literal["person", "client"] = Field(sa_type=varchar(10))
    topics: list[UUID] = Field(sa_type=array_of(Uuid))
    publish: bool = False
    total: int = Field(default=0, sa_type=BigInteger)
    done: int = Field(default=0, sa_type=BigInteger)
    next_line: int = 1
    read: int = 0
    created: int = 0
    matched: int = 0
    rejected: int = 0
    published: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """Drafts among what was matched."""
    strays: int = 0
    """Lines with text that belonged to no record."""
    attempts: int = 0
    """How often the present part failed by itself."""
    try_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """Not before: set after a failure."""
    problem: str | None = Field(default=None, sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


import_chunks = Table(
    "import_chunks",
    Row.metadata,
    Column("import_id", Uuid, ForeignKey("imports.id"), primary_key=True),
    Column("begin", BigInteger, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""The file by the byte at which each part begins; removed when it has been read."""

import_rejects = Table(
    "import_rejects",
    Row.metadata,
    Column("import_id", Uuid, ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("title", Text),
)
"""Records that could not be taken, by their number in the file."""

import_originals = Table(
    "import_originals",
    Row.metadata,
    Column("import_id", Uuid, ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Those records as they came; under the number 0, what they need before them."""
