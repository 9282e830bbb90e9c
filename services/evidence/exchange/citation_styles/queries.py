"""References to published items."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.evidence.exchange.citation_styles import rules
from services.evidence.exchange.citation_styles.citations import CitationFormat, format_citation
from services.evidence.exchange.exports import queries as exports
from services.evidence.exchange.writers.exported_item import ExportedItem
from services.evidence.library.items.queries import ItemNotFound, check_visible, read_item
from shared.callers import Caller
from shared.persistence.database import Database

PUBLIC_CALLER = Caller()


class CitableItem(NamedTuple):
    """The reference to an item, and when the item changed last."""

    id: UUID
    citation: str
    updated_at: datetime


class ChosenReferences(NamedTuple):
    """References to chosen items, and which of those have none because they are not published."""

    items: list[CitableItem]
    left_out: list[UUID]


async def cite_item(
    database: Database, public_url: str, item_id: UUID, style: str, format: CitationFormat
) -> CitableItem:
    """Return the reference to a published item. Raises UnknownStyle, ItemNotFound, ItemWithdrawn, ItemMerged."""
    rules.check_style(style)
    check_visible(PUBLIC_CALLER, await read_item(database, item_id))
    async with exports.snapshot(database) as connection:
        row = await exports.find_published(connection, item_id)
    if row is None:
        raise ItemNotFound
    text = await asyncio.to_thread(format_citation, ExportedItem.of(row, public_url), style, format)
    return CitableItem(row.id, text, row.updated_at)


async def list_references(
    database: Database, public_url: str, ids: Sequence[UUID], style: str, format: CitationFormat
) -> ChosenReferences:
    """Return references to the items that stand for these ids, in their order, without repeats. Raises UnknownStyle."""
    rules.check_style(style)
    async with exports.snapshot(database) as connection:
        published_ids = await exports.published_ids(connection, ids)
        item_ids = list(dict.fromkeys(published_ids[item_id] for item_id in ids if item_id in published_ids))
        pages = exports.chosen_pages(connection, item_ids, exports.NO_CONDITION)
        rows = [row async for page in pages for row in page]
    items = [ExportedItem.of(row, public_url) for row in rows]
    texts = await asyncio.to_thread(lambda: [format_citation(item, style, format) for item in items])
    return ChosenReferences(
        [CitableItem(row.id, text, row.updated_at) for row, text in zip(rows, texts, strict=True)],
        [item_id for item_id in dict.fromkeys(ids) if item_id not in published_ids],
    )
