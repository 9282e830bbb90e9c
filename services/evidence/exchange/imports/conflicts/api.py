"""Conflicts over HTTP: what records of imports and harvests state otherwise, for an editor to decide."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from sqlmodel import col

from services.evidence.callers import Editor
from services.evidence.exchange.imports.conflicts import commands, queries, rules
from services.evidence.exchange.imports.conflicts.queries import ConflictRow
from services.evidence.exchange.imports.conflicts.tables import ConflictStatus, ImportConflict
from services.evidence.exchange.imports.conflicts.views import ConflictDecision, ImportConflictView
from services.evidence.library.items.queries import ItemNotFound
from services.evidence.library.items.rules import DuplicateWork, ItemWithdrawn, MergedItemIsReadOnly
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/import-conflicts", "Imports")


@router.get("", response_model=Page[ImportConflictView])
async def list_conflicts(
    _caller: Editor,
    session: Reading,
    paging: Paging,
    status: ConflictStatus = "open",
    import_id: Annotated[UUID | None, Query(alias="import", description="Only of records of this import.")] = None,
    harvest: Annotated[UUID | None, Query(description="Only of records of this harvest.")] = None,
    item: UUID | None = None,
    field: Annotated[str | None, Query(max_length=20, description="`authors`, `published_on`.")] = None,
) -> Page[ImportConflictView]:
    """List the fields in which records differ from the items that they matched, the oldest first."""
    statement = queries.conflicts(status, import_id=import_id, harvest_id=harvest, item_id=item, field=field)
    return await paginate(session, statement, paging, key=(col(ImportConflict.id),), view=_view)


@router.get("/{conflict_id}", response_model=ImportConflictView, responses=documented(queries.ConflictNotFound))
async def get_conflict(conflict_id: UUID, _caller: Editor, session: Reading, response: Response) -> ImportConflictView:
    """Return what the item says, and what the record says. The ETag changes with either."""
    return _tagged(response, await queries.get_conflict(session, conflict_id))


@router.post(
    "/{conflict_id}/decide",
    response_model=ImportConflictView,
    responses=documented(
        queries.ConflictNotFound,
        rules.ConflictDecided,
        ItemNotFound,
        ItemWithdrawn,
        MergedItemIsReadOnly,
        DuplicateWork,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def decide_conflict(
    conflict_id: UUID,
    decision: ConflictDecision,
    match: IfMatchVersion,
    caller: Editor,
    uow: Transaction,
    response: Response,
) -> ImportConflictView:
    """Accept what the record says, or keep what the item says. The same value is not offered again."""
    await commands.decide_conflict(uow, conflict_id, decision.value, match, caller)
    return _tagged(response, await queries.get_conflict(uow.session, conflict_id))


def _view(row: Sequence[Any]) -> ImportConflictView:
    return ImportConflictView.of(ConflictRow(*row))


def _tagged(response: Response, row: ConflictRow) -> ImportConflictView:
    response.headers["ETag"] = f'"{row.version + row.item_version}"'
    return ImportConflictView.of(row)
