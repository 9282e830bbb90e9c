"""Erase the text of an earlier edition."""

from collections.abc import Sequence
from uuid import UUID

from services.evidence.library.items.editions import queries, rules
from services.evidence.library.items.queries import lock_visible_item
from services.evidence.library.items.tables import Item
from services.evidence.library.items.words.queries import (
    earlier_texts,
    erase_proposed_words,
    mark_taken_back,
    request_scan,
    waiting_proposals,
)
from services.evidence.library.items.words.rules import (
    only_in_erased,
    outdated_fields,
    remembered_fingerprints,
    texts_of,
)
from shared import clock
from shared.callers import Caller
from shared.events.contracts.evidence import EvidenceChanged
from shared.http.etags import Match
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork


async def erase_edition(uow: UnitOfWork, item_id: UUID, edition: int, caller: Caller, match: Match) -> None:
    """Erase the text of an earlier edition, and the stored answers to requests that quote it.

    Publishes EvidenceChanged, by which what cites the edition is flagged. Its words count as taken back.

    Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, EditionNotFound, EditionErased, PreconditionFailed,
    PreconditionRequired, and the refusals of `rules.check_may_erase`.
    """
    item = await lock_visible_item(uow.session, item_id, caller)
    rules.check_may_erase(caller, item, edition)
    match.check(item)
    title = await queries.title_of(uow.session, item.id, edition)
    if not title:
        raise queries.EditionNotFound if title is None else rules.EditionErased
    texts = await queries.texts_of_edition(uow.session, item.id, edition)
    await queries.erase_edition(uow.session, item.id, edition)
    await _mark_taken_back(uow, item, edition, texts)
    await erase_proposed_words(uow.session, item.id, clock.now(), waiting=False)
    for proposal in await waiting_proposals(uow.session, item.id):
        if outdated_fields(proposal, item):
            proposal.before = {}
    await idempotency.redact_responses(uow.session, item.id)
    uow.record("edition erased", "Item", item.id, after={"edition": edition})
    item.updated_at = clock.now()
    uow.publish(EvidenceChanged(item_id=item.id, edition=item.edition))


async def _mark_taken_back(uow: UnitOfWork, item: Item, edition: int, texts: Sequence[str]) -> None:
    """Count the words of the erased edition among those that were taken back, but for what is still shown."""
    others = [text for row in await earlier_texts(uow.session, item.id) for text in texts_of(*row)]
    fingerprints = [
        remembered_fingerprints(group, uow.secret) for group in (texts, texts_of(item.summary, item.details), others)
    ]
    await mark_taken_back(uow.session, item.id, edition, only_in_erased(*fingerprints))
    await request_scan(uow.session, item, edition)
