"""What is asked of merges, and what moves with one."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.tables import Item, identifiers
from services.evidence.library.works.merges.problems import ItemMissing, MergeNotFound
from services.evidence.library.works.merges.tables import Merge, merged_items

Name = tuple[str, str]


async def lock_items(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Item]:
    """These and what leads to them, in the order of all ids: two who lock the same do not wait for each other.

    Raises ItemMissing.
    """
    statement = (
        select_rows(Item).where(or_(col(Item.id).in_(ids), col(Item.merged_into).in_(ids))).order_by(col(Item.id))
    )
    statement = statement.with_for_update(key_share=True)
    rows = (await session.execute(statement.execution_options(populate_existing=True))).scalars()
    found = {item.id: item for item in rows}
    for item_id in ids:
        if item_id not in found:
            raise ItemMissing(item_id=item_id)
    return found


async def merge_of(session: AsyncSession, merge_id: UUID) -> Merge:
    """Raises MergeNotFound."""
    found = await session.get(Merge, merge_id)
    if found is None:
        raise MergeNotFound
    return found


def merges(into: UUID | None) -> SelectOfScalar[Merge]:
    """To be paged by id."""
    statement = select_rows(Merge)
    return statement if into is None else statement.where(col(Merge.into_id) == into)


async def standing_merges(session: AsyncSession, into: UUID) -> Sequence[Merge]:
    """Locked, in the order in which they were made."""
    statement = (
        select_rows(Merge)
        .where(col(Merge.into_id) == into, col(Merge.state) == "standing")
        .order_by(col(Merge.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalars().all()


async def standing_merge_of(session: AsyncSession, item_id: UUID) -> UUID | None:
    """The merge by which this item stands in another one."""
    statement = (
        select(merged_items.c.merge_id)
        .join(Merge, col(Merge.id) == merged_items.c.merge_id)
        .where(merged_items.c.item_id == item_id, col(Merge.state) == "standing")
    )
    return await session.scalar(statement)


async def absorbed_by(session: AsyncSession, merge_ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """What each item of these merges was before."""
    statement = select(merged_items).where(merged_items.c.merge_id.in_(merge_ids))
    return (await session.execute(statement.order_by(merged_items.c.merge_id, merged_items.c.item_id))).all()


async def keep_absorbed(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(insert(merged_items), list(rows))


async def hand_over_identifiers(session: AsyncSession, item_id: UUID, into: UUID) -> list[Name]:
    """They lead to the survivor from now on. Returns which."""
    moved = (
        update(identifiers)
        .where(identifiers.c.item_id == item_id)
        .values(item_id=into)
        .returning(identifiers.c.scheme, identifiers.c.value)
    )
    return sorted((row.scheme, row.value) for row in await session.execute(moved))


async def twin_of(session: AsyncSession, item: Item) -> UUID | None:
    """Another item without identifiers that is described as this one would be."""
    if item.identified or item.fingerprint is None:
        return None
    alike = select(col(Item.id)).where(
        col(Item.fingerprint) == item.fingerprint,
        col(Item.identified).is_(False),
        col(Item.state) != "merged",
        col(Item.id) != item.id,
    )
    return await session.scalar(alike)


async def holders(session: AsyncSession, names: Collection[Name]) -> dict[Name, UUID]:
    key = tuple_(identifiers.c.scheme, identifiers.c.value)
    rows = await session.execute(select(identifiers).where(key.in_(list(names))))
    return {(row.scheme, row.value): row.item_id for row in rows}


async def take_back_identifiers(session: AsyncSession, names: Collection[Name], item_id: UUID) -> None:
    """To the item that had them, wherever they are."""
    if names:
        key = tuple_(identifiers.c.scheme, identifiers.c.value)
        await session.execute(delete(identifiers).where(key.in_(list(names))))
        rows = [{"scheme": scheme, "value": value, "item_id": item_id} for scheme, value in names]
        await session.execute(insert(identifiers), rows)


async def lead_on(session: AsyncSession, into: UUID, *, instead_of: UUID) -> list[UUID]:
    """What led to one item leads to another from now on, so that nobody is sent on twice. Returns which."""
    led = update(Item).where(col(Item.merged_into) == instead_of).values(merged_into=into).returning(col(Item.id))
    return sorted((await session.execute(led.execution_options(synchronize_session=False))).scalars())


async def lead_back(session: AsyncSession, ids: Collection[UUID], to: UUID, *, instead_of: UUID) -> None:
    back = update(Item).where(col(Item.id).in_(ids), col(Item.merged_into) == instead_of).values(merged_into=to)
    await session.execute(back.execution_options(synchronize_session=False))
