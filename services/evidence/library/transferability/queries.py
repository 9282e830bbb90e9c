"""Judgements of transferability, and the items that they are about."""

from collections.abc import Collection
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.queries import check_visible
from services.evidence.library.items.queries import get_item as item_by_id
from services.evidence.library.items.rules import check_not_merged
from services.evidence.library.items.tables import Item
from services.evidence.library.transferability import rules
from services.evidence.library.transferability.tables import TransferJudgement
from shared.callers import Caller
from shared.persistence import audit
from shared.problems import Gone, NotFound


class TransferJudgementNotFound(NotFound):
    title = "There is no such judgement"
    detail = "Check the id. The list is at /transferability of the item."


class TransferJudgementRemoved(Gone):
    title = "This judgement was removed"
    detail = "Nothing needs to be done. Other judgements are in the list, at /transferability of the item."


class JudgedItem(Protocol):
    """What is needed of an item that is judged."""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def edition(self) -> int: ...
    @property
    def retraction(self) -> dict[str, Any] | None: ...


class TransferRecord(NamedTuple):
    """A judgement and its item. Its version, and so its ETag, changes with either."""

    judgement: TransferJudgement
    item: JudgedItem

    @property
    def version(self) -> int:
        return (self.judgement.version << 32) | self.item.version


async def visible_item(session: AsyncSession, item_id: UUID, caller: Caller) -> JudgedItem:
    """Return an item that the caller may see. Raises ItemNotFound, ItemWithdrawn, ItemMerged."""
    item = await item_by_id(session, item_id)
    check_visible(caller, item)
    return item


async def lock_published_item(session: AsyncSession, item_id: UUID, caller: Caller) -> JudgedItem:
    """Return a published item, which nobody can change until this transaction ends.

    Raises ItemNotFound, ItemWithdrawn, ItemStandsElsewhere, ItemNotShown.
    """
    await session.execute(select(col(Item.id)).where(col(Item.id) == item_id).with_for_update(read=True))
    item = await item_by_id(session, item_id)
    check_not_merged(item)
    check_visible(caller, item)
    rules.check_published(item.status)
    return item


async def judged_by(session: AsyncSession, judgement_ids: Collection[UUID], caller: Caller) -> set[UUID]:
    """Return which of these judgements the caller made."""
    if caller.anonymous or not judgement_ids:
        return set()
    return await audit.created_by(session, "TransferJudgement", judgement_ids, caller.id)


def judgements_of(item_id: UUID, country: str | None = None) -> SelectOfScalar[TransferJudgement]:
    """Select judgements of a published item and of those merged into it. To be paged by id.

    `country`: for places in it, and in its nations.
    """
    statement = select_rows(TransferJudgement).where(_is_of_item_or_merged(item_id), _is_published(item_id))
    if country is None:
        return statement
    target = col(TransferJudgement.country)
    return statement.where((target == country) | target.startswith(f"{country}-", autoescape=True))


async def visible_judgement(session: AsyncSession, item_id: UUID, judgement_id: UUID, caller: Caller) -> TransferRecord:
    """Return a judgement of an item or of one merged into it.

    Raises ItemNotFound, ItemWithdrawn, ItemMerged, TransferJudgementNotFound, TransferJudgementRemoved.
    """
    item = await visible_item(session, item_id, caller)
    statement = select_rows(TransferJudgement).where(
        col(TransferJudgement.id) == judgement_id, _is_of_item_or_merged(item_id), _is_published(item_id)
    )
    judgement = (await session.execute(statement)).scalars().first()
    return TransferRecord(judgement or await _raise_missing(session, item_id, judgement_id), item)


async def lock_judgement(session: AsyncSession, item_id: UUID, judgement_id: UUID, caller: Caller) -> TransferRecord:
    """Lock a judgement that the caller may change; one of a merged item can no longer be changed.

    Raises what `lock_published_item` does, TransferJudgementNotFound, TransferJudgementRemoved, JudgedByAnother.
    """
    item = await lock_published_item(session, item_id, caller)
    statement = select_rows(TransferJudgement).where(
        col(TransferJudgement.id) == judgement_id, col(TransferJudgement.item_id) == item_id, _is_published(item_id)
    )
    judgement = (await session.execute(statement.with_for_update(of=TransferJudgement))).scalars().first()
    judgement = judgement or await _raise_missing(session, item_id, judgement_id)
    rules.check_may_change(caller, await audit.find_creator_id(session, "TransferJudgement", judgement_id))
    return TransferRecord(judgement, item)


async def delete_judgements_of(session: AsyncSession, item_id: UUID) -> list[UUID]:
    """Delete all judgements of an item. Returns which there were."""
    statement = delete(TransferJudgement).where(col(TransferJudgement.item_id) == item_id)
    return list((await session.execute(statement.returning(col(TransferJudgement.id)))).scalars())


async def _raise_missing(session: AsyncSession, item_id: UUID, judgement_id: UUID) -> TransferJudgement:
    removed = await audit.find_removal(session, "TransferJudgement", judgement_id)
    if removed is None or (removed.before or {}).get("item_id") != str(item_id):
        raise TransferJudgementNotFound
    raise TransferJudgementRemoved(tombstone={"id": judgement_id, "removed_at": removed.at})


def _is_of_item_or_merged(item_id: UUID) -> ColumnElement[bool]:
    merged = select(col(Item.id)).where(col(Item.merged_into) == item_id)
    return (col(TransferJudgement.item_id) == item_id) | col(TransferJudgement.item_id).in_(merged)


def _is_published(item_id: UUID) -> ColumnElement[bool]:
    """Match in the statement that reads the words themselves: an item withdrawn meanwhile takes them along."""
    return select(col(Item.id)).where(col(Item.id) == item_id, col(Item.status) == "published").exists()
