"""File jobs as they are shown."""

from datetime import datetime
from typing import Any

from pydantic import Field

from services.evidence.exchange.file_jobs.tables import FileJob
from shared.views import Job, View


class FileJobView(Job):
    """The progress of a file: `done` of `total` bytes have been read."""

    file_name: str
    rejected: int = Field(description="Records or rows that could not be read: see /rejects.")
    finished_at: datetime | None
    updated_at: datetime = Field(description="When it last moved on.")


class RejectView(View):
    """What could not be read, and why."""

    number: int = Field(description="Its number in the file, counted from 1.")
    line: int = Field(description="The line of the file where it begins, counted from 1.")
    reason: str


def fields_of(job: FileJob, problems: list[str]) -> dict[str, Any]:
    """Return the fields of a job's view."""
    return {**job.model_dump(), "done": job.bytes_read, "problems": problems}
