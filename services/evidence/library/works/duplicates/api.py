"""Groups of duplicates over HTTP: compare members side by side, and decide once for the whole group."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.callers import Editor
from services.evidence.library.topics.queries import TopicNotFound, topic_and_below
from services.evidence.library.works.duplicates import commands, queries, rules
from services.evidence.library.works.duplicates.tables import DuplicateGroup, GroupStatus
from services.evidence.library.works.duplicates.views import DuplicateGroupView, GroupDecision, group_views
from services.evidence.library.works.merges.rules import ItemGone, PublishedIntoDraft
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/duplicates", "Duplicates")


@router.get("", response_model=Page[DuplicateGroupView], responses=documented(TopicNotFound))
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
    topic: Annotated[UUID | None, Query(description="Only groups with an item under this topic or below it.")] = None,
) -> Page[DuplicateGroupView]:
    """List the groups that wait for a decision, or those that were decided, the oldest first."""
    key = (col(DuplicateGroup.id),)
    topics = None if topic is None else await topic_and_below(session, topic)
    statement = queries.groups(status, judgement, import_id, topics)
    page = await paginate(session, statement, paging, key=key, view=_unchanged)
    return Page(items=await group_views(session, page.items), next=page.next, total=page.total)


@router.get("/{group_id}", response_model=DuplicateGroupView, responses=documented(queries.DuplicateGroupNotFound))
async def get_group(group_id: UUID, _caller: Editor, session: Reading, response: Response) -> DuplicateGroupView:
    """Return one group: its members side by side, and what makes them alike. The ETag changes with any of them."""
    group = await fetch(session, DuplicateGroup, group_id, missing=queries.DuplicateGroupNotFound)
    return await _view(session, group, response)


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
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def decide_group(
    group_id: UUID,
    decision: GroupDecision,
    match: IfMatchVersion,
    _caller: Editor,
    uow: Transaction,
    response: Response,
) -> DuplicateGroupView:
    """Say which members are one work and which are works of their own. A merge can be undone at /v1/merges.

    Send the ETag of the group in `If-Match`: nobody decides about members that they have not read.
    """
    into, items = (decision.merge.into, decision.merge.items) if decision.merge else (None, None)
    group = await commands.decide_group(uow, group_id, into, items, decision.different, match)
    await uow.session.flush()
    return await _view(uow.session, group, response)


async def _view(session: AsyncSession, group: DuplicateGroup, response: Response) -> DuplicateGroupView:
    view = (await group_views(session, [group]))[0]
    set_etag(response, view)
    return view


def _unchanged(group: DuplicateGroup) -> DuplicateGroup:
    return group
