"""Retraction lists while they are read, and the items that are still to be checked against their notices."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Integer, String, Table, Uuid
from sqlmodel import Field

from services.evidence.exchange.file_jobs.tables import (
    FileJob,
    FileTables,
    chunks_table,
    file_job_constraints,
    rejects_table,
)
from services.evidence.tables import Row
from shared.persistence.columns import NULLABLE_JSON


class RetractionList(FileJob, table=True):
    """A list and what became of its rows. The counts always add up, and the database says so."""

    __tablename__ = "retraction_lists"

    __table_args__ = (
        *file_job_constraints("retraction_lists"),
        CheckConstraint("rows = flagged + already_flagged + not_in_library + rejected", name="counts_add_up"),
    )

    source: str = Field(sa_type=String(300))
    column_names: list[str] | None = Field(default=None, sa_type=NULLABLE_JSON)
    """From the first row, once it was read."""
    delimiter: str = Field(default=",", sa_type=String(1))
    rows: int = 0
    flagged: int = 0
    already_flagged: int = 0
    not_in_library: int = 0


retraction_chunks = chunks_table("retraction_chunks", "retraction_lists")
retraction_rejects = rejects_table("retraction_rejects", "retraction_lists")
RETRACTION_LIST_FILES = FileTables(RetractionList, retraction_chunks, retraction_rejects)

retraction_flags = Table(
    "retraction_flags",
    Row.metadata,
    Column("job_id", Uuid, ForeignKey("retraction_lists.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("item_id", Uuid, primary_key=True),
)
"""The items that each row of a list flagged, by the row's number."""

unchecked_items = Table(
    "unchecked_items",
    Row.metadata,
    Column("sequence", BigInteger, Identity(), primary_key=True),
    Column("item_id", Uuid, nullable=False),
)
"""Items that were added or got other identifiers, written by a trigger in the same transaction. A row is deleted once
its item was checked against the notices."""
