"""Rejected records as they are shown."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.evidence.exchange.file_jobs.views import RejectView
from services.evidence.exchange.imports.rejects.queries import RejectedRecord
from shared.views import View


class RejectCorrectionView(View):
    """A rejected record that somebody corrected and sent again: the import as which they did, and what became of it."""

    import_id: UUID
    sent_at: datetime
    status: Literal["queued", "running", "done", "failed"]
    read: int
    created: int
    matched: int
    rejected: int = Field(description="Where it was rejected again, it waits among the rejects of that import.")
    item_id: UUID | None = Field(description="The item that its first record became, or that it matched.")
    withdrawn_at: datetime | None = Field(
        description="When an editor asked to take that import back. The record may be sent again then."
    )


class RejectedRecordView(RejectView):
    """A record that could not be read."""

    title: str | None
    original_available: bool = Field(
        description="Whether it can be had as it came: for 30 days, the first 10,000 of a file, none over 1 MB."
    )
    sent_again: RejectCorrectionView | None = Field(description="Null where nobody has corrected it and sent it again.")

    @classmethod
    def of(cls, reject: RejectedRecord) -> "RejectedRecordView":
        """Return the view of this record."""
        return cls.model_validate(_fields_of(reject))


class OriginalRecordView(RejectedRecordView):
    """A record that could not be read, as it came."""

    original: str | None = Field(
        description="A file in the format that was sent which holds this record only, to correct and send again; null "
        "where it is not available any more."
    )

    @classmethod
    def of_original(cls, reject: RejectedRecord, original: str | None) -> "OriginalRecordView":
        """Return the view of this record, with its text."""
        return cls.model_validate({**_fields_of(reject), "original": original})


def _fields_of(reject: RejectedRecord) -> dict[str, object]:
    fields = reject._asdict()
    return {**fields, "sent_again": fields if reject.import_id else None}
