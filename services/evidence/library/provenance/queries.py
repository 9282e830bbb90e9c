"""Which items an import brought or matched."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, any_, exists, literal_column, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.provenance.tables import harvest_run_records, import_records, imported_fields
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


async def credit_item(
    session: AsyncSession, item_id: UUID, fields: Collection[tuple[UUID | None, int | None, str]]
) -> None:
    """Let these fields (import or harvest, record, field) and their records be those of this item."""
    filled, imported, harvested = imported_fields.c, import_records.c, harvest_run_records.c
    of_fields = tuple_(filled.job_id, filled.number, filled.field).in_(list(fields))
    await session.execute(update(imported_fields).where(of_fields).values(item_id=item_id))
    records = list({(job_id, number) for job_id, number, _ in fields})
    of_imports = tuple_(imported.job_id, imported.number).in_(records)
    await session.execute(update(import_records).where(of_imports).values(item_id=item_id))
    of_harvests = tuple_(harvested.harvest_id, harvested.number).in_(records)
    await session.execute(update(harvest_run_records).where(of_harvests).values(item_id=item_id))
