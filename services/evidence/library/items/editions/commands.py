"""Erase the text of an earlier edition."""

from uuid import UUID

from services.evidence.library.items.editions import queries, rules
from services.evidence.library.items.queries import lock_visible_item
from services.evidence.library.items.words.queries import erase_proposed_words, waiting_proposals
from services.evidence.library.items.words.rules import outdated_fields
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork


async def erase_edition(uow: UnitOfWork, item_id: UUID, edition: int, caller: Caller, match: Match) -> None:
    """Erase the text of an earlier edition, and the stored answers to requests that quote it.

    Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, EditionNotFound, EditionErased, PreconditionFailed,
    PreconditionRequired, and the refusals of `rules.check_may_erase`.
    """
    item = await lock_visible_item(uow.session, item_id, caller)
    rules.check_may_erase(caller, item, edition)
    match.check(item)
    title = await queries.title_of(uow.session, item.id, edition)
    if not title:
        raise queries.EditionNotFound if title is None else rules.EditionErased
    await queries.erase_edition(uow.session, item.id, edition)
    await erase_proposed_words(uow.session, item.id, clock.now(), waiting=False)
    for proposal in await waiting_proposals(uow.session, item.id):
        if outdated_fields(proposal, item):
            proposal.before = {}
    await idempotency.redact_responses(uow.session, item.id)
    uow.record("edition erased", "Item", item.id, after={"edition": edition})
    item.updated_at = clock.now()
