"""Which items an import brought or matched."""

from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, any_, exists, literal_column, or_, select

from services.evidence.library.provenance.tables import harvest_run_records, import_records
from shared.persistence.columns import SqlColumn


def item_ids_of(import_id: UUID | BindParameter[UUID]) -> Select[tuple[UUID]]:
    """Select the items that the records of an import created or matched."""
    records = import_records.c
    return select(records.item_id).where(records.job_id == import_id, records.item_id.is_not(None))


def came_with(item_id: SqlColumn, import_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    """Return whether a record of the import created or matched this item."""
    return item_id.in_(item_ids_of(import_id))


def is_imported(item_id: SqlColumn) -> ColumnElement[bool]:
    """Return whether a record of an import or a harvest became this item: else somebody wrote it here."""
    tables = (import_records.c, harvest_run_records.c)
    became = (
        exists().where(records.item_id == item_id, records.outcome == literal_column("'created'")) for records in tables
    )
    return or_(*became)


def any_came_with(item_ids: SqlColumn, import_id: UUID) -> ColumnElement[bool]:
    """Return whether a record of the import created or matched one of the items in this array."""
    records = import_records.c
    return exists().where(records.item_id == any_(item_ids), records.job_id == import_id)
