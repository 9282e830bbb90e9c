"""SQL of item records."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, Uuid, label, null, union_all
from sqlalchemy import cast as sql_cast

from services.evidence.exchange.imports.records.queries import contribution_columns
from services.evidence.library.provenance.tables import harvest_run_records, import_records
from shared.persistence.columns import select_columns


def records_of(item_id: UUID) -> Select[Any]:
    """Select the records of imports and harvests that became or matched an item, to be paged by source and number."""
    imported, harvested = import_records.c, harvest_run_records.c
    no_id, no_identifier = sql_cast(null(), Uuid), sql_cast(null(), String)
    of_imports = select_columns(
        label("source_id", imported.job_id),
        label("import_id", imported.job_id),
        label("harvest_id", no_id),
        imported.number,
        label("identifier", no_identifier),
        imported.outcome,
    ).where(imported.item_id == item_id)
    of_harvests = select_columns(
        harvested.harvest_id,
        no_id,
        harvested.harvest_id,
        harvested.number,
        harvested.identifier,
        harvested.outcome,
    ).where(harvested.item_id == item_id)
    records = union_all(of_imports, of_harvests).subquery()
    return select_columns(*records.c, *contribution_columns(records.c.source_id, records.c.number))
