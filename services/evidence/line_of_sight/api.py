"""The thread from any point of it, both ways; and for a contributor, what followed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlmodel import col

from services.evidence.callers import Anyone, ContributorOrReadingPartner
from services.evidence.library.items.queries import contributed_items
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import ItemSummary
from services.evidence.line_of_sight import known, queries, rules
from services.evidence.line_of_sight.rules import Ref
from services.evidence.line_of_sight.views import Contribution, Link, Thread, followed, node
from shared.callers import Role
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading
from shared.problems import documented

router = create_router("/v1", "line of sight")


@router.get("/line-of-sight", response_model=Thread, responses=documented(rules.BadStart, rules.NothingSeen))
async def show_line_of_sight(
    caller: Anyone,
    session: Reading,
    start: Annotated[
        str, Query(alias="from", description=f"`evidence:{{id}}`, or one of: {', '.join(sorted(rules.KINDS))}.")
    ],
) -> Thread:
    """Walk from a paper, a voice, a project or a pound to where it came from and to what it led."""
    begin = rules.start(start)
    staff = caller.has(Role.EVIDENCE_EDITOR)
    if begin.kind == "request" and not (staff or await known.may_see_request(session, begin.id, caller.id)):
        raise rules.NothingSeen
    walked = await queries.walk(session, begin, caller.id, staff=staff)
    seen = walked[: rules.MOST_NODES]
    merged = await known.merged_among(session, seen)
    refs = list(dict.fromkeys(rules.standing(merged, ref) for ref in seen))
    facts = await queries.facts_of(session, refs)
    if len(refs) == 1 and refs[0] not in facts:
        raise rules.NothingSeen
    about = await known.known_of(session, refs)
    return Thread(
        from_=str(refs[0]),
        nodes=[node(ref, facts[ref].facts if ref in facts else {}, about) for ref in refs],
        links=_links(await queries.links_between(session, seen), merged),
        truncated=len(walked) > len(seen),
    )


def _links(rows: Iterable[Any], merged: Mapping[UUID, UUID]) -> list[Link]:
    """Each once, between the items that stand today; the earliest where two items became one."""
    found: dict[tuple[str, str, str], Link] = {}
    for row in rows:
        before = str(rules.standing(merged, Ref(row.from_kind, row.from_id)))
        after = str(rules.standing(merged, Ref(row.to_kind, row.to_id)))
        if row.relation != rules.MERGED_INTO:
            link = Link(from_=before, to=after, relation=row.relation, at=row.at)
            found.setdefault((before, row.relation, after), link)
    return list(found.values())


@router.get("/contributions", response_model=Page[Contribution])
async def list_contributions(
    caller: ContributorOrReadingPartner, session: Reading, paging: Paging
) -> Page[Contribution]:
    """What you gave, the newest first, each with what followed from it."""
    page = await paginate(
        session,
        contributed_items(caller.id),
        paging,
        key=(col(Item.id),),
        view=ItemSummary.model_validate,
        descending=True,
    )
    rows = await known.what_followed(session, [item.id for item in page.items])
    refs = [Ref(kind, each) for row in rows.values() for kind in ("guide", "learning") for each in _of(row, kind)]
    titles = await known.titles_of(session, refs)
    return Page(
        items=[
            Contribution(
                item=item,
                followed=followed(rows[item.id], titles),
                line_of_sight=f"/v1/line-of-sight?from=evidence:{item.id}",
            )
            for item in page.items
        ],
        next=page.next,
        total=page.total,
    )


def _of(row: Any, kind: str) -> Sequence[UUID]:
    return row.guides if kind == "guide" else row.learning
