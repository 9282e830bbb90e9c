"""The line of sight over HTTP: the thread from any node of it, and what followed from one's own contributions."""

from typing import Annotated

from fastapi import Query
from sqlmodel import col

from services.evidence.callers import Anyone, ContributorOrReadingPartner
from services.evidence.library.items.editions.queries import latest_changes
from services.evidence.library.items.queries import contributed_items
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import item_summary
from services.evidence.library.proposals.queries import waiting_for_contributor
from services.evidence.line_of_sight import queries, rules
from services.evidence.line_of_sight.views import Contribution, ContributionImpact, LineOfSight
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading
from shared.problems import documented

router = create_router("/v1", "Line of sight")


@router.get(
    "/line-of-sight", response_model=LineOfSight, responses=documented(rules.InvalidStart, queries.ThreadNotFound)
)
async def get_line_of_sight(
    caller: Anyone,
    session: Reading,
    start: Annotated[
        str, Query(alias="from", description=f"`evidence:{{id}}`, or one of: {', '.join(sorted(rules.NODE_KINDS))}.")
    ],
) -> LineOfSight:
    """Walk from a paper, a voice, a project or a pound to where it came from and to what it led to."""
    return LineOfSight.of(await queries.load_thread(session, start, caller))


@router.get("/contributions", response_model=Page[Contribution])
async def list_contributions(
    caller: ContributorOrReadingPartner, session: Reading, paging: Paging
) -> Page[Contribution]:
    """List the items that you contributed, the newest first, each with what followed from it.

    Also who changed it last, and how many proposals for its words wait for your answer.
    """
    statement, view = contributed_items(caller.id), item_summary
    page = await paginate(session, statement, paging, key=(col(Item.id),), view=view, descending=True)
    item_ids = [item.id for item in page.items]
    impacts, titles, payments = await queries.load_impacts(session, item_ids)
    changes, waiting = await latest_changes(session, item_ids), await waiting_for_contributor(session, item_ids)
    contributions = [
        Contribution.of(
            item,
            ContributionImpact.of(impacts[item.id], titles, payments),
            changes.get(item.id),
            waiting.get(item.id, 0),
        )
        for item in page.items
    ]
    return Page(items=contributions, next=page.next, total=page.total)
