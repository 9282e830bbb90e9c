"""Proposals as the list of them shows them."""

from services.evidence.library.items.views import ProposalView
from services.evidence.library.items.words.rules import outdated_fields
from services.evidence.library.proposals.queries import ProposedWords


def proposal_view(proposed: ProposedWords) -> ProposalView:
    """Return the proposal, with what has changed since it was made."""
    return ProposalView.of(proposed.proposal, outdated=bool(outdated_fields(proposed.proposal, proposed.item)))
