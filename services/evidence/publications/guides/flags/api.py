"""Flags of guides over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.evidence.callers import Editor
from services.evidence.library.renditions.queries import GuideNotFound
from services.evidence.library.renditions.rules import GuideIsWithdrawn
from services.evidence.publications.guides.flags import commands, queries, rules
from services.evidence.publications.guides.flags.views import FlagDecision, FlaggedStatement, FlagOutcome
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/guides", "Guides")


@router.get("/flags", response_model=Page[FlaggedStatement])
async def list_guide_flags(
    caller: Editor,
    session: Reading,
    paging: Paging,
    response: Response,
    mine: Annotated[bool, Query(description="Only of guides that you own.")] = False,
    decided: Annotated[bool, Query(description="Those that are decided and wait for the next edition.")] = False,
) -> Page[FlaggedStatement]:
    """List statements that cite something that has changed: those of your own guides first, then the oldest.

    The header `Open-Flags` counts those of your own guides that wait for a decision.
    """
    response.headers["Open-Flags"] = str(await queries.count_open_flags(session, caller.id))
    statement = queries.list_flags(caller.id, mine=mine, decided=decided)
    return await paginate(session, statement, paging, key=queries.order_flags(caller.id), view=FlaggedStatement.of)


@router.post(
    "/{guide_id}/statements/{statement_id}/citations/{item_id}/resolve",
    response_model=FlagOutcome,
    responses=documented(
        GuideNotFound,
        GuideIsWithdrawn,
        queries.CitationNotFound,
        rules.NothingFlagged,
        rules.CannotKeepCitation,
        rules.CannotRepinCitation,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def resolve_guide_flag(
    guide_id: UUID,
    statement_id: UUID,
    item_id: UUID,
    body: FlagDecision,
    match: IfMatchVersion,
    caller: Editor,
    uow: Transaction,
) -> FlagOutcome:
    """Decide about a flag. `keep` takes effect at once; the others are written into the guide's next edition.

    Send the ETag of the guide in `If-Match`: nobody decides about a change that they have not read.
    """
    return await commands.resolve_flag(uow, guide_id, statement_id, item_id, body, match, caller)
