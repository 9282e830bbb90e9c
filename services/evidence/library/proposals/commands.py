"""Accept, decline, replace and withdraw proposals for the words of an item."""

from typing import Any
from uuid import UUID

from services.evidence.library.items.commands import change_item, parse_description, replace_description
from services.evidence.library.items.tables import Proposal
from services.evidence.library.items.views import description_of
from services.evidence.library.proposals import queries, rules
from services.evidence.library.proposals.queries import ProposedWords
from services.evidence.library.topics.classification import topics_of
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork


async def accept_proposal(uow: UnitOfWork, proposal_id: UUID, caller: Caller, match: Match) -> ProposedWords:
    """Let the words take the place of those that stand. What is published keeps its earlier edition.

    Raises ProposalNotFound, ItemWithdrawn, ProposalDecided, OtherSideDecides, PreconditionFailed,
    PreconditionRequired, WordsChangedSince, and the refusals of `replace_description`.
    """
    proposal, item = await queries.lock_proposal(uow.session, proposal_id, caller)
    rules.check_may_decide(caller, proposal, item)
    match.check(proposal)
    rules.check_up_to_date(proposal, item)
    current = description_of(item, await topics_of(uow.session, item.id))
    description = parse_description({**current, **proposal.after})
    await replace_description(uow, item, description, changed_by=proposal.proposed_by, agreed=True)
    proposal.status, proposal.decided_at = "accepted", clock.now()
    proposal.edition = item.edition if item.status == "published" else None
    # From here on editions hold them, of which each can be erased.
    proposal.before, proposal.after = {}, {}
    return ProposedWords(proposal, item)


async def decline_proposal(
    uow: UnitOfWork, proposal_id: UUID, caller: Caller, match: Match, reason: str | None
) -> ProposedWords:
    """Leave the words as they are. Raises what `accept_proposal` does before it changes anything."""
    proposal, item = await queries.lock_proposal(uow.session, proposal_id, caller)
    rules.check_may_decide(caller, proposal, item)
    match.check(proposal)
    proposal.status, proposal.decided_at, proposal.reason = "declined", clock.now(), reason
    return ProposedWords(proposal, item)


async def replace_proposal(
    uow: UnitOfWork, proposal_id: UUID, caller: Caller, match: Match, patch: dict[str, Any]
) -> Proposal:
    """Put other words in the place of a proposal that waits. Returns the new one.

    Raises ProposalNotFound, ItemWithdrawn, ProposalDecided, OtherSideDecides, OnlyProposerReplaces, NothingProposed,
    PreconditionFailed, PreconditionRequired, and the refusals of `change_item`.
    """
    proposal, item = await queries.lock_proposal(uow.session, proposal_id, caller)
    rules.check_may_replace(caller, proposal, item)
    match.check(proposal)
    proposal.status, proposal.decided_at = "replaced", clock.now()
    await uow.session.flush()
    changed = await change_item(uow, item.id, caller, Match("*"), patch)
    if not isinstance(changed, Proposal):
        raise rules.NothingProposed
    return changed


async def withdraw_proposal(uow: UnitOfWork, proposal_id: UUID, caller: Caller, match: Match) -> ProposedWords:
    """Take a proposal back, from the side that made it. Its words are erased.

    Raises ProposalNotFound, ItemWithdrawn, ProposalDecided, OtherSideDecides, PreconditionFailed,
    PreconditionRequired.
    """
    proposal, item = await queries.lock_proposal(uow.session, proposal_id, caller)
    rules.check_may_withdraw(caller, proposal, item)
    match.check(proposal)
    proposal.status, proposal.decided_at = "withdrawn", clock.now()
    proposal.before, proposal.after = {}, {}
    await idempotency.redact_responses(uow.session, proposal.id)
    return ProposedWords(proposal, item)
