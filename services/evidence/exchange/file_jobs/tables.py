"""The columns that all file jobs have, and the tables of their files and of the rows that they rejected."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
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
from shared.callers import Caller
from shared.persistence.columns import TIMESTAMP, varchar


class FileJob(Row):
    """The base of each kind of file job. `bytes_read` of `total` bytes have been read."""

    __abstract__ = True

    status: Literal["queued", "running", "done", "failed"] = Field(default="queued", sa_type=varchar(10))
    file_name: str = Field(default="", sa_type=String(200))
    submitter_id: UUID
    submitter_kind: Literal["person", "client"] = Field(sa_type=varchar(10))
    total: int = Field(default=0, sa_type=BigInteger)
    """The size of the file in bytes."""
    bytes_read: int = Field(default=0, sa_type=BigInteger)
    next_line: int = 1
    """The line at which the next part begins, counted from 1."""
    rejected: int = 0
    attempts: int = 0
    """How often the current part has failed."""
    try_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """The next part is not read before this time. Set after a failure."""
    problem: str | None = Field(default=None, sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)

    @property
    def submitter(self) -> Caller:
        """Who sent the file. The worker acts in their name."""
        return Caller(self.submitter_id, self.submitter_kind)


JobT = TypeVar("JobT", bound=FileJob)


@dataclass(frozen=True, slots=True)
class FileTables(Generic[JobT]):
    """The three tables of one kind of file job."""

    jobs: type[JobT]
    chunks: Table
    rejects: Table


def file_job_constraints(table: str) -> tuple[CheckConstraint | Index, ...]:
    """Return what `__table_args__` of every kind of file job holds."""
    return (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="status"),
        CheckConstraint("submitter_kind IN ('person', 'client')", name="submitter_kind"),
        CheckConstraint("bytes_read BETWEEN 0 AND total", name="bytes_read"),
        Index(f"ix_{table}_unfinished", "id", postgresql_where=text("status IN ('queued', 'running')")),
    )


def chunks_table(name: str, jobs: str) -> Table:
    """Return a table of files in chunks, keyed by the byte at which each begins. A file is deleted once it was read."""
    return Table(
        name,
        Row.metadata,
        Column("job_id", Uuid, ForeignKey(f"{jobs}.id"), primary_key=True),
        Column("begin", BigInteger, primary_key=True),
        Column("content", LargeBinary, nullable=False),
    )


def rejects_table(name: str, jobs: str, *columns: Column[Any]) -> Table:
    """Return a table of what was rejected, keyed by its number in the file, with the line at which it begins."""
    return Table(
        name,
        Row.metadata,
        Column("job_id", Uuid, ForeignKey(f"{jobs}.id"), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("line", Integer, nullable=False),
        Column("reason", Text, nullable=False),
        *columns,
    )
