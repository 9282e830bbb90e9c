"""SQL of the records of imports."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, String, Text, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.additions.queries import copy_rows
from services.evidence.exchange.additions.rules import WITHHELD_REASONS
from services.evidence.exchange.imports.conflicts.tables import ImportConflict
from services.evidence.exchange.imports.tables import import_rejects
from services.evidence.library.items.tables import Item
from services.evidence.library.provenance.tables import RecordOutcome, Withheld, import_records, imported_fields
from shared.persistence.columns import SqlColumn, select_columns


class RecordRow(NamedTuple):
    """A row of `import_records`."""

    job_id: UUID
    number: int
    line: int
    outcome: RecordOutcome
    item_id: UUID | None
    withheld: Withheld | None = None


async def insert_records(session: AsyncSession, rows: Iterable[RecordRow]) -> None:
    """Store what became of the records of a part."""
    await copy_rows(session, import_records.name, RecordRow._fields, rows)


def contribution_columns(job_id: SqlColumn, number: SqlColumn) -> tuple[SqlColumn, SqlColumn, SqlColumn]:
    """Return what a record of an import or harvest gave: fields, identifiers, and conflicts to decide."""
    conflicts = select(col(ImportConflict.field)).where(
        col(ImportConflict.job_id) == job_id, col(ImportConflict.number) == number
    )
    filled = imported_fields.c
    fields = select(filled.field).where(filled.job_id == job_id, filled.number == number)
    identifiers = select(filled.value).where(
        filled.job_id == job_id, filled.number == number, filled.field == "identifiers"
    )
    names: Any = ARRAY(String)
    return (
        func.array(fields.order_by(filled.field).scalar_subquery(), type_=names).label("fields"),
        func.coalesce(identifiers.scalar_subquery(), func.jsonb_build_array()).label("identifiers"),
        func.array(conflicts.order_by(col(ImportConflict.id)).scalar_subquery(), type_=names).label("conflicts"),
    )


def reason_withheld(withheld: SqlColumn) -> ColumnElement[str | None]:
    """Return the expression of why a record added nothing, in plain words."""
    return case({name: literal(reason, Text) for name, reason in WITHHELD_REASONS.items()}, value=withheld)


def records_of(import_id: UUID, outcomes: Sequence[RecordOutcome]) -> Select[Any]:
    """Select the records of an import and what each gave, to be paged by number; with outcomes, only those."""
    record, reject = import_records.c, import_rejects.c
    statement = (
        select_columns(
            record.number,
            record.line,
            record.outcome,
            record.item_id,
            col(Item.status).label("item_status"),
            col(Item.title).label("item_title"),
            func.coalesce(reject.reason, reason_withheld(record.withheld)).label("reason"),
            reject.title,
            *contribution_columns(record.job_id, record.number),
        )
        .outerjoin(Item, col(Item.id) == record.item_id)
        .outerjoin(import_rejects, (reject.job_id == record.job_id) & (reject.number == record.number))
        .where(record.job_id == import_id)
    )
    return statement.where(record.outcome.in_(outcomes)) if outcomes else statement
