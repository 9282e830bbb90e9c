"""Conflicts as they are returned, and decisions as they are sent."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, JsonValue

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
    import_id: UUID
    number: int = Field(description="Of the record in the file.")
    item_id: UUID
    title: str = Field(description="Of the item.")
    field: str
    ours: JsonValue = Field(description="What the item says now.")
    record: JsonValue = Field(description="What the record says: of `identifiers`, one that the item has not.")
    status: ConflictStatus
    created_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> "ImportConflictView":  # noqa: ANN401  a row of many columns
        """Return the view of a conflict with its item."""
        ours = getattr(row, row.field) if row.field in _COLUMNS else row.details.get(row.field)
        names = ("id", "import_id", "number", "item_id", "title", "field", "status", "created_at", "decided_at")
        return cls(ours=ours, record=row.value, **{name: getattr(row, name) for name in names})
