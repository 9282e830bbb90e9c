"""Harvested records as they are shown."""

from uuid import UUID

from pydantic import Field

from services.evidence.library.items.descriptions import Identifier
from services.evidence.library.items.tables import ItemStatus
from services.evidence.library.provenance.tables import HarvestOutcome
from shared.views import View


class HarvestRecordView(View):
    """What became of a record that was new or had changed, and what it gave."""

    number: int = Field(description="Its number among those of this harvest, counted from 1.")
    run_id: UUID
    identifier: str = Field(description="Of the record, in its source.")
    outcome: HarvestOutcome
    item_id: UUID = Field(description="The item that it became, changed, or matched.")
    item_status: ItemStatus
    item_title: str
    reason: str | None = Field(description="Why it added nothing, where its words are a person's.")
    fields: list[str] = Field(description="The fields that it filled of the item that it matched.")
    identifiers: list[Identifier] = Field(description="Those by which the item is recognised since, too.")
    conflicts: list[str] = Field(
        description="The fields that it left to an editor, at /v1/import-conflicts. What was put before one by an "
        "earlier record is not named again."
    )
