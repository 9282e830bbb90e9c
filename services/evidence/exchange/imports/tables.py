"""Imports, their files while they are read, and the records that were rejected."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, String, Table, Text, Uuid, text
from sqlmodel import Field

from services.evidence.exchange.file_jobs.tables import (
    FileJob,
    FileTables,
    chunks_table,
    file_job_constraints,
    rejects_table,
)
from services.evidence.tables import Row
from shared.persistence.columns import TIMESTAMP, array_of


class Import(FileJob, table=True):
    """A file of references and what became of its records. The counts always add up, and the database says so."""

    __tablename__ = "imports"

    __table_args__ = (
        *file_job_constraints("imports"),
        CheckConstraint("read = created + matched + rejected", name="counts_add_up"),
        CheckConstraint("published BETWEEN 0 AND matched", name="published"),
        CheckConstraint("enriched BETWEEN 0 AND matched", name="enriched"),
        CheckConstraint("sent_again BETWEEN 0 AND rejected", name="sent_again"),
    )

    format: str = Field(default="ris", sa_type=String(20))
    topics: list[UUID] = Field(sa_type=array_of(Uuid))
    publish: bool = False
    read: int = 0
    """Records read so far."""
    created: int = 0
    matched: int = 0
    published: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many of the matched were drafts that this import published."""
    surnames_first: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    given_names_first: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    names_without_comma: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """What the names that were read show of their order: `readers.fields.name_order.NameSigns`."""
    unclear_names: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """Names without a comma that stay as they are, since nothing shows where their surname is."""
    enriched: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many of the matched added something that the library lacked."""
    conflicts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """In how many fields records differed from the items that they matched."""
    sent_again: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many of the rejected were corrected and sent again, each as an import of its own."""
    withdrawn_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """When an editor asked to take it back."""
    unparsed_lines: int = 0
    """Lines with text that belonged to no record."""


import_chunks = chunks_table("import_chunks", "imports")
import_rejects = rejects_table(
    "import_rejects",
    "imports",
    Column("title", Text),
    Column("sent_again_as", Uuid, ForeignKey("imports.id"), unique=True),
)
IMPORT_FILES = FileTables(Import, import_chunks, import_rejects)

import_originals = Table(
    "import_originals",
    Row.metadata,
    Column("job_id", Uuid, ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Rejected records as they came; under `HEAD_NUMBER`, the head of the file, without which they cannot be read."""
HEAD_NUMBER = 0
