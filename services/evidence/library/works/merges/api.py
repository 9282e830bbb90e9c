"""Merges over HTTP: merge items, see what the surviving item received, undo it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import Editor
from services.evidence.library.items.rules import DuplicateWork
from services.evidence.library.works.merges import commands, queries, rules
from services.evidence.library.works.merges.tables import Merge
from services.evidence.library.works.merges.views import MergeView, merge_views
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body

router = create_router("/v1/merges", "Merges")


class NewMerge(Body):
    """Items that describe the same work."""

    items: list[UUID] = Field(min_length=1, max_length=rules.MAX_ITEMS, description="The items to merge.")
    into: UUID = Field(description="The item that is to stand for all of them.")


@router.post(
    "",
    status_code=201,
    response_model=MergeView,
    responses=documented(
        Invalid,
        rules.ItemMissing,
        rules.OnlyResearchIsMerged,
        rules.SurvivorGone,
        rules.SurvivorStandsElsewhere,
        rules.AlreadyMerged,
        rules.ItemGone,
        rules.PublishedIntoDraft,
        DuplicateWork,
    ),
)
async def merge_items(body: NewMerge, _caller: Editor, uow: Transaction, response: Response) -> MergeView:
    """Let one item stand for others that are the same work. It receives what they add, and they redirect to it."""
    merge = await commands.merge_items(uow, body.into, body.items)
    await flush_and_tag(uow, response, merge, location=f"/v1/merges/{merge.id}")
    return (await merge_views(uow.session, [merge]))[0]


@router.post(
    "/{merge_id}/undo",
    response_model=MergeView,
    responses=documented(
        queries.MergeNotFound,
        rules.LaterMergeStands,
        rules.IdentifierTaken,
        DuplicateWork,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def undo_merge(
    merge_id: UUID, match: IfMatchVersion, _caller: Editor, uow: Transaction, response: Response
) -> MergeView:
    """Restore every item as it was. Fields of the survivor that were changed since stay: `problems` lists them."""
    merge = await commands.undo_merge(uow, merge_id, match)
    await flush_and_tag(uow, response, merge)
    return (await merge_views(uow.session, [merge]))[0]


@router.get("", response_model=Page[MergeView])
async def list_merges(
    _caller: Editor,
    session: Reading,
    paging: Paging,
    into: Annotated[UUID | None, Query(description="Only merges into this item.")] = None,
) -> Page[MergeView]:
    """List every merge, also undone ones, the newest first."""
    key = (col(Merge.id),)
    page = await paginate(session, queries.merges(into), paging, key=key, view=_unchanged, descending=True)
    return Page(items=await merge_views(session, page.items), next=page.next, total=page.total)


@router.get("/{merge_id}", response_model=MergeView, responses=documented(queries.MergeNotFound))
async def get_merge(merge_id: UUID, _caller: Editor, session: Reading, response: Response) -> MergeView:
    """Return one merge, and what the surviving item received."""
    merge = await fetch(session, Merge, merge_id, missing=queries.MergeNotFound)
    set_etag(response, merge)
    return (await merge_views(session, [merge]))[0]


def _unchanged(merge: Merge) -> Merge:
    return merge
