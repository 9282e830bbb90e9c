"""Bulk changes over HTTP: ask for a preview, read it, confirm exactly that, and follow its progress."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query, Response
from sqlmodel import col

from services.evidence.callers import Editor
from services.evidence.library.bulk_changes import change_request, commands, queries, rules
from services.evidence.library.bulk_changes.queries import StepRow
from services.evidence.library.bulk_changes.tables import BulkChange, StepStatus, bulk_change_steps
from services.evidence.library.bulk_changes.views import (
    BulkChangePreview,
    BulkChangeView,
    NewBulkChange,
    StepView,
    bulk_change_views,
    preview_view,
    step_views,
)
from services.evidence.library.topics.queries import TopicNotFound
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/bulk-changes", "Bulk changes")


@router.post("", status_code=201, response_model=BulkChangePreview, responses=documented(TopicNotFound, Invalid))
async def create_bulk_change(
    request: Annotated[NewBulkChange, Body()], _caller: Editor, uow: Transaction, response: Response
) -> BulkChangePreview:
    """Preview a decision about many duplicates or a change of many items. Nothing changes until it is confirmed."""
    if isinstance(request, change_request.DuplicateDecisions):
        bulk_change = await commands.preview_duplicates(uow, request)
    else:
        bulk_change = await commands.preview_items(uow, request)
    await flush_and_tag(uow, response, bulk_change, location=f"/v1/bulk-changes/{bulk_change.id}")
    return await preview_view(uow.session, bulk_change)


@router.post(
    "/{bulk_change_id}/confirm",
    status_code=202,
    response_model=BulkChangeView,
    responses=documented(
        queries.BulkChangeNotFound,
        rules.BulkChangeConfirmed,
        rules.NothingPlanned,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def confirm_bulk_change(
    bulk_change_id: UUID, match: IfMatch, caller: Editor, uow: Transaction, response: Response
) -> BulkChangeView:
    """Make what the preview holds, in the background and in your name: follow the Location.

    What was changed since the preview is left as it is; its step says so.
    """
    bulk_change = await commands.confirm(uow, bulk_change_id, caller, match)
    await flush_and_tag(uow, response, bulk_change, location=f"/v1/bulk-changes/{bulk_change.id}")
    return (await bulk_change_views(uow.session, [bulk_change]))[0]


@router.get("", response_model=Page[BulkChangeView])
async def list_bulk_changes(_caller: Editor, session: Reading, paging: Paging) -> Page[BulkChangeView]:
    """List previews and bulk changes, the newest first."""
    key = (col(BulkChange.id),)
    page = await paginate(session, queries.bulk_changes(), paging, key=key, view=_unchanged, descending=True)
    return Page(items=await bulk_change_views(session, page.items), next=page.next, total=page.total)


@router.get("/{bulk_change_id}", response_model=BulkChangePreview, responses=documented(queries.BulkChangeNotFound))
async def get_bulk_change(
    bulk_change_id: UUID, _caller: Editor, session: Reading, response: Response
) -> BulkChangePreview:
    """Show how far it is, with the first steps that are still planned."""
    bulk_change = await fetch(session, BulkChange, bulk_change_id, missing=queries.BulkChangeNotFound)
    view = await preview_view(session, bulk_change)
    if bulk_change.status != "queued":
        set_etag(response, bulk_change)
    return view


@router.get("/{bulk_change_id}/steps", response_model=Page[StepView], responses=documented(queries.BulkChangeNotFound))
async def list_steps(
    bulk_change_id: UUID,
    _caller: Editor,
    session: Reading,
    paging: Paging,
    status: Annotated[StepStatus | None, Query(description="`left`: only what was not made, each with why.")] = None,
) -> Page[StepView]:
    """List what it does with each group or item, in the order in which the steps are made."""
    bulk_change = await fetch(session, BulkChange, bulk_change_id, missing=queries.BulkChangeNotFound)
    key = (bulk_change_steps.c.number,)
    statement = queries.steps_of(bulk_change_id, status)
    page = await paginate(session, statement, paging, key=key, view=lambda row: StepRow(*row))
    return Page(items=await step_views(session, bulk_change, page.items), next=page.next, total=page.total)


def _unchanged(bulk_change: BulkChange) -> BulkChange:
    return bulk_change
