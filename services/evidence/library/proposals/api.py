"""Proposals over HTTP. They are made by a PATCH of the item."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as RequestBody
from fastapi import Query, Response
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import ContributorOrPartner, is_editor
from services.evidence.library.field_types import Phrase
from services.evidence.library.items.attribution import ConsentBelongsToPerson
from services.evidence.library.items.rules import ItemWithdrawn, OnlyEditorsChangePublished
from services.evidence.library.items.tables import Proposal, ProposalStatus, Side
from services.evidence.library.items.views import ProposalView, proposal_response
from services.evidence.library.items.words.rules import WordsTakenBack
from services.evidence.library.proposals import commands, queries, rules
from services.evidence.library.proposals.queries import ProposalNotFound, ProposedWords
from services.evidence.library.proposals.views import proposal_view
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body

router = create_router("/v1/evidence/proposals", "Proposals")

REFUSALS = (
    ProposalNotFound,
    ItemWithdrawn,
    rules.ProposalDecided,
    rules.OtherSideDecides,
    PreconditionFailed,
    PreconditionRequired,
)


Patch = Annotated[
    dict[str, Any],
    RequestBody(
        media_type="application/merge-patch+json",
        description="RFC 7396, as of a change of the item: only what changes; null removes.",
    ),
]


class DeclinedProposal(Body):
    """Why the words stay as they are."""

    reason: Phrase | None = Field(default=None, description="For whoever proposed it.")


@router.get("", response_model=Page[ProposalView])
async def list_proposals(
    caller: ContributorOrPartner,
    session: Reading,
    paging: Paging,
    item: Annotated[UUID | None, Query(description="Only proposals for this item.")] = None,
    status: ProposalStatus | None = None,
    waiting_for: Annotated[
        Side | None, Query(description="Only those that wait for the person who gave the words, or for an editor.")
    ] = None,
) -> Page[ProposalView]:
    """List other words that were proposed for what you gave; for an editor, for everything. The newest come first."""
    contributor = None if is_editor(caller) else caller.id
    statement = queries.proposals_for(contributor, item_id=item, status=status, waiting_for=waiting_for)
    key = (col(Proposal.id),)
    return await paginate(session, statement, paging, key=key, view=_view, descending=True)


@router.get("/{proposal_id}", response_model=ProposalView, responses=documented(ProposalNotFound))
async def get_proposal(
    proposal_id: UUID, caller: ContributorOrPartner, session: Reading, response: Response
) -> ProposalView:
    """Show the words as they are and as they would be: to the person who gave them, and to editors."""
    proposed = await queries.get_proposal(session, proposal_id, caller)
    set_etag(response, proposed.proposal)
    return proposal_view(proposed)


@router.post(
    "/{proposal_id}/accept",
    response_model=ProposalView,
    responses=documented(*REFUSALS, rules.WordsChangedSince, WordsTakenBack, Invalid),
)
async def accept_proposal(
    proposal_id: UUID, match: IfMatchVersion, caller: ContributorOrPartner, uow: Transaction, response: Response
) -> ProposalView:
    """Accept an editor's words for what you gave; or, as an editor, the words of the person who gave it."""
    return await _answer(uow, response, await commands.accept_proposal(uow, proposal_id, caller, match))


@router.post("/{proposal_id}/decline", response_model=ProposalView, responses=documented(*REFUSALS))
async def decline_proposal(
    proposal_id: UUID,
    match: IfMatchVersion,
    caller: ContributorOrPartner,
    uow: Transaction,
    response: Response,
    body: DeclinedProposal | None = None,
) -> ProposalView:
    """Leave the words as they are."""
    reason = body.reason if body else None
    return await _answer(uow, response, await commands.decline_proposal(uow, proposal_id, caller, match, reason))


@router.post(
    "/{proposal_id}/replace",
    status_code=201,
    response_model=ProposalView,
    responses=documented(
        *REFUSALS,
        rules.OnlyProposerReplaces,
        rules.NothingProposed,
        OnlyEditorsChangePublished,
        ConsentBelongsToPerson,
        WordsTakenBack,
        Invalid,
    ),
)
async def replace_proposal(
    proposal_id: UUID, patch: Patch, match: IfMatchVersion, caller: ContributorOrPartner, uow: Transaction
) -> Response:
    """Put other words in the place of what you proposed yourself, before it is answered: a change of the item."""
    proposal = await commands.replace_proposal(uow, proposal_id, caller, match, patch)
    return proposal_response(proposal, status=201)


@router.post("/{proposal_id}/withdraw", response_model=ProposalView, responses=documented(*REFUSALS))
async def withdraw_proposal(
    proposal_id: UUID, match: IfMatchVersion, caller: ContributorOrPartner, uow: Transaction, response: Response
) -> ProposalView:
    """Take back what your side proposed, before it is answered. Its words are erased."""
    return await _answer(uow, response, await commands.withdraw_proposal(uow, proposal_id, caller, match))


def _view(row: Sequence[Any]) -> ProposalView:
    return proposal_view(ProposedWords.of(row))


async def _answer(uow: Transaction, response: Response, proposed: ProposedWords) -> ProposalView:
    await flush_and_tag(uow, response, proposed.proposal)
    return proposal_view(proposed)
