"""Retraction lists while they are read, and the items that are still to be checked against their notices."""

from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, String, Table, Uuid
from sqlmodel import Field

from services.evidence.exchange.file_jobs.tables import (
    FileJob,
    FileTables,
    chunks_table,
    file_job_constraints,
    rejects_table,
)
from services.evidence.tables import Row
from shared.persistence.columns import NULLABLE_JSON, varchar


class RetractionList(FileJob, table=True):
    """A list and what became of its rows. The counts always add up, and the database says so."""

    __tablename__ = "retraction_lists"

    __table_args__ = (
        *file_job_constraints("retraction_lists"),
        CheckConstraint("sender_kind IN ('person', 'client')", name="sender_kind"),
        CheckConstraint("listed = flagged + already + not_held + rejected", name="counts_add_up"),
    )

    submitter_id: UUID = Field(sa_column_kwargs={"name": "sender_id"})
    submitter_kind: Literal["person", "client"] = Field(sa_type=varchar(10), sa_column_kwargs={"name": "sender_kind"})
    source: str = Field(sa_type=String(300))
    column_names: list[str] | None = Field(default=None, sa_type=NULLABLE_JSON, sa_column_kwargs={"name": "columns"})
    """From the first row, once it was read."""
    delimiter: str = Field(default=",", sa_type=String(1))
    rows: int = Field(default=0, sa_column_kwargs={"name": "listed"})
    flagged: int = 0
    already_flagged: int = Field(default=0, sa_column_kwargs={"name": "already"})
    not_in_library: int = Field(default=0, sa_column_kwargs={"name": "not_held"})


retraction_chunks = chunks_table("retraction_chunks", "retraction_lists", "list_id")
retraction_rejects = rejects_table("retraction_rejects", "retraction_lists", "list_id")
RETRACTION_LIST_FILES = FileTables(RetractionList, retraction_chunks, retraction_rejects)

unchecked_items = Table(
    "unchecked_items",
    Row.metadata,
    Column("noted", BigInteger, Identity(), primary_key=True, key="sequence"),
    Column("item_id", Uuid, nullable=False),
)
"""Works that were added or got other identifiers, written by a trigger in the same transaction. A row is deleted when
its work was checked against the notices."""
