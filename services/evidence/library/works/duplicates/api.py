"""Groups of duplicates over HTTP: compare members side by side, and decide once for the whole group."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from sqlmodel import col

from services.evidence.callers import Editor
from services.evidence.library.works.duplicates import commands, queries, rules
from services.evidence.library.works.duplicates.tables import DuplicateGroup, GroupStatus
from services.evidence.library.works.duplicates.views import DuplicateGroupView, GroupDecision, group_views
from services.evidence.library.works.merges.rules import ItemGone, PublishedIntoDraft
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import documented

router = create_router("/v1/duplicates", "Duplicates")


@router.get("", response_model=Page[DuplicateGroupView])
async def list_duplicates(
    _caller: Editor,
    session: Reading,
    paging: Paging,
    status: GroupStatus = "open",
    judgement: Annotated[
        Literal["duplicate", "maybe"] | None, Query(description="Only groups with an undecided pair of this judgement.")
    ] = None,
    import_id: Annotated[
        UUID | None, Query(alias="import", description="Only groups with an item that this import created or matched.")
    ] = None,
) -> Page[DuplicateGroupView]:
    """List the groups that wait for a decision, or those that were decided, the oldest first."""
    key = (col(DuplicateGroup.id),)
    page = await paginate(session, queries.groups(status, judgement, import_id), paging, key=key, view=_unchanged)
    return Page(items=await group_views(session, page.items), next=page.next, total=page.total)


@router.get("/{group_id}", response_model=DuplicateGroupView, responses=documented(queries.DuplicateGroupNotFound))
async def get_group(group_id: UUID, _caller: Editor, session: Reading, response: Response) -> DuplicateGroupView:
    """Return one group: its members side by side, and what makes them alike."""
    group = await fetch(session, DuplicateGroup, group_id, missing=queries.DuplicateGroupNotFound)
    set_etag(response, group)
    return (await group_views(session, [group]))[0]


@router.post(
    "/{group_id}/decide",
    response_model=DuplicateGroupView,
    responses=documented(
        queries.DuplicateGroupNotFound,
        rules.GroupDecided,
        rules.NothingDecided,
        rules.NotAMember,
        ItemGone,
        PublishedIntoDraft,
    ),
)
async def decide_group(
    group_id: UUID, decision: GroupDecision, _caller: Editor, uow: Transaction, response: Response
) -> DuplicateGroupView:
    """Say which members are one work and which are works of their own. A merge can be undone at /v1/merges."""
    into, items = (decision.merge.into, decision.merge.items) if decision.merge else (None, None)
    group = await commands.decide_group(uow, group_id, into, items, decision.different)
    await flush_and_tag(uow, response, group)
    return (await group_views(uow.session, [group]))[0]


def _unchanged(group: DuplicateGroup) -> DuplicateGroup:
    return group
