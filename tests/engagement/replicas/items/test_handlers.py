from services.engagement.replicas.items.handlers import publish_item, withdraw_item
from services.engagement.replicas.items.tables import Item
from shared import clock
from shared.events.contracts.evidence import EvidencePublished, EvidenceWithdrawn
from shared.events.event import Envelope, Event
from shared.persistence.tables import new_id
from tests.engagement.world import EngagementWorld


def caused_by(event: Event, sequence: int) -> Envelope:
    return Envelope(new_id(), "/test", event.event_type, clock.now(), event.key, sequence)


async def test_events_of_one_transaction_are_applied_in_order_and_older_ones_are_not(world: EngagementWorld) -> None:
    item_id = new_id()
    published = EvidencePublished(item_id=item_id, way_of_knowing="research", topic_ids=())
    withdrawn = EvidenceWithdrawn(item_id=item_id)
    async with world.database.transaction() as uow:
        for sequence, expected in ((1, True), (3, True), (2, True)):
            uow.cause = caused_by(published, sequence)
            await publish_item(published, uow)
            item = await uow.session.get_one(Item, item_id)
            assert item.published is expected
        for sequence, expected in ((3, True), (2, True), (4, False)):
            uow.cause = caused_by(withdrawn, sequence)
            await withdraw_item(withdrawn, uow)
            assert (await uow.session.get_one(Item, item_id)).published is expected
    [row] = await world.rows("SELECT published, way_of_knowing FROM items")
    assert row == {"published": False, "way_of_knowing": "research"}
