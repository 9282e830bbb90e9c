"""Imports as they are shown."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.evidence.exchange.file_jobs.views import FileJobView, fields_of
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
    sent_again: int = Field(
        description="How many of the rejected were corrected and sent again, each as its own import: see /rejects."
    )
    withdrawn_at: datetime | None = Field(description="When an editor asked to take it back: see /withdrawal.")

    @classmethod
    def of(cls, job: Import) -> "ImportView":
        """Return the view of this import."""
        return cls.model_validate(fields_of(job, rules.problems(job.problem, job.unparsed_lines, job.unclear_names)))
