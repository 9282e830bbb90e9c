"""Harvests as they are sent and shown."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from services.evidence.exchange.harvests import rules
from services.evidence.exchange.harvests.tables import Harvest, HarvestRun, QuarantinedRecord
from shared.views import Body, Job, View

MAX_RAW_CHARACTERS = 20_000
SetSpec = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*$", max_length=500)
]
EveryHours = Annotated[int, Field(ge=1, le=24 * 366)]


class HarvestSettings(Body):
    """The settings of a harvest, which may be changed."""

    topics: list[UUID] = Field(default=[], max_length=20, description="The topics of new items.")
    publish: bool = Field(default=False, description="Publish new items at once; else they are drafts.")
    every_hours: EveryHours | None = Field(
        default=None, description="How often the source is harvested; null: only when a run is requested."
    )


class NewHarvest(HarvestSettings):
    """A source to harvest."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"base_url": "https://repository.example.org/oai", "set_spec": "social-care", "every_hours": 24}
        }
    )

    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$", max_length=2_000)]
    metadata_prefix: Literal["oai_dc", "oai_datacite"] = "oai_dc"
    set_spec: SetSpec | None = Field(default=None, description="Only this set of the source.")


class HarvestRunView(Job):
    """A harvest from its first page to its last: `done` of `total` records, if the source says how many there are.

    Always received = created + matched + changed + deleted + quarantined.
    """

    status: Literal["running", "done", "failed"]  # pyright: ignore[reportIncompatibleVariableOverride]  a run is never queued
    since: str | None = Field(description="The datestamp from which it asks for changes.")
    pages: int
    received: int
    created: int = Field(description="New items.")
    matched: int = Field(description="Works that the library had already, and records that have not changed.")
    changed: int = Field(description="Items that were changed like their records in the source.")
    deleted: int = Field(description="Records that were deleted in the source.")
    quarantined: int = Field(description="Records that could not be stored.")
    enriched: int = Field(description="How many of the matched added something that the library lacked: see /records.")
    conflicts: int = Field(
        description="In how many fields records differed from the items that they matched: see /v1/import-conflicts."
    )
    finished_at: datetime | None

    @classmethod
    def of(cls, run: HarvestRun) -> "HarvestRunView":
        """Return the view of this run."""
        progress = {"done": run.received, "total": run.complete_list_size, "problems": rules.problems(run)}
        return cls.model_validate({**run.model_dump(), **progress})


class HarvestView(View):
    """A source, and how its last run went."""

    id: UUID
    base_url: str
    metadata_prefix: str
    set_spec: str | None
    topics: list[UUID]
    publish: bool
    every_hours: int | None
    next_at: datetime | None = Field(description="When the next run begins; null during a run.")
    since: str | None = Field(description="The datestamp from which the next run asks for changes.")
    last_run: HarvestRunView | None
    created_at: datetime

    @classmethod
    def of(cls, harvest: Harvest, run: HarvestRun | None) -> "HarvestView":
        """Return the view of this harvest and its last run."""
        return cls.model_validate({**harvest.model_dump(), "last_run": HarvestRunView.of(run) if run else None})


class QuarantinedRecordView(View):
    """A record that could not be stored, as it came."""

    id: UUID
    identifier: str
    reason: str
    raw: str = Field(description="At most the first 20,000 characters.")
    run_id: UUID
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, record: QuarantinedRecord) -> "QuarantinedRecordView":
        """Return the view of this record."""
        return cls.model_validate({**record.model_dump(), "raw": record.raw[:MAX_RAW_CHARACTERS]})


class RetriedRecordView(View):
    """What became of a record that was in quarantine: one of these is 1."""

    created: int
    matched: int
    changed: int
    deleted: int
