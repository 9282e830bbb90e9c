"""SQL of conflicts: those to decide, each beside its item."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, case, label
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.imports.conflicts.tables import ConflictStatus, ImportConflict
from services.evidence.exchange.imports.tables import Import
from services.evidence.library.items.tables import Item
from shared.persistence.columns import select_columns
from shared.problems import NotFound


class ConflictNotFound(NotFound):
    title = "There is no such conflict"
    detail = "Check the id. Those to decide are at /v1/import-conflicts."


class ConflictRow(NamedTuple):
    """A conflict with the item whose field it is about."""

    id: UUID
    number: int
    item_id: UUID
    field: str
    value: Any
    status: ConflictStatus
    created_at: datetime
    decided_at: datetime | None
    version: int
    import_id: UUID | None
    harvest_id: UUID | None
    item_version: int
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: dict[str, Any]


_OWN_COLUMNS = ("id", "number", "item_id", "field", "value", "status", "created_at", "decided_at", "version")
_SELECT: Select[Any] = (
    select_columns(
        *(col(getattr(ImportConflict, name)) for name in _OWN_COLUMNS),
        col(Import.id).label("import_id"),
        label("harvest_id", case((col(Import.id).is_(None), col(ImportConflict.job_id)))),
        col(Item.version).label("item_version"),
        *(col(getattr(Item, name)) for name in ("title", "summary", "country", "setting", "language", "details")),
    )
    .join(Item, col(Item.id) == col(ImportConflict.item_id))
    .outerjoin(Import, col(Import.id) == col(ImportConflict.job_id))
)
"""The columns of `ConflictRow`, in its order."""


def conflicts(
    status: ConflictStatus,
    *,
    import_id: UUID | None = None,
    harvest_id: UUID | None = None,
    item_id: UUID | None = None,
    field: str | None = None,
) -> Select[Any]:
    """Select conflicts of items that are drafts or published, each with its item. To be paged by id."""
    conflict = ImportConflict
    statement = _SELECT.where(col(conflict.status) == status, col(Item.status).in_(("draft", "published")))
    filters = (
        (conflict.job_id, import_id),
        (conflict.job_id, harvest_id),
        (conflict.item_id, item_id),
        (conflict.field, field),
    )
    for column, value in filters:
        if value is not None:
            statement = statement.where(col(column) == value)
    return statement


async def get_conflict(session: AsyncSession, conflict_id: UUID) -> ConflictRow:
    """Return a conflict with its item. Raises ConflictNotFound."""
    row = (await session.execute(_SELECT.where(col(ImportConflict.id) == conflict_id))).first()
    if row is None:
        raise ConflictNotFound
    return ConflictRow(*row)
