"""Conflicts as they are returned, and decisions as they are sent."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from services.evidence.exchange.imports.conflicts.queries import ConflictRow
from services.evidence.exchange.imports.conflicts.tables import ConflictStatus
from shared.views import Body, View

_COLUMNS = ("title", "summary", "country", "setting", "language")


class ConflictDecision(Body):
    """Which of the two holds."""

    value: Literal["record", "ours"] = Field(
        description="`record`: the item says from now on what the record says, in a new edition where it is published."
    )


class ImportConflictView(View):
    """A field of an item, as it is and as a record states it."""

    id: UUID
    import_id: UUID | None = Field(description="The import whose record states it, or else:")
    harvest_id: UUID | None = Field(description="the harvest whose record states it.")
    number: int = Field(description="Of the record in the file, or among those of the harvest.")
    item_id: UUID
    title: str = Field(description="Of the item.")
    field: str
    ours: JsonValue = Field(description="What the item says now.")
    record: JsonValue = Field(description="What the record says: of `identifiers`, one that the item has not.")
    status: ConflictStatus
    created_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, row: ConflictRow) -> "ImportConflictView":
        """Return the view of a conflict with its item."""
        ours = getattr(row, row.field) if row.field in _COLUMNS else row.details.get(row.field)
        return cls.model_validate({**row._asdict(), "ours": ours, "record": row.value})
