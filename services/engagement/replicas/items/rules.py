"""Which item stands for a merged one."""

from collections.abc import Mapping
from uuid import UUID

from services.engagement.replicas.items.tables import Item


def standing_item(item_id: UUID, items: Mapping[UUID, Item]) -> Item:
    """Return the item, or the one that it was merged into, directly or through others, as far as it is known."""
    item, seen = items[item_id], {item_id}
    while item.merged_into and item.merged_into not in seen and item.merged_into in items:
        item = items[item.merged_into]
        seen.add(item.id)
    return item
