"""Merges and the items in them, and the identifiers and redirects that move with a merge."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.tables import Item, ItemStatus, identifiers
from services.evidence.library.works.merges.rules import ItemMissing
from services.evidence.library.works.merges.tables import Merge, merged_items
from shared.persistence.columns import in_array
from shared.problems import NotFound

Identifier = tuple[str, str]
"""Scheme and value."""


class MergeNotFound(NotFound):
    title = "There is no such merge"
    detail = "Check the id. The list is at /v1/merges."


class MergedItemRow(NamedTuple):
    """What a merged item was before."""

    merge_id: UUID
    item_id: UUID
    status: ItemStatus
    published_at: datetime | None
    identifiers: list[list[str]]
    redirected_ids: list[UUID]

    @property
    def names(self) -> list[Identifier]:
        return [(scheme, value) for scheme, value in self.identifiers]


async def lock_items(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Item]:
    """Lock these items and those merged into them, in the order of all ids, so that two transactions cannot deadlock.

    Raises ItemMissing.
    """
    statement = (
        select_rows(Item).where(or_(col(Item.id).in_(ids), col(Item.merged_into).in_(ids))).order_by(col(Item.id))
    )
    statement = statement.with_for_update(key_share=True)
    rows = (await session.execute(statement.execution_options(populate_existing=True))).scalars()
    items = {item.id: item for item in rows}
    for item_id in ids:
        if item_id not in items:
            raise ItemMissing(item_id=item_id)
    return items


def merges(into: UUID | None) -> SelectOfScalar[Merge]:
    """Select merges, all or those into one item. To be paged by id."""
    statement = select_rows(Merge)
    return statement if into is None else statement.where(col(Merge.into_id) == into)


async def lock_standing_merges(session: AsyncSession, into: UUID) -> Sequence[Merge]:
    """Return the standing merges into an item, locked, in the order in which they were made."""
    statement = (
        select_rows(Merge)
        .where(col(Merge.into_id) == into, col(Merge.status) == "standing")
        .order_by(col(Merge.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalars().all()


async def lock_standing_merges_into(session: AsyncSession, items: Collection[UUID]) -> Sequence[Merge]:
    """Return the standing merges into these items, locked, in the order in which they were made."""
    statement = (
        select_rows(Merge)
        .where(in_array(col(Merge.into_id), items), col(Merge.status) == "standing")
        .order_by(col(Merge.id))
        .with_for_update()
    )
    return (await session.execute(statement)).scalars().all()


async def identifiers_of(session: AsyncSession, items: Collection[UUID]) -> dict[UUID, set[Identifier]]:
    """Return the identifiers by which these items are recognised."""
    held: dict[UUID, set[Identifier]] = defaultdict(set)
    for row in await session.execute(select(identifiers).where(in_array(identifiers.c.item_id, items))):
        held[row.item_id].add((row.scheme, row.value))
    return held


async def standing_merge_of(session: AsyncSession, item_id: UUID) -> UUID | None:
    """Return the merge by which this item was merged into another one, if it stands."""
    statement = (
        select(merged_items.c.merge_id)
        .join(Merge, col(Merge.id) == merged_items.c.merge_id)
        .where(merged_items.c.item_id == item_id, col(Merge.status) == "standing")
    )
    return await session.scalar(statement)


async def restore_as_draft(session: AsyncSession, item_id: UUID) -> None:
    """Let an undo of the merge restore the item as a draft, published before or not."""
    of_item = merged_items.c.item_id == item_id
    await session.execute(update(merged_items).where(of_item).values(status="draft", published_at=None))


async def merged_items_of(session: AsyncSession, merge_ids: Collection[UUID]) -> dict[UUID, list[MergedItemRow]]:
    """Return what each item of these merges was before, by merge, in the order of their ids."""
    statement = select(merged_items).where(merged_items.c.merge_id.in_(merge_ids))
    rows: dict[UUID, list[MergedItemRow]] = defaultdict(list)
    for row in await session.execute(statement.order_by(merged_items.c.merge_id, merged_items.c.item_id)):
        rows[row.merge_id].append(MergedItemRow(*row))
    return rows


async def titles_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the titles of these items, whatever their status."""
    rows = await session.execute(select(col(Item.id), col(Item.title)).where(col(Item.id).in_(ids)))
    return {row.id: row.title for row in rows}


async def add_merged_item(session: AsyncSession, row: MergedItemRow) -> None:
    await session.execute(insert(merged_items), [row._asdict()])


async def move_identifiers(session: AsyncSession, from_item: UUID, to_item: UUID) -> list[Identifier]:
    """Move all identifiers of an item to another one. Returns which there were."""
    statement = (
        update(identifiers)
        .where(identifiers.c.item_id == from_item)
        .values(item_id=to_item)
        .returning(identifiers.c.scheme, identifiers.c.value)
    )
    return sorted((row.scheme, row.value) for row in await session.execute(statement))


async def same_fingerprint(session: AsyncSession, item: Item) -> UUID | None:
    """Return another item without identifiers that would count as the same work as this one."""
    if item.identified or item.fingerprint is None:
        return None
    statement = select(col(Item.id)).where(
        col(Item.fingerprint) == item.fingerprint,
        col(Item.identified).is_(False),
        col(Item.status) != "merged",
        col(Item.id) != item.id,
    )
    return await session.scalar(statement)


async def identifier_holders(session: AsyncSession, names: Collection[Identifier]) -> dict[Identifier, UUID]:
    """Return the item that has each of these identifiers."""
    key = tuple_(identifiers.c.scheme, identifiers.c.value)
    rows = await session.execute(select(identifiers).where(key.in_(list(names))))
    return {(row.scheme, row.value): row.item_id for row in rows}


async def give_identifiers(session: AsyncSession, names: Collection[Identifier], item_id: UUID) -> None:
    """Give these identifiers to an item, whichever item has them now."""
    if names:
        key = tuple_(identifiers.c.scheme, identifiers.c.value)
        await session.execute(delete(identifiers).where(key.in_(list(names))))
        rows: list[dict[str, Any]] = [{"scheme": scheme, "value": value, "item_id": item_id} for scheme, value in names]
        await session.execute(insert(identifiers), rows)


async def redirect_merged(session: AsyncSession, from_item: UUID, to_item: UUID) -> list[UUID]:
    """Let items that were merged into one item redirect straight to another. Returns which."""
    statement = (
        update(Item).where(col(Item.merged_into) == from_item).values(merged_into=to_item).returning(col(Item.id))
    )
    return sorted((await session.execute(statement.execution_options(synchronize_session=False))).scalars())


async def restore_redirects(session: AsyncSession, ids: Collection[UUID], from_item: UUID, to_item: UUID) -> None:
    """Let those of these items that redirect to one item redirect to another again."""
    statement = (
        update(Item).where(col(Item.id).in_(ids), col(Item.merged_into) == from_item).values(merged_into=to_item)
    )
    await session.execute(statement.execution_options(synchronize_session=False))
