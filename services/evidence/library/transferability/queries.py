"""What is asked of judgements and of the items that they are about."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.queries import item
from services.evidence.library.items.rules import check_may_see, check_stands
from services.evidence.library.items.tables import Item
from services.evidence.library.transferability.rules import (
    ItemNotShown,
    TransferJudgementNotFound,
    TransferJudgementRemoved,
    check_may_change,
)
from services.evidence.library.transferability.tables import TransferJudgement
from shared.callers import Caller
from shared.persistence import audit


async def held_item(session: AsyncSession, caller: Caller, item_id: UUID) -> Any:
    """A published item, as it stays until this transaction ends.

    Raises ItemNotFound, ItemWithdrawn, ItemStandsElsewhere, ItemNotShown.
    """
    await session.execute(select(col(Item.id)).where(col(Item.id) == item_id).with_for_update(read=True))
    row = await item(session, item_id)
    check_stands(row)
    check_may_see(caller, row)
    if row.state != "published":
        raise ItemNotShown
    return row


def judgements_of(item_id: UUID, country: str | None = None) -> Select[Any]:
    """Of an item that is published at this moment, and of those merged into it. To be paged by id.

    `country`: for places in it, and in its nations.
    """
    wanted: Any = select(TransferJudgement).where(_is_of_or_came_with(item_id), _shown(item_id))
    if country is None:
        return wanted
    target = col(TransferJudgement.country)
    return wanted.where((target == country) | target.startswith(f"{country}-", autoescape=True))


async def judgement(
    session: AsyncSession, item_id: UUID, judgement_id: UUID, *, locked: bool = False
) -> TransferJudgement:
    """`locked`: to be changed, which one that came with a merged item cannot be.

    Raises TransferJudgementNotFound, TransferJudgementRemoved.
    """
    of = col(TransferJudgement.item_id) == item_id if locked else _is_of_or_came_with(item_id)
    wanted = select(TransferJudgement).where(col(TransferJudgement.id) == judgement_id, of, _shown(item_id))
    statement = wanted.with_for_update(of=TransferJudgement) if locked else wanted
    found = (await session.execute(statement)).scalars().first()
    if found is None:
        removed = await audit.find_removal(session, "TransferJudgement", judgement_id)
        if removed is None or (removed.before or {}).get("item_id") != str(item_id):
            raise TransferJudgementNotFound
        raise TransferJudgementRemoved(tombstone={"id": judgement_id, "removed_at": removed.at})
    return found


async def lock_judgement(session: AsyncSession, caller: Caller, item_id: UUID, judgement_id: UUID) -> TransferJudgement:
    """To be changed by whoever made it, or an editor. Raises what `judgement` does, and JudgedByAnother."""
    found = await judgement(session, item_id, judgement_id, locked=True)
    check_may_change(caller, await audit.find_creator_id(session, "TransferJudgement", judgement_id))
    return found


async def forget_all_of(session: AsyncSession, item_id: UUID) -> list[UUID]:
    """Returns which there were."""
    gone = delete(TransferJudgement).where(col(TransferJudgement.item_id) == item_id)
    return list((await session.execute(gone.returning(col(TransferJudgement.id)))).scalars())


def _is_of_or_came_with(item_id: UUID) -> Any:
    merged = select(col(Item.id)).where(col(Item.merged_into) == item_id)
    return (col(TransferJudgement.item_id) == item_id) | col(TransferJudgement.item_id).in_(merged)


def _shown(item_id: UUID) -> Any:
    """Asked again with the words themselves: what is withdrawn meanwhile takes them along."""
    return select(col(Item.id)).where(col(Item.id) == item_id, col(Item.state) == "published").exists()
