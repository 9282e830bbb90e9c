"""Who decides about a proposal, and which can still be decided."""

from services.evidence.callers import is_editor
from services.evidence.library.items.attribution import is_contributor
from services.evidence.library.items.tables import Item, Proposal, Side
from services.evidence.library.items.words.rules import outdated_fields
from shared.callers import Caller
from shared.problems import Conflict, Invalid, NotAllowed


class ProposalDecided(Conflict):
    title = "This proposal has been answered already"
    detail = "It is {status}. Nothing was changed. To change the words once more, send a PATCH of the item."


class WordsChangedSince(Conflict):
    title = "The words have changed since this was proposed"
    detail = (
        "Accepting it would undo a later change of: {fields}. Decline it. Whoever proposed it can send a new PATCH of "
        "the item as it is now."
    )


class OtherSideDecides(NotAllowed):
    title = "This is for the other side to answer"
    detail = (
        "What an editor proposes, the person who gave the words accepts or declines; what that person proposes, an "
        "editor does. Whoever proposed it may withdraw it."
    )


class OnlyProposerReplaces(NotAllowed):
    title = "Only whoever made this proposal can replace it"
    detail = "Wait for its answer. Anybody of the same side may withdraw it, and then propose other words."


class NothingProposed(Invalid):
    title = "This proposes no other words"
    detail = "Nothing was changed. Send words that differ from those of the item, or withdraw the proposal."


def sides_of(caller: Caller, item: Item) -> set[Side]:
    """Return for which sides the caller speaks: never for both, so that nobody answers themselves."""
    if is_contributor(caller, item):
        return {"contributor"}
    return {"editor"} if is_editor(caller) else set()


def check_may_decide(caller: Caller, proposal: Proposal, item: Item) -> None:
    """Raise ProposalDecided, OtherSideDecides."""
    check_waiting(proposal)
    if not sides_of(caller, item) - {proposal.proposed_by}:
        raise OtherSideDecides


def check_may_withdraw(caller: Caller, proposal: Proposal, item: Item) -> None:
    """Allow the side that proposed it. Raises ProposalDecided, OtherSideDecides."""
    check_waiting(proposal)
    if proposal.proposed_by not in sides_of(caller, item):
        raise OtherSideDecides


def check_may_replace(caller: Caller, proposal: Proposal, item: Item) -> None:
    """Allow whoever made it. Raises ProposalDecided, OtherSideDecides, OnlyProposerReplaces."""
    check_may_withdraw(caller, proposal, item)
    if proposal.proposer_id != caller.id:
        raise OnlyProposerReplaces


def check_waiting(proposal: Proposal) -> None:
    """Raise ProposalDecided."""
    if proposal.status != "waiting":
        raise ProposalDecided(status=proposal.status)


def check_up_to_date(proposal: Proposal, item: Item) -> None:
    """Raise WordsChangedSince."""
    if fields := outdated_fields(proposal, item):
        raise WordsChangedSince(fields=", ".join(fields))
