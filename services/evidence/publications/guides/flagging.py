"""What stands against the citations of published guides, and what waits to be decided."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Uuid, and_, bindparam, case, func, label, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.tables import Item
from services.evidence.publications.guides.citing import marks, open_marks
from services.evidence.publications.guides.queries import cited_items
from services.evidence.publications.guides.rules import GuideNotFound
from services.evidence.publications.guides.tables import Guide, citations, statements


async def items_standing_behind(session: AsyncSession, item_id: UUID) -> set[UUID]:
    """The item, and every one that was merged into it on whatever way."""
    first: Any = select(label("id", col(Item.id))).where(col(Item.id) == item_id)
    behind: CTE = first.cte("behind", recursive=True)
    behind = behind.union(select(col(Item.id)).where(col(Item.merged_into) == behind.c.id))
    return set((await session.execute(select(behind.c.id))).scalars())


async def flag_items(session: AsyncSession, item_id: UUID, now: datetime) -> None:
    """Look again at every citation of the item, and of those that were merged into it.

    Guides are locked before their citations, as by whoever publishes one. A guide whose flags change counts as touched,
    so that whatever follows guides looks at it again.
    """
    behind = await items_standing_behind(session, item_id) | {item_id}
    citing = select(statements.c.guide_id).join(citations).where(of_items(behind))
    held: Any = select(col(Guide.id)).where(col(Guide.id).in_(citing)).order_by(col(Guide.id)).with_for_update()
    guides = list((await session.execute(held)).scalars())
    if guides and await flag_citations(session, of_items(behind), now):
        await session.execute(update(Guide).where(col(Guide.id).in_(guides)).values(updated_at=now))


async def flag_citations(session: AsyncSession, of: Any, now: datetime) -> int:
    """Bring the flags of these citations in line with what stands against them today. Returns how many changed.

    It looks at the items as they are and not at what happened to them: whatever order events come in, and however
    often, the flags are the same.
    """
    locked = select(citations).where(of).order_by(citations.c.statement_id, citations.c.item_id).with_for_update()
    rows = (await session.execute(locked)).all()
    today = await cited_items(session, {row.item_id for row in rows})
    changed: list[dict[str, Any]] = []
    for row in rows:
        found = open_marks(marks(row.item_id, row.edition, today[row.item_id]), row.kept)
        first = found[0] if found else None
        if (first.mark if first else None) == row.flagged_mark:
            continue
        changed.append(
            {
                "of_statement": row.statement_id,
                "of_item": row.item_id,
                "flagged_reason": first.reason if first else None,
                "flagged_mark": first.mark if first else None,
                "flagged_at": (row.flagged_at or now) if first else None,
                "decided": None,
            }
        )
    if changed:
        await session.execute(_flag, changed)
    return len(changed)


_flag = (
    update(citations)
    .where(
        citations.c.statement_id == bindparam("of_statement", type_=Uuid()),
        citations.c.item_id == bindparam("of_item", type_=Uuid()),
    )
    .values({name: bindparam(name) for name in ("flagged_reason", "flagged_mark", "flagged_at", "decided")})
)


def of_items(ids: Collection[UUID]) -> Any:
    return citations.c.item_id.in_(ids)


def of_guide(guide_id: UUID) -> Any:
    return citations.c.statement_id.in_(select(statements.c.id).where(statements.c.guide_id == guide_id))


def of_citation(statement_id: UUID, item_id: UUID) -> Any:
    return and_(citations.c.statement_id == statement_id, citations.c.item_id == item_id)


async def lock_citation(session: AsyncSession, guide_id: UUID, statement_id: UUID, item_id: UUID) -> Any:
    """Raises GuideNotFound."""
    one = and_(of_guide(guide_id), of_citation(statement_id, item_id))
    found = (await session.execute(select(citations).where(one).with_for_update())).first()
    if found is None:
        raise GuideNotFound
    return found


async def settle_citation(session: AsyncSession, statement_id: UUID, item_id: UUID, **values: Any) -> None:
    await session.execute(update(citations).where(of_citation(statement_id, item_id)).values(**values))


async def forget_decisions(session: AsyncSession, guide_id: UUID) -> None:
    """The draft that they were made in is gone: they are to be made again."""
    await session.execute(update(citations).where(of_guide(guide_id)).values(decided=None))


def _others(reader: UUID) -> Any:
    return case((col(Guide.owner_id) == reader, 0), else_=1).label("others")


def flag_order(reader: UUID) -> Sequence[Any]:
    """The key of `flags`: the reader's own first, then the oldest."""
    return (
        _others(reader),
        label("since", citations.c.flagged_at),
        citations.c.statement_id,
        citations.c.item_id,
    )


def flags(reader: UUID, *, mine: bool, decided: bool) -> Any:
    """What is to be decided, or was. To be paged by `flag_order`."""
    columns: tuple[Any, ...] = (
        _others(reader),
        label("since", citations.c.flagged_at),
        citations.c.statement_id,
        citations.c.item_id,
        citations.c.edition,
        label("reason", citations.c.flagged_reason),
        citations.c.decided,
        statements.c.guide_id,
        label("statement", statements.c.text),
        label("guide", col(Guide.title)),
    )
    wanted: Any = (
        select(*columns)
        .join(statements, statements.c.id == citations.c.statement_id)
        .join(Guide, col(Guide.id) == statements.c.guide_id)
        .where(citations.c.flagged_reason.is_not(None), col(Guide.state) == "published")
        .where(citations.c.decided.is_not(None) if decided else citations.c.decided.is_(None))
    )
    return wanted.where(col(Guide.owner_id) == reader) if mine else wanted


async def number_of_flags(session: AsyncSession, owner: UUID) -> int:
    """How many wait for this editor."""
    waiting = flags(owner, mine=True, decided=False).subquery()
    return await session.scalar(select(func.count()).select_from(waiting)) or 0
