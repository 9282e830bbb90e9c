"""Lists of retractions while they are read."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
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
from shared.persistence.columns import NULLABLE_JSON, TIMESTAMP, varchar


class RetractionList(Row, table=True):
    """`done` of `total` bytes are read; the counts always add up, and the database says so."""

    __tablename__ = "retraction_lists"

    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="status"),
        CheckConstraint("sender_kind IN ('person', 'client')", name="sender_kind"),
        CheckConstraint("listed = flagged + already + not_held + rejected", name="counts_add_up"),
        CheckConstraint("done BETWEEN 0 AND total", name="done"),
        Index("ix_retraction_lists_unfinished", "id", postgresql_where=text("status IN ('queued', 'running')")),
    )

    status: str = Field(default="queued", sa_type=String(10))
    source: str = Field(sa_type=String(300))
    file_name: str = Field(default="", sa_type=String(200))
    sender_id: UUID
    sender_kind: Literal["person", "client"] = Field(sa_type=varchar(10))
    total: int = Field(default=0, sa_type=BigInteger)
    done: int = Field(default=0, sa_type=BigInteger)
    next_line: int = 1
    columns: list[str] | None = Field(default=None, sa_type=NULLABLE_JSON)
    """The names in the first row, once it was read."""
    delimiter: str = Field(default=",", sa_type=String(1))
    listed: int = 0
    flagged: int = 0
    already: int = 0
    not_held: int = 0
    rejected: int = 0
    attempts: int = 0
    try_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    problem: str | None = Field(default=None, sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)


retraction_chunks = Table(
    "retraction_chunks",
    Row.metadata,
    Column("list_id", Uuid, ForeignKey("retraction_lists.id"), primary_key=True),
    Column("begin", BigInteger, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""The file by the byte at which each part begins; removed when it has been read."""

retraction_rejects = Table(
    "retraction_rejects",
    Row.metadata,
    Column("list_id", Uuid, ForeignKey("retraction_lists.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Rows that could not be taken, by their number in the file."""

unchecked_items = Table(
    "unchecked_items",
    Row.metadata,
    Column("noted", BigInteger, Identity(), primary_key=True),
    Column("item_id", Uuid, nullable=False),
)
"""Works that came or got other identifiers, written by a trigger in the same transaction; removed when checked."""
