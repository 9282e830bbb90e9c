"""Groups of duplicates over HTTP: look at them side by side, and decide once for the whole group."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import Editor
from services.evidence.library.works.duplicates import comparing, problems, queries, rules
from services.evidence.library.works.duplicates.tables import DuplicateGroup
from services.evidence.library.works.duplicates.views import DuplicateGroupView, views
from services.evidence.library.works.merges import merging
from services.evidence.library.works.merges.problems import ItemGone, PublishedIntoDraft
from services.evidence.library.works.merges.rules import MOST_ITEMS
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import documented
from shared.views import Body

router = create_router("/v1/duplicates", "duplicates")


class SameWork(Body):
    """Members that are one work."""

    into: UUID = Field(description="The member that is to stand for the others.")
    items: list[UUID] | None = Field(
        default=None, min_length=1, max_length=MOST_ITEMS, description="Which go into it: all others, where left out."
    )


class GroupDecision(Body):
    """One decision for the whole group. What it does not name stays in the group, to be decided later."""

    merge: SameWork | None = None
    different: list[UUID] = Field(
        default=[],
        max_length=rules.MOST_MEMBERS,
        description="Works of their own: none of them comes up with another member again.",
    )


@router.get("", response_model=Page[DuplicateGroupView])
async def list_duplicates(
    caller: Editor,
    session: Reading,
    paging: Paging,
    state: Literal["open", "decided"] = "open",
    judgement: Annotated[
        Literal["duplicate", "maybe"] | None, Query(description="Only groups in which such a pair waits.")
    ] = None,
) -> Page[DuplicateGroupView]:
    """Groups that wait for a decision, the oldest first; or those that were decided."""
    page = await paginate(
        session, queries.groups(state, judgement), paging, key=(col(DuplicateGroup.id),), view=_itself
    )
    return Page(items=await views(session, page.items), next=page.next, total=page.total)


@router.get("/{group_id}", response_model=DuplicateGroupView, responses=documented(problems.GroupNotFound))
async def get_group(group_id: UUID, caller: Editor, session: Reading, response: Response) -> DuplicateGroupView:
    """One group: its members side by side, and what makes them alike."""
    group = await queries.group_of(session, group_id)
    set_etag(response, group)
    return (await views(session, [group]))[0]


@router.post(
    "/{group_id}/decision",
    response_model=DuplicateGroupView,
    responses=documented(
        problems.GroupNotFound,
        problems.GroupDecided,
        problems.NothingDecided,
        problems.NotAMember,
        ItemGone,
        PublishedIntoDraft,
    ),
)
async def decide_group(
    group_id: UUID, decision: GroupDecision, caller: Editor, uow: Transaction, response: Response
) -> DuplicateGroupView:
    """Say which members are one work and which are works of their own. What is merged can be undone at /v1/merges."""
    await queries.hold_comparing(uow.session)
    group = await queries.group_of(uow.session, group_id, lock=True)
    if group.state == "decided":
        raise problems.GroupDecided
    members = list(group.members)
    into = decision.merge.into if decision.merge else None
    merged: Sequence[UUID] = ()
    if decision.merge is not None:
        others = [item for item in members if item != into and item not in decision.different]
        merged = others if decision.merge.items is None else decision.merge.items
    rules.check_decision(members, into, merged, decision.different)
    apart = {rules.pair(one, other) for one in decision.different for other in members if one != other}
    await queries.decide_pairs(uow.session, apart, "different")
    if into is not None:
        await merging.merge(uow, into, merged)
    uow.record(
        "decided", "DuplicateGroup", group_id, after={"into": into, "merged": merged, "different": decision.different}
    )
    await uow.session.flush()
    await comparing.compare_changed(uow, members)
    await uow.session.flush()
    set_etag(response, group)
    return (await views(uow.session, [group]))[0]


def _itself(group: DuplicateGroup) -> DuplicateGroup:
    return group
