"""Records of imports as they are shown."""

from uuid import UUID

from pydantic import Field

from services.evidence.library.items.descriptions import Identifier
from services.evidence.library.items.tables import ItemStatus
from services.evidence.library.provenance.tables import RecordOutcome
from shared.views import View


class ImportRecordView(View):
    """What became of a record, and what it gave."""

    number: int = Field(description="Its number in the file, counted from 1.")
    line: int = Field(description="The line of the file where it begins, counted from 1.")
    outcome: RecordOutcome
    item_id: UUID | None = Field(description="The item that it became, or that it matched; null where it was rejected.")
    item_status: ItemStatus | None
    item_title: str | None
    reason: str | None = Field(description="Why it was rejected, or why it added nothing.")
    title: str | None = Field(description="Of a rejected record, where it has one.")
    fields: list[str] = Field(description="The fields that it filled of the item that it matched.")
    identifiers: list[Identifier] = Field(description="Those by which the item is recognised since, too.")
    conflicts: list[str] = Field(
        description="The fields that it left to an editor, at /v1/import-conflicts. What was put before one by an "
        "earlier record is not named again."
    )
