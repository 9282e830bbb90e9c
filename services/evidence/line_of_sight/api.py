"""The thread from any point of it, both ways; and for a contributor, what followed."""

from typing import Annotated, Any

from fastapi import Depends, Query
from sqlmodel import col

from services.evidence.items.queries import contributed_items
from services.evidence.items.tables import Item
from services.evidence.items.views import ItemSummary
from services.evidence.line_of_sight import queries, rules
from services.evidence.line_of_sight.rules import Ref
from services.evidence.line_of_sight.views import Contribution, Followed, Link, Thread, node, people
from shared.auth import Caller, Role, allow
from shared.database import Reading
from shared.http import Public
from shared.http import router as slice_router
from shared.pagination import Page, Paging, paginate
from shared.problems import documented

router = slice_router("/v1", "line of sight")

Contributor = Annotated[Caller, Depends(allow(Role.CONTRIBUTOR, scope="evidence:read"))]


@router.get("/line-of-sight", response_model=Thread, responses=documented(rules.BadStart, rules.NothingSeen))
async def show_line_of_sight(
    caller: Public,
    session: Reading,
    start: Annotated[
        str, Query(alias="from", description="`evidence:{id}`, or topic, survey, assembly, project, outcome.")
    ],
) -> Thread:
    """Walk from a paper, a voice, a project or a pound to where it came from and to what it led."""
    begin = rules.start(start)
    walked = await queries.walk(session, begin)
    refs = walked[: rules.MOST_NODES]
    facts = await queries.facts_of(session, refs)
    if len(refs) == 1 and begin not in facts:
        raise rules.NothingSeen
    known = await queries.known_of(session, refs)
    return Thread(
        from_=str(begin),
        nodes=[node(ref, facts[ref].facts if ref in facts else {}, known) for ref in refs],
        links=[
            Link(
                from_=str(Ref(row.from_kind, row.from_id)),
                to=str(Ref(row.to_kind, row.to_id)),
                relation=row.relation,
                at=row.at,
            )
            for row in await queries.links_between(session, refs)
        ],
        truncated=len(walked) > len(refs),
    )


@router.get("/contributions", response_model=Page[Contribution])
async def list_contributions(caller: Contributor, session: Reading, paging: Paging) -> Page[Contribution]:
    """What you gave, the newest first, each with what followed from it."""
    page = await paginate(
        session,
        contributed_items(caller.id),
        paging,
        key=(col(Item.id),),
        view=ItemSummary.model_validate,
        descending=True,
    )
    followed = await queries.what_followed(session, [item.id for item in page.items])
    return Page(
        items=[
            Contribution(
                item=item,
                followed=_followed(followed.get(item.id)),
                line_of_sight=f"/v1/line-of-sight?from=evidence:{item.id}",
            )
            for item in page.items
        ],
        next=page.next,
        total=page.total,
    )


def _followed(row: Any) -> Followed:
    if row is None:
        return Followed(projects=0, outcomes=0, better=0, people=0)
    return Followed(projects=row.projects, outcomes=row.outcomes, better=row.better, people=people(row.people))
