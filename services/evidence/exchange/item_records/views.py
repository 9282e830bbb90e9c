"""Records of imports and harvests as an item shows them."""

from uuid import UUID

from pydantic import Field

from services.evidence.library.items.descriptions import Identifier
from services.evidence.library.provenance.tables import HarvestOutcome, RecordOutcome
from shared.views import View


class ItemRecordView(View):
    """A record that became this item or matched it, and what it gave."""

    import_id: UUID | None = Field(description="The import that it came with: /v1/imports/{id}/records.")
    harvest_id: UUID | None = Field(description="The harvest that it came with: /v1/harvests/{id}/records.")
    number: int = Field(description="Its number there, counted from 1.")
    identifier: str | None = Field(description="Of a harvested record, its identifier in the source.")
    outcome: RecordOutcome | HarvestOutcome
    fields: list[str] = Field(description="The fields that it filled of the item that it matched.")
    identifiers: list[Identifier] = Field(description="Those by which the item is recognised since, too.")
    conflicts: list[str] = Field(description="The fields that it left to an editor, at /v1/import-conflicts.")
