"""Record retraction notices on items."""

from typing import Any
from uuid import UUID

from services.evidence.library.items import queries as item_queries
from services.evidence.library.items import rules as item_rules
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.tables import Item
from services.evidence.library.retraction_notices import rules
from shared import clock
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


async def retract_item(uow: UnitOfWork, item_id: UUID, caller: Caller, retraction: Retraction) -> Any:
    """Record the notice at an editor's request. Returns the row of the item.

    Raises ItemNotFound, ItemWithdrawn, ItemStandsElsewhere, and the refusals of `rules.check_may_retract`.
    """
    item = await item_queries.lock_item(uow.session, item_id)
    item_rules.check_stands(item)
    item_rules.check_may_see(caller, item)
    rules.check_may_retract(item, retraction)
    await retract(uow, item, retraction)
    return await item_queries.item(uow.session, item_id)


async def retract(uow: UnitOfWork, item: Item, retraction: Retraction) -> None:
    """Record the notice on a locked item, and publish EvidenceRetracted if that changes a published one."""
    if retracted := rules.retract(item, retraction, clock.now()):
        uow.publish(retracted)
