"""Record retraction notices on items."""

from uuid import UUID

from services.evidence.library.items import queries as item_queries
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.queries import ItemRow
from services.evidence.library.items.tables import Item
from services.evidence.library.items.words.commands import check_not_taken_back
from services.evidence.library.items.words.rules import texts_by_pointer
from services.evidence.library.retraction_notices import rules
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def retract_item(uow: UnitOfWork, item_id: UUID, caller: Caller, retraction: Retraction, match: Match) -> ItemRow:
    """Record the notice at an editor's request, without If-Match on the item as it is. Returns the row of the item.

    Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, PreconditionFailed, the refusals of
    `rules.check_may_retract`, and Invalid for words that somebody took back.
    """
    item = await item_queries.lock_visible_item(uow.session, item_id, caller)
    match.check_if_sent(item)
    rules.check_may_retract(item, retraction)
    await check_not_taken_back(uow, texts_by_pointer(retraction.model_dump(mode="json")))
    await retract(uow, item, retraction)
    return await item_queries.get_item(uow.session, item_id)


async def retract(uow: UnitOfWork, item: Item, retraction: Retraction) -> None:
    """Record the notice on a locked item, and publish the event if that changes a published one."""
    if retracted := rules.retract(item, retraction, clock.now()):
        uow.publish(retracted)
