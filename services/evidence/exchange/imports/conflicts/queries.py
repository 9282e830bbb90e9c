"""SQL of conflicts: those to decide, each beside its item."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.imports.conflicts.tables import ConflictStatus, ImportConflict
from services.evidence.library.items.tables import Item
from shared.persistence.columns import select_columns
from shared.problems import NotFound


class ConflictNotFound(NotFound):
    title = "There is no such conflict"
    detail = "Check the id. Those to decide are at /v1/import-conflicts."


def conflicts(status: ConflictStatus, import_id: UUID | None, item_id: UUID | None, field: str | None) -> Select[Any]:
    """Select conflicts of items that are drafts or published, each with its item. To be paged by id."""
    conflict = ImportConflict
    statement = _select.where(col(conflict.status) == status, col(Item.status).in_(("draft", "published")))
    for column, value in ((conflict.job_id, import_id), (conflict.item_id, item_id), (conflict.field, field)):
        if value is not None:
            statement = statement.where(col(column) == value)
    return statement


async def get_conflict(session: AsyncSession, conflict_id: UUID) -> Any:  # noqa: ANN401  a row of many columns
    """Return a conflict with its item. Raises ConflictNotFound."""
    row = (await session.execute(_select.where(col(ImportConflict.id) == conflict_id))).first()
    if row is None:
        raise ConflictNotFound
    return row


_select: Select[Any] = select_columns(
    *(col(getattr(ImportConflict, name)) for name in ("id", "number", "item_id", "field", "value", "status")),
    col(ImportConflict.job_id).label("import_id"),
    col(ImportConflict.created_at),
    col(ImportConflict.decided_at),
    col(ImportConflict.version),
    col(Item.version).label("item_version"),
    *(col(getattr(Item, name)) for name in ("title", "summary", "country", "setting", "language", "details")),
).join(Item, col(Item.id) == col(ImportConflict.item_id))
