"""What of an import stays, and why: the statements of withdrawals, for one item or a million."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Label,
    Select,
    Text,
    Uuid,
    any_,
    case,
    exists,
    func,
    label,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from services.evidence.exchange.harvests.tables import harvest_records
from services.evidence.exchange.imports.conflicts.tables import ImportConflict, import_conflict_repeats
from services.evidence.exchange.imports.matches.rules import COLUMNS
from services.evidence.exchange.imports.tables import Import
from services.evidence.exchange.withdrawals.rules import TEXT_COLUMNS, StayReason
from services.evidence.library.appraisals.tables import Appraisal
from services.evidence.library.items.tables import Item
from services.evidence.library.provenance.tables import (
    harvest_run_records,
    import_records,
    imported_fields,
    repeated_fields,
)
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

_record, _filled, _repeat, _id = import_records.c, imported_fields.c, repeated_fields.c, col(Item.id)


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
    """Return whether somebody changed its text, by the audit trail.

    A merge that was undone has changed nothing; it has an entry of its own in the transaction of its change.
    """
    entry, of_merge = audit_entries.c, audit_entries.alias("of_merge").c
    by_a_merge = exists().where(
        of_merge.transaction == entry.transaction,
        of_merge.kind == "Merge",
        of_merge.subject == col(Merge.id),
        col(Merge.into_id) == _id,
    )
    columns = array(TEXT_COLUMNS)
    return exists().where(
        entry.subject == _id,
        entry.action == "changed",
        or_(entry.before.has_any(columns), entry.after.has_any(columns)),
        ~by_a_merge,
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


def _of_a_standing_import() -> ColumnElement[bool]:
    return exists().where(col(Import.id) == _repeat.job_id, col(Import.withdrawn_at).is_(None))


def _of_a_standing_harvest() -> ColumnElement[bool]:
    run, harvested = harvest_run_records.c, harvest_records.c
    return exists().where(
        run.harvest_id == _repeat.job_id,
        run.number == _repeat.number,
        harvested.harvest_id == run.harvest_id,
        harvested.identifier == run.identifier,
        ~harvested.deleted,
    )


def repeats(import_id: UUID, item_ids: Collection[UUID]) -> Select[Any]:
    """Select what records of other imports and harvests that stand state of these items as a file filled it."""
    columns = select_columns(_repeat.job_id, _repeat.number, _repeat.field, _repeat.item_id, _repeat.value)
    return columns.where(
        in_array(_repeat.item_id, item_ids),
        _repeat.job_id != import_id,
        or_(_of_a_standing_import(), _of_a_standing_harvest()),
    ).order_by(_repeat.job_id, _repeat.number)


def _is_repeated(of_standing: ColumnElement[bool]) -> ColumnElement[bool]:
    says_the_same = case(
        (_filled.field == "identifiers", _repeat.value.contains(_filled.value)), else_=_repeat.value == _filled.value
    )
    same_field = (_repeat.item_id == _filled.item_id, _repeat.field == _filled.field)
    return exists().where(*same_field, _repeat.job_id != _filled.job_id, says_the_same, of_standing)


def _field_reason() -> Label[StayReason | None]:
    """Return why a field that the import filled stays; NULL if it still says what the import said."""
    is_unchanged = case(
        (_filled.field == "summary", func.to_jsonb(func.md5(col(Item.summary))) == _filled.value),
        (_filled.field == "identifiers", col(Item.details)["identifiers"].contains(_filled.value)),
        else_=func.coalesce(col(Item.details)[_filled.field] == _filled.value, literal(False)),
    )
    reason = case(
        (col(Item.status) == "merged", "merged"),
        (~is_unchanged, "changed"),
        (_is_repeated(_of_a_standing_import()), "another_import"),
        (_is_repeated(_of_a_standing_harvest()), "harvested"),
        else_=null(),
    )
    return label("reason", reason)


def created(import_id: UUID, is_applied: IsApplied) -> Select[Any]:
    """Select the items that the import created and that are not withdrawn, each with why it stays, if it does."""
    columns = select_columns(
        _record.number, label("field", literal("")), _record.item_id, _item_reason(import_id, is_applied)
    )
    return columns.join(Item, _id == _record.item_id).where(
        _record.job_id == import_id, _record.outcome == "created", col(Item.status) != "withdrawn"
    )


def fields(import_id: UUID) -> Select[Any]:
    """Select the fields that the import filled of items that it did not create itself."""
    columns = select_columns(_filled.number, _filled.field, _filled.item_id, _field_reason())
    return columns.join(Item, _id == _filled.item_id).where(
        _filled.job_id == import_id, col(Item.status) != "withdrawn", ~_created_by(import_id)
    )


def _created_by(import_id: UUID) -> ColumnElement[bool]:
    creating = import_records.alias("creating")
    return exists().where(creating.c.item_id == _id, creating.c.job_id == import_id, creating.c.outcome == "created")


def _accepted(import_id: UUID) -> Select[Any]:
    """Select the values of the import that an editor accepted, and that items which it did not create say today."""
    conflict, repeat = ImportConflict, import_conflict_repeats.c
    stated = union_all(
        select_columns(label("conflict_id", col(conflict.id)), col(conflict.number)).where(
            col(conflict.job_id) == import_id
        ),
        select_columns(repeat.conflict_id, repeat.number).where(repeat.job_id == import_id),
    ).subquery()
    reason = label("reason", literal("accepted"))
    columns = select_columns(stated.c.number, col(conflict.field), col(conflict.item_id), reason).distinct()
    return (
        columns.join(conflict, col(conflict.id) == stated.c.conflict_id)
        .join(Item, _id == col(conflict.item_id))
        .where(
            col(conflict.status) == "accepted",
            col(Item.status) != "withdrawn",
            _says_accepted(),
            ~_created_by(import_id),
        )
    )


def _says_accepted() -> ColumnElement[bool]:
    field, value = col(ImportConflict.field), col(ImportConflict.value)
    columns = ((field == name, func.to_jsonb(getattr(Item, name)) == value) for name in sorted(COLUMNS))
    return case(
        *columns,
        (field == "identifiers", col(Item.details)["identifiers"].contains(func.jsonb_build_array(value))),
        else_=col(Item.details)[field] == value,
    )


def reasons(import_id: UUID, is_applied: IsApplied) -> Select[Any]:
    """Select what the import created, filled and had accepted, each with the reason why it stays, if any."""
    rows = union_all(created(import_id, is_applied), fields(import_id), _accepted(import_id)).subquery()
    return select(rows)


def what_stays(import_id: UUID, is_applied: IsApplied) -> Select[Any]:
    """Select what a withdrawal of the import would leave, and why. To be paged by number, field and reason."""
    rows = reasons(import_id, is_applied).subquery()
    statement = select_columns(*rows.c, col(Item.title).label("item_title")).join(Item, _id == rows.c.item_id)
    return statement.where(rows.c.reason.is_not(None))
