"""Imports as they are shown."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.evidence.exchange.file_jobs.views import FileJobView, RejectView, fields_of
from services.evidence.exchange.imports import rules
from services.evidence.exchange.imports.tables import Import

FormatName = Literal[
    "ris",
    "bibtex",
    "csl-json",
    "csv",
    "pubmed",
    "pubmed-xml",
    "jats",
    "endnote",
    "endnote-xml",
    "web-of-science",
    "openalex",
    "datacite",
    "refworks",
    "ovid",
]


class ImportView(FileJobView):
    """The progress of a file: always read = created + matched + rejected."""

    format: FormatName
    publish: bool
    topics: list[UUID]
    read: int = Field(description="Records read so far.")
    created: int = Field(description="New items.")
    matched: int = Field(
        description="Records of works that the library had already, or that came earlier in the same file."
    )
    published: int = Field(description="How many of the matched were drafts that this import published.")
    enriched: int = Field(description="How many of the matched added something that the library lacked: see /records.")
    conflicts: int = Field(
        description="In how many fields records differed from the items that they matched: see /v1/import-conflicts."
    )
    withdrawn_at: datetime | None = Field(description="When an editor asked to take it back: see /withdrawal.")

    @classmethod
    def of(cls, job: Import) -> "ImportView":
        """Return the view of this import."""
        return cls.model_validate(fields_of(job, rules.problems(job.problem, job.unparsed_lines, job.unclear_names)))


class RejectedRecordView(RejectView):
    """A record that could not be read."""

    title: str | None
    original_available: bool = Field(
        description="Whether `format=original` returns it: for 30 days, the first 10,000 of a file, none over 1 MB."
    )


class OriginalRecordView(RejectView):
    """A record that could not be read, as it came."""

    title: str | None
    original: str | None = Field(
        description="A file in the format that was sent which holds this record only, to correct and send again; null "
        "where it is not available any more."
    )
