"""Earlier editions: kept when an item changes, listed, and forgotten with what a person takes back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, label, null, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.evidence.library.items.tables import Item, item_editions

_earlier = item_editions.c


def numbered_editions(item_id: UUID) -> Select[Any]:
    """Number, title, and from when until when each stood. To be paged by number."""
    before = aliased(item_editions).c
    since = select(before.superseded_at).where(before.item_id == col(Item.id)).correlate(Item, item_editions)
    shown = col(Item.published_at), col(Item.created_at)
    now = select(
        label("edition", col(Item.edition)),
        label("title", col(Item.title)),
        null().label("superseded_at"),
        func.coalesce(since.where(before.edition == col(Item.edition) - 1).scalar_subquery(), *shown).label("since"),
    )
    then = select(
        _earlier.edition,
        _earlier.title,
        _earlier.superseded_at,
        func.coalesce(since.where(before.edition == _earlier.edition - 1).scalar_subquery(), *shown).label("since"),
    ).join(item_editions, _earlier.item_id == col(Item.id))
    stands = col(Item.id) == item_id, col(Item.state).in_(("draft", "published"))
    return select(union_all(now.where(*stands), then.where(*stands)).subquery())


async def keep_edition(
    session: AsyncSession, item_id: UUID, edition: int, wording: dict[str, Any], superseded_at: datetime
) -> None:
    row = {"item_id": item_id, "edition": edition, "superseded_at": superseded_at, **wording}
    await session.execute(insert(item_editions), [row])


async def title_of(session: AsyncSession, item_id: UUID, edition: int) -> str | None:
    """Of an earlier edition: empty when its words were taken back, None when there is none."""
    statement = select(_earlier.title).where(_earlier.item_id == item_id, _earlier.edition == edition)
    return await session.scalar(statement)


async def erased_editions(session: AsyncSession, item_id: UUID) -> frozenset[int]:
    """Those whose words were taken back."""
    statement = select(_earlier.edition).where(_earlier.item_id == item_id, _earlier.title == "")
    return frozenset((await session.execute(statement)).scalars())


async def erase_edition(session: AsyncSession, item_id: UUID, edition: int) -> None:
    """Its words. That there was one, and until when, stays."""
    blank: dict[str, Any] = {"title": "", "summary": "", "country": None, "setting": None, "own": {}}
    one = update(item_editions).where(_earlier.item_id == item_id, _earlier.edition == edition)
    await session.execute(one.values(blank))


async def forget_editions(session: AsyncSession, item_id: UUID) -> None:
    await session.execute(delete(item_editions).where(_earlier.item_id == item_id))
