"""Which items an import brought or matched."""

from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, any_, exists, select

from services.evidence.library.provenance.tables import import_records
from shared.persistence.columns import SqlColumn


def item_ids_of(import_id: UUID | BindParameter[UUID]) -> Select[tuple[UUID]]:
    """Select the items that the records of an import created or matched."""
    records = import_records.c
    return select(records.item_id).where(records.job_id == import_id, records.item_id.is_not(None))


def came_with(item_id: SqlColumn, import_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    """Return whether a record of the import created or matched this item."""
    return item_id.in_(item_ids_of(import_id))


def any_came_with(item_ids: SqlColumn, import_id: UUID) -> ColumnElement[bool]:
    """Return whether a record of the import created or matched one of the items in this array."""
    records = import_records.c
    return exists().where(records.item_id == any_(item_ids), records.job_id == import_id)
