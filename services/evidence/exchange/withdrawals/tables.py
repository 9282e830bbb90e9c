"""Withdrawals of imports, each with the record that it has reached."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from services.evidence.tables import Row
from shared.callers import Caller
from shared.persistence.columns import TIMESTAMP, varchar

WithdrawalStatus = Literal["queued", "running", "done", "failed"]


class ImportWithdrawal(Row, table=True):
    """The withdrawal of one import. It may be asked for again, when what kept something has gone."""

    __tablename__ = "import_withdrawals"

    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="status"),
        Index("ix_import_withdrawals_unfinished", "id", postgresql_where=text("status IN ('queued', 'running')")),
    )

    import_id: UUID = Field(foreign_key="imports.id", unique=True)
    requester_id: UUID
    status: WithdrawalStatus = Field(default="queued", sa_type=varchar(10))
    position: int = 0
    """The number of the last record that it has looked at."""
    removed: int = 0
    """Items that it withdrew."""
    taken_back: int = 0
    """Fields of items that it emptied again."""
    attempts: int = 0
    """How often the current batch has failed."""
    try_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    """The next batch is not begun before this time. Set after a failure."""
    problem: str | None = Field(default=None, sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)

    @property
    def requester(self) -> Caller:
        """The editor in whose name the worker acts."""
        return Caller(self.requester_id, "person")
