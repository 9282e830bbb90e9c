"""SQL of withdrawals: what of an import stays and why, for one item or a million."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Label,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    delete,
    exists,
    func,
    label,
    literal,
    literal_column,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows

from services.evidence.exchange.harvests.tables import harvest_records
from services.evidence.exchange.imports.conflicts.tables import ImportConflict
from services.evidence.exchange.imports.tables import Import
from services.evidence.exchange.withdrawals.rules import TEXT_COLUMNS, StayReason
from services.evidence.exchange.withdrawals.tables import ImportWithdrawal
from services.evidence.library.appraisals.tables import Appraisal
from services.evidence.library.items.identifiers.rules import Name
from services.evidence.library.items.tables import Item, identifiers
from services.evidence.library.provenance.tables import import_records, imported_fields
from services.evidence.library.renditions.tables import Rendition
from services.evidence.library.transferability.tables import TransferJudgement
from services.evidence.library.works.merges.tables import Merge
from services.evidence.publications.guides.tables import GuideDraft
from services.evidence.publications.guides.tables import citations as guide_citations
from services.evidence.publications.learning.tables import learning_sources
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from services.evidence.publications.requests.tables import citations as request_citations
from shared.persistence.columns import SqlColumn, in_array, select_columns
from shared.persistence.platform_tables import audit_entries

IsApplied = Callable[[SqlColumn], ColumnElement[bool]]
"""Whether the item with this id is linked to what somebody does with it: of a slice that stands above."""


class StayCount(NamedTuple):
    """How many stay for a reason; without one, how many go."""

    is_field: bool
    reason: StayReason | None
    number: int


class FilledRow(NamedTuple):
    """A field that the import filled, to be taken back."""

    number: int
    field: str
    item_id: UUID
    before: Any
    value: Any


_FORGET = text(
    "DELETE FROM imported_fields USING unnest(:numbers, :fields) AS emptied (number, field)"
    " WHERE job_id = :job_id AND imported_fields.number = emptied.number AND imported_fields.field = emptied.field"
).bindparams(
    bindparam("job_id", type_=Uuid),
    bindparam("numbers", type_=ARRAY(Integer)),
    bindparam("fields", type_=ARRAY(Text)),
)
_record, _filled, _id = import_records.c, imported_fields.c, col(Item.id)


def _cites(source_kind: ColumnElement[Any], source_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(source_kind == "item", source_id == _id)


def _is_cited_by_an_answer() -> ColumnElement[bool]:
    """Of a request that was withdrawn nothing is left that could be read."""
    citation = request_citations.c
    return exists().where(
        citation.kind == "item",
        citation.source_id == _id,
        citation.turn_id == col(RequestTurn.id),
        col(RequestTurn.request_id) == col(EvidenceRequest.id),
        col(EvidenceRequest.status) != "withdrawn",
    )


def _is_cited() -> ColumnElement[bool]:
    path, whole = literal_column("'$.**.item_id'", Text), literal_column("'{}'", Text)
    cited_ids = func.jsonb_path_query(col(GuideDraft.content), path).op("#>>")(whole)
    cited_by_drafts = select(sql_cast(cited_ids, Uuid))
    return or_(
        exists().where(guide_citations.c.item_id == _id),
        _cites(learning_sources.c.kind, learning_sources.c.source_id),
        _is_cited_by_an_answer(),
        _id == any_(func.array(cited_by_drafts.scalar_subquery(), type_=ARRAY(Uuid))),
    )


def _is_edited() -> ColumnElement[bool]:
    entry = audit_entries.c
    columns = array(TEXT_COLUMNS)
    return exists().where(
        entry.subject == _id,
        entry.action == "changed",
        or_(entry.before.has_any(columns), entry.after.has_any(columns)),
    )


def _came_with_another(import_id: UUID) -> ColumnElement[bool]:
    other = import_records.alias("other")
    return exists().where(
        other.c.item_id == _id,
        other.c.job_id != import_id,
        other.c.job_id == col(Import.id),
        col(Import.withdrawn_at).is_(None),
    )


def _item_reason(import_id: UUID, is_applied: IsApplied) -> Label[StayReason | None]:
    """Return why an item that the import created stays, the gravest reason first; NULL if nobody has touched it."""
    reason = case(
        (
            or_(
                col(Item.status) == "merged", exists().where(col(Merge.into_id) == _id, col(Merge.status) == "standing")
            ),
            "merged",
        ),
        (_is_cited(), "cited"),
        (is_applied(_id), "applied"),
        (
            or_(exists().where(col(Appraisal.item_id) == _id), exists().where(col(TransferJudgement.item_id) == _id)),
            "appraised",
        ),
        (exists().where(col(Rendition.original_kind) == "evidence", col(Rendition.original_id) == _id), "rendered"),
        (col(Item.retraction).is_not(None), "retracted"),
        (_is_edited(), "edited"),
        (_came_with_another(import_id), "another_import"),
        (exists().where(harvest_records.c.item_id == _id, ~harvest_records.c.deleted), "harvested"),
        else_=null(),
    )
    return label("reason", reason)


def _field_reason() -> Label[StayReason | None]:
    """Return why a field that the import filled stays; NULL if it still says what the import said."""
    is_unchanged = case(
        (_filled.field == "summary", func.to_jsonb(func.md5(col(Item.summary))) == _filled.value),
        (_filled.field == "identifiers", col(Item.details)["identifiers"].contains(_filled.value)),
        else_=func.coalesce(col(Item.details)[_filled.field] == _filled.value, literal(False)),
    )
    return label("reason", case((col(Item.status) == "merged", "merged"), (~is_unchanged, "changed"), else_=null()))


def _created(import_id: UUID, is_applied: IsApplied) -> Select[Any]:
    columns = select_columns(
        _record.number, label("field", literal("")), _record.item_id, _item_reason(import_id, is_applied)
    )
    return columns.join(Item, _id == _record.item_id).where(
        _record.job_id == import_id, _record.outcome == "created", col(Item.status) != "withdrawn"
    )


def _fields(import_id: UUID) -> Select[Any]:
    """Select the fields that the import filled of items that it did not create itself."""
    created = import_records.alias("created")
    is_own = exists().where(
        created.c.item_id == _filled.item_id, created.c.job_id == import_id, created.c.outcome == "created"
    )
    columns = select_columns(_filled.number, _filled.field, _filled.item_id, _field_reason())
    return columns.join(Item, _id == _filled.item_id).where(
        _filled.job_id == import_id, col(Item.status) != "withdrawn", ~is_own
    )


def what_stays(import_id: UUID, is_applied: IsApplied) -> Select[Any]:
    """Select what a withdrawal of the import would leave, and why. To be paged by number and field."""
    rows = union_all(_created(import_id, is_applied), _fields(import_id)).subquery()
    return select(rows).where(rows.c.reason.is_not(None))


async def count_reasons(session: AsyncSession, import_id: UUID, is_applied: IsApplied) -> list[StayCount]:
    """Return how many items and fields stay for each reason, and how many go."""
    rows = union_all(_created(import_id, is_applied), _fields(import_id)).subquery()
    is_field = label("is_field", rows.c.field != "")
    statement = select(is_field, rows.c.reason, func.count()).group_by(is_field, rows.c.reason)
    return [StayCount(*row) for row in await session.execute(statement.order_by(is_field, rows.c.reason))]


async def withdrawal_of(session: AsyncSession, import_id: UUID, *, lock: bool = False) -> ImportWithdrawal | None:
    """Return the withdrawal of this import, if anybody asked for one."""
    statement = select_rows(ImportWithdrawal).where(col(ImportWithdrawal.import_id) == import_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalars().first()


async def lock_next_due(session: AsyncSession, now: datetime) -> ImportWithdrawal | None:
    """Return the oldest unfinished withdrawal that no other worker has and that does not wait after a failure."""
    due = or_(col(ImportWithdrawal.try_at).is_(None), col(ImportWithdrawal.try_at) <= now)
    statement = select_rows(ImportWithdrawal).where(col(ImportWithdrawal.status).in_(("queued", "running")), due)
    locked = statement.order_by(col(ImportWithdrawal.id)).limit(1).with_for_update(skip_locked=True)
    return (await session.execute(locked)).scalars().first()


async def last_of_batch(session: AsyncSession, import_id: UUID, after: int, limit: int) -> int | None:
    """Return the number of the last record of the next batch; None where there is no record any more."""
    numbers = select(_record.number).where(_record.job_id == import_id, _record.number > after)
    batch = numbers.order_by(_record.number).limit(limit).subquery()
    return await session.scalar(select(func.max(batch.c.number)))


async def lock_batch(session: AsyncSession, import_id: UUID, after: int, last: int) -> None:
    """Lock the items that these records created or filled, in the order of their ids, as everywhere."""
    created = select(_record.item_id).where(_record.job_id == import_id, _record.number.between(after + 1, last))
    filled = select(_filled.item_id).where(_filled.job_id == import_id, _filled.number.between(after + 1, last))
    ids = union_all(created.where(_record.outcome == "created"), filled).subquery()
    statement = select(_id).where(_id.in_(select(ids.c.item_id))).order_by(_id)
    await session.execute(statement.with_for_update(key_share=True))


async def items_to_remove(
    session: AsyncSession, import_id: UUID, after: int, last: int, is_applied: IsApplied
) -> Sequence[Item]:
    """Return the items that these records created and that nobody has touched since."""
    created = _created(import_id, is_applied).where(_record.number.between(after + 1, last)).subquery()
    ids = select(created.c.item_id).where(created.c.reason.is_(None))
    statement = select_rows(Item).where(_id.in_(ids)).order_by(_id).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalars().all()


async def fields_to_take_back(session: AsyncSession, import_id: UUID, after: int, last: int) -> list[FilledRow]:
    """Return the fields that these records filled and that say the same today."""
    columns = _fields(import_id).add_columns(_filled.before, _filled.value)
    fields = columns.where(_filled.number.between(after + 1, last)).subquery()
    statement = (
        select(*(fields.c[name] for name in FilledRow._fields))
        .where(fields.c.reason.is_(None))
        .order_by(fields.c.number, fields.c.field)
    )
    return [FilledRow(*row) for row in await session.execute(statement)]


async def taken_fingerprints(session: AsyncSession, fingerprints: Collection[str]) -> set[str]:
    """Return those of these fingerprints by which another item without identifiers is known."""
    statement = select(col(Item.fingerprint)).where(
        in_array(col(Item.fingerprint), fingerprints, Text), ~col(Item.identified), col(Item.status) != "merged"
    )
    return {value for value in (await session.execute(statement)).scalars() if value}


async def delete_names(session: AsyncSession, names: Collection[Name], item_ids: Collection[UUID] = ()) -> None:
    """Let nothing be recognised by these identifiers, nor by any of these items."""
    key = tuple_(identifiers.c.scheme, identifiers.c.value)
    if names:
        await session.execute(delete(identifiers).where(key.in_(list(names))))
    if item_ids:
        await session.execute(delete(identifiers).where(in_array(identifiers.c.item_id, item_ids)))


async def forget(session: AsyncSession, import_id: UUID, after: int, last: int, rows: Sequence[FilledRow]) -> None:
    """Delete what these records left to decide, and that they filled the fields of these rows."""
    conflict = ImportConflict
    await session.execute(
        delete(conflict).where(
            col(conflict.job_id) == import_id,
            col(conflict.number).between(after + 1, last),
            col(conflict.status) == "open",
        )
    )
    if rows:
        numbers, fields = [row.number for row in rows], [row.field for row in rows]
        await session.execute(_FORGET, {"job_id": import_id, "numbers": numbers, "fields": fields})
